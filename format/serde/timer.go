package serde

import (
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/keygroup"
)

// TimerSerializer: u8 timestamp with its sign bit flipped, so that timers sort by their bytes; key; namespace. The snapshot holds the
// serializers of key and namespace.

const noteTimer = "timer"

func timerFamilies() []Family {
	return []Family{{
		Classes: []string{"org.apache.flink.streaming.api.operators.TimerSerializerSnapshot"},
		Read:    composite(2, noOuter),
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			if err := arity(s, nested, 2); err != nil {
				return nil, err
			}
			t := newType(s, KindStruct, timerLength(nested))
			t.Note = noteTimer
			parts := []Codec{timestampCodec(), nested[0], nested[1]}
			c := newProduct(t, []string{"timestamp", "key", "namespace"}, parts)
			// TimerHeapInternalTimer.hashCode
			c.hash = foldFields
			return c, nil
		},
	}}
}

func timerLength(nested []Codec) int {
	if n := lengthSum(nested); n >= 0 {
		return 8 + n
	}
	return variable
}

// timestampCodec is a long with its sign bit flipped.
func timestampCodec() Codec {
	read := func(r *binio.Reader) int64 { return r.I64() ^ math.MinInt64 }
	return &scalar{
		t:    &Type{Kind: KindInt64, Length: 8},
		size: 8,
		walk: func(r *binio.Reader, s Sink) { s.Int(read(r)) },
		put: func(dst []byte, v Value) ([]byte, bool) {
			i, ok := v.(Int)
			return binio.AppendI64(dst, int64(i)^math.MinInt64), ok
		},
		hash: func(r *binio.Reader) int32 { return keygroup.Long(read(r)) },
	}
}
