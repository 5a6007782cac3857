package where

import (
	"encoding/hex"
	"math/big"

	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

// capture is a serde.Sink that puts the values of some fields into the variables of an expression and passes over all others.
type capture struct {
	env     map[string]any
	root    field
	unwrap  bool     // the outermost struct is a TTL wrapper
	at      *field   // whose value comes; nil if nobody wants it
	open    []*field // the structs that are open and wanted
	ignored int      // containers open that nobody wants
	build   builder
	text    valuejson.Encoder
	buf     []byte
}

// field is a place in a value.
type field struct {
	name   string // of the variable that takes the value, or ""
	kids   map[string]*field
	t      *serde.Type // of the struct that was met last
	byItem []*field    // its fields' places by number
}

// add makes the sink take a slot. It does not if the slot is a part of one that is taken, or the other way round.
func (c *capture) add(s slot) bool {
	f := &c.root
	for _, step := range s.path {
		if f.name != "" {
			return false
		}
		kid := f.kids[step]
		if kid == nil {
			kid = &field{}
			if f.kids == nil {
				f.kids = map[string]*field{}
			}
			f.kids[step] = kid
		}
		f = kid
	}
	if len(f.kids) > 0 {
		return false
	}
	f.name = s.name
	return true
}

// start makes the sink ready for a value.
func (c *capture) start() {
	c.at, c.unwrap, c.ignored = &c.root, false, 0
	c.open = c.open[:0]
	c.build.reset()
}

// wanted reports whether the next value is.
func (c *capture) wanted() bool { return c.ignored == 0 && c.at != nil && c.at.name != "" }

func (c *capture) put(v any) {
	if c.build.open() {
		c.build.add(v)
	} else if c.wanted() {
		c.env[c.at.name] = v
	}
}

// scalar reports whether a value without parts is worth making.
func (c *capture) scalar() bool { return c.build.open() || c.wanted() }

// The events of serde.Sink.

func (c *capture) Null() { c.put(nil) }

func (c *capture) Bool(v bool) {
	if c.scalar() {
		c.put(v)
	}
}

func (c *capture) Int(v int64) {
	if c.scalar() {
		c.put(int(v))
	}
}

func (c *capture) Float32(v float32) {
	if c.scalar() {
		c.put(float64(v))
	}
}

func (c *capture) Float64(v float64) {
	if c.scalar() {
		c.put(v)
	}
}

func (c *capture) Char(u uint16) {
	if c.scalar() {
		c.put(string(rune(u)))
	}
}

func (c *capture) Text(t []byte) {
	if c.scalar() {
		c.put(string(t))
	}
}

func (c *capture) Bytes(b []byte) {
	if c.scalar() {
		c.put(hex.EncodeToString(b))
	}
}

func (c *capture) Integer(v serde.Integer) {
	if c.scalar() {
		f, _ := new(big.Float).SetInt(bigInt(v.Unscaled)).Float64()
		c.put(f)
	}
}

// maxScale bounds the powers of ten that are worked out for a number: a double has no more.
const maxScale = 400

func (c *capture) Decimal(v serde.Decimal) {
	if !c.scalar() {
		return
	}
	n := new(big.Rat).SetInt(bigInt(v.Unscaled))
	scale := int64(min(max(v.Scale, -maxScale), maxScale))
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(scale, -scale)), nil)
	if scale > 0 {
		n.Quo(n, new(big.Rat).SetInt(ten))
	} else {
		n.Mul(n, new(big.Rat).SetInt(ten))
	}
	f, _ := n.Float64()
	c.put(f)
}

