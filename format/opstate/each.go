package opstate

import (
	"errors"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
)

// Each calls yield with the elements or map entries of state number i, in their order, until it returns false. The entry and
// its bytes are valid during the call.
//
// Where the serializers do not tell the parts apart, the elements of a list come as the offsets cut them; a broadcast map, and a
// compressed list whose offsets cannot be trusted, come as one entry that is Unsplit and whose Value has all bytes of the
// state: of a map with the leading count.
//
// An error names the state and wraps a sentinel of package fault.
func (s *Stream) Each(i int, yield func(*entry.Entry) bool) error {
	st := &s.States[i]
	if len(st.Offsets) == 0 {
		return nil
	}
	e := &entry.Entry{State: &st.State, KeyGroup: fault.NoPlace}
	read := s.readOpaque
	if st.Splittable() {
		read = s.readList
		if st.Kind == entry.Broadcast {
			read = s.readBroadcast
		}
	}
	err := read(st, e, yield)
	if errors.Is(err, errStopped) {
		return nil
	}
	return fault.At(err, place(st.Name))
}

// errStopped says that yield wanted no more.
var errStopped = errors.New("stopped")

func give(e *entry.Entry, yield func(*entry.Entry) bool) error {
	if !yield(e) {
		return errStopped
	}
	return nil
}

// readList reads elements by their codec, one after the other from the first offset on.
func (s *Stream) readList(st *State, e *entry.Entry, yield func(*entry.Entry) bool) error {
	c := s.open(st.Offsets[0], st.end)
	for i, o := range st.Offsets {
		if c.frames == nil && c.offset != o {
			return fault.Corrupt(c.offset, "element %d begins here", i).WithExpected("byte %d, as the handle says", o)
		}
		var err error
		if e.Value, err = c.next(st.Value.Skip); err != nil {
			return err
		}
		if err := give(e, yield); err != nil {
			return err
		}
	}
	return c.done()
}

// readBroadcast reads a map by its codecs.
func (s *Stream) readBroadcast(st *State, e *entry.Entry, yield func(*entry.Entry) bool) error {
	c := s.open(st.Offsets[0], st.end)
	n, err := c.count()
	if err != nil {
		return err
	}
	for range n {
		keyLen := 0
		b, err := c.next(func(r *binio.Reader) {
			r.Field("broadcast key")
			st.UserKey.Skip(r)
			keyLen = r.Pos()
			r.Field("broadcast value")
			st.Value.Skip(r)
		})
		if err != nil {
			return err
		}
		if len(b) == 0 && n > 1 {
			return c.place(fault.Corrupt(c.offset, "%d map entries without content", n))
		}
		e.UserKey, e.Value = b[:keyLen:keyLen], b[keyLen:]
		if err := give(e, yield); err != nil {
			return err
		}
	}
	return c.done()
}

// count reads the number of entries of a map.
func (c *cursor) count() (int32, error) {
	var n int32
	_, err := c.next(func(r *binio.Reader) {
		if n = r.Field("number of map entries").I32(); r.Err() == nil && n < 0 {
			r.Corrupt("%d", n)
		}
	})
	return n, err
}

// readOpaque cuts a list by its offsets.
func (s *Stream) readOpaque(st *State, e *entry.Entry, yield func(*entry.Entry) bool) error {
	c := s.open(st.Offsets[0], st.end)
	if st.Kind == entry.Broadcast || c.frames != nil && !s.trusted(st) {
		var err error
		e.Unsplit = true
		if e.Value, err = c.all(); err != nil {
			return err
		}
		return give(e, yield)
	}
	for i, o := range st.Offsets {
		end := st.end
		if i+1 < len(st.Offsets) {
			end = st.Offsets[i+1]
		}
		var err error
		if c.frames != nil {
			e.Value, err = c.chunks(end)
		} else {
			e.Value, err = c.bytes(end - o)
		}
		if err != nil {
			return err
		}
		if err := give(e, yield); err != nil {
			return err
		}
	}
	return nil
}

// trusted reports whether the offsets of a compressed list are those of its elements. Flink since 1.19 ends a chunk before each
// element, so that the one before an offset is a short one. In 1.18 offsets repeat, or follow a full block, since only that made
// the position move; full blocks before all offsets could be either, and are not trusted.
func (s *Stream) trusted(st *State) bool {
	var r frame.Reader
	r.ResetAt(s.src, st.Offsets[0], st.end-st.Offsets[0])
	block := make([]byte, frame.BlockSize)
	next := 1
	for next < len(st.Offsets) {
		n, err := r.DecodeInto(block)
		if err != nil || r.Offset() > st.Offsets[next] {
			return false
		}
		if r.Offset() == st.Offsets[next] {
			if n == frame.BlockSize {
				return false
			}
			next++
		}
	}
	return true
}
