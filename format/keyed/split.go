package keyed

import (
	"errors"
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// split turns a canonical entry into the normal form.
func (sc *Scanner) split(st *State, f *rawFrame) error {
	e := &sc.e
	e.State, e.NullValue, e.Unsplit, e.Timestamp = &st.State, false, false, 0
	e.Key, e.Namespace, e.UserKey, e.Value, e.Elements = nil, nil, nil, nil, e.Elements[:0]
	r := &sc.r
	r.Reset(f.key[sc.prefix:], f.at+int64(4+sc.prefix))
	splitKey(r, st, e)
	if endless(r) {
		e.Key, e.Namespace, e.UserKey, e.Unsplit = f.key[sc.prefix:], nil, nil, true
		if st.Kind == entry.Timer && st.parts {
			e.Key = e.Key[8:] // the time was read
		}
	} else if r.End(); r.Err() != nil {
		return r.Err()
	}
	r.Reset(f.value, f.at+int64(8+len(f.key)))
	splitValue(r, st, e)
	if endless(r) {
		e.Value, e.Elements, e.Unsplit = f.value, nil, true
		return nil
	}
	r.End()
	return r.Err()
}

// endless reports whether the reading stopped at a value whose end cannot be found: one of a class that nothing is known of, inside of a
// serializer that is known (Kryo). The layout's own lengths say where the whole ends.
func endless(r *binio.Reader) bool { return errors.Is(r.Err(), fault.ErrUnsupported) }

// splitKey reads key, namespace and user key, with the lengths after the first two if they are there, or timestamp, key and namespace of
// a timer.
func splitKey(r *binio.Reader, st *State, e *entry.Entry) {
	if st.Kind == entry.Timer && st.parts {
		e.Timestamp = r.I64() ^ math.MinInt64
	}
	if st.delimited() {
		splitKnown(r, st, e)
		return
	}
	if b := r.Rest(); st.tailed() && splitEnds(r, st, e) {
		r.Skip(r.Len())
	} else if r.Err() == nil {
		e.Key, e.Namespace, e.UserKey, e.Unsplit = r.Bytes(len(b)), nil, nil, true
	}
}

// delimited reports whether key and namespace say themselves where they end.
func (s *State) delimited() bool {
	return s.Namespace != nil && !s.Key.Type().Opaque && !s.Namespace.Type().Opaque
}

func splitKnown(r *binio.Reader, st *State, e *entry.Entry) {
	p := r.Pos()
	st.Key.Skip(r)
	e.Key = r.Since(p)
	if st.ambiguous {
		skipLength(r, len(e.Key))
	}
	e.Namespace = namespace(r, st)
	if st.ambiguous {
		skipLength(r, len(e.Namespace))
	}
	if st.Kind == entry.Map {
		e.UserKey = r.Bytes(r.Len())
	}
}

// namespace reads a namespace; that of states without one is nil.
func namespace(r *binio.Reader, st *State) []byte {
	if st.Void {
		if c := r.U8(); c != 0 {
			r.Corrupt("a void namespace of %#02x", c)
		}
		return nil
	}
	p := r.Pos()
	st.Namespace.Skip(r)
	return r.Since(p)
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

// appendLength writes what skipLength reads.
func appendLength(dst []byte, n int) []byte {
	for v := uint32(n); ; {
		dst = append(dst, byte(v))
		if v >>= 8; v == 0 {
			return dst
		}
	}
}

// tailed reports whether what stands after a part of unknown size has a fixed size or is followed by its length, so that splitEnds can be
// tried.
func (s *State) tailed() bool {
	switch {
	case s.Namespace == nil: // a queue of something else than timers
		return false
	case s.Kind == entry.Map && s.UserKey.Type().Length < 0:
		return false
	}
	return s.ambiguous || !s.Key.Type().Opaque || s.namespaceSize() >= 0
}

// namespaceSize is the number of bytes of every namespace, or -1.
func (s *State) namespaceSize() int {
	if s.Void {
		return 1 // says 0, writes 1
	}
	return s.Namespace.Type().Length
}

// splitEnds tells key, namespace and user key apart from their end. ok is false where lengths that may be there are not.
func splitEnds(r *binio.Reader, st *State, e *entry.Entry) (ok bool) {
	b := r.Rest()
	if st.Kind == entry.Map {
		n := st.UserKey.Type().Length
		if n > len(b) {
			r.Skip(n)
			return false
		}
		b, e.UserKey = b[:len(b)-n:len(b)-n], b[len(b)-n:]
	}
	if st.ambiguous {
		return splitMeasured(b, st, e)
	}
	if st.Key.Type().Opaque {
		n := st.namespaceSize()
		e.Key = r.Bytes(max(len(b)-n, 0))
		e.Namespace = namespace(r, st)
		return r.Err() == nil
	}
	at := r.Pos()
	st.Key.Skip(r)
	e.Key = r.Since(at)
	if n := len(b) - len(e.Key); n >= 0 {
		e.Namespace = r.Bytes(n)
	} else if r.Err() == nil {
		r.Corrupt("a key of %d bytes, where key and namespace have %d", len(e.Key), len(b))
	}
	return r.Err() == nil
}

// splitMeasured uses the lengths that follow key and namespace. An unknown serializer may say that its length is fixed, and then they
// are not there: all must fit.
func splitMeasured(b []byte, st *State, e *entry.Entry) bool {
	return measured(b, func(before, ns []byte) bool {
		return exactly(st.Namespace, ns) && measured(before, func(head, key []byte) bool {
			if len(head) > 0 || !exactly(st.Key, key) {
				return false
			}
			e.Key, e.Namespace = key, ns
			return true
		})
	})
}

// measured finds a part at the end of b that is followed by its length: what is there before it and the part go to fits, which decides.
func measured(b []byte, fits func(before, part []byte) bool) bool {
	for size := 1; size <= 4 && size <= len(b); size++ {
		end := len(b) - size
		n := 0
		for i := range size {
			n |= int(b[end+i]) << (8 * i)
		}
		if size > 1 && b[len(b)-1] == 0 {
			continue
		}
		if n <= end && fits(b[:end-n], b[end-n:end:end]) {
			return true
		}
	}
	return false
}

// exactly reports whether b can be one value.
func exactly(c serde.Codec, b []byte) bool {
	r := binio.NewReader(b, 0)
	c.Skip(r)
	return r.Err() == nil && r.Len() == 0
}

// listDelimiter joins the elements of a list (RocksDBListState.DELIMITER).
const listDelimiter = ','

func splitValue(r *binio.Reader, st *State, e *entry.Entry) {
	switch {
	case st.Kind == entry.Timer:
		return // has none
	case st.Kind == entry.List && st.parts:
		splitElements(r, st, e)
		return
	case st.Kind == entry.List:
		e.Elements, e.Unsplit = nil, true
	case st.Kind == entry.Map && !e.Unsplit:
		e.NullValue = r.Bool() // RocksDB writes nothing after it, the heap backend whatever the serializer writes for null
	}
	e.Value = r.Bytes(r.Len())
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
