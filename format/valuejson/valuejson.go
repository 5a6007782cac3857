// Package valuejson is the JSON of state values, in both directions.
//
// An Encoder is a serde.Sink: it turns the events of a Walk into JSON text straight from the bytes, without building
// values. Parse is the inverse and is led by the type. The mapping:
//
//	integers, floats             numbers in full precision; "NaN", "Infinity", "-Infinity"
//	BigInteger, decimals         string in plain digits
//	char                         string of one UTF-16 unit; an array of chars is an array of strings
//	string                       string; control characters and unpaired surrogates as \u escapes
//	bytes                        {"$hex":"…"}
//	dates and times              ISO-8601 string, instants in UTC, as many digits of a second as needed (0, 3, 6 or 9)
//	enum                         its name
//	list, array, set, tuple      array
//	POJO, record, window         object in field order; "@class" first where the class is not the declared one
//	GlobalWindow                 {"global":true}
//	row                          object by field name, or f0, f1, …; "$kind" first unless it is +I
//	map                          object if the keys are strings, none of them null or double; else array of [k,v]
//	Either and other unions      object with the one member that is there
//	TTL                          {"ttlTs":…,"value":…}
//	not decodable                {"$raw":"hex","$serializer":"class of the serializer snapshot"}
//
// The text is valid UTF-8 whatever the bytes are.
package valuejson

import (
	"errors"
	"hash/maphash"
	"sync"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Style says who reads the text.
type Style uint8

const (
	// JSON is JSON.
	JSON Style = iota
	// Plain is JSON, but a value that is a single string, time, number or null stands bare: text as it is, null as nothing.
	Plain
	// Brief is for people: Plain on one line without control characters, null as null, bytes as 0x… and only their beginning.
	Brief
)

// Encoder writes values as JSON. The zero value is ready for use; keeping one saves its memory. It is not safe for
// concurrent use.
type Encoder struct {
	Style Style
	// Unwrap leaves the last-access time away from a value with TTL: only the value itself is written.
	Unwrap bool
	// Inside says that the values are to stand inside a JSON array or object: nothing is bare, whatever the style.
	Inside bool

	r     binio.Reader
	buf   []byte
	cur   frame
	stack []frame
	spans []span  // the entries of the open maps that are written as objects
	table []int32 // of keys, to find equal ones
	seed  maphash.Seed
	tmp   []byte
	null  bool
	err   error
}

var encoders = sync.Pool{New: func() any { return new(Encoder) }}

// Append decodes b, one value of c and nothing else, and appends it to dst as JSON. See Encoder.Append.
func Append(dst []byte, c serde.Codec, b []byte) ([]byte, error) {
	e := encoders.Get().(*Encoder)
	defer encoders.Put(e)
	return e.Append(dst, c, b)
}

// AppendText is Append in the Brief style.
func AppendText(dst []byte, c serde.Codec, b []byte) ([]byte, error) {
	e := Encoder{Style: Brief}
	return e.Append(dst, c, b)
}

// Append decodes b, one value of c and nothing else, and appends it to dst. A part that no rule explains becomes
// {"$raw":…,"$serializer":…}, without an error: that part alone if its end is known, else the value as a whole. Bytes that contradict the type, and bytes left over, are an error
// of kind fault.ErrCorrupt; dst then comes back as it was. A nil c stands for bytes without any serializer.
func (e *Encoder) Append(dst []byte, c serde.Codec, b []byte) ([]byte, error) {
	e.null = false
	if c == nil {
		return e.AppendRaw(dst, nil, b), nil
	}
	t := c.Type()
	e.Reset(dst)
	e.r.Reset(b, 0)
	c.Walk(&e.r, e)
	e.r.End()
	out, err := e.buf, e.r.Err()
	if err == nil {
		err = e.err
	}
	e.buf = nil
	if err == nil {
		return out, nil
	}
	out = out[:len(dst)]
	if errors.Is(err, fault.ErrUnsupported) {
		return e.appendOpaque(out, t, b), nil
	}
	return out, err
}

// Reset makes the encoder append the next value to dst.
func (e *Encoder) Reset(dst []byte) {
	e.buf = dst
	e.cur = frame{}
	e.stack = e.stack[:0]
	e.spans = e.spans[:0]
	e.null, e.err = false, nil
}

// Result gives what was appended to since Reset.
func (e *Encoder) Result() []byte { return e.buf }

// IsNull reports whether the last value that was appended was null as a whole.
func (e *Encoder) IsNull() bool { return e.null }

// AppendRaw appends bytes that were not decoded; t may be nil.
func (e *Encoder) AppendRaw(dst []byte, t *serde.Type, b []byte) []byte {
	e.null = false
	if e.Style == Brief {
		return appendBriefRaw(dst, t, b)
	}
	dst = append(dst, `{"$raw":"`...)
	dst = appendHex(dst, b)
	dst = append(dst, '"')
	if t != nil {
		dst = append(dst, `,"$serializer":"`...)
		dst = appendEscaped(dst, serializer(t))
		dst = append(dst, '"')
	}
	return append(dst, '}')
}

// appendOpaque is AppendRaw, except that the time of a value with TTL is always known.
func (e *Encoder) appendOpaque(dst []byte, t *serde.Type, b []byte) []byte {
	if t.Kind != serde.KindTTL || len(t.Fields) != 2 || len(b) < 8 {
		return e.AppendRaw(dst, t, b)
	}
	inner := t.Fields[1].Type
	if e.Unwrap {
		return e.AppendRaw(dst, inner, b[8:])
	}
	dst = append(dst, '{', '"')
	dst = appendEscaped(dst, t.Fields[0].Name)
	dst = append(dst, '"', ':')
	dst = appendInt(dst, binio.NewReader(b, 0).I64())
	dst = append(dst, ',', '"')
	dst = appendEscaped(dst, t.Fields[1].Name)
	dst = append(dst, '"', ':')
	dst = e.AppendRaw(dst, inner, b[8:])
	return append(dst, '}')
}

func serializer(t *serde.Type) string {
	if t.Serializer != "" {
		return t.Serializer
	}
	return t.Class
}

// AppendString appends a text that is not part of a value.
func (e *Encoder) AppendString(dst []byte, s string) []byte {
	switch e.Style {
	case Plain:
		return appendPlain(dst, s)
	case Brief:
		return appendVisible(dst, s)
	}
	return appendQuoted(dst, s)
}

// AppendNull appends null.
func (e *Encoder) AppendNull(dst []byte) []byte {
	e.null = true
	if e.Style == Plain {
		return dst
	}
	return append(dst, "null"...)
}
