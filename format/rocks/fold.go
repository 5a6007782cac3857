package rocks

import "github.com/tarn-project/tarn/format/fault"

// folded is what the versions of one key come to: a base value, if there is one, and the merge operands that are newer than
// it. Flink's list state appends by merging: its value is the base and all operands, in that order.
type folded struct {
	value    []byte
	hasValue bool
	operands [][]byte

	arena []byte // bytes of operands and of a base value below them
	spans []span // operands in arena, newest first
}

type span struct{ from, to int }

// HasValue reports whether there is a base value: the newest put that no deletion hides. Without one there are operands.
func (f *folded) HasValue() bool { return f.hasValue }

// Value is the base value.
func (f *folded) Value() []byte { return f.value }

// Operands are the merge operands on top of the base value, oldest first.
func (f *folded) Operands() [][]byte { return f.operands }

// AppendJoined appends base value and operands with a delimiter between them: what StringAppendOperator makes, which Flink sets on
// every column family with the delimiter ','.
func (f *folded) AppendJoined(dst []byte, delimiter byte) []byte {
	if f.hasValue {
		dst = append(dst, f.value...)
	}
	for i, op := range f.operands {
		if i > 0 || f.hasValue {
			dst = append(dst, delimiter)
		}
		dst = append(dst, op...)
	}
	return dst
}

func (f *folded) reset() {
	f.value, f.hasValue = nil, false
	f.operands, f.arena, f.spans = f.operands[:0], f.arena[:0], f.spans[:0]
}

// add takes the next older version of the key and says whether still older ones matter. val is copied.
func (f *folded) add(kind Kind, val []byte) (more bool, err error) {
	switch kind {
	case KindMerge:
		f.keep(val)
		return true, nil
	case KindPut:
		f.keep(val)
		f.hasValue = true
		return false, nil
	case KindDelete, KindSingleDelete:
		return false, nil
	}
	return false, fault.New(fault.ErrUnsupported, "an entry of kind %q", kind)
}

func (f *folded) keep(val []byte) {
	from := len(f.arena)
	f.arena = append(f.arena, val...)
	f.spans = append(f.spans, span{from, len(f.arena)})
}

// finish gives the slices their final places. It reports whether the key is visible.
func (f *folded) finish() bool {
	n := len(f.spans)
	if f.hasValue {
		n--
		f.value = f.bytes(f.spans[n])
	}
	for i := n - 1; i >= 0; i-- {
		f.operands = append(f.operands, f.bytes(f.spans[i]))
	}
	return f.hasValue || n > 0
}

func (f *folded) bytes(s span) []byte { return f.arena[s.from:s.to:s.to] }
