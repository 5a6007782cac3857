package serde

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/keygroup"
)

// Bodies of dates and times. Kryo 2.24 knows java.util.Date and java.sql's; those of java.time it writes field by field, sorted by
// name. Kryo 5 has rules for them.
//
//	                  Kryo 2.24                                      Kryo 5
//	Date, sql.*       varlong millis                                 the same
//	Timestamp         varlong millis, varint nanos                   varlong millis of the whole second, varint nanos
//	LocalDate         short day, short month, int year               varint year, u1 month, u1 day
//	LocalTime         u1 hour, u1 minute, int nano, u1 second        u1 hour, minute, second, varint nano; the last that is not 0 inverted
//	Instant           int nanos, long seconds                        varlong seconds, varint nanos
//	Duration          int nanos, long seconds                        fixed long seconds, varint nanos
//	ZoneOffset        int seconds                                    u1 quarters of an hour, or 7F and a fixed int of seconds
//	Period            int days, months, years                        varint years, months, days
//	Year … MonthDay   the fields                                     varint year, u1 month, u1 day
//
// int and long are zigzag varints there.

func (k *kryo) time(v Time) {
	if k.s != nil && !k.failed() {
		k.s.Time(v)
	}
}

func kryoMillis(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	ms := int64(k.varLong())
	k.time(instantOfMillis(ms))
	return keygroup.Long(ms)
}

func kryoTimestamp(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	ms := int64(k.varLong())
	v := instantOfMillis(ms)
	nanos := k.nanos(k.r.VarInt())
	if k.version == 1 {
		ms += int64(nanos / nanosPerMilli)
	}
	if millis := v.Nanos / nanosPerMilli; !k.failed() && millis != nanos/nanosPerMilli && k.version == 0 {
		k.r.Corrupt("%d nanoseconds in the millisecond %d of the second", nanos, millis)
	}
	v.Nanos = nanos
	k.time(v)
	return keygroup.Long(ms)
}

func (k *kryo) nanos(v uint32) int32 {
	if v >= nanosPerSecond {
		k.r.Corrupt("%d nanoseconds", v)
		return 0
	}
	return int32(v)
}

var kryoCalendarType = &Type{Kind: KindStruct, Length: variable, Fields: []Field{
	{Name: "time", Type: &Type{Kind: KindInstant, Length: variable}},
	{Name: "timeZone", Type: kryoStringType},
}}

// kryoCalendar is: string time zone, varlong millis, bool lenient, varint first day of the week, varint days of the first week, zigzag
// varlong first day of the Gregorian calendar.
func kryoCalendar(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	text, _ := k.text()
	zone := string(text)
	at := instantOfMillis(int64(k.varLong()))
	k.r.Bool()
	k.r.VarInt()
	k.r.VarInt()
	k.varLong()
	if k.s == nil || k.failed() {
		return 0
	}
	k.s.BeginStruct(kryoCalendarType, Form{})
	k.s.Field(0)
	k.s.Time(at)
	k.s.Field(1)
	k.s.Text([]byte(zone))
	k.s.EndStruct()
	return 0
}

// The readers of parts. Each checks that it has read what its class allows.

func (k *kryo) date2() Time {
	day, month := k.fixed16(), k.fixed16()
	return k.checkedDate(int64(k.zigzag32()), uint32(month), uint32(day))
}

func (k *kryo) date5() Time {
	year := int32(k.r.VarInt())
	month := k.r.U8()
	return k.checkedDate(int64(year), uint32(month), uint32(k.r.U8()))
}

func (k *kryo) checkedDate(year int64, month, day uint32) Time {
	v := Time{Kind: KindLocalDate, Year: int32(year), Month: uint8(month), Day: uint8(day)}
	if !k.failed() && (month > 12 || day > 31 || !dateOK(v)) {
		k.r.Corrupt("month %d, day %d", month, day)
	}
	return v
}

func (k *kryo) time2() Time {
	h, m := k.r.U8(), k.r.U8()
	n := uint32(k.zigzag32())
	return k.checkedTime(h, m, k.r.U8(), n)
}

func (k *kryo) time5() Time {
	var f [3]byte
	for i := range f {
		b := k.r.U8()
		if b >= 0x80 {
			f[i] = ^b
			return k.checkedTime(f[0], f[1], f[2], 0)
		}
		f[i] = b
	}
	return k.checkedTime(f[0], f[1], f[2], k.r.VarInt())
}

func (k *kryo) checkedTime(h, m, s byte, n uint32) Time {
	nanos := k.nanos(n)
	if !k.failed() && (h > 23 || m > 59 || s > 59) {
		k.r.Corrupt("the time %d:%d:%d", h, m, s)
	}
	return Time{Kind: KindLocalTime, NanoOfDay: (int64(h)*3600+int64(m)*60+int64(s))*nanosPerSecond + int64(nanos)}
}

// part reads a field of a final class whose value is shown as part of another: nothing for null, and what it was before for a reference.
func part[T any](k *kryo, class string, read func() T) (v T) {
	switch ref := k.r.VarInt(); {
	case k.failed() || ref == 0:
	case ref == 1:
		k.number(k.c.rules[class], nil)
		return read()
	case int64(ref)-2 >= int64(k.nObj):
		k.r.Corrupt("a reference to object %d of %d", ref-2, k.nObj)
	default:
		k.replay(int(ref)-2, func() { v = read() })
	}
	return v
}

