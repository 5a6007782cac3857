package keyed

import (
	"encoding/binary"
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Writing. An encoder makes the bytes of one key group after the other from entries, in the order in which they come; what it gets from
// a Scanner it writes back to the same bytes. The caller writes the header, keeps the offset of each key group, and compresses.

// AppendKey appends the composite key of an entry: what the canonical layout and RocksDB tables have as key.
func (s *State) AppendKey(dst []byte, e *entry.Entry, maxParallelism int) []byte {
	if keygroup.PrefixLen(maxParallelism) == 2 {
		dst = append(dst, byte(e.KeyGroup>>8))
	}
	dst = append(dst, byte(e.KeyGroup))
	if s.Kind == entry.Timer && s.parts {
		dst = binio.AppendI64(dst, e.Timestamp^math.MinInt64)
	}
	dst = append(dst, e.Key...)
	if e.Unsplit && s.keyIsAll(e) {
		return dst
	}
	if s.ambiguous {
		dst = appendLength(dst, len(e.Key))
	}
	dst = s.appendNamespace(dst, e)
	if s.ambiguous {
		dst = appendLength(dst, len(e.Namespace))
	}
	return append(dst, e.UserKey...)
}

// keyIsAll reports whether the key of an entry that is Unsplit holds all that the layout gave as the key.
func (s *State) keyIsAll(e *entry.Entry) bool {
	if s.delimited() {
		return !exactly(s.Key, e.Key)
	}
	return !s.tailed() || s.ambiguous && e.Namespace == nil
}

// inElements reports whether the value of an entry is given as the elements of a list.
func (s *State) inElements(e *entry.Entry) bool {
	return s.Kind == entry.List && s.parts && (!e.Unsplit || e.Value == nil)
}

func (s *State) appendNamespace(dst []byte, e *entry.Entry) []byte {
	if s.Void {
		return append(dst, 0)
	}
	return append(dst, e.Namespace...)
}

// AppendValue appends what the canonical layout and RocksDB tables have as value.
func (s *State) AppendValue(dst []byte, e *entry.Entry) []byte {
	switch {
	case s.inElements(e):
		for i, elem := range e.Elements {
			if i > 0 {
				dst = append(dst, listDelimiter)
			}
			dst = append(dst, elem...)
		}
		return dst
	case s.Kind == entry.Map && !e.Unsplit:
		dst = binio.AppendBool(dst, e.NullValue)
	}
	return append(dst, e.Value...)
}

// CanonicalEncoder writes key groups of the canonical layout. A list without elements has no entry there: leave it out, as Flink does.
type CanonicalEncoder struct {
	MaxParallelism int

	begun bool
	state int
	last  int // where the first byte of the last key stands
}

// Append appends an entry of the state with a number. dst must be what the call before returned, or, for the first entry of a key group,
// any slice. Entries of a state must follow each other. The error is of kind fault.ErrUsage.
func (c *CanonicalEncoder) Append(dst []byte, number int, s *State, e *entry.Entry) ([]byte, error) {
	if number < 0 || number >= maxNumbers {
		return dst, fault.New(fault.ErrUsage, "state number %d", number).WithExpected("less than %d", maxNumbers)
	}
	if !c.begun {
		dst = binary.BigEndian.AppendUint16(dst, uint16(number))
	} else if number != c.state {
		dst[c.last] |= stateFollows
		dst = binary.BigEndian.AppendUint16(dst, uint16(number))
	}
	c.begun, c.state = true, number
	at := len(dst)
	dst = s.AppendKey(append(dst, 0, 0, 0, 0), e, c.MaxParallelism)
	c.last = at + 4
	if err := measure(dst, at); err != nil {
		return dst, err
	}
	at = len(dst)
	dst = s.AppendValue(append(dst, 0, 0, 0, 0), e)
	return dst, measure(dst, at)
}

// measure writes the length of what was appended behind the four bytes at a place.
func measure(dst []byte, at int) error {
	n := len(dst) - at - 4
	if n > math.MaxInt32 {
		return fault.New(fault.ErrUsage, "a key or value of %d bytes", n).WithExpected("less than 2^31")
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(n))
	return nil
}

// End ends the key group. One without entries takes no bytes: its offset is 0.
func (c *CanonicalEncoder) End(dst []byte) []byte {
	if c.begun {
		dst[c.last] |= stateFollows
		dst = append(dst, frameEnd>>8, frameEnd&0xFF)
	}
	c.begun = false
	return dst
}

// HeapEncoder writes key groups of the heap layout: Begin, then for each state of the header, with entries or without, BeginState, Append
// and EndState. With Frames each state becomes a compressed stream.
type HeapEncoder struct {
	Frames *frame.Encoder // nil without compression

	body    []byte
	entries int
	held    []byte // key and namespace of the map at hand
	mapAt   int    // where its count stands, or 0
	mapped  int    // its entries
}

// Begin begins a key group.
func (h *HeapEncoder) Begin(dst []byte, group int) []byte { return binio.AppendI32(dst, int32(group)) }

// BeginState begins the state with a number.
func (h *HeapEncoder) BeginState(number int) {
	h.body = binio.AppendI32(binary.BigEndian.AppendUint16(h.body[:0], uint16(number)), 0)
	h.entries, h.mapAt = 0, 0
}

// Append appends an entry of the state that was begun. Entries of map state that follow each other and have the same key and namespace
// become one map.
func (h *HeapEncoder) Append(s *State, e *entry.Entry) {
	if s.Kind == entry.Map && s.parts {
		h.appendMapEntry(s, e)
		return
	}
	h.entries++
	if s.Kind == entry.Timer {
		if s.parts {
			h.body = binio.AppendI64(h.body, e.Timestamp^math.MinInt64)
		}
		h.body = append(h.body, e.Key...)
		if s.parts {
			h.body = s.appendNamespace(h.body, e)
		}
		return
	}
	h.body = append(s.appendNamespace(h.body, e), e.Key...)
	if s.Kind == entry.List && s.parts {
		h.body = binio.AppendI32(h.body, int32(len(e.Elements)))
		for _, elem := range e.Elements {
			h.body = append(h.body, elem...)
		}
		return
	}
	h.body = append(h.body, e.Value...)
}

// BeginMap begins a map of which no entry has been appended: only so can an empty one be written.
func (h *HeapEncoder) BeginMap(s *State, e *entry.Entry) {
	h.endMap()
	at := len(h.body)
	h.body = append(s.appendNamespace(h.body, e), e.Key...)
	h.held = append(h.held[:0], h.body[at:]...)
	h.mapAt = len(h.body)
	h.body = append(h.body, 0, 0, 0, 0)
	h.entries++
}

func (h *HeapEncoder) appendMapEntry(s *State, e *entry.Entry) {
	if h.mapAt == 0 || !h.sameMap(s, e) {
		h.BeginMap(s, e)
	}
	h.mapped++
	h.body = append(h.body, e.UserKey...)
	h.body = append(binio.AppendBool(h.body, e.NullValue), e.Value...)
}

func (h *HeapEncoder) sameMap(s *State, e *entry.Entry) bool {
	ns := len(e.Namespace)
	if s.Void {
		ns = 1
	}
	return len(h.held) == ns+len(e.Key) && string(h.held[ns:]) == string(e.Key) && (s.Void || string(h.held[:ns]) == string(e.Namespace))
}

func (h *HeapEncoder) endMap() {
	if h.mapAt > 0 {
		binary.BigEndian.PutUint32(h.body[h.mapAt:], uint32(h.mapped))
	}
	h.mapAt, h.mapped = 0, 0
}

// EndState appends the state that was begun.
func (h *HeapEncoder) EndState(dst []byte) []byte {
	h.endMap()
	binary.BigEndian.PutUint32(h.body[2:], uint32(h.entries))
	if h.Frames != nil {
		return h.Frames.AppendStream(dst, h.body)
	}
	return append(dst, h.body...)
}
