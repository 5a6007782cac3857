package keyed

import (
	"encoding/binary"
	"errors"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
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
	if s.Header.Compressed {
		return s.detectCompressed(at)
	}
	sc := s.NewScanner()
	defer sc.Close()
	err := sc.walkFrames(group, at, end)
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

// snappyIdentifier begins a framed stream; in the heap layout the key group's number stands before it.
var snappyIdentifier = []byte("\xff\x06\x00\x00sNaPpY")

func (s *Stream) detectCompressed(at int64) (Layout, error) {
	b, err := readSection(s.src, at, min(int64(len(snappyIdentifier)), s.size-at))
	if err != nil {
		return Heap, err
	}
	if string(b) == string(snappyIdentifier) {
		return Canonical, nil
	}
	return Heap, nil
}

// walkFrames reads a key group as canonical and reports the first thing that is not.
func (sc *Scanner) walkFrames(group int, at, end int64) error {
	if err := sc.openCanonical(at, end); err != nil {
		return err
	}
	prefix := keygroup.PrefixLen(sc.s.h.MaxParallelism)
	for {
		f, err := sc.nextFrame()
		if err != nil {
			return err
		}
		if len(f.key) < prefix || groupOf(f.key, prefix) != group || f.state >= len(sc.s.States) {
			return fault.Corrupt(sc.w.at, "an entry that is not of key group %d", group)
		}
		if f.last {
			break
		}
	}
	if n := end - sc.w.at; n != 0 {
		return fault.Corrupt(sc.w.at, "%d bytes after the end of key group %d", n, group)
	}
	return nil
}

func groupOf(key []byte, prefix int) int {
	if prefix == 1 {
		return int(key[0])
	}
	return int(binary.BigEndian.Uint16(key))
}