// bigInt reads two's complement.
func bigInt(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func (c *capture) Time(v serde.Time) {
	if !c.scalar() {
		return
	}
	c.text.Style = valuejson.Plain
	c.text.Reset(c.buf[:0])
	c.text.Time(v)
	c.buf = c.text.Result()
	c.put(string(c.buf))
}

func (c *capture) Enum(v serde.Enum) {
	if c.scalar() {
		c.put(v.Name)
	}
}

func (c *capture) Raw(_ *serde.Type, b []byte) { c.Bytes(b) }

// begin opens a list or map.
func (c *capture) begin(k container, n int) {
	if c.build.open() || c.wanted() {
		c.build.begin(k, min(n, 1024), nil)
		return
	}
	c.ignored++
}

func (c *capture) end() {
	if !c.build.open() {
		c.ignored--
		return
	}
	if v, done := c.build.end(); done && c.wanted() {
		c.env[c.at.name] = v
	}
}

func (c *capture) BeginList(_ *serde.Type, n int) { c.begin(list, n) }
func (c *capture) EndList()                       { c.end() }
func (c *capture) BeginMap(_ *serde.Type, n int)  { c.begin(pairs, 2*n) }
func (c *capture) EndMap()                        { c.end() }

func (c *capture) BeginStruct(t *serde.Type, _ serde.Form) {
	switch {
	case c.build.open() || c.wanted() && !(c.unwrap && len(c.open) == 0 && t.Kind == serde.KindTTL):
		c.build.begin(object, len(t.Fields), t)
	case c.ignored > 0 || c.at == nil:
		c.ignored++
	default:
		c.open = append(c.open, c.at)
		c.at.learn(t, c.unwrap && len(c.open) == 1 && t.Kind == serde.KindTTL)
	}
}

// learn finds the places of a struct's fields.
func (f *field) learn(t *serde.Type, wrapper bool) {
	if f.t == t {
		return
	}
	f.t, f.byItem = t, make([]*field, len(t.Fields))
	if wrapper {
		f.byItem[len(t.Fields)-1] = &field{name: f.name, kids: f.kids}
		return
	}
	for i := range t.Fields {
		f.byItem[i] = f.kids[t.Fields[i].Name]
	}
}

func (c *capture) Field(i int) {
	switch {
	case c.build.open():
		c.build.field(i)
	case c.ignored == 0 && len(c.open) > 0:
		c.at = c.open[len(c.open)-1].byItem[i]
	}
}

func (c *capture) EndStruct() {
	switch {
	case c.build.open():
		c.end()
	case c.ignored > 0:
		c.ignored--
	default:
		c.at = c.open[len(c.open)-1]
		c.open = c.open[:len(c.open)-1]
	}
}

var _ serde.Sink = (*capture)(nil)

// container is what a builder builds.
type container uint8

const (
	list   container = iota
	pairs            // a map: keys and values in turn
	object           // a struct
)

// builder makes values with parts: []any, map[string]any, and []any of [k, v] for maps whose keys are no strings.
type builder struct{ frames []frame }

type frame struct {
	kind  container
	items []any
	t     *serde.Type
	m     map[string]any
	name  string
}

func (b *builder) reset()     { b.frames = b.frames[:0] }
func (b *builder) open() bool { return len(b.frames) > 0 }

func (b *builder) begin(k container, n int, t *serde.Type) {
	f := frame{kind: k, t: t}
	if k == object {
		f.m = make(map[string]any, n)
	} else {
		f.items = make([]any, 0, n)
	}
	b.frames = append(b.frames, f)
}

func (b *builder) field(i int) {
	f := &b.frames[len(b.frames)-1]
	f.name = f.t.Fields[i].Name
}

func (b *builder) add(v any) {
	f := &b.frames[len(b.frames)-1]
	if f.kind == object {
		f.m[f.name] = v
		return
	}
	f.items = append(f.items, v)
}

// end closes a container. done says that it was the outermost.
func (b *builder) end() (v any, done bool) {
	f := b.frames[len(b.frames)-1]
	b.frames = b.frames[:len(b.frames)-1]
	switch f.kind {
	case list:
		v = f.items
	case object:
		v = f.m
	case pairs:
		v = mapOf(f.items)
	}
	if len(b.frames) == 0 {
		return v, true
	}
	b.add(v)
	return v, false
}

func mapOf(items []any) any {
	m := make(map[string]any, len(items)/2)
	for i := 0; i+1 < len(items); i += 2 {
		k, ok := items[i].(string)
		if !ok {
			return pairsOf(items)
		}
		m[k] = items[i+1]
	}
	return m
}

func pairsOf(items []any) any {
	out := make([]any, 0, len(items)/2)
	for i := 0; i+1 < len(items); i += 2 {
		out = append(out, []any{items[i], items[i+1]})
	}
	return out
}
