package export

import (
	"encoding/hex"
	"strconv"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

// cells writes the parts of entries. It belongs to one renderer.
type cells struct {
	enc     valuejson.Encoder
	onError func(*entry.Entry, error)
	err     error // of the entry at hand, where nobody listens
}

func newCells(o *Options, style valuejson.Style) cells {
	return cells{enc: valuejson.Encoder{Style: style}, onError: o.OnError}
}

func (c *cells) quoted() bool { return c.enc.Style == valuejson.JSON }

// append appends what column col of e holds; ok is false where it does not apply to the entry.
func (c *cells) append(dst []byte, col column, e *entry.Entry) (out []byte, ok bool) {
	s := e.State
	switch col {
	case colOperatorID:
		return c.text(dst, s.OperatorID)
	case colUID:
		return c.text(dst, s.UID)
	case colState:
		return c.text(dst, s.Name)
	case colKind:
		return c.text(dst, s.Kind.String())
	case colSubtask:
		return number(dst, int64(e.Subtask), e.Subtask >= 0)
	case colKeyGroup:
		return number(dst, int64(e.KeyGroup), e.KeyGroup >= 0)
	case colTimestamp:
		return c.time(dst, e.Timestamp, s.Kind == entry.Timer)
	case colTTL:
		ms, ok := lastAccess(e)
		return c.time(dst, ms, ok)
	case colKey:
		return c.value(dst, e, s.Key, e.Key, hasKey(e))
	case colNamespace:
		return c.value(dst, e, s.Namespace, e.Namespace, hasNamespace(e))
	case colMapKey:
		return c.value(dst, e, s.UserKey, e.UserKey, hasMapKey(e))
	case colValue:
		return c.stateValue(dst, e)
	case colKeyHex:
		return c.hex(dst, e.Key, hasKey(e))
	case colNamespaceHex:
		return c.hex(dst, e.Namespace, hasNamespace(e))
	case colMapKeyHex:
		return c.hex(dst, e.UserKey, hasMapKey(e))
	case colValueHex:
		return c.valueHex(dst, e)
	case colMeaning:
		return c.meaning(dst, e)
	}
	return dst, false
}

// Which parts an entry has.

func hasKey(e *entry.Entry) bool { return e.State.Kind.Keyed() }

func hasNamespace(e *entry.Entry) bool {
	return e.State.Kind.Keyed() && !e.State.Void && len(e.Namespace) > 0
}

func hasMapKey(e *entry.Entry) bool {
	switch e.State.Kind {
	case entry.Map:
		return !e.Unsplit || e.UserKey != nil
	case entry.Broadcast:
		return true
	}
	return false
}

func hasValue(e *entry.Entry) bool { return e.State.Kind != entry.Timer }

// elements reports whether the value is given as elements.
func elements(e *entry.Entry) bool {
	return e.State.Kind == entry.List && (!e.Unsplit || e.Elements != nil)
}

// lastAccess gives the TTL time that stands beside a value: lists have one in each element instead.
func lastAccess(e *entry.Entry) (int64, bool) {
	s := e.State
	if !s.TTL || s.Kind == entry.List || !hasValue(e) || e.NullValue || !wrapped(s.Value) {
		return 0, false
	}
	return entry.TTLTime(e.Value)
}

func wrapped(c serde.Codec) bool { return c != nil && c.Type().Kind == serde.KindTTL }

func (c *cells) text(dst []byte, s string) ([]byte, bool) {
	if s == "" {
		return dst, false
	}
	return c.enc.AppendString(dst, s), true
}

func number(dst []byte, v int64, ok bool) ([]byte, bool) {
	if !ok {
		return dst, false
	}
	return strconv.AppendInt(dst, v, 10), true
}

// time is milliseconds for programs and a date for people.
func (c *cells) time(dst []byte, ms int64, ok bool) ([]byte, bool) {
	if ok && c.enc.Style == valuejson.Brief {
		return valuejson.AppendMillis(dst, ms), true
	}
	return number(dst, ms, ok)
}

func (c *cells) hex(dst, b []byte, ok bool) ([]byte, bool) {
	if !ok {
		return dst, false
	}
	if c.quoted() {
		dst = append(dst, '"')
	}
	dst = hex.AppendEncode(dst, b)
	if c.quoted() {
		dst = append(dst, '"')
	}
	return dst, true
}

// value decodes one part of an entry.
func (c *cells) value(dst []byte, e *entry.Entry, codec serde.Codec, b []byte, ok bool) ([]byte, bool) {
	if !ok {
		return dst, false
	}
	out, err := c.enc.Append(dst, codec, b)
	if err != nil {
		if !e.Unsplit { // bytes that were never told apart are no trouble of their own
			c.report(e, err)
		}
		out = c.enc.AppendRaw(dst, codec.Type(), b)
	}
	return out, true
}

func (c *cells) report(e *entry.Entry, err error) {
	if c.onError == nil {
		if c.err == nil {
			c.err = place(e, err)
		}
		return
	}
	c.onError(e, place(e, err))
}

// place says where the entry is. Offsets count within the part: where in a file it stood is not known here.
func place(e *entry.Entry, err error) error {
	op := e.State.UID
	if op == "" {
		op = e.State.OperatorID
	}
	return fault.At(err, fault.Place{Operator: op, State: e.State.Name, Subtask: e.Subtask, KeyGroup: e.KeyGroup})
}

func (c *cells) stateValue(dst []byte, e *entry.Entry) ([]byte, bool) {
	s := e.State
	switch {
	case !hasValue(e):
		return dst, false
	case e.NullValue:
		return c.enc.AppendNull(dst), true
	case elements(e):
		return c.elements(dst, e), true
	case e.Unsplit && s.Kind == entry.List:
		return c.enc.AppendRaw(dst, typeOf(s.Value), e.Value), true
	}
	c.enc.Unwrap = s.TTL
	out, ok := c.value(dst, e, s.Value, e.Value, true)
	c.enc.Unwrap = false
	return out, ok
}

func typeOf(c serde.Codec) *serde.Type {
	if c == nil {
		return nil
	}
	return c.Type()
}

func (c *cells) elements(dst []byte, e *entry.Entry) []byte {
	c.enc.Inside = true
	dst = append(dst, '[')
	for i, b := range e.Elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst, _ = c.value(dst, e, e.State.Value, b, true)
	}
	c.enc.Inside = false
	return append(dst, ']')
}

func (c *cells) valueHex(dst []byte, e *entry.Entry) ([]byte, bool) {
	switch {
	case !hasValue(e) || e.NullValue:
		return dst, false
	case !elements(e):
		return c.hex(dst, e.Value, true)
	}
	dst = append(dst, '[')
	for i, b := range e.Elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = hex.AppendEncode(dst, b)
		dst = append(dst, '"')
	}
	return append(dst, ']'), true
}