const (
	classDate     = "java.time.LocalDate"
	classTime     = "java.time.LocalTime"
	classDateTime = "java.time.LocalDateTime"
	classOffset   = "java.time.ZoneOffset"
	classString   = "java.lang.String"
)

func (k *kryo) dateTime2() Time {
	v := part(k, classDate, k.date2)
	v.Kind, v.NanoOfDay = KindLocalDateTime, part(k, classTime, k.time2).NanoOfDay
	return v
}

func (k *kryo) dateTime5() Time {
	v := k.date5()
	v.Kind, v.NanoOfDay = KindLocalDateTime, k.time5().NanoOfDay
	return v
}

func kryoDate2(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.timeHashed(k.date2(), hashDate) }
func kryoDate5(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.timeHashed(k.date5(), hashDate) }
func kryoTime2(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.timeHashed(k.time2(), hashTime) }
func kryoTime5(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.timeHashed(k.time5(), hashTime) }
func kryoDateTime2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.timeHashed(k.dateTime2(), hashDateTime)
}

func kryoDateTime5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.timeHashed(k.dateTime5(), hashDateTime)
}

func kryoInstant2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.timeHashed(k.instant2(), hashInstant)
}

func kryoInstant5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.timeHashed(k.instant5(), hashInstant)
}

func (k *kryo) timeHashed(v Time, hash func(Time) int32) int32 {
	k.time(v)
	return hash(v)
}

func (k *kryo) instant2() Time {
	nanos := k.nanos(uint32(k.zigzag32()))
	return Time{Kind: KindInstant, Seconds: k.zigzag64(), Nanos: nanos}
}

func (k *kryo) instant5() Time {
	return Time{Kind: KindInstant, Seconds: int64(k.varLong()), Nanos: k.nanos(k.r.VarInt())}
}

func kryoDuration2(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.duration(k.instant2()) }

func kryoDuration5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	seconds := int64(k.fixed64())
	return k.duration(Time{Seconds: seconds, Nanos: k.nanos(k.r.VarInt())})
}

// duration tells a Duration, whose hashCode is that of an Instant.
func (k *kryo) duration(v Time) int32 {
	if k.s != nil && !k.failed() {
		k.s.Text([]byte(durationText(v.Seconds, v.Nanos)))
	}
	return hashInstant(v)
}

// durationText is Duration.toString.
func durationText(seconds int64, nanos int32) string {
	if seconds == 0 && nanos == 0 {
		return "PT0S"
	}
	total := seconds
	if seconds < 0 && nanos > 0 {
		total++
	}
	out := "PT"
	if h := total / 3600; h != 0 {
		out += strconv.FormatInt(h, 10) + "H"
	}
	if m := total % 3600 / 60; m != 0 {
		out += strconv.FormatInt(m, 10) + "M"
	}
	s := total % 60
	if s == 0 && nanos == 0 && len(out) > 2 {
		return out
	}
	if seconds < 0 && nanos > 0 {
		if s == 0 {
			out += "-0"
		} else {
			out += strconv.FormatInt(s, 10)
		}
		return out + fraction(nanosPerSecond-nanos) + "S"
	}
	return out + strconv.FormatInt(s, 10) + fraction(nanos) + "S"
}

// fraction is a point and as many digits as the nanoseconds need.
func fraction(nanos int32) string {
	if nanos == 0 {
		return ""
	}
	return "." + strings.TrimRight(fmt.Sprintf("%09d", nanos), "0")
}

func (k *kryo) offset5() int32 {
	if b := k.r.U8(); b != 0x7F {
		return int32(int8(b)) * 900
	}
	return int32(k.fixed32())
}

// offsetText is ZoneOffset.toString.
func offsetText(seconds int32) string {
	if seconds == 0 {
		return "Z"
	}
	sign, n := "+", int64(seconds)
	if n < 0 {
		sign, n = "-", -n
	}
	out := fmt.Sprintf("%s%02d:%02d", sign, n/3600, n/60%60)
	if n%60 != 0 {
		out += fmt.Sprintf(":%02d", n%60)
	}
	return out
}

func kryoOffset2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.told([]byte(offsetText(k.zigzag32())), false)
}

func kryoOffset5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.told([]byte(offsetText(k.offset5())), false)
}

// kryoRegion2 has one field: the name, of a final class.
func kryoRegion2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.told([]byte(part(k, classString, k.string)), false)
}

func (k *kryo) string() string {
	text, _ := k.text()
	return string(text)
}

// zone2 reads a field of class ZoneId, which says which of its two kinds it is.
func (k *kryo) zone2() string {
	c, null := k.class()
	switch {
	case k.failed():
	case !null && c.name == "java.time.ZoneRegion":
		return part(k, c.name, func() string { return part(k, classString, k.string) })
	case !null && c.name == "java.time.ZoneOffset":
		return offsetText(part(k, classOffset, k.zigzag32))
	default:
		k.r.Corrupt("a time zone that is none")
	}
	return ""
}

