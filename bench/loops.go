package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store/file"
)

// runLoop runs one of the loops below over a snapshot and prints what it found, so that nothing is optimized away.
func runLoop(name, path string) error {
	ctx := context.Background()
	snap, err := reader.Open(ctx, file.Store{}, path, reader.Options{})
	if err != nil {
		return err
	}
	if name == "tarn" {
		return walkProfiles(ctx, snap)
	}
	if state, ok := strings.CutPrefix(name, "scan:"); ok {
		return scanState(ctx, snap, state)
	}
	loops := map[string]func(*loop, []byte){"walk": (*loop).walk, "decode": (*loop).decode, "json": (*loop).json}
	do, ok := loops[name]
	if !ok {
		return fmt.Errorf("no loop %q", name)
	}
	l := &loop{}
	for _, op := range snap.Operators {
		for _, p := range op.Parts() {
			if h, ok := p.Handle.(*metadata.KeyGroups); ok && p.Slot == metadata.SlotManagedKeyed {
				if err := l.part(ctx, snap, p, h, do); err != nil {
					return err
				}
			}
		}
	}
	fmt.Println(l.entries, l.sum)
	return nil
}

// loop knows just the benchmark's data: the canonical layout, a POJO of a list of strings, a string, a double and a long.
type loop struct {
	group   []byte // bytes of a key group, uncompressed
	raw     []byte // compressed
	out     []byte // JSON
	snappy  frame.Reader
	profile int // number of the state
	entries int
	sum     uint64
}

// part reads the key groups of one handle, each with one read, and gives them to do.
func (l *loop) part(ctx context.Context, snap *reader.Snapshot, p reader.Part, h *metadata.KeyGroups, do func(*loop, []byte)) error {
	obj, err := snap.OpenStream(ctx, h.Stream)
	if err != nil {
		return err
	}
	defer obj.Close()
	s, err := keyed.Open(obj, obj.Size(), keyed.Handle{Range: h.Range, Offsets: h.Offsets, MaxParallelism: p.Operator.Meta.MaxParallelism, Savepoint: true}, nil)
	if err != nil {
		return err
	}
	for i := range s.States {
		if s.States[i].Name == "profile" {
			l.profile = i
		}
	}
	for g := h.Range.First; g <= h.Range.Last; g++ {
		n := s.Size(g)
		if n == 0 {
			continue
		}
		if int64(cap(l.raw)) < n {
			l.raw = make([]byte, n+n/4)
		}
		b := l.raw[:n]
		if _, err := obj.ReadAt(b, h.Offsets[g-h.Range.First]); err != nil && err != io.EOF {
			return err
		}
		if s.Header.Compressed {
			if b, err = l.uncompress(b); err != nil {
				return err
			}
		}
		do(l, b)
	}
	return nil
}

// uncompress decodes the chunks of a framed stream, as Flink does: without looking at checksums.
func (l *loop) uncompress(b []byte) ([]byte, error) {
	if l.group == nil {
		l.group = make([]byte, 64<<20)
	}
	l.snappy.SkipChecksums = true
	l.snappy.ResetBytes(b, 0)
	n := 0
	for {
		d, err := l.snappy.DecodeInto(l.group[n:])
		if err == io.EOF {
			return l.group[:n], nil
		}
		if err != nil {
			return nil, err
		}
		n += d
	}
}

// each calls f with the frames of a key group.
func (l *loop) each(b []byte, f func(state int, key, value []byte)) {
	state := int(binary.BigEndian.Uint16(b))
	for at := 2; ; {
		k := int(binary.BigEndian.Uint32(b[at:]))
		key := b[at+4 : at+4+k]
		at += 4 + k
		v := int(binary.BigEndian.Uint32(b[at:]))
		f(state, key, b[at+4:at+4+v])
		at += 4 + v
		if key[0]&0x80 != 0 {
			state = int(binary.BigEndian.Uint16(b[at:]))
			at += 2
			if state == 0xFFFF {
				return
			}
		}
	}
}

func (l *loop) walk(b []byte) {
	l.each(b, func(_ int, key, value []byte) {
		l.entries++
		l.sum += uint64(len(key) + len(value))
	})
}

