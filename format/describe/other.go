package describe

import (
	"errors"
	"fmt"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/channel"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/opstate"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

func traceOperator(c *serde.Context, r *binio.Reader) { opstate.DecodeHeader(c, r) }

// operatorStream prints the header of operator state, then the elements where one state has them all: where those of several begin, only
// the handle says.
func (f *file) operatorStream() error {
	n := min(f.size, maxHeader)
	b, err := f.bytes(0, n)
	if err != nil {
		return err
	}
	c := serde.NewContext(nil)
	r := binio.NewReader(b, 0)
	h := opstate.DecodeHeader(c, r)
	end := int64(r.Pos())
	if r.Err() != nil {
		if resolved, err := opstate.ReadHeader(c, b, 0); err == nil { // nothing but a header
			h, end = resolved, f.size
		}
	}
	if err := f.header(end, traceOperator); err != nil {
		return err
	}
	if end == f.size {
		return nil
	}
	if len(h.Lists)+len(h.Broadcast) != 1 || h.Compressed {
		f.p.Leaf(end, nil, fmt.Sprintf("%d bytes of %d states: where each element begins, the handle in _metadata says", f.size-end, len(h.Lists)+len(h.Broadcast)), nil)
		if h.Compressed {
			return f.chunks(end, f.size, false)
		}
		return nil
	}
	if len(h.Broadcast) == 1 {
		return f.broadcast(&h.Broadcast[0], end)
	}
	return f.elements(&h.Lists[0], end)
}

func (f *file) codec(i *statemeta.Info, key string) (serde.Codec, error) {
	s := i.Serializer(key)
	if s == nil {
		return nil, fault.New(fault.ErrCorrupt, "no %s", key)
	}
	return serde.BuiltinRegistry().Compile(s)
}

// elements prints a list that reaches to the end of the stream.
func (f *file) elements(i *statemeta.Info, at int64) error {
	c, err := f.codec(i, statemeta.SerializerValue)
	if err != nil {
		return err
	}
	f.p.Enter(at, fmt.Sprintf("state %q, elements", i.Name))
	defer f.p.Leave(f.size)
	for n := 0; at < f.size && f.v.More(); n++ {
		b, err := f.one(at, c.Skip)
		if err != nil {
			return err
		}
		if len(b) == 0 {
			return fault.Corrupt(at, "elements without bytes")
		}
		f.v.Value(at, b, fmt.Sprintf("element %d", n), c)
		at += int64(len(b))
	}
	return nil
}

// broadcast prints a map that reaches to the end of the stream.
func (f *file) broadcast(i *statemeta.Info, at int64) error {
	key, err := f.codec(i, statemeta.SerializerKey)
	if err != nil {
		return err
	}
	value, err := f.codec(i, statemeta.SerializerValue)
	if err != nil {
		return err
	}
	f.p.Enter(at, fmt.Sprintf("state %q, a map", i.Name))
	defer f.p.Leave(f.size)
	b, err := f.one(at, func(r *binio.Reader) { r.I32() })
	if err != nil {
		return err
	}
	f.p.Field(at, b, "number of entries", binio.ShapeNumber)
	for at += 4; at < f.size && f.v.More(); {
		for _, part := range []struct {
			label string
			c     serde.Codec
		}{{"key", key}, {"value", value}} {
			b, err := f.one(at, part.c.Skip)
			if err != nil {
				return err
			}
			f.v.Value(at, b, part.label, part.c)
			at += int64(len(b))
		}
	}
	return nil
}

// one gives the bytes at an offset that read reads, with more and more of the file until they suffice.
func (f *file) one(at int64, read func(r *binio.Reader)) ([]byte, error) {
	for n := int64(4 << 10); ; n *= 4 {
		n = min(n, f.size-at)
		b, err := f.bytes(at, n)
		if err != nil {
			return nil, err
		}
		r := binio.NewReader(b, at)
		read(r)
		if err := r.Err(); err == nil {
			return r.Since(0), nil
		} else if n == f.size-at || !errors.Is(err, fault.ErrTruncated) {
			return nil, err
		}
	}
}

// isChannel: i4 0, then blocks that fill the file. One of them holds something: zeros alone are no in-flight data.
func isChannel(f *file, head []byte) bool {
	s, err := channel.Open(f.src, f.size)
	if err != nil || f.size == channel.HeaderSize {
		return false
	}
	if metadata.IsMetadata(head) {
		return false
	}
	some := false
	err = s.All(func(b channel.Block) bool {
		some = some || len(b.Data) > 0
		return true
	})
	return err == nil && some
}

// channelStream prints in-flight data: blocks, and the stream elements that a block by itself is made of.
func (f *file) channelStream() error {
	s, err := channel.Open(f.src, f.size)
	if err != nil {
		return err
	}
	f.p.Enter(0, "in-flight data; which block belongs to which channel, _metadata says")
	defer f.p.Leave(f.size)
	f.p.Field(0, []byte{0, 0, 0, 0}, "version", binio.ShapeNumber)
	return s.All(func(b channel.Block) bool {
		f.p.Enter(b.Offset, "block")
		defer f.p.Leave(b.Offset + channel.HeaderSize + int64(len(b.Data)))
		f.p.Field(b.Offset, binio.AppendI32(nil, int32(len(b.Data))), "length", binio.ShapeNumber)
		f.block(b)
		return !f.v.cut
	})
}

func (f *file) block(b channel.Block) {
	at := b.Offset + channel.HeaderSize
	cut := channel.Split(b.Data, true)
	if n := len(cut.Head); n > 0 {
		f.p.Leaf(at, cut.Head, "the end of an element that began before, or no element", nil)
		at += int64(n)
	}
	for _, e := range cut.Elements {
		if !f.v.More() {
			return
		}
		f.element(at, e)
		at += 4 + int64(len(e))
	}
	if len(cut.Tail) > 0 {
		f.p.Leaf(at, cut.Tail, "the beginning of an element", nil)
	}
}

func (f *file) element(at int64, b []byte) {
	f.p.Field(at, binio.AppendI32(nil, int32(len(b))), "element length", binio.ShapeNumber)
	at += 4
	e, _ := channel.ParseElement(b)
	f.p.Leaf(at, b[:1], "element: "+e.Tag.String(), nil)
	rest := b[1:]
	if n := len(rest) - len(e.Value); n == 8 {
		f.p.Leaf(at+1, rest[:8], "timestamp", fmt.Appendf(nil, "%d", e.Timestamp))
		at, rest = at+8, rest[8:]
	}
	if len(rest) > 0 {
		f.p.Leaf(at+1, rest, "content, in a serializer that snapshots do not contain", nil)
	}
}
