package valuejson

import "github.com/tarn-project/tarn/format/serde"

const (
	secondsADay = 86400
	nanos       = 1_000_000_000
)

// appendTime appends a date or time in ISO-8601. Years outside 0000 … 9999 have a sign, as java.time writes them.
func appendTime(dst []byte, v serde.Time) []byte {
	switch v.Kind {
	case serde.KindLocalDate:
		return appendDate(dst, int64(v.Year), int(v.Month), int(v.Day))
	case serde.KindLocalTime:
		return appendClock(dst, v.NanoOfDay)
	case serde.KindLocalDateTime:
		dst = appendDate(dst, int64(v.Year), int(v.Month), int(v.Day))
		return appendClock(append(dst, 'T'), v.NanoOfDay)
	}
	return AppendInstant(dst, v.Seconds, v.Nanos)
}

// AppendInstant appends a point in time, given by the seconds since 1970 and the nanoseconds after them, in ISO-8601 in UTC.
func AppendInstant(dst []byte, seconds int64, nano int32) []byte {
	day, second := seconds/secondsADay, seconds%secondsADay
	if second < 0 {
		day, second = day-1, second+secondsADay
	}
	y, m, d := civil(day)
	dst = appendDate(dst, y, m, d)
	dst = appendClock(append(dst, 'T'), second*nanos+int64(nano))
	return append(dst, 'Z')
}

// AppendMillis appends a point in time, given by the milliseconds since 1970, in ISO-8601 in UTC.
func AppendMillis(dst []byte, ms int64) []byte {
	s, rest := ms/1000, ms%1000
	if rest < 0 {
		s, rest = s-1, rest+1000
	}
	return AppendInstant(dst, s, int32(rest*1_000_000))
}

// civil turns days since 1970-01-01 into a date of the proleptic Gregorian calendar. Years are counted from 1 March, so that the leap day
// is the last one, in eras of 400 years.
func civil(day int64) (year int64, month, dayOfMonth int) {
	const era = 146097 // days
	day += 719468      // since 0000-03-01
	n := day / era
	if day < 0 {
		n = (day - era + 1) / era
	}
	doe := day - n*era
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month, dayOfMonth = n*400+yoe, int(mp)+3, int(doy-(153*mp+2)/5)+1
	if month > 12 {
		return year + 1, month - 12, dayOfMonth
	}
	return year, month, dayOfMonth
}

// days is the inverse of civil.
func days(year int64, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	n := year / 400
	if year < 0 {
		n = (year - 399) / 400
	}
	yoe := year - n*400
	doy := int64(153*(month-3)+2)/5 + int64(day) - 1
	return n*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

func appendDate(dst []byte, year int64, month, day int) []byte {
	switch {
	case year > 9999:
		dst = append(dst, '+')
	case year < 0:
		dst = append(dst, '-')
		year = -year
	}
	dst = appendPadded(dst, year, 4)
	dst = appendPadded(append(dst, '-'), int64(month), 2)
	return appendPadded(append(dst, '-'), int64(day), 2)
}

// appendClock appends hours, minutes and seconds, and as many groups of three digits as the fraction needs.
func appendClock(dst []byte, nanoOfDay int64) []byte {
	s, frac := nanoOfDay/nanos, nanoOfDay%nanos
	dst = appendPadded(dst, s/3600, 2)
	dst = appendPadded(append(dst, ':'), s/60%60, 2)
	dst = appendPadded(append(dst, ':'), s%60, 2)
	switch {
	case frac == 0:
		return dst
	case frac%1_000_000 == 0:
		return appendPadded(append(dst, '.'), frac/1_000_000, 3)
	case frac%1000 == 0:
		return appendPadded(append(dst, '.'), frac/1000, 6)
	}
	return appendPadded(append(dst, '.'), frac, 9)
}

// appendPadded appends a number that is not negative with at least n digits.
func appendPadded(dst []byte, v int64, n int) []byte {
	start := len(dst)
	dst = appendInt(dst, v)
	if missing := n - (len(dst) - start); missing > 0 {
		dst = appendZeros(dst, missing)
		copy(dst[start+missing:], dst[start:len(dst)-missing])
		for i := range missing {
			dst[start+i] = '0'
		}
	}
	return dst
}