// fields takes a profile apart: flags, then each field after its null flag.
func fields(v []byte) (labels []byte, count int, name []byte, score float64, updated int64) {
	at := 2
	count = int(binary.BigEndian.Uint32(v[at:]))
	at += 4
	first := at
	for range count {
		at += int(v[at])
	}
	labels = v[first:at]
	at++
	name = v[at+1 : at+int(v[at])]
	at += int(v[at]) + 1
	score = math.Float64frombits(binary.BigEndian.Uint64(v[at:]))
	updated = int64(binary.BigEndian.Uint64(v[at+9:]))
	return labels, count, name, score, updated
}

func (l *loop) decode(b []byte) {
	l.each(b, func(state int, _, value []byte) {
		if state != l.profile {
			return
		}
		labels, count, name, score, updated := fields(value)
		l.entries++
		l.sum += uint64(len(labels)+count+len(name)) + math.Float64bits(score) + uint64(updated)
	})
}

func (l *loop) json(b []byte) {
	l.each(b, func(state int, key, value []byte) {
		if state != l.profile {
			return
		}
		labels, count, name, score, updated := fields(value)
		o := append(l.out[:0], `{"kg":`...)
		o = strconv.AppendInt(o, int64(key[0]&0x7F), 10)
		o = append(o, `,"key":"`...)
		o = append(o, key[2:1+int(key[1])]...)
		o = append(o, `","value":{"labels":[`...)
		for i, at := 0, 0; i < count; i++ {
			if i > 0 {
				o = append(o, ',')
			}
			o = append(o, '"')
			o = append(o, labels[at+1:at+int(labels[at])]...)
			o = append(o, '"')
			at += int(labels[at])
		}
		o = append(o, `],"name":"`...)
		o = append(o, name...)
		o = append(o, `","score":`...)
		o = strconv.AppendFloat(o, score, 'g', -1, 64)
		o = append(o, `,"updated":`...)
		o = strconv.AppendInt(o, updated, 10)
		l.out = append(o, "}}\n"...)
		l.entries++
		l.sum += uint64(len(l.out))
	})
}

// walkProfiles decodes the same state with tarn's own codecs.
func walkProfiles(ctx context.Context, snap *reader.Snapshot) error {
	sel := reader.Selection{State: func(s *entry.State) bool { return s.Name == "profile" }}
	var c counter
	var r binio.Reader
	err := snap.Scan(ctx, sel, 1, func(_ int, t *reader.Task) error {
		t.Each(func(e *entry.Entry) bool {
			r.Reset(e.Value, 0)
			e.State.Value.Walk(&r, &c)
			c.entries++
			return r.Err() == nil
		})
		return r.Err()
	})
	fmt.Println(c.entries, c.sum)
	return err
}

// counter is a sink that looks at every value.
type counter struct {
	entries int
	sum     uint64
}

func (c *counter) Null()                               {}
func (c *counter) Bool(bool)                           { c.sum++ }
func (c *counter) Int(v int64)                         { c.sum += uint64(v) }
func (c *counter) Float32(v float32)                   { c.sum += uint64(math.Float32bits(v)) }
func (c *counter) Float64(v float64)                   { c.sum += math.Float64bits(v) }
func (c *counter) Char(u uint16)                       { c.sum += uint64(u) }
func (c *counter) Text(b []byte)                       { c.sum += uint64(len(b)) }
func (c *counter) Bytes(b []byte)                      { c.sum += uint64(len(b)) }
func (c *counter) Integer(v serde.Integer)             { c.sum += uint64(len(v.Unscaled)) }
func (c *counter) Decimal(v serde.Decimal)             { c.sum += uint64(len(v.Unscaled)) }
func (c *counter) Time(v serde.Time)                   { c.sum += uint64(v.Seconds) }
func (c *counter) Enum(v serde.Enum)                   { c.sum += uint64(v.Index) }
func (c *counter) BeginList(_ *serde.Type, n int)      { c.sum += uint64(n) }
func (c *counter) EndList()                            {}
func (c *counter) BeginMap(_ *serde.Type, n int)       { c.sum += uint64(n) }
func (c *counter) EndMap()                             {}
func (c *counter) BeginStruct(*serde.Type, serde.Form) {}
func (c *counter) Field(int)                           {}
func (c *counter) EndStruct()                          {}
func (c *counter) Raw(_ *serde.Type, b []byte)         { c.sum += uint64(len(b)) }
