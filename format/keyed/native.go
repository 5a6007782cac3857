package keyed

import (
	"encoding/binary"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Splitter turns composite keys and values, as RocksDB and ForSt keep them and as the canonical layout took them over, into
// entries. It keeps its memory from one to the next, and is not safe for concurrent use.
type Splitter struct {
	prefix int
	r      binio.Reader
	e      entry.Entry
	joined []byte
}

// NewSplitter makes a splitter for keys of an operator of this max parallelism.
func NewSplitter(maxParallelism int) *Splitter {
	return &Splitter{prefix: keygroup.PrefixLen(maxParallelism)}
}

// Group gives the key group of a composite key; ok is false if the key is too short to have one.
func (s *Splitter) Group(key []byte) (group int, ok bool) {
	if len(key) < s.prefix {
		return 0, false
	}
	return groupOf(key, s.prefix), true
}

// Split takes a composite key and the pieces of its value apart. There is one piece, except of lists: RocksDB appends to those by
// merging, so that a list is its base value and operands, each one or more elements with delimiters between them. The entry
// and its slices are valid until the next call, and as long as key and pieces are.
func (s *Splitter) Split(st *State, key []byte, pieces ...[]byte) (*entry.Entry, error) {
	e, r := &s.e, &s.r
	group, ok := s.Group(key)
	if !ok {
		return nil, fault.New(fault.ErrCorrupt, "a key of %d bytes", len(key)).WithExpected("a key group of %d", s.prefix)
	}
	*e = entry.Entry{State: &st.State, KeyGroup: group, Elements: e.Elements[:0]}
	r.Reset(key[s.prefix:], 0)
	splitKey(r, st, e)
	if r.End(); r.Err() != nil {
		return nil, r.Err()
	}
	if st.Kind == entry.Timer {
		return e, nil
	}
	if len(pieces) != 1 && !(st.Kind == entry.List && st.parts) {
		pieces = [][]byte{s.join(pieces)}
	}
	for _, p := range pieces {
		r.Reset(p, 0)
		splitValue(r, st, e)
		if err := r.Err(); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (s *Splitter) join(pieces [][]byte) []byte {
	s.joined = s.joined[:0]
	for i, p := range pieces {
		if i > 0 {
			s.joined = append(s.joined, listDelimiter)
		}
		s.joined = append(s.joined, p...)
	}
	return s.joined
}

// AppendGroupPrefix appends what the composite keys of a key group begin with. One group more than there are is possible: it
// gives an upper bound.
func AppendGroupPrefix(dst []byte, group, maxParallelism int) []byte {
	if keygroup.PrefixLen(maxParallelism) == 1 {
		return append(dst, byte(group))
	}
	return binary.BigEndian.AppendUint16(dst, uint16(group))
}

// AppendKeyPrefix appends what the composite keys of a key begin with, given the key as its serializer writes it. whole says
// that this is all of the only composite key that there can be. Composite keys of timers begin with their time: ok is false.
func AppendKeyPrefix(dst []byte, st *State, group, maxParallelism int, key []byte) (prefix []byte, whole, ok bool) {
	if st.Kind == entry.Timer {
		return dst, false, false
	}
	dst = append(AppendGroupPrefix(dst, group, maxParallelism), key...)
	if st.ambiguous && !st.Key.Type().Opaque { // an unknown serializer may be of fixed length after all
		dst = appendLength(dst, len(key))
	}
	if st.Void && st.Kind != entry.Map && !st.ambiguous {
		return append(dst, 0), true, true
	}
	return dst, false, true
}

// Divisible reports whether keys, namespaces, map entries and list elements of the state can be told apart.
func (s *State) Divisible() bool {
	switch s.Kind {
	case entry.Timer, entry.Map, entry.List:
		if !s.parts {
			return false
		}
	}
	return s.delimited()
}
