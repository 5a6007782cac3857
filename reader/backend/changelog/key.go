package changelog

import (
	"bytes"
	"errors"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
	"github.com/tarn-project/tarn/reader/backend"
)

// A log describes states without the serializer of their keys: Flink takes that from the job. Before the first materialization it is
// found in the timer queues, if the operator has any, or else by trying.

const basic = "org.apache.flink.api.common.typeutils.base."

// keyCandidates are the types of keys that are tried, the likeliest first. The key group, which follows from a key's hash code,
// decides between them. Types that have bytes and hash codes of another one cannot be told from it: a double and a date are taken for
// a long, a float for an int.
var keyCandidates = []string{"String", "Long", "Int", "Short", "Byte", "Boolean", "Char", "BigInt", "BigDec", "Instant", "LocalDate", "LocalDateTime", "LocalTime"}

// keySerializer finds the serializer of the keys.
func (s *source) keySerializer(families *serde.Registry) (*serde.Snapshot, error) {
	for i := range s.header.States {
		if info := &s.header.States[i]; info.Type == statemeta.PriorityQueue {
			if snap := info.Serializer(statemeta.SerializerValue); snap != nil && len(snap.Nested()) == 2 { // TimerSerializer
				return snap.Nested()[0], nil
			}
		}
	}
	if len(s.runs) == 0 {
		return &serde.Snapshot{Class: basic + "StringSerializer$StringSerializerSnapshot", Version: 3}, nil // no key to be wrong about
	}
	for _, name := range keyCandidates {
		snap := &serde.Snapshot{Class: basic + name + "Serializer$" + name + "SerializerSnapshot", Version: 3}
		header := keyed.Header{Version: keyed.HeaderVersion, Key: snap, States: s.header.States}
		if states, err := header.Compile(families); err == nil && s.fits(states) {
			return snap, nil
		}
	}
	return &serde.Snapshot{Class: "(not in the changelog)", Body: &serde.Unknown{}}, fault.New(fault.ErrUnsupported, "a changelog without a materialized part names no serializer of the keys, and they are of no basic type").
		WithHint("the next materialization, or a savepoint, holds it")
}

// enough is how many changes make a candidate certain.
const enough = 1000

// fits reports whether changes parse with the states' key codec, and their keys belong to their key groups.
func (s *source) fits(states []backend.State) bool {
	seen, ok := 0, true
	for g := s.h.Range.First; g <= s.h.Range.Last && ok && seen < enough; g++ {
		for i := range s.runs[g] {
			r := &s.runs[g][i]
			err := r.each(func(b []byte) {
				c, err := changelog.DecodeChange(b, 0)
				id, known := r.ids[c.State]
				if err != nil || !known || !ok || seen >= enough {
					return
				}
				seen++
				ok = s.fitsChange(&states[id], c, g)
			})
			if err != nil {
				return false
			}
		}
	}
	return ok && seen > 0
}

func (s *source) fitsChange(st *backend.State, c changelog.Change, group int) bool {
	if st.Kind == entry.Timer {
		return true
	}
	r := binio.NewReader(c.Payload, 0)
	hash, ok := st.Key.Hash(r)
	if !ok || r.Err() != nil || keygroup.Of(hash, s.max) != group {
		return false
	}
	var p parser
	p.begin(st, c)
	p.payload(c.Op)
	return p.err() == nil || errors.Is(p.err(), fault.ErrUnsupported) // a value of an unknown class says nothing against the key
}

func sameSnapshot(a, b *serde.Snapshot) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, errX := serde.AppendSnapshot(nil, a)
	y, errY := serde.AppendSnapshot(nil, b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
