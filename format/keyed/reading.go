package keyed

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/serde"
)

// sampleEntries is how many entries are looked at to choose between two readings of a header.
const sampleEntries = 2000

// chooseReading decides between the readings of serializers that have two (see serde's Readings): the other one is taken if the first
// does not fit the values and the other does. One writer wrote all states, so one decision is for all.
func (s *Stream) chooseReading() {
	if s.others == nil || s.fits() {
		return
	}
	s.States, s.others = s.others, s.States
	if !s.fits() {
		s.States, s.others = s.others, s.States
	}
}

// fits reports whether the first entries can be read to the last byte of each part.
func (s *Stream) fits() bool {
	sc := s.NewScanner()
	defer sc.Close()
	left, ok := sampleEntries, true
	for g := s.h.Range.First; g <= s.h.Range.Last && left > 0 && ok; g++ {
		err := sc.Scan(g, nil, func(e *entry.Entry) bool {
			left--
			ok = entryFits(e)
			return ok && left > 0
		})
		ok = ok && err == nil
	}
	return ok
}

func entryFits(e *entry.Entry) bool {
	st := e.State
	ok := walks(st.Key, e.Key)
	if e.Namespace != nil {
		ok = ok && walks(st.Namespace, e.Namespace)
	}
	if e.UserKey != nil {
		ok = ok && walks(st.UserKey, e.UserKey)
	}
	for _, elem := range e.Elements {
		ok = ok && walks(st.Value, elem)
	}
	if st.Kind != entry.Timer && !e.NullValue && (st.Kind != entry.List || e.Value != nil) {
		ok = ok && walks(st.Value, e.Value)
	}
	return ok
}

// walks reports whether b is one value of c.
func walks(c serde.Codec, b []byte) bool {
	if c == nil {
		return true
	}
	r := binio.NewReader(b, 0)
	var values serde.Builder
	c.Walk(r, &values)
	r.End()
	return r.Err() == nil
}
