package serde

import (
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Dates and times. All have one length and a value of their own for null:
//
//	DateSerializer, SqlDateSerializer, SqlTimeSerializer  i8 milliseconds since 1970 UTC; null is the smallest long
//	SqlTimestampSerializer  i8 milliseconds, i4 nanoseconds of the second; null is the smallest long and 0. Flink writes 12 bytes
//	                        for null but reads back 8 in all versions so far: behind a null in a tuple Flink itself is lost
//	InstantSerializer       i8 seconds, i4 nanoseconds; null is the smallest long and the smallest int
//	LocalDateSerializer     i4 year, u1 month, u1 day; null is the smallest int and 8000
//	LocalTimeSerializer     u1 hour, u1 minute, u1 second, i4 nanoseconds; null is 80 8000 80000000
//	LocalDateTimeSerializer a date and a time; null is both nulls

const (
	nanosPerSecond = 1_000_000_000
	nanosPerMilli  = 1_000_000
	nullDate       = "\x80\x00\x00\x00\x80\x00"
	nullTime       = "\x80\x80\x00\x80\x00\x00\x00"
	nullMillis     = "\x80\x00\x00\x00\x00\x00\x00\x00"
	nullTimestamp  = nullMillis + "\x00\x00\x00\x00"
	nullInstant    = nullMillis + "\x80\x00\x00\x00"
)

// timeCodec is a codec of values of one length.
type timeCodec struct {
	t    *Type
	size int
	null string // the bytes of null
	read func(r *binio.Reader) Time
	put  func(dst []byte, v Time) ([]byte, bool)
	hash func(v Time) int32
}

func timeFamilies() []Family {
	family := func(name, class string, kind Kind, c timeCodec) Family {
		return Family{Classes: []string{simple(name)}, Read: readSimple, Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			c := c
			c.t = newType(s, kind, c.size)
			c.t.Class, c.t.Nullable = class, true
			return &c, nil
		}}
	}
	millis := timeCodec{size: 8, null: nullMillis, read: readMillis, put: appendMillis, hash: hashMillis}
	return []Family{
		family("Date", "java.util.Date", KindInstant, millis),
		family("SqlDate", "java.sql.Date", KindInstant, millis),
		family("SqlTime", "java.sql.Time", KindInstant, millis),
		family("SqlTimestamp", "java.sql.Timestamp", KindInstant,
			timeCodec{size: 12, null: nullTimestamp, read: readTimestamp, put: appendTimestamp, hash: hashMillis}),
		family("Instant", "java.time.Instant", KindInstant,
			timeCodec{size: 12, null: nullInstant, read: readInstant, put: appendInstant, hash: hashInstant}),
		family("LocalDate", "java.time.LocalDate", KindLocalDate,
			timeCodec{size: 6, null: nullDate, read: readDate, put: appendDate, hash: hashDate}),
		family("LocalTime", "java.time.LocalTime", KindLocalTime,
			timeCodec{size: 7, null: nullTime, read: readTime, put: appendTime, hash: hashTime}),
		family("LocalDateTime", "java.time.LocalDateTime", KindLocalDateTime,
			timeCodec{size: 13, null: nullDate + nullTime, read: readDateTime, put: appendDateTime, hash: hashDateTime}),
	}
}

func (c *timeCodec) Type() *Type          { return c.t }
func (c *timeCodec) diskSize() int        { return c.size }
func (c *timeCodec) Skip(r *binio.Reader) { r.Skip(c.size) }

func (c *timeCodec) nullAt(b []byte) int { return startsWith(b, c.null) }

func (c *timeCodec) Walk(r *binio.Reader, s Sink) {
	if c.nullAt(r.Rest()) > 0 {
		r.Skip(c.size)
		s.Null()
	} else if v := c.read(r); r.Err() == nil {
		s.Time(v)
	}
}

func (c *timeCodec) Append(dst []byte, v Value) ([]byte, error) {
	if _, null := v.(Null); null {
		return append(dst, c.null...), nil
	}
	t, ok := v.(Time)
	if !ok || t.Kind != c.t.Kind {
		return dst, mismatch(c.t, v)
	}
	out, ok := c.put(dst, t)
	if !ok {
		return dst, fault.New(fault.ErrUsage, "a time out of the range of %s", c.t.Class)
	}
	return out, nil
}

func (c *timeCodec) Hash(r *binio.Reader) (int32, bool) {
	if c.nullAt(r.Rest()) > 0 {
		r.Skip(c.size)
		return 0, true
	}
	return c.hash(c.read(r)), true
}

// instantOfMillis splits milliseconds since 1970 into seconds and nanoseconds.
func instantOfMillis(ms int64) Time {
	s := ms / 1000
	rest := ms % 1000
	if rest < 0 {
		s, rest = s-1, rest+1000
	}
	return Time{Kind: KindInstant, Seconds: s, Nanos: int32(rest) * nanosPerMilli}
}

