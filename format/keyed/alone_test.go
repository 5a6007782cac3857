package keyed

import (
	"bytes"
	"slices"
	"testing"

	"github.com/tarn-project/tarn/format/keygroup"
)

// Without its handle a stream is found to have the layout and the key groups that the handle says.
func TestAlone(t *testing.T) {
	n := 0
	eachReal(t, func(t *testing.T, r real) {
		if r.raw {
			return
		}
		with, err := Open(bytes.NewReader(r.b), int64(len(r.b)), r.handle, nil)
		if err != nil {
			return
		}
		s, err := OpenAlone(bytes.NewReader(r.b), int64(len(r.b)), nil)
		if s == nil {
			t.Errorf("%s: %v", r.name, err)
			return
		}
		if err != nil {
			return // an unknown serializer ends the walk
		}
		if s.Layout != with.Layout || s.HeaderLen != with.HeaderLen {
			t.Errorf("layout %v, header of %d bytes; with its handle %v, %d", s.Layout, s.HeaderLen, with.Layout, with.HeaderLen)
			return
		}
		if s.Layout == Canonical && s.Range().Len() > 0 && keygroup.PrefixLen(s.h.MaxParallelism) != keygroup.PrefixLen(r.handle.MaxParallelism) {
			t.Errorf("key groups of %d bytes", keygroup.PrefixLen(s.h.MaxParallelism))
			return
		}
		for g := r.handle.Range.First; g <= r.handle.Range.Last; g++ {
			if got, want := s.Size(g), with.Size(g); got != want {
				t.Errorf("key group %d of %d bytes, with its handle %d", g, got, want)
			}
		}
		if got, want := rows(s), rows(with); !slices.Equal(got, want) {
			t.Errorf("%d rows, with its handle %d", len(got), len(want))
		}
		n++
	})
	if n < 100 {
		t.Errorf("%d streams", n)
	}
	t.Logf("%d streams", n)
}
