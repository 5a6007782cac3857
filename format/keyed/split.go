package keyed

import (
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
)

// split turns a canonical entry into the normal form.
func (sc *Scanner) split(st *State, f *rawFrame) error {
	e := &sc.e
	e.State, e.NullValue, e.Unsplit, e.Timestamp = &st.State, false, false, 0
	e.Key, e.Namespace, e.UserKey, e.Value, e.Elements = nil, nil, nil, nil, e.Elements[:0]
	r := &sc.r
	r.Reset(f.key[sc.prefix:], 0)
	if st.Kind == entry.Timer {
		splitTimer(r, st, e)
		return ended(r)
	}
	splitKey(r, st, e)
	if err := ended(r); err != nil {
		return err
	}
	r.Reset(f.value, 0)
	splitValue(r, st, e)
	return r.Err()
}

// ended reports the reader's error, or bytes that are left. Offsets within an entry mean nothing to the outside.
func ended(r *binio.Reader) error {
	r.End()
	return r.Err()
}

// splitTimer reads timestamp, key and namespace.
func splitTimer(r *binio.Reader, st *State, e *entry.Entry) {
	if !st.parts {
		e.Key, e.Unsplit = r.Bytes(r.Len()), true
		return
	}
	e.Timestamp = r.I64() ^ math.MinInt64
	splitKnown(r, st, e)
}

// splitKey reads key, namespace and user key, with the lengths after the first two if they are there.
func splitKey(r *binio.Reader, st *State, e *entry.Entry) {
	if st.Key.Type().Opaque || (st.Kind == entry.Map && !st.parts) {
		splitFromEnd(r, st, e)
		return
	}
	splitKnown(r, st, e)
	if st.Kind == entry.Map {
		e.UserKey = r.Bytes(r.Len())
	}
}

// splitKnown reads a key and a namespace whose serializers are known. An opaque one takes the rest.
func splitKnown(r *binio.Reader, st *State, e *entry.Entry) {
	p := r.Pos()
	st.Key.Skip(r)
	e.Key = r.Since(p)
	if st.ambiguous {
		skipLength(r, len(e.Key))
	}
	p = r.Pos()
	st.Namespace.Skip(r)
	if !st.Void {
		e.Namespace = r.Since(p)
	}
	if st.ambiguous {
		skipLength(r, r.Pos()-p)
	}
}

// skipLength moves over a length that was written low byte first until the rest is zero (writeVariableIntBytes), and checks it.
func skipLength(r *binio.Reader, want int) {
	for v := uint32(want); r.Err() == nil; {
		if got := r.U8(); r.Err() == nil && got != byte(v) {
			r.Corrupt("a length byte of %d", got)
			return
		}
		if v >>= 8; v == 0 {
			return
		}
	}
}

// splitFromEnd tells key and namespace apart where the key's serializer is not known but what follows the key has a fixed
// size; else the whole is left together.
func splitFromEnd(r *binio.Reader, st *State, e *entry.Entry) {
	tail, ok := sizeOnDisk(st)
	if st.ambiguous || !ok || tail > r.Len() || (st.Kind == entry.Map && !st.parts) {
		e.Key, e.Unsplit = r.Bytes(r.Len()), true
		return
	}
	e.Key = r.Bytes(r.Len() - tail)
	p := r.Pos()
	st.Namespace.Skip(r)
	if !st.Void {
		e.Namespace = r.Since(p)
	}
	if st.Kind == entry.Map {
		e.UserKey = r.Bytes(r.Len())
	}
}

// sizeOnDisk is the number of bytes of namespace and user key, if they are fixed.
func sizeOnDisk(st *State) (int, bool) {
	n := st.Namespace.Type().Length
	if st.Void {
		n = 1 // says 0, writes 1
	}
	if st.Kind != entry.Map {
		return n, n >= 0
	}
	if st.UserKey == nil || st.UserKey.Type().Length < 0 {
		return 0, false
	}
	return n + st.UserKey.Type().Length, n >= 0
}

// listDelimiter joins the elements of a list (RocksDBListState.DELIMITER).
const listDelimiter = ','

func splitValue(r *binio.Reader, st *State, e *entry.Entry) {
	switch {
	case st.Kind == entry.List && !st.parts:
		e.Value, e.Unsplit = r.Bytes(r.Len()), true
	case st.Kind == entry.List:
		splitElements(r, st, e)
	case st.Kind == entry.Map && !e.Unsplit:
		e.NullValue = r.Bool()
		e.Value = r.Bytes(r.Len())
	default:
		e.Value = r.Bytes(r.Len())
	}
}

// splitElements reads elements with one byte between them. Flink does not look at that byte; its writers put a comma.
func splitElements(r *binio.Reader, st *State, e *entry.Entry) {
	for r.Err() == nil && r.Len() > 0 {
		p := r.Pos()
		st.Value.Skip(r)
		e.Elements = append(e.Elements, r.Since(p))
		if r.Err() != nil || r.Len() == 0 {
			return
		}
		if c := r.U8(); c != listDelimiter {
			r.Corrupt("byte %#02x between list elements", c)
			return
		}
		if r.Len() == 0 {
			r.Corrupt("a list that ends with a delimiter")
		}
	}
}
