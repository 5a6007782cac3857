package keyed

import (
	"encoding/binary"
	"fmt"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Visitor is told what the bytes of a key group mean, in order and without gaps. Offsets count uncompressed bytes where there is
// compression.
type Visitor interface {
	binio.Tracer
	// Value: the bytes b at the offset are one value of c.
	Value(offset int64, b []byte, label string, c serde.Codec)
	// More is asked before each entry; false ends the description.
	More() bool
}

// Offset is where a key group begins; ok is false if it has no bytes.
func (s *Stream) Offset(group int) (at int64, ok bool) {
	at, _, ok = s.extent(group)
	return at, ok
}

// Describe tells v about each entry of a key group. The entries are those that Scan gives: the same decoder reads them.
func (sc *Scanner) Describe(group int, v Visitor) error {
	at, end, ok := sc.s.extent(group)
	if !ok {
		return nil
	}
	sc.e = entry.Entry{KeyGroup: group, Elements: sc.e.Elements[:0]}
	d := &describer{sc: sc, v: v}
	if sc.s.Layout == Heap {
		return place(d.heap(group, at, end), group)
	}
	return place(d.canonical(group, at, end), group)
}

// describer tells a visitor what lies in b, piece by piece.
type describer struct {
	sc *Scanner
	v  Visitor
	b  []byte // not told yet
	at int64  // offset of b
}

func (d *describer) field(n int, format string, args ...any) {
	if n > 0 {
		d.v.Field(d.at, d.b[:n], fmt.Sprintf(format, args...), binio.ShapeNumber)
	}
	d.b, d.at = d.b[n:], d.at+int64(n)
}

func (d *describer) value(n int, label string, c serde.Codec) {
	if n > 0 || c != nil && !c.Type().Opaque {
		d.v.Value(d.at, d.b[:n], label, c)
	}
	d.b, d.at = d.b[n:], d.at+int64(n)
}

func stateLabel(s *Stream, number int) string {
	if number < len(s.States) {
		return fmt.Sprintf("state %d, %q, %v", number, s.States[number].Name, s.States[number].Kind)
	}
	return fmt.Sprintf("state %d", number)
}

func (d *describer) canonical(group int, at, end int64) error {
	sc := d.sc
	if err := sc.openCanonical(at, end); err != nil {
		return err
	}
	first := sc.state
	d.b, d.at = binary.BigEndian.AppendUint16(nil, uint16(first)), sc.w.at-2
	d.field(2, "%s", stateLabel(sc.s, first))
	for d.v.More() {
		f, err := sc.nextFrame()
		if err != nil {
			return err
		}
		if err := sc.checkFrame(&f, group); err != nil {
			return err
		}
		if err := d.frame(group, &f); err != nil {
			return err
		}
		if f.last {
			return sc.checkEnd(group)
		}
	}
	return nil
}

// frame tells about one entry of the canonical layout, with the flag in its key.
func (d *describer) frame(group int, f *rawFrame) error {
	sc := d.sc
	var st *State
	var bad error
	if f.state < len(sc.s.States) {
		st = &sc.s.States[f.state]
		bad = sc.split(st, f)
	}
	flagged := sc.state != f.state
	raw := binio.AppendI32(make([]byte, 0, 10+len(f.key)+len(f.value)), int32(len(f.key)))
	raw = append(raw, f.key...)
	if flagged {
		raw[4] |= stateFollows
	}
	raw = append(binio.AppendI32(raw, int32(len(f.value))), f.value...)
	d.b, d.at = binary.BigEndian.AppendUint16(raw, uint16(sc.state)), f.at
	d.v.Enter(f.at, "entry")
	d.field(4, "key length")
	d.field(sc.prefix, "key group %d%s", group, flagText(flagged))
	if st == nil || bad != nil {
		d.field(len(f.key)-sc.prefix, "key")
		d.field(4, "value length")
		d.field(len(f.value), "value")
	} else {
		d.key(st, &sc.e, len(f.key)-sc.prefix)
		d.field(4, "value length")
		d.canonicalValue(st, &sc.e, len(f.value))
	}
	d.v.Leave(d.at)
	if bad != nil {
		return sc.within(bad)
	}
	if flagged {
		d.field(2, "%s", nextText(sc.s, sc.state))
	}
	return nil
}

func flagText(set bool) string {
	if set {
		return "; flag: a state or the end follows"
	}
	return ""
}

func nextText(s *Stream, state int) string {
	if state == frameEnd {
		return "end of the key group"
	}
	return stateLabel(s, state)
}

// key tells about a composite key after its prefix, n bytes.
func (d *describer) key(st *State, e *entry.Entry, n int) {
	end := len(d.b) - n
	if st.Kind == entry.Timer && st.parts {
		d.timestamp(e)
	}
	d.value(len(e.Key), "key", st.Key)
	whole := len(d.b) == end
	if whole { // not told apart
		return
	}
	if st.ambiguous {
		d.field(len(appendLength(nil, len(e.Key))), "key length, low byte first")
	}
	d.namespace(st, e)
	if st.ambiguous {
		d.field(len(appendLength(nil, len(e.Namespace))), "namespace length, low byte first")
	}
	if st.Kind == entry.Map {
		d.value(len(e.UserKey), "user key", st.UserKey)
	}
}

func (d *describer) timestamp(e *entry.Entry) {
	d.field(8, "timestamp %d, sign bit flipped", e.Timestamp)
}

func (d *describer) namespace(st *State, e *entry.Entry) {
	if st.Void {
		d.field(1, "void namespace")
		return
	}
	d.value(len(e.Namespace), "namespace", st.Namespace)
}

func (d *describer) canonicalValue(st *State, e *entry.Entry, n int) {
	switch {
	case st.inElements(e):
		for i, elem := range e.Elements {
			if i > 0 {
				d.field(1, "delimiter")
			}
			d.value(len(elem), fmt.Sprintf("element %d", i), st.Value)
		}
		return
	case st.Kind == entry.Map && !e.Unsplit:
		d.field(1, "value is null")
		if n--; e.NullValue {
			d.field(n, "null as the serializer writes it")
			return
		}
	case st.Kind == entry.Timer:
		return
	}
	d.value(n, "value", st.Value)
}

// heap tells about a key group of the heap layout.
func (d *describer) heap(group int, at, end int64) error {
	sc := d.sc
	head, err := readSection(sc.s.src, at, min(4, end-at))
	if err != nil {
		return err
	}
	if d.b, d.at = head, at; len(head) == 4 && !sc.s.Header.Compressed {
		d.field(4, "key group")
	}
	stopped := false
	entries := 0 // left of the state at hand
	sc.onState = func(number, n int) {
		d.leaveState(entries)
		d.b = binio.AppendI32(binary.BigEndian.AppendUint16(nil, uint16(number)), int32(n))
		d.at = sc.w.at - 6
		d.v.Enter(d.at, stateLabel(sc.s, number))
		entries = -1
		d.field(2, "state")
		d.field(4, "number of entries")
	}
	sc.onRead = func(st *State, raw []byte, at int64, part heapPart) {
		d.b, d.at = raw, at
		d.heapPart(st, &sc.e, part)
	}
	defer func() { sc.onState, sc.onMap, sc.onRead = nil, nil, nil }()
	err = sc.scanHeap(group, at, end, nil, func(*entry.Entry) bool {
		stopped = stopped || !d.v.More()
		return !stopped
	}, nil)
	d.leaveState(entries)
	return err
}

func (d *describer) leaveState(begun int) {
	if begun < 0 {
		d.v.Leave(d.at)
	}
}

// heapPart says what was read at once from a key group of the heap layout.
type heapPart uint8

const (
	partEntry heapPart = iota
	partMap            // the head of a map
	partMapEntry
)

func (d *describer) heapPart(st *State, e *entry.Entry, part heapPart) {
	label := "entry"
	if part == partMapEntry {
		label = "map entry"
	}
	d.v.Enter(d.at, label)
	switch {
	case part == partMapEntry:
		d.value(len(e.UserKey), "user key", st.UserKey)
		d.field(1, "value is null")
		if !e.NullValue {
			d.value(len(e.Value), "value", st.Value)
		}
	case st.Kind == entry.Timer && st.parts:
		d.timestamp(e)
		d.value(len(e.Key), "key", st.Key)
		d.namespace(st, e)
	case st.Kind == entry.Timer:
		d.value(len(d.b), "element", st.Whole)
	default:
		d.namespace(st, e)
		d.value(len(e.Key), "key", st.Key)
		d.heapValue(st, e, part)
	}
	d.v.Leave(d.at)
}

func (d *describer) heapValue(st *State, e *entry.Entry, part heapPart) {
	switch {
	case part == partMap:
		d.field(4, "number of map entries")
	case st.Kind == entry.List && st.parts:
		d.field(4, "number of elements")
		for i, elem := range e.Elements {
			d.value(len(elem), fmt.Sprintf("element %d", i), st.Value)
		}
	default:
		d.value(len(d.b), "value", st.Whole)
	}
}

// DescribeRawTimers tells v about a stream of raw keyed timers whose handle is not at hand: key groups follow each other. The error is
// of kind fault.ErrUnsupported where something else stands.
func DescribeRawTimers(b []byte, base int64, reg *serde.Registry, v Visitor) (n int, err error) {
	if reg == nil {
		reg = serde.BuiltinRegistry()
	}
	raw := &Raw{reg: reg}
	if !isTimers(b) {
		return 0, fault.Unsupported(base, "bytes that are no timers")
	}
	d := &describer{v: v}
	end := 0
	lists := 0
	told := 0 // bytes of b
	tell := func(upTo int, label string) {
		d.b, d.at = b[told:upTo], base+int64(told)
		d.field(upTo-told, "%s", label)
		told = upTo
	}
	err = raw.services(b, base, func(int) {
		tell(4, "timers magic")
		tell(8, "timers version")
		tell(12, "number of timer services")
	}, func(s RawService, queue State, r *binio.Reader, n int) bool {
		if lists++; lists%2 == 1 {
			d.service(b, &told, base, &s, raw.reg)
		}
		tell(r.Pos(), queue.Name+", number of timers")
		for ; n > 0 && r.Err() == nil; n-- {
			var e entry.Entry
			if readRawTimer(r, &queue, &e); r.Err() != nil {
				break
			}
			if end = r.Pos(); !v.More() {
				return true
			}
			d.b, d.at = b[told:end], base+int64(told)
			d.v.Enter(d.at, "timer")
			d.value(len(e.Key), "key", queue.Key)
			d.namespace(&queue, &e)
			d.field(8, "timestamp")
			d.v.Leave(d.at)
			told = end
		}
		return false
	})
	return told, err
}

// service tells about the name and the serializers of a timer service.
func (d *describer) service(b []byte, told *int, base int64, s *RawService, reg *serde.Registry) {
	r := binio.NewReader(b[*told:], base+int64(*told))
	r.Trace(d.v)
	c := serde.NewContext(reg)
	r.Section(fmt.Sprintf("timer service %q", s.Name))
	r.Field("timer service").UTF()
	r.Section("key serializer")
	c.ReadSnapshot(r)
	r.EndSection()
	r.Section("namespace serializer")
	c.ReadSnapshot(r)
	r.EndSection()
	r.EndSection()
	*told += r.Pos()
}
