package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// PojoSerializer (POJOs, and Java records since Flink 1.19). The snapshot, version 2 since Flink 1.8:
//
//	utf class
//	map of the fields in encoding order: name; key { utf declaring class, utf name }; value versioned snapshot
//	map of the registered subclasses: class; empty key; value versioned snapshot. The position is the tag
//	map of the subclasses that were met without being registered: the same
//
// A value:
//
//	u1 flags   1 null, nothing follows
//	           2 of the class itself: for each field bool isNull, [value]
//	           4 of a subclass: utf class, then all that the subclass's serializer writes, its own flags included
//	           8 of a registered subclass: u1 tag, then the same
//
// A field whose class is gone from the job is named missing-field-at-<i> and has no key.

const (
	pojoNull       = 1
	pojoOwn        = 2
	pojoSubclass   = 4
	pojoRegistered = 8
)

// Pojo is the body of a PojoSerializerSnapshot.
type Pojo struct {
	Class string
	// Fields in encoding order; Registered in the order of their tags; Other are the subclasses that were met without being
	// registered.
	Fields, Registered, Other []PojoPart
}

// PojoPart is a field or subclass of a POJO.
type PojoPart struct {
	Name     string
	Declared string    // class that declares a field; "" if missing
	Snapshot *Snapshot // nil if absent, or if its frame holds no snapshot
	entry    optionalEntry
	tail     []byte
}

func pojoFamilies() []Family {
	return []Family{{
		Classes: []string{runtime + "PojoSerializerSnapshot"},
		Read:    readPojo,
		Compile: compilePojo,
	}}
}

func readPojo(c *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 2 {
		unknownVersion(r, s)
		return nil
	}
	b := &Pojo{Class: r.Field("class").UTF()}
	b.Fields = readPojoParts(c, r, "fields")
	for i, f := range b.Fields {
		if f.entry.key != nil {
			b.Fields[i].Declared = binio.NewReader(f.entry.key, 0).UTF()
		}
	}
	b.Registered = readPojoParts(c, r, "registered subclasses")
	b.Other = readPojoParts(c, r, "other subclasses")
	return b
}

func readPojoParts(c *Context, r *binio.Reader, what string) []PojoPart {
	r.Section(what)
	defer r.EndSection()
	var snaps []PojoPart
	entries := readOptionalMap(r, func(i int, f *binio.Reader) {
		for len(snaps) <= i {
			snaps = append(snaps, PojoPart{})
		}
		snaps[i].Snapshot, snaps[i].tail = c.readFrame(f)
	})
	out := make([]PojoPart, len(entries))
	copy(out, snaps)
	for i, e := range entries {
		out[i].Name, out[i].entry = e.name, e
	}
	return out
}

// AppendBody writes the body.
func (b *Pojo) AppendBody(dst []byte, _ int32) ([]byte, error) {
	dst, err := appendName(dst, b.Class)
	for _, parts := range [][]PojoPart{b.Fields, b.Registered, b.Other} {
		if err != nil {
			return dst, err
		}
		dst, err = appendPojoParts(dst, parts)
	}
	return dst, err
}

func appendPojoParts(dst []byte, parts []PojoPart) ([]byte, error) {
	entries := make([]optionalEntry, len(parts))
	for i, p := range parts {
		entries[i] = p.entry
	}
	return appendOptionalMap(dst, entries, func(dst []byte, i int) ([]byte, error) {
		p := parts[i]
		if p.Snapshot == nil {
			return append(dst, p.entry.value...), nil
		}
		dst, err := AppendSnapshot(dst, p.Snapshot)
		return append(dst, p.tail...), err
	})
}

// nested gives the snapshots of fields, registered and other subclasses, in this order.
func (b *Pojo) nested() []*Snapshot {
	var out []*Snapshot
	for _, parts := range [][]PojoPart{b.Fields, b.Registered, b.Other} {
		for _, p := range parts {
			if p.Snapshot != nil {
				out = append(out, p.Snapshot)
			}
		}
	}
	return out
}

type pojoCodec struct {
	t      *Type
	fields []Codec
	// subclasses: the registered ones come first and their position is the tag
	subs       []pojoSub
	registered int
	byName     map[string]int // by the bytes of the class name as utf holds them
}

type pojoSub struct {
	class string
	codec Codec
	pojo  *pojoCodec // nil if the subclass is none
}

func compilePojo(s *Snapshot, nested []Codec) (Codec, error) {
	b, ok := s.Body.(*Pojo)
	if !ok {
		return newOpaque(s), nil
	}
	next := func(p PojoPart) Codec {
		if p.Snapshot == nil {
			return newOpaque(&Snapshot{Class: p.Name})
		}
		c := nested[0]
		nested = nested[1:]
		return c
	}
	t := newType(s, KindStruct, variable)
	t.Class, t.Nullable = b.Class, true
	c := &pojoCodec{t: t, byName: map[string]int{}}
	for _, f := range b.Fields {
		fc := next(f)
		t.Fields = append(t.Fields, Field{Name: f.Name, Type: fc.Type()})
		t.Opaque = t.Opaque || fc.Type().Opaque
		c.fields = append(c.fields, fc)
	}
	c.fields = behindFlags(c.fields)
	for _, p := range b.Registered {
		c.addSub(p.Name, next(p))
	}
	c.registered = len(c.subs)
	for _, p := range b.Other {
		c.addSub(p.Name, next(p))
	}
	return c, nil
}

func (c *pojoCodec) addSub(class string, codec Codec) {
	sub := pojoSub{class: class, codec: codec}
	sub.pojo, _ = codec.(*pojoCodec)
	c.t.Subclasses = append(c.t.Subclasses, codec.Type())
	if name, ok := binio.AppendUTF(nil, class); ok {
		c.byName[string(name[2:])] = len(c.subs)
	}
	c.subs = append(c.subs, sub)
}

