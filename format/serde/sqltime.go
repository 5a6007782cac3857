package serde

// SQL dates and times: days and milliseconds since 1970, milliseconds of the day.

const (
	milliNanos = 1_000_000
	dayMillis  = 86_400_000
)

// civil turns days since 1970-01-01 into a date of the proleptic Gregorian calendar.
func civil(days int64) (year int32, month, day uint8) {
	z := days + 719_468 // since 0000-03-01
	era := floorDiv(z, 146_097)
	doe := z - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	y := yoe + era*400
	month = uint8(mp + 3)
	if mp >= 10 {
		month = uint8(mp - 9)
		y++
	}
	return int32(y), month, uint8(doy - (153*mp+2)/5 + 1)
}

// epochDays is the reverse of civil.
func epochDays(year int32, month, day uint8) int64 {
	y := int64(year)
	mp := int64(month) - 3
	if month <= 2 {
		y--
		mp = int64(month) + 9
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*mp+2)/5 + int64(day) - 1
	return era*146_097 + yoe*365 + yoe/4 - yoe/100 + doy - 719_468
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// sqlDate is a DATE.
func sqlDate(days int64) Time {
	t := Time{Kind: KindLocalDate}
	t.Year, t.Month, t.Day = civil(days)
	return t
}

// sqlTimestamp is a TIMESTAMP, or with zone a TIMESTAMP_LTZ.
func sqlTimestamp(millis int64, nanos uint32, zone bool) Time {
	if zone {
		s := floorDiv(millis, 1000)
		return Time{Kind: KindInstant, Seconds: s, Nanos: int32(millis-s*1000)*milliNanos + int32(nanos)}
	}
	days := floorDiv(millis, dayMillis)
	t := sqlDate(days)
	t.Kind = KindLocalDateTime
	t.NanoOfDay = (millis-days*dayMillis)*milliNanos + int64(nanos)
	return t
}

// timestampParts is the reverse of sqlTimestamp.
func timestampParts(t Time) (millis int64, nanos uint32) {
	if t.Kind == KindInstant {
		return t.Seconds*1000 + int64(t.Nanos/milliNanos), uint32(t.Nanos % milliNanos)
	}
	return epochDays(t.Year, t.Month, t.Day)*dayMillis + t.NanoOfDay/milliNanos, uint32(t.NanoOfDay % milliNanos)
}
