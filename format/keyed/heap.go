package keyed

import (
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// scanHeap reads a key group of the heap layout: its number, then each state. tally, if not nil, counts the states. A state
// that cannot be read ends the key group, unless compression makes each state a stream of its own: then the next one is found.
func (sc *Scanner) scanHeap(group int, at, end int64, want []bool, yield func(*entry.Entry) bool, tally []Tally) error {
	if err := sc.openHeap(group, at, end); err != nil {
		return err
	}
	sc.seen = append(sc.seen[:0], make([]bool, len(sc.s.States))...)
	var first error
	for i := range sc.s.States {
		more, err := sc.heapOne(group, want, yield, tally)
		if first == nil {
			first = err
		}
		if !more || (err != nil && !sc.s.Header.Compressed) {
			return first
		}
		if err := sc.nextState(group, i == len(sc.s.States)-1, err != nil); err != nil {
			if first == nil {
				first = sc.locate(err)
			}
			return first
		}
	}
	return first
}

// openHeap goes to the first state of a key group.
func (sc *Scanner) openHeap(group int, at, end int64) error {
	if len(sc.s.States) < sc.s.numbers {
		return fault.New(fault.ErrUnsupported, "a header that is not known to its end: entries have no length here").WithHint(heapHint)
	}
	head, err := readSection(sc.s.src, at, min(4, end-at))
	if err != nil {
		return err
	}
	if len(head) < 4 || int(binary.BigEndian.Uint32(head)) != group {
		return fault.Corrupt(at, "key group %x", head).WithExpected("%d", group)
	}
	sc.open(at+4, end)
	return nil
}

// heapHint is what to do about values that cannot be delimited.
const heapHint = "a canonical savepoint of the same job frames every entry"

// heapOne reads one state; more is false when yield had enough.
func (sc *Scanner) heapOne(group int, want []bool, yield func(*entry.Entry) bool, tally []Tally) (more bool, err error) {
	state, n, err := sc.heapState()
	if err != nil {
		return true, sc.locate(err)
	}
	if sc.onState != nil {
		sc.onState(state, n)
	}
	more, err = sc.heapEntries(state, n, want, yield, tally)
	if err != nil {
		return true, fault.At(sc.locate(err), fault.Place{State: sc.s.States[state].Name, KeyGroup: group, Subtask: fault.NoPlace})
	}
	return more, nil
}

// nextState goes to where the next state begins, or checks that nothing is left. damaged says that the current one was not read to
// its end.
func (sc *Scanner) nextState(group int, last, damaged bool) error {
	if last && !damaged {
		return sc.checkEnd(group)
	}
	if !sc.s.Header.Compressed {
		return nil
	}
	if !damaged && (len(sc.w.bytes()) > 0 || sc.w.more() == nil) {
		return fault.New(fault.ErrCorrupt, "bytes after the last entry of a state")
	}
	if last {
		return nil
	}
	err := sc.snappy.Next()
	sc.w.reset(&sc.snappy, 0)
	return err
}

// heapState reads a state's number and its number of entries.
func (sc *Scanner) heapState() (state, n int, err error) {
	if err := sc.w.fill(6); err != nil {
		return 0, 0, err
	}
	b := sc.w.bytes()
	state, n = int(binary.BigEndian.Uint16(b)), int(int32(binary.BigEndian.Uint32(b[2:])))
	if state >= len(sc.seen) || sc.seen[state] {
		return 0, 0, fault.New(fault.ErrCorrupt, "state number %d", state).WithExpected("one of %d, each once", len(sc.seen))
	}
	if n < 0 {
		return 0, 0, fault.New(fault.ErrCorrupt, "%d entries", n)
	}
	sc.seen[state] = true
	sc.w.advance(6)
	return state, n, nil
}

// heapEntries reads the n entries of a state; more is false when yield had enough.
func (sc *Scanner) heapEntries(state, n int, want []bool, yield func(*entry.Entry) bool, tally []Tally) (more bool, err error) {
	st := &sc.s.States[state]
	if n > 0 && st.Err != nil {
		return false, st.Err
	}
	if c := st.unknown(); n > 0 && c != nil {
		return false, fault.New(fault.ErrUnsupported, "values of serializer %s have no length here, so that the rest cannot be reached", unknownClass(c.Type())).
			WithHint(heapHint)
	}
	if want != nil && !want[state] {
		yield = func(*entry.Entry) bool { return true }
	}
	var t Tally
	for i := 0; i < n; i++ {
		before := sc.w.at
		more, rows, err := sc.heapEntry(st, yield)
		if err != nil || !more {
			return false, err
		}
		if sc.w.at == before {
			return false, fault.New(fault.ErrCorrupt, "entries without bytes")
		}
		t.add(int64(rows), sc.w.at-before)
	}
	if tally != nil {
		tally[state].add(t.Entries, t.Bytes)
	}
	return true, nil
}

// unknown gives the first of a state's codecs that cannot tell where a value ends, or nil.
func (s *State) unknown() serde.Codec {
	for _, c := range []serde.Codec{s.Whole, s.Key, s.Namespace} {
		if c != nil && c.Type().Opaque {
			return c
		}
	}
	return nil
}

// unknownClass names the serializer within a type that is not known.
func unknownClass(t *serde.Type) string {
	for _, a := range t.Args {
		if a.Opaque {
			return unknownClass(a)
		}
	}
	for _, f := range t.Fields {
		if f.Type != nil && f.Type.Opaque {
			return unknownClass(f.Type)
		}
	}
	return t.Serializer
}

func (sc *Scanner) heapEntry(st *State, yield func(*entry.Entry) bool) (more bool, rows int, err error) {
	e := &sc.e
	e.State, e.NullValue, e.Unsplit, e.Timestamp = &st.State, false, false, 0
	e.Key, e.Namespace, e.UserKey, e.Value, e.Elements = nil, nil, nil, nil, e.Elements[:0]
	switch {
	case st.Kind == entry.Timer:
		err = sc.read(st, heapTimer, partEntry)
	case st.Kind == entry.Map && st.parts:
		return sc.heapMap(st, yield)
	default:
		err = sc.read(st, heapKeyValue, partEntry)
	}
	if err != nil {
		return false, 0, err
	}
	return yield(e), 1, nil
}

// read decodes one thing from the window with f, again with twice the bytes if they did not suffice, so that the work stays in
// proportion to the bytes. Slices of the entry stay valid until the window moves.
func (sc *Scanner) read(st *State, f func(r *binio.Reader, st *State, e *entry.Entry), part heapPart) error {
	for {
		sc.r.Reset(sc.w.bytes(), sc.w.at)
		f(&sc.r, st, &sc.e)
		err := sc.r.Err()
		if err == nil {
			if sc.onRead != nil {
				sc.onRead(st, sc.r.Since(0), sc.w.at, part)
			}
			sc.w.advance(sc.r.Pos())
			return nil
		}
		if !errors.Is(err, fault.ErrTruncated) {
			return sc.within(err)
		}
		switch grown, more := sc.w.grow(); {
		case more != nil && more != io.EOF:
			return more
		case !grown:
			return sc.within(err)
		}
	}
}

func heapTimer(r *binio.Reader, st *State, e *entry.Entry) {
	if !st.parts { // a queue of something else than timers
		p := r.Pos()
		st.Whole.Skip(r)
		e.Key, e.Unsplit = r.Since(p), true
		return
	}
	e.Timestamp = r.I64() ^ math.MinInt64
	p := r.Pos()
	st.Key.Skip(r)
	e.Key = r.Since(p)
	e.Namespace = namespace(r, st)
}

func heapHead(r *binio.Reader, st *State, e *entry.Entry) {
	e.Namespace = namespace(r, st)
	p := r.Pos()
	st.Key.Skip(r)
	e.Key = r.Since(p)
}

func heapKeyValue(r *binio.Reader, st *State, e *entry.Entry) {
	heapHead(r, st, e)
	if st.Kind == entry.List && st.parts {
		heapElements(r, st, e)
		return
	}
	p := r.Pos()
	st.Whole.Skip(r)
	e.Value = r.Since(p)
	e.Unsplit = st.Kind == entry.List || st.Kind == entry.Map
}

// maxEmpty is how many elements of a list may take no bytes.
const maxEmpty = 1 << 16

func heapElements(r *binio.Reader, st *State, e *entry.Entry) {
	e.Elements = e.Elements[:0]
	n := int(r.I32())
	if n < 0 {
		r.Corrupt("a list of %d elements", n)
	}
	for i := 0; i < n && r.Err() == nil; i++ {
		p := r.Pos()
		st.Value.Skip(r)
		e.Elements = append(e.Elements, r.Since(p))
		if r.Pos() == p && i > maxEmpty {
			r.Corrupt("%d elements without bytes", n)
		}
	}
}

// heapMap reads a map entry by entry, so that a map of any size passes through the window.
func (sc *Scanner) heapMap(st *State, yield func(*entry.Entry) bool) (more bool, rows int, err error) {
	e := &sc.e
	if err := sc.read(st, heapMapHead, partMap); err != nil {
		return false, 0, err
	}
	n := int(e.Timestamp) // heapMapHead leaves the count there
	e.Timestamp = 0
	if n < 0 {
		return false, 0, fault.New(fault.ErrCorrupt, "a map of %d entries", n)
	}
	if sc.onMap != nil {
		sc.onMap(n)
	}
	sc.hold(e)
	for i := range n {
		before := sc.w.at
		if err := sc.read(st, heapMapEntry, partMapEntry); err != nil {
			return false, i, err
		}
		if sc.w.at == before {
			return false, i, fault.New(fault.ErrCorrupt, "map entries without bytes")
		}
		if !yield(e) {
			return false, i, nil
		}
	}
	return true, n, nil
}

func heapMapHead(r *binio.Reader, st *State, e *entry.Entry) {
	heapHead(r, st, e)
	e.Timestamp = int64(r.I32())
}

func heapMapEntry(r *binio.Reader, st *State, e *entry.Entry) {
	p := r.Pos()
	st.UserKey.Skip(r)
	e.UserKey = r.Since(p)
	e.NullValue, e.Value = r.Bool(), nil
	if !e.NullValue {
		p = r.Pos()
		st.Value.Skip(r)
		e.Value = r.Since(p)
	}
}

// hold moves key and namespace out of the window.
func (sc *Scanner) hold(e *entry.Entry) {
	sc.held = append(append(sc.held[:0], e.Key...), e.Namespace...)
	k, n := len(e.Key), len(sc.held)
	if e.Namespace != nil {
		e.Namespace = sc.held[k:n:n]
	}
	e.Key = sc.held[:k:k]
}
