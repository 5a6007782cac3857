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

// anyGroup stands for a key group that is not known yet.
const anyGroup = -1

// rawFrame is one entry of the canonical layout as it stands, without the flag in its key.
type rawFrame struct {
	state int
	key   []byte
	value []byte
	last  bool  // of the key group
	at    int64 // of the key's length in the uncompressed bytes
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
	if len(w.bytes()) < 8 {
		if err := w.fill(8); err != nil {
			return rawFrame{}, sc.locate(err)
		}
	}
	keyLen, err := sc.frameLength("key", 0, 1)
	if err != nil {
		return rawFrame{}, err
	}
	valueLen, err := sc.frameLength("value", 4+keyLen, 0)
	if err != nil {
		return rawFrame{}, err
	}
	b := w.bytes()
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
	f := rawFrame{state: sc.state, key: b[4 : 4+keyLen : 4+keyLen], value: b[8+keyLen : 8+keyLen+valueLen : 8+keyLen+valueLen], at: w.at}
	if follows {
		f.key[0] &^= stateFollows
		next := int(binary.BigEndian.Uint16(b[n-2:]))
		if next == sc.state {
			return rawFrame{}, sc.locate(fault.New(fault.ErrCorrupt, "state number %d again", next).WithExpected("another state, or the end"))
		}
		f.last = next == frameEnd
		sc.state = next
	}
	w.advance(n)
	return f, nil
}

// frameLength reads the length that stands at an offset of the window, and makes the window hold what it measures with the four bytes
// after it. Without compression a length beyond the end of the key group's bytes is refused before anything is read.
func (sc *Scanner) frameLength(what string, at, least int) (int, error) {
	w := &sc.w
	n := int(binary.BigEndian.Uint32(w.bytes()[at:]))
	if n < least || n > maxWindow-1<<10 {
		return 0, sc.locate(fault.New(fault.ErrCorrupt, "%s of length %d", what, int32(n)))
	}
	need := at + 4 + n
	if what == "key" {
		need += 4
	}
	if len(w.bytes()) >= need {
		return n, nil
	}
	if !sc.s.Header.Compressed && int64(need) > sc.raw.end-w.at {
		return 0, sc.locate(fault.New(fault.ErrTruncated, "%s of length %d with %d bytes left", what, n, sc.raw.end-w.at-int64(at)-4))
	}
	return n, sc.locate(w.fill(need))
}

func (sc *Scanner) scanCanonical(group int, at, end int64, want []bool, yield func(*entry.Entry) bool) error {
	if err := sc.openCanonical(at, end); err != nil {
		return err
	}
	var bad error
	for {
		f, err := sc.nextFrame()
		if err != nil {
			return err
		}
		if err := sc.checkFrame(&f, group); err != nil {
			return err
		}
		if f.state < len(sc.s.States) && (want == nil || want[f.state]) {
			st := &sc.s.States[f.state]
			if err := sc.split(st, &f); err != nil {
				return fault.At(sc.within(err), fault.Place{State: st.Name, KeyGroup: group, Subtask: fault.NoPlace})
			}
			if bad == nil {
				bad = st.Err
			}
			if !yield(&sc.e) {
				return bad
			}
		}
		if f.last {
			if err := sc.checkEnd(group); err != nil {
				return err
			}
			return bad
		}
	}
}

// checkFrame refuses what cannot be an entry of this key group.
func (sc *Scanner) checkFrame(f *rawFrame, group int) error {
	if f.state >= sc.s.numbers {
		return sc.locate(fault.New(fault.ErrCorrupt, "state number %d", f.state).WithExpected("less than %d", sc.s.numbers))
	}
	if len(f.key) < sc.prefix || groupOf(f.key, sc.prefix) != group {
		return sc.locate(fault.New(fault.ErrCorrupt, "an entry of another key group").WithExpected("key group %d", group))
	}
	return nil
}

// checkEnd refuses bytes after a key group's last entry, but for those of key groups that the handle does not have.
func (sc *Scanner) checkEnd(group int) error {
	if at, ok := sc.position(); ok && sc.s.tail(group, at) {
		return nil
	}
	if err := sc.w.more(); err == nil || len(sc.w.bytes()) > 0 {
		return sc.locate(fault.New(fault.ErrCorrupt, "bytes after the end of key group %d", group))
	}
	return nil
}

// position gives the offset in the file of what comes next; ok is false in the middle of a compressed chunk.
func (sc *Scanner) position() (at int64, ok bool) {
	if sc.s.Header.Compressed {
		return sc.snappy.Offset(), len(sc.w.bytes()) == 0 && sc.snappy.Buffered() == 0
	}
	return sc.w.at, true
}

func (sc *Scanner) countCanonical(group int, at, end int64, tally []Tally) error {
	if err := sc.openCanonical(at, end); err != nil {
		return err
	}
	for {
		if sc.countWindow(group, tally) {
			return sc.checkEnd(group)
		}
		f, err := sc.nextFrame()
		if err != nil {
			return err
		}
		if err := sc.checkFrame(&f, group); err != nil {
			return err
		}
		if f.state < len(tally) {
			tally[f.state].add(1, int64(len(f.key)+len(f.value)))
		}
		if f.last {
			return sc.checkEnd(group)
		}
	}
}

// countWindow counts the entries that lie in the window as a whole, and stops before the first that does not or that is odd, for
// nextFrame to judge. last says that the key group ended.
func (sc *Scanner) countWindow(group int, tally []Tally) (last bool) {
	all := sc.w.bytes()
	b, state := all, sc.state
	var entries, size int64
	for state < len(tally) && len(b) >= 12 {
		k := int(binary.BigEndian.Uint32(b))
		if k < sc.prefix || k > len(b)-12 {
			break
		}
		v := int(binary.BigEndian.Uint32(b[4+k:]))
		n := 8 + k + v
		if n > len(b)-2 || !sc.inGroup(b[4:6], group) {
			break
		}
		follows := b[4]&stateFollows != 0
		next := int(binary.BigEndian.Uint16(b[n:]))
		if follows && next == state {
			break
		}
		entries++
		size += int64(k + v)
		b = b[n:]
		if follows {
			tally[state].add(entries, size)
			entries, size, state = 0, 0, next
			b = b[2:]
		}
		if state == frameEnd {
			last = true
			break
		}
	}
	if entries > 0 {
		tally[state].add(entries, size)
	}
	sc.state = state
	sc.w.advance(len(all) - len(b))
	return last
}

// inGroup reports whether a key, flag and all, begins with a key group.
func (sc *Scanner) inGroup(key []byte, group int) bool {
	if sc.prefix == 1 {
		return int(key[0]&^stateFollows) == group
	}
	return int(binary.BigEndian.Uint16(key)&^(stateFollows<<8)) == group
}

func groupOf(key []byte, prefix int) int {
	if prefix == 1 {
		return int(key[0])
	}
	return int(binary.BigEndian.Uint16(key))
}
