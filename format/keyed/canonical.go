package keyed

import (
	"encoding/binary"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
)

// frameEnd stands where a state's number is expected, after the last entry of a key group (FullSnapshotUtil.END_OF_KEY_GROUP_MARK).
const frameEnd = 0xFFFF

// stateFollows is the bit of a composite key's first byte that says that a state's number follows the entry
// (FullSnapshotUtil.FIRST_BIT_IN_BYTE_MASK).
const stateFollows = 0x80

// rawFrame is one entry of the canonical layout as it stands, without the flag in its key.
type rawFrame struct {
	state int
	key   []byte
	value []byte
	last  bool // of the key group
}

// openCanonical goes to the first entry of a key group.
func (sc *Scanner) openCanonical(at, end int64) error {
	sc.open(at, end)
	if err := sc.w.fill(2); err != nil {
		return sc.locate(err)
	}
	sc.state = int(binary.BigEndian.Uint16(sc.w.bytes()))
	sc.w.advance(2)
	return nil
}

// nextFrame reads one entry. Its slices are valid until the next call.
func (sc *Scanner) nextFrame() (rawFrame, error) {
	w := &sc.w
	b := w.bytes()
	if len(b) < 8 {
		if err := w.fill(8); err != nil {
			return rawFrame{}, sc.locate(err)
		}
		b = w.bytes()
	}
	keyLen := int(binary.BigEndian.Uint32(b))
	if keyLen == 0 || keyLen > maxWindow-16 {
		return rawFrame{}, sc.locate(fault.New(fault.ErrCorrupt, "key of length %d", int32(keyLen)))
	}
	if len(b) < keyLen+8 {
		if err := w.fill(keyLen + 8); err != nil {
			return rawFrame{}, sc.locate(err)
		}
		b = w.bytes()
	}
	valueLen := int(binary.BigEndian.Uint32(b[4+keyLen:]))
	if valueLen > maxWindow-16 {
		return rawFrame{}, sc.locate(fault.New(fault.ErrCorrupt, "value of length %d", int32(valueLen)))
	}
	n := 8 + keyLen + valueLen
	follows := b[4]&stateFollows != 0
	if follows {
		n += 2
	}
	if len(b) < n {
		if err := w.fill(n); err != nil {
			return rawFrame{}, sc.locate(err)
		}
		b = w.bytes()
	}
	f := rawFrame{state: sc.state, key: b[4 : 4+keyLen : 4+keyLen], value: b[8+keyLen : 8+keyLen+valueLen : 8+keyLen+valueLen]}
	if follows {
		f.key[0] &^= stateFollows
		next := int(binary.BigEndian.Uint16(b[n-2:]))
		f.last = next == frameEnd
		sc.state = next
	}
	w.advance(n)
	return f, nil
}

func (sc *Scanner) scanCanonical(group int, at, end int64, want []bool, yield func(*entry.Entry) bool) error {
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
		if want == nil || want[f.state] {
			if err := sc.split(&sc.s.States[f.state], &f); err != nil {
				return fault.At(sc.locate(err), fault.Place{State: sc.s.States[f.state].Name, KeyGroup: group, Subtask: fault.NoPlace})
			}
			if !yield(&sc.e) {
				return nil
			}
		}
		if f.last {
			return sc.checkEnd(group)
		}
	}
}

// checkFrame refuses what cannot be an entry of this key group.
func (sc *Scanner) checkFrame(f *rawFrame, group int) error {
	if f.state >= len(sc.s.States) {
		return sc.locate(fault.New(fault.ErrCorrupt, "state number %d", f.state).WithExpected("less than %d", len(sc.s.States)))
	}
	if len(f.key) < sc.prefix || groupOf(f.key, sc.prefix) != group {
		return sc.locate(fault.New(fault.ErrCorrupt, "an entry of another key group").WithExpected("key group %d", group))
	}
	return nil
}

// checkEnd refuses bytes after a key group's last entry.
func (sc *Scanner) checkEnd(group int) error {
	if err := sc.w.more(); err == nil || len(sc.w.bytes()) > 0 {
		return sc.locate(fault.New(fault.ErrCorrupt, "bytes after the end of key group %d", group))
	}
	return nil
}

func (sc *Scanner) countCanonical(group int, at, end int64, tally []Tally) error {
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
		t := &tally[f.state]
		t.Entries++
		t.Bytes += int64(len(f.key) + len(f.value))
		if f.last {
			return sc.checkEnd(group)
		}
	}
}
