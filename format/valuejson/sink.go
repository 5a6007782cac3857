package valuejson

import (
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// frame is the container that is being written.
type frame struct {
	mode  mode
	mixed bool // an object that must become pairs: a key is not a string
	n     int  // elements, keys and values, or fields so far
	start int  // where it starts in buf
	spans int  // how many spans there were before it
	t     *serde.Type
}

type mode uint8

const (
	top    mode = iota
	array       // elements
	object      // keys and values of a map, as members
	pairs       // keys and values of a map, as arrays of two
	fields      // members, announced by Field
	tuple       // elements, announced by Field
	bare        // a TTL wrapper that leaves no trace
)

// span is where the key of a map's entry lies in buf.
type span struct{ start, end int }

// before writes what stands between the last value and the next one.
func (e *Encoder) before(text bool) {
	f := &e.cur
	switch f.mode {
	case array:
		if f.n > 0 {
			e.buf = append(e.buf, ',')
		}
		f.n++
	case object:
		if f.n&1 == 0 {
			if f.n > 0 {
				e.buf = append(e.buf, ',')
			}
			f.mixed = f.mixed || !text
			e.spans = append(e.spans, span{start: len(e.buf)})
		} else {
			e.spans[len(e.spans)-1].end = len(e.buf)
			e.buf = append(e.buf, ':')
		}
		f.n++
	case pairs:
		switch {
		case f.n == 0:
			e.buf = append(e.buf, '[')
		case f.n&1 == 0:
			e.buf = append(e.buf, ']', ',', '[')
		default:
			e.buf = append(e.buf, ',')
		}
		f.n++
	}
}

// single reports whether the next value is the whole value and not to be dressed as JSON.
func (e *Encoder) single() bool { return e.Style != JSON && !e.Inside && e.outermost() }

func (e *Encoder) outermost() bool { return e.cur.mode == top || e.cur.mode == bare }

func (e *Encoder) push(m mode, t *serde.Type, open byte) {
	e.before(false)
	e.stack = append(e.stack, e.cur)
	e.cur = frame{mode: m, start: len(e.buf), spans: len(e.spans), t: t}
	if open != 0 {
		e.buf = append(e.buf, open)
	}
}

func (e *Encoder) pop(end byte) {
	if end != 0 {
		e.buf = append(e.buf, end)
	}
	if n := len(e.stack); n > 0 {
		e.cur = e.stack[n-1]
		e.stack = e.stack[:n-1]
	}
}

// Null implements serde.Sink, as do the methods that follow.
func (e *Encoder) Null() {
	if e.outermost() {
		e.null = true
		if e.single() && e.Style == Plain {
			return
		}
	}
	e.before(false)
	e.buf = append(e.buf, "null"...)
}

// Bool writes true or false.
func (e *Encoder) Bool(v bool) {
	e.before(false)
	e.buf = strconv.AppendBool(e.buf, v)
}

// Int writes a number.
func (e *Encoder) Int(v int64) {
	e.before(false)
	e.buf = appendInt(e.buf, v)
}

// Float32 writes the shortest number that reads as the same float.
func (e *Encoder) Float32(v float32) {
	e.before(false)
	e.float(float64(v), 32)
}

// Float64 writes the shortest number that reads as the same double.
func (e *Encoder) Float64(v float64) {
	e.before(false)
	e.float(v, 64)
}

func (e *Encoder) float(v float64, bits int) {
	name := notFinite(v)
	switch {
	case name == "":
		e.buf = appendFloat(e.buf, v, bits)
	case e.single():
		e.buf = append(e.buf, name...)
	default:
		e.buf = appendQuoted(e.buf, name)
	}
}

// Char writes a string of one character.
func (e *Encoder) Char(u uint16) {
	e.before(true)
	quote := !e.single()
	if quote {
		e.buf = append(e.buf, '"')
	}
	var wtf [3]byte
	w := appendWTF(wtf[:0], u)
	if e.Style == Plain && !quote {
		e.buf = appendPlain(e.buf, w)
	} else {
		e.buf = e.escaped(w, quote)
	}
	if quote {
		e.buf = append(e.buf, '"')
	}
}

// Text writes a string.
func (e *Encoder) Text(text []byte) {
	e.before(true)
	if e.single() {
		if e.Style == Plain {
			e.buf = appendPlain(e.buf, text)
		} else {
			e.buf = e.escaped(text, false)
		}
		return
	}
	e.buf = append(e.buf, '"')
	e.buf = appendEscaped(e.buf, text)
	e.buf = append(e.buf, '"')
}

func (e *Encoder) escaped(text []byte, quoted bool) []byte {
	if quoted {
		return appendEscaped(e.buf, text)
	}
	return appendVisible(e.buf, text)
}

// Bytes writes {"$hex":…}.
func (e *Encoder) Bytes(b []byte) {
	e.before(false)
	if e.Style == Brief {
		e.buf = appendBriefHex(e.buf, b)
		return
	}
	e.buf = append(e.buf, `{"$hex":"`...)
	e.buf = appendHex(e.buf, b)
	e.buf = append(e.buf, '"', '}')
}

// word writes a short text that needs no escapes, by f.
func (e *Encoder) word(f func(dst []byte) []byte) {
	e.before(true)
	if e.single() {
		e.buf = f(e.buf)
		return
	}
	e.buf = append(e.buf, '"')
	e.buf = f(e.buf)
	e.buf = append(e.buf, '"')
}

// Integer writes its digits as a string.
func (e *Encoder) Integer(v serde.Integer) {
	if len(v.Unscaled) > maxInteger {
		e.fail("an integer of %d bytes", len(v.Unscaled))
	}
	e.word(func(dst []byte) []byte { return appendDecimal(dst, v.Unscaled, 0) })
}

// Decimal writes its digits as a string.
func (e *Encoder) Decimal(v serde.Decimal) {
	if len(v.Unscaled) > maxInteger {
		e.fail("a decimal of %d bytes", len(v.Unscaled))
	}
	e.word(func(dst []byte) []byte { return appendDecimal(dst, v.Unscaled, v.Scale) })
}

// Time writes it in ISO-8601.
func (e *Encoder) Time(v serde.Time) {
	e.word(func(dst []byte) []byte { return appendTime(dst, v) })
}

// Enum writes its name.
func (e *Encoder) Enum(v serde.Enum) {
	e.before(true)
	if e.single() {
		e.buf = appendPlain(e.buf, v.Name)
		return
	}
	e.buf = append(e.buf, '"')
	e.buf = appendEscaped(e.buf, v.Name)
	e.buf = append(e.buf, '"')
}

// BeginList opens an array.
func (e *Encoder) BeginList(t *serde.Type, _ int) { e.push(array, t, '[') }

// EndList closes it.
func (e *Encoder) EndList() { e.pop(']') }

// BeginMap opens an object if the keys can be strings, else an array of pairs.
func (e *Encoder) BeginMap(t *serde.Type, _ int) {
	if asObject(t) {
		e.push(object, t, '{')
		return
	}
	e.push(pairs, t, '[')
}

// asObject reports whether a map of type t is written as an object as long as its keys allow it. What the type does not know, the keys
// decide.
func asObject(t *serde.Type) bool {
	if t == nil || len(t.Args) == 0 || t.Args[0] == nil {
		return true
	}
	k := t.Args[0].Kind
	return k == serde.KindString || k == serde.KindRaw
}

// EndMap closes it. An object whose keys turned out to be null, no strings or not distinct is rewritten as pairs.
func (e *Encoder) EndMap() {
	f := e.cur
	switch {
	case f.mode == object:
		entries := e.spans[f.spans:]
		if f.mixed || e.twins(entries) {
			e.toPairs(f.start, entries)
			e.spans = e.spans[:f.spans]
			e.pop(']')
			return
		}
		e.spans = e.spans[:f.spans]
		e.pop('}')
	case f.n > 0:
		e.buf = append(e.buf, ']')
		e.pop(']')
	default:
		e.pop(']')
	}
}

// BeginStruct opens a tuple's array or an object.
func (e *Encoder) BeginStruct(t *serde.Type, form serde.Form) {
	switch t.Kind {
	case serde.KindTuple:
		e.push(tuple, t, '[')
		return
	case serde.KindTTL:
		if e.Unwrap && e.cur.mode == top {
			e.push(bare, t, 0)
			return
		}
	}
	e.push(fields, t, '{')
	if form.Class != "" {
		e.member("@class", form.Class)
	}
	if form.RowKind != 0 && int(form.RowKind) < len(serde.RowKindNames) {
		e.member("$kind", serde.RowKindNames[form.RowKind])
	}
	if len(t.Fields) == 0 && isGlobalWindow(t) {
		e.buf = append(e.buf, `"global":true`...)
	}
}

func isGlobalWindow(t *serde.Type) bool {
	return t.Kind == serde.KindStruct && (strings.Contains(t.Class, "GlobalWindow") || strings.Contains(t.Serializer, "GlobalWindow"))
}

func (e *Encoder) member(name, value string) {
	e.name(name)
	e.buf = appendQuoted(e.buf, value)
}

func (e *Encoder) name(name string) {
	if e.cur.n > 0 {
		e.buf = append(e.buf, ',')
	}
	e.cur.n++
	e.buf = append(e.buf, '"')
	e.buf = appendEscaped(e.buf, name)
	e.buf = append(e.buf, '"', ':')
}

// Field announces a field.
func (e *Encoder) Field(i int) {
	f := &e.cur
	switch f.mode {
	case tuple:
		if f.n > 0 {
			e.buf = append(e.buf, ',')
		}
		f.n++
	case bare:
		e.buf = e.buf[:f.start] // the time came first
	case fields:
		if i < len(f.t.Fields) && f.t.Fields[i].Name != "" {
			e.name(f.t.Fields[i].Name)
			return
		}
		e.name("f" + strconv.Itoa(i))
	}
}

// EndStruct closes what BeginStruct opened.
func (e *Encoder) EndStruct() {
	switch e.cur.mode {
	case tuple:
		e.pop(']')
	case bare:
		e.pop(0)
	default:
		e.pop('}')
	}
}

// Raw writes a part that no rule explains.
func (e *Encoder) Raw(t *serde.Type, b []byte) {
	e.before(false)
	e.buf = e.AppendRaw(e.buf, t, b)
}

func (e *Encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fault.Unsupported(e.r.Offset(), format, args...)
	}
}