// dateTimeText is what LocalDateTime.toString gives.
func dateTimeText(v Time) string { return dateText(v) + "T" + clockText(v) }

func dateText(v Time) string {
	switch {
	case v.Year > 9999:
		return fmt.Sprintf("+%d-%02d-%02d", v.Year, v.Month, v.Day)
	case v.Year < 0:
		return fmt.Sprintf("-%04d-%02d-%02d", -int64(v.Year), v.Month, v.Day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", v.Year, v.Month, v.Day)
}

func clockText(v Time) string {
	s := v.NanoOfDay / nanosPerSecond
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60) + fraction(int32(v.NanoOfDay%nanosPerSecond))
}

// kryoZoned2 has the fields dateTime, offset and zone.
func kryoZoned2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	at := part(k, classDateTime, k.dateTime2)
	offset := offsetText(part(k, classOffset, k.zigzag32))
	zone := k.zone2()
	return k.told([]byte(zonedText(at, offset, zone)), false)
}

func zonedText(at Time, offset, zone string) string {
	if zone == offset {
		return dateTimeText(at) + offset
	}
	return dateTimeText(at) + offset + "[" + zone + "]"
}

// kryoZoned5 has no offset.
func kryoZoned5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	at := k.dateTime5()
	return k.told([]byte(dateTimeText(at)+"["+k.string()+"]"), false)
}

func kryoOffsetDateTime2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	at := part(k, classDateTime, k.dateTime2)
	return k.told([]byte(dateTimeText(at)+offsetText(part(k, classOffset, k.zigzag32))), false)
}

func kryoOffsetDateTime5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	at := k.dateTime5()
	return k.told([]byte(dateTimeText(at)+offsetText(k.offset5())), false)
}

// kryoOffsetTime2 has the fields offset and time.
func kryoOffsetTime2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	offset := offsetText(part(k, classOffset, k.zigzag32))
	return k.told([]byte(clockText(part(k, classTime, k.time2))+offset), false)
}

func kryoOffsetTime5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	at := k.time5()
	return k.told([]byte(clockText(at)+offsetText(k.offset5())), false)
}

func kryoYear5(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.int(int64(int32(k.r.VarInt()))) }

func (k *kryo) yearMonth(year int32, month byte) int32 {
	return k.told([]byte(strings.TrimSuffix(dateText(Time{Year: year, Month: month, Day: 1}), "-01")), false)
}

func kryoYearMonth2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	month := k.zigzag32()
	return k.yearMonth(k.zigzag32(), byte(month))
}

func kryoYearMonth5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	year := int32(k.r.VarInt())
	return k.yearMonth(year, k.r.U8())
}

func kryoMonthDay2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	day := k.zigzag32()
	return k.told([]byte(fmt.Sprintf("--%02d-%02d", k.zigzag32(), day)), false)
}

func kryoMonthDay5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	month := k.r.U8()
	return k.told([]byte(fmt.Sprintf("--%02d-%02d", month, k.r.U8())), false)
}

// period tells a Period as its toString does.
func (k *kryo) period(years, months, days int32) int32 {
	out := "P"
	for _, p := range []struct {
		n    int32
		unit string
	}{{years, "Y"}, {months, "M"}, {days, "D"}} {
		if p.n != 0 {
			out += strconv.Itoa(int(p.n)) + p.unit
		}
	}
	if out == "P" {
		out = "P0D"
	}
	return k.told([]byte(out), false)
}

func kryoPeriod2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	days, months := k.zigzag32(), k.zigzag32()
	return k.period(k.zigzag32(), months, days)
}

func kryoPeriod5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	years, months := int32(k.r.VarInt()), int32(k.r.VarInt())
	return k.period(years, months, int32(k.r.VarInt()))
}

// optional tells a value of java.util.OptionalInt and its kin.
func (k *kryo) optional(present bool, read kryoBody) int32 {
	k.unhashable = true
	if !present {
		return k.nullUnlessFailed()
	}
	return k.union(kryoSomeType, 0, func() int32 { return read(k, nil, nil) })
}

// skipAbsent reads the value that an absent optional has all the same in Kryo 2.24, where it is a field like any other.
func (k *kryo) skipAbsent(read kryoBody) int32 {
	present := k.r.Bool()
	if !present {
		k.hidden(func() { read(k, nil, nil) })
	}
	return k.optional(present, read)
}

func kryoOptionalInt2(k *kryo, _ *kryoClass, _ *kryoArg) int32   { return k.skipAbsent(kryoInt) }
func kryoOptionalLong2(k *kryo, _ *kryoClass, _ *kryoArg) int32  { return k.skipAbsent(kryoLong) }
func kryoOptionalDouble(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.skipAbsent(kryoDouble) }

func kryoOptionalInt5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.optional(k.r.Bool(), func(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.int(int64(int32(k.fixed32()))) })
}

func kryoOptionalLong5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.optional(k.r.Bool(), func(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.int(int64(k.fixed64())) })
}

func kryoOptionalDouble5(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.optional(k.r.Bool(), kryoDouble)
}
