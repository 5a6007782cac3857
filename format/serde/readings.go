package serde

import (
	"maps"

	"github.com/tarn-project/tarn/format/binio"
)

// Readings compiles a snapshot in every way that its writer may have meant, the likeliest first: there is one, but two where it holds
// a Row of outer version 3, which its writers (Flink 1.11 and a few after it) put into their snapshots also when the rows have no row
// kind. Choose tells which one fits the values.
func (reg *Registry) Readings(s *Snapshot) ([]Codec, error) {
	c, err := reg.Compile(s)
	if err != nil || !hasAmbiguousRow(s) {
		return []Codec{c}, err
	}
	plain := &Registry{families: maps.Clone(reg.families)}
	f := rowFamily(rowAmbiguous + 1)
	plain.families[rowSnapshot] = &f
	other, err := plain.Compile(s)
	return []Codec{c, other}, err
}

func hasAmbiguousRow(s *Snapshot) bool {
	if b, ok := s.Body.(*Composite); ok && s.Class == rowSnapshot && b.OuterVersion == rowAmbiguous {
		return true
	}
	for _, n := range s.Nested() {
		if hasAmbiguousRow(n) {
			return true
		}
	}
	return false
}

// Choose gives the first codec that reads each of the values to its last byte, or the first of all if none does.
func Choose(readings []Codec, values ...[]byte) Codec {
	for _, c := range readings[:len(readings)-1] {
		if readsAll(c, values) {
			return c
		}
	}
	if last := readings[len(readings)-1]; readsAll(last, values) {
		return last
	}
	return readings[0]
}

func readsAll(c Codec, values [][]byte) bool {
	for _, b := range values {
		r := binio.NewReader(b, 0)
		var sink Builder
		c.Walk(r, &sink)
		if r.End(); r.Err() != nil {
			return false
		}
	}
	return true
}
