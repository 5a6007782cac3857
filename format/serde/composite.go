package serde

import (
	"github.com/tarn-project/tarn/format/binio"
)

// Magic numbers of CompositeTypeSerializerSnapshot and NestedSerializersSnapshotDelegate, equal since Flink 1.7.
const (
	compositeMagic = 911108
	nestedMagic    = 1333245
	nestedVersion  = 1
	// versions up to this one lack magic and outer version; the outer version is then the snapshot's own
	lastLegacyComposite = 2
	currentComposite    = 3
)

// Composite is the body of CompositeTypeSerializerSnapshot: most serializers that contain others.
type Composite struct {
	OuterVersion int32
	Outer        []byte // the outer snapshot's own fields
	Nested       []*Snapshot
}

func (b *Composite) nested() []*Snapshot { return b.Nested }

// AppendBody writes the body.
func (b *Composite) AppendBody(dst []byte, version int32) ([]byte, error) {
	if version > lastLegacyComposite {
		dst = binio.AppendI32(dst, compositeMagic)
		dst = binio.AppendI32(dst, b.OuterVersion)
	}
	dst = append(dst, b.Outer...)
	return appendNested(dst, b.Nested)
}

// readComposite reads a composite body; outer moves over the outer snapshot's fields.
func readComposite(c *Context, r *binio.Reader, version int32, outer func(r *binio.Reader, version int32)) *Composite {
	b := &Composite{OuterVersion: version}
	if version > currentComposite {
		r.Unsupported("composite version %d", version)
	}
	if version > lastLegacyComposite {
		r.Field("composite magic").Expect(compositeMagic)
		b.OuterVersion = r.Field("outer version").I32()
	}
	start := r.Pos()
	if r.Err() == nil {
		outer(r, b.OuterVersion)
	}
	if r.Err() == nil {
		b.Outer = r.Since(start)
	}
	b.Nested = readNested(c, r)
	return b
}

// readNested reads NestedSerializersSnapshotDelegate.
func readNested(c *Context, r *binio.Reader) []*Snapshot {
	r.Field("nested serializers magic").Expect(nestedMagic)
	r.Field("nested serializers version").Expect(nestedVersion)
	n := r.Field("number of nested serializers").Count(6)
	out := make([]*Snapshot, 0, min(n, 64))
	for i := 0; i < n && r.Err() == nil; i++ {
		out = append(out, c.ReadSnapshot(r))
	}
	return out
}

func appendNested(dst []byte, nested []*Snapshot) ([]byte, error) {
	dst = binio.AppendI32(dst, nestedMagic)
	dst = binio.AppendI32(dst, nestedVersion)
	dst = binio.AppendI32(dst, int32(len(nested)))
	var err error
	for _, s := range nested {
		if dst, err = AppendSnapshot(dst, s); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Readers of the outer fields that composites have.

func noOuter(*binio.Reader, int32) {}

func outerClass(r *binio.Reader, _ int32) { r.Field("class").UTF() }

func outerBool(r *binio.Reader, _ int32) { r.Field("flag").Bool() }

// upTo refuses outer versions that no Flink has written when fields was made: their fields are not known.
func upTo(max int32, fields func(r *binio.Reader, version int32)) func(r *binio.Reader, version int32) {
	return func(r *binio.Reader, version int32) {
		if version < 0 || version > max {
			r.Unsupported("outer version %d", version)
			return
		}
		fields(r, version)
	}
}

// composite makes the Read of a family of composites.
func composite(max int32, fields func(r *binio.Reader, version int32)) func(*Context, *binio.Reader, *Snapshot) Body {
	return func(c *Context, r *binio.Reader, s *Snapshot) Body {
		if s.Version <= lastLegacyComposite {
			return readComposite(c, r, s.Version, fields)
		}
		return readComposite(c, r, s.Version, upTo(max, fields))
	}
}

// outerReader reads the outer fields of s again, which were checked when it was read.
func outerReader(s *Snapshot) *binio.Reader {
	if b, ok := s.Body.(*Composite); ok {
		return binio.NewReader(b.Outer, 0)
	}
	return binio.NewReader(nil, 0)
}
