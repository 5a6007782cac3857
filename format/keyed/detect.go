package keyed

import (
	"encoding/binary"
	"errors"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
)

// detect finds the layout. Handles of codes 3 and 12 do not say it: the heap backend wrote them for checkpoints, RocksDB
// until 1.15 for full snapshots. The heap backend gives every key group an offset; if all have one, the bytes decide.
func (s *Stream) detect() (Layout, error) {
	if s.h.Savepoint {
		return Canonical, nil
	}
	for _, o := range s.h.Offsets {
		if o == 0 {
			return Canonical, nil
		}
	}
	group, ok := s.smallest()
	if !ok {
		return Canonical, nil // no key groups at all
	}
	at, end, _ := s.extent(group)
	return s.detectGroup(group, at, end)
}

// detectGroup looks at the bytes of one key group.
func (s *Stream) detectGroup(group int, at, end int64) (Layout, error) {
	head, err := readSection(s.src, at, min(frame.HeaderSize, end-at))
	if err != nil {
		return Heap, err
	}
	if s.Header.Compressed {
		if frame.IsHeader(head) {
			return Canonical, nil
		}
		return Heap, nil
	}
	if len(head) < 8 {
		return Heap, nil // the shortest canonical key group has 13 bytes
	}
	// Heap: i4 key group, i2 state, i4 n. Canonical: i2 state, i4 length, key group. Where both readings are possible, the whole
	// canonical walk decides.
	if int(binary.BigEndian.Uint32(head)) != group {
		return Canonical, nil
	}
	sc := s.NewScanner()
	defer sc.Close()
	key := []byte{head[6] &^ stateFollows, head[7]}
	if groupOf(key, sc.prefix) != group {
		return Heap, nil
	}
	err = sc.walkFrames(group, at, end)
	switch {
	case err == nil:
		return Canonical, nil
	case errors.Is(err, fault.ErrCorrupt):
		return Heap, nil
	}
	return Heap, err
}

// smallest picks the key group that costs least to look at. Key group 0 comes last: there the first bytes of both layouts can be
// alike.
func (s *Stream) smallest() (group int, ok bool) {
	best := int64(-1)
	for i := range s.h.Offsets {
		g := s.h.Range.First + i
		n := s.Size(g)
		if !ok || group == 0 || (n < best && g != 0) {
			group, best, ok = g, n, true
		}
	}
	return group, ok
}

// walkFrames reads a key group as canonical and reports the first thing that is not.
func (sc *Scanner) walkFrames(group int, at, end int64) error {
	if err := sc.openCanonical(at, end); err != nil {
		return err
	}
	for {
		f, err := sc.nextFrame()
		if err != nil {
			return err
		}
		if err := sc.checkFrame(&f, group); err != nil {
			return err
		}
		if f.last {
			return sc.checkEnd(group)
		}
	}
}