// millisOf is the reverse; ok is false outside of the range of a long.
func millisOf(v Time) (int64, bool) {
	const limit = math.MaxInt64 / 1000
	if v.Seconds > limit || v.Seconds < -limit-1 || v.Nanos < 0 || v.Nanos >= nanosPerSecond {
		return 0, false
	}
	ms := v.Seconds * 1000 // the smallest second may wrap here and come back below
	sum := ms + int64(v.Nanos/nanosPerMilli)
	return sum, instantOfMillis(sum).Seconds == v.Seconds
}

func readMillis(r *binio.Reader) Time { return instantOfMillis(r.I64()) }

func appendMillis(dst []byte, v Time) ([]byte, bool) {
	ms, ok := millisOf(v)
	return binio.AppendI64(dst, ms), ok && v.Nanos%nanosPerMilli == 0
}

// hashMillis is Date.hashCode, which java.sql.Timestamp inherits: the nanoseconds do not count.
func hashMillis(v Time) int32 {
	ms, _ := millisOf(v)
	return keygroup.Long(ms)
}

func readTimestamp(r *binio.Reader) Time {
	v := instantOfMillis(r.I64())
	nanos := readNanos(r)
	if r.Err() == nil && nanos/nanosPerMilli != v.Nanos/nanosPerMilli {
		r.Corrupt("%d nanoseconds in the millisecond %d of the second", nanos, v.Nanos/nanosPerMilli)
	}
	v.Nanos = nanos
	return v
}

func appendTimestamp(dst []byte, v Time) ([]byte, bool) {
	ms, ok := millisOf(v)
	return binio.AppendI32(binio.AppendI64(dst, ms), v.Nanos), ok
}

func readNanos(r *binio.Reader) int32 {
	n := r.I32()
	if n < 0 || n >= nanosPerSecond {
		r.Corrupt("%d nanoseconds", n)
	}
	return n
}

func readInstant(r *binio.Reader) Time {
	return Time{Kind: KindInstant, Seconds: r.I64(), Nanos: readNanos(r)}
}

func appendInstant(dst []byte, v Time) ([]byte, bool) {
	return binio.AppendI32(binio.AppendI64(dst, v.Seconds), v.Nanos), v.Nanos >= 0 && v.Nanos < nanosPerSecond
}

func hashInstant(v Time) int32 { return keygroup.Instant(v.Seconds, v.Nanos) }

func readDate(r *binio.Reader) Time {
	v := Time{Kind: KindLocalDate, Year: r.I32(), Month: r.U8(), Day: r.U8()}
	if r.Err() == nil && !dateOK(v) {
		r.Corrupt("month %d, day %d", v.Month, v.Day)
	}
	return v
}

func dateOK(v Time) bool { return v.Month >= 1 && v.Month <= 12 && v.Day >= 1 && v.Day <= 31 }

func appendDate(dst []byte, v Time) ([]byte, bool) {
	return append(binio.AppendI32(dst, v.Year), v.Month, v.Day), dateOK(v)
}

func hashDate(v Time) int32 { return keygroup.LocalDate(v.Year, int32(v.Month), int32(v.Day)) }

func readTime(r *binio.Reader) Time {
	h, m, s := r.U8(), r.U8(), r.U8()
	n := readNanos(r)
	if r.Err() == nil && (h > 23 || m > 59 || s > 59) {
		r.Corrupt("the time %d:%d:%d", h, m, s)
	}
	return Time{Kind: KindLocalTime, NanoOfDay: (int64(h)*3600+int64(m)*60+int64(s))*nanosPerSecond + int64(n)}
}

func appendTime(dst []byte, v Time) ([]byte, bool) {
	s, n := v.NanoOfDay/nanosPerSecond, v.NanoOfDay%nanosPerSecond
	if v.NanoOfDay < 0 || s >= 24*3600 {
		return dst, false
	}
	return binio.AppendI32(append(dst, byte(s/3600), byte(s/60%60), byte(s%60)), int32(n)), true
}

func hashTime(v Time) int32 { return keygroup.Long(v.NanoOfDay) }

func readDateTime(r *binio.Reader) Time {
	v := readDate(r)
	v.Kind, v.NanoOfDay = KindLocalDateTime, readTime(r).NanoOfDay
	return v
}

func appendDateTime(dst []byte, v Time) ([]byte, bool) {
	dst, ok := appendDate(dst, v)
	if !ok {
		return dst, false
	}
	return appendTime(dst, v)
}

func hashDateTime(v Time) int32 { return hashDate(v) ^ hashTime(v) }
