package valuejson

import (
	"math"
	"strings"

	"github.com/tarn-project/tarn/format/serde"
)

var examples = map[serde.Kind]string{
	serde.KindLocalDate:     "2024-02-29",
	serde.KindLocalTime:     "23:59:59.999",
	serde.KindLocalDateTime: "2024-02-29T23:59:59.999",
	serde.KindInstant:       "2024-02-29T23:59:59.999Z",
}

// parseTime reads a date or time in ISO-8601. Seconds may be missing; an instant may be a date alone (its first moment), and is in UTC
// unless an offset stands there.
func parseTime(k serde.Kind, s string) (serde.Time, bool) {
	v := serde.Time{Kind: k}
	p := &clockScanner{s: s, ok: true}
	switch k {
	case serde.KindLocalTime:
		v.NanoOfDay = p.clock()
	case serde.KindLocalDate:
		year, month, day := p.date()
		v.Year, v.Month, v.Day = int32(year), uint8(month), uint8(day)
		p.ok = p.ok && year >= math.MinInt32 && year <= math.MaxInt32
	case serde.KindLocalDateTime:
		year, month, day := p.date()
		v.Year, v.Month, v.Day = int32(year), uint8(month), uint8(day)
		p.ok = p.ok && year >= math.MinInt32 && year <= math.MaxInt32
		p.separator()
		v.NanoOfDay = p.clock()
	default:
		year, month, day := p.date()
		v.Seconds = days(year, month, day) * secondsADay
		if p.ok && p.s != "" {
			p.separator()
			n := p.clock()
			v.Seconds += n/nanos - p.offset()
			v.Nanos = int32(n % nanos)
		}
	}
	return v, p.ok && p.s == ""
}

// clockScanner eats a text from its beginning. Once it is not ok, it gives zeros.
type clockScanner struct {
	s  string
	ok bool
}

// number takes between lo and hi digits.
func (p *clockScanner) number(lo, hi int) int64 {
	n := 0
	var v int64
	for n < hi && n < len(p.s) && p.s[n] >= '0' && p.s[n] <= '9' {
		v = v*10 + int64(p.s[n]-'0')
		n++
	}
	p.s = p.s[n:]
	p.ok = p.ok && n >= lo
	return v
}

// eat takes one of the characters and says whether it was there.
func (p *clockScanner) eat(chars string) bool {
	if p.s == "" || !strings.Contains(chars, p.s[:1]) {
		return false
	}
	p.s = p.s[1:]
	return true
}

func (p *clockScanner) need(chars string) {
	if !p.eat(chars) {
		p.ok = false
	}
}

func (p *clockScanner) separator() { p.need("T t") }

var monthDays = [...]int64{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func (p *clockScanner) date() (year int64, month, day int) {
	negative := p.eat("-")
	if !negative {
		p.eat("+")
	}
	year = p.number(4, 12)
	if negative {
		year = -year
	}
	p.need("-")
	m := p.number(2, 2)
	p.need("-")
	d := p.number(2, 2)
	leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	if !p.ok || m < 1 || m > 12 || d < 1 || d > monthDays[m-1] || (m == 2 && d == 29 && !leap) {
		p.ok = false
		return 0, 1, 1
	}
	return year, int(m), int(d)
}

// clock takes a time of day and gives its nanoseconds.
func (p *clockScanner) clock() int64 {
	h := p.number(2, 2)
	p.need(":")
	m := p.number(2, 2)
	var s, frac int64
	if p.eat(":") {
		s = p.number(2, 2)
		if p.eat(".") {
			before := len(p.s)
			frac = p.number(1, 9)
			for range 9 - min(9, before-len(p.s)) {
				frac *= 10
			}
		}
	}
	p.ok = p.ok && h < 24 && m < 60 && s < 60
	return (h*3600+m*60+s)*nanos + frac
}

// offset takes Z, ±hh:mm or nothing, and gives its seconds.
func (p *clockScanner) offset() int64 {
	if p.s == "" || p.eat("Zz") {
		return 0
	}
	sign := int64(1)
	if p.eat("-") {
		sign = -1
	} else {
		p.need("+")
	}
	h := p.number(2, 2)
	p.eat(":")
	m := p.number(2, 2)
	p.ok = p.ok && h < 19 && m < 60
	return sign * (h*3600 + m*60)
}