func (c *pojoCodec) Type() *Type         { return c.t }
func (c *pojoCodec) nullAt(b []byte) int { return startsWith(b, "\x01") }

// header reads flags and, for a subclass, which one.
func (c *pojoCodec) header(r *binio.Reader) (flags byte, sub *pojoSub) {
	switch flags = r.U8(); flags {
	case pojoOwn, pojoNull:
	case pojoSubclass:
		sub = c.subclass(r)
	case pojoRegistered:
		tag := int(r.U8())
		if tag >= c.registered {
			r.Corrupt("tag %d of %d registered subclasses of %s", tag, c.registered, c.t.Class)
			break
		}
		sub = &c.subs[tag]
	default:
		r.Corrupt("flags %#02x of a value of %s", flags, c.t.Class)
	}
	return flags, sub
}

func (c *pojoCodec) subclass(r *binio.Reader) *pojoSub {
	at := r.Offset()
	n := int(r.U16())
	name := r.Bytes(n)
	if i, ok := c.byName[string(name)]; ok {
		return &c.subs[i]
	}
	if r.Err() == nil {
		r.Fail(fault.Unsupported(at, "a value of class %s, which the snapshot of %s does not know", clip(string(name)), c.t.Class).
			WithHint("its serializer was not met before the snapshot was taken"))
	}
	return nil
}

func (c *pojoCodec) Skip(r *binio.Reader) {
	flags, sub := c.header(r)
	switch {
	case r.Err() != nil || flags == pojoNull:
	case sub != nil:
		sub.codec.Skip(r)
	default:
		c.skipFields(r)
	}
}

func (c *pojoCodec) skipFields(r *binio.Reader) {
	for _, f := range c.fields {
		skipFlagged(r, f, false)
	}
}

func (c *pojoCodec) Walk(r *binio.Reader, s Sink) {
	flags, sub := c.header(r)
	switch {
	case r.Err() != nil:
	case flags == pojoNull:
		s.Null()
	case sub == nil:
		c.walkFields(r, s, Form{})
	case sub.pojo != nil:
		sub.pojo.walkAs(r, s, Form{Flags: flags, Class: sub.class})
	default:
		sub.codec.Walk(r, s)
	}
}

// walkAs reads the complete encoding of a subclass inside that of its parent. Flink calls the subclass's serializer for values of just
// that class, so that nothing but its own fields can follow.
func (c *pojoCodec) walkAs(r *binio.Reader, s Sink, form Form) {
	if flags := r.U8(); flags != pojoOwn {
		r.Corrupt("flags %#02x inside a value of %s", flags, c.t.Class)
		return
	}
	c.walkFields(r, s, form)
}

func (c *pojoCodec) walkFields(r *binio.Reader, s Sink, form Form) {
	s.BeginStruct(c.t, form)
	for i, f := range c.fields {
		s.Field(i)
		if r.Bool() {
			s.Null()
		} else {
			f.Walk(r, s)
		}
		if r.Err() != nil {
			return
		}
	}
	s.EndStruct()
}

func (c *pojoCodec) Append(dst []byte, v Value) ([]byte, error) {
	st, ok := v.(Struct)
	switch {
	case v != nil && v.kind() == KindNull:
		return append(dst, pojoNull), nil
	case ok && (st.Form.Class == "" || st.Form.Class == c.t.Class && st.Form.Flags == 0):
		return c.appendFields(append(dst, pojoOwn), v, st)
	case ok:
		return c.appendSub(dst, v, st)
	}
	return c.appendForeign(dst, v)
}

func (c *pojoCodec) appendFields(dst []byte, v Value, st Struct) ([]byte, error) {
	if len(st.Fields) != len(c.fields) {
		return dst, mismatch(c.t, v)
	}
	var err error
	for i, f := range c.fields {
		if dst, err = appendFlagged(dst, f, st.Fields[i], false); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendSub writes a value of a subclass that is a POJO.
func (c *pojoCodec) appendSub(dst []byte, v Value, st Struct) ([]byte, error) {
	for i := range c.subs {
		sub := &c.subs[i]
		flags := byte(pojoSubclass)
		if i < c.registered {
			flags = pojoRegistered
		}
		if sub.class != st.Form.Class || sub.pojo == nil || (st.Form.Flags != 0 && st.Form.Flags != flags) {
			continue
		}
		dst, err := c.appendSubHeader(dst, i)
		if err != nil {
			return dst, err
		}
		return sub.pojo.appendFields(append(dst, pojoOwn), v, st)
	}
	return dst, fault.New(fault.ErrUsage, "a value of class %s, which the snapshot of %s does not know", st.Form.Class, c.t.Class)
}

func (c *pojoCodec) appendSubHeader(dst []byte, i int) ([]byte, error) {
	if i < c.registered {
		return append(dst, pojoRegistered, byte(i)), nil
	}
	return appendName(append(dst, pojoSubclass), c.subs[i].class)
}

// appendForeign writes a value of a subclass that is no POJO: the first whose serializer can write it.
func (c *pojoCodec) appendForeign(dst []byte, v Value) ([]byte, error) {
	raw, isRaw := v.(Raw)
	for i, sub := range c.subs {
		if sub.pojo != nil || (isRaw && raw.Type != sub.codec.Type()) {
			continue
		}
		out, err := c.appendSubHeader(dst, i)
		if err != nil {
			return dst, err
		}
		if out, err = sub.codec.Append(out, v); err == nil {
			return out, nil
		}
	}
	return dst, mismatch(c.t, v)
}

// Hash is not defined: hashCode of a POJO is the user's.
func (c *pojoCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }
