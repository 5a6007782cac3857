package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// TTL. TtlSerializer puts the last-access time before the user's value: i8 milliseconds since 1970, value. There is no flag for a null
// value: it is up to the value's serializer, which Flink makes nullable by wrapping where it has to. The snapshot holds the
// serializers of both parts; the duration is not in it.
//
// TtlAwareSerializer (Flink 2.0 and newer) wraps any state serializer so that switching TTL on or off can be told and migrated. It
// changes no bytes. Snapshot: bool TTL is on, versioned snapshot of what it wraps.

func ttlFamilies() []Family {
	return []Family{{
		Classes: []string{
			"org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot",
			"org.apache.flink.runtime.state.v2.ttl.TtlStateFactory$TtlSerializerSnapshot", // 2.0
		},
		Read:    composite(2, noOuter),
		Compile: compileTTL,
	}, {
		Classes: []string{"org.apache.flink.runtime.state.ttl.TtlAwareSerializerSnapshot"},
		Read:    readTTLAware,
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			if err := arity(s, nested, 1); err != nil {
				return nil, err
			}
			t := *nested[0].Type()
			t.TTLAware = true
			return &alias{nested[0], &t}, nil
		},
	}}
}

func compileTTL(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 2); err != nil {
		return nil, err
	}
	if nested[0].Type().Kind != KindInt64 {
		return nil, fault.New(fault.ErrUnsupported, "a last-access time of type %s", nested[0].Type()).WithExpected("long")
	}
	return newProduct(newType(s, KindTTL, lengthSum(nested)), []string{"ttlTs", "value"}, nested), nil
}

// ttlAware is the body of a TtlAwareSerializerSnapshot.
type ttlAware struct {
	on      bool
	wrapped *Snapshot
}

func readTTLAware(c *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 1 {
		unknownVersion(r, s)
		return nil
	}
	return &ttlAware{on: r.Field("TTL is on").Bool(), wrapped: c.ReadSnapshot(r)}
}

func (b *ttlAware) nested() []*Snapshot { return []*Snapshot{b.wrapped} }

func (b *ttlAware) AppendBody(dst []byte, _ int32) ([]byte, error) {
	return AppendSnapshot(binio.AppendBool(dst, b.on), b.wrapped)
}
