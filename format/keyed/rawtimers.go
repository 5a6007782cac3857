package keyed

import (
	"errors"
	"io"
	"slices"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
)

// Raw keyed state has no header; each key group is the bytes of user code, at its offset, -1 where it wrote none. The heap timers of a
// RocksDB job are such user code (InternalTimerServiceSerializationProxy with PostVersionedIOReadableWritable, Flink 1.8 and newer):
//
//	F1 CD 85 9F, i4 version 2, i4 n, n × service
//	service: utf name, versioned key snapshot, versioned namespace snapshot,
//	         i4 n, n × event-time timer, i4 n, n × processing-time timer
//	timer:   key, namespace, i8 timestamp (plain)

const (
	timersMagic   = 0xF1CD859F
	timersVersion = 2
)

// NoOffset stands for a key group that has no raw state.
const NoOffset = -1

// Raw is an opened stream of raw keyed state.
type Raw struct {
	// States are the timer queues that were found in the first key group with timers, and one for bytes that are none.
	States []State

	h    Handle
	src  io.ReaderAt
	size int64
	reg  *serde.Registry
	ends []int64 // where each key group ends
}

// OpenRaw looks at the first key group that has bytes.
func OpenRaw(src io.ReaderAt, size int64, h Handle, reg *serde.Registry) (*Raw, error) {
	if h.Range.Len() != len(h.Offsets) {
		return nil, fault.New(fault.ErrCorrupt, "%d key-group offsets", len(h.Offsets)).WithExpected("%d", h.Range.Len())
	}
	if reg == nil {
		reg = serde.BuiltinRegistry()
	}
	raw := &Raw{h: h, src: src, size: size, reg: reg}
	raw.bounds()
	raw.States = []State{{State: entry.State{Name: "raw-keyed", Kind: entry.RawKeyed}}}
	for g := h.Range.First; g <= h.Range.Last; g++ {
		b, at, err := raw.group(g)
		if err != nil {
			return raw, place(err, g)
		}
		if len(b) > 0 {
			raw.discover(b, at)
			break
		}
	}
	return raw, nil
}

// Range is the key groups of the handle.
func (raw *Raw) Range() keygroup.Range { return raw.h.Range }

// Size is the number of bytes of a key group.
func (raw *Raw) Size(group int) int64 {
	at, end, ok := raw.extent(group)
	if !ok || end < at {
		return 0
	}
	return end - at
}

func (raw *Raw) extent(group int) (at, end int64, ok bool) {
	if !raw.h.Range.Contains(group) {
		return 0, 0, false
	}
	i := group - raw.h.Range.First
	return raw.h.Offsets[i], raw.ends[i], raw.h.Offsets[i] != NoOffset
}

// has reports whether a key group has an offset.
func (raw *Raw) has(group int) bool {
	_, _, ok := raw.extent(group)
	return ok
}

// bounds finds where each key group ends: at the next larger offset of any.
func (raw *Raw) bounds() {
	sorted := append(slices.Clone(raw.h.Offsets), raw.size)
	slices.Sort(sorted)
	raw.ends = make([]int64, len(raw.h.Offsets))
	for i, o := range raw.h.Offsets {
		j, _ := slices.BinarySearch(sorted, o+1)
		raw.ends[i] = sorted[min(j, len(sorted)-1)]
	}
}

// group reads the bytes of a key group.
func (raw *Raw) group(group int) (b []byte, at int64, err error) {
	at, end, ok := raw.extent(group)
	if !ok {
		return nil, 0, nil
	}
	if at < 0 || at > raw.size {
		return nil, at, fault.Corrupt(fault.NoPlace, "key group %d begins at byte %d", group, at).WithExpected("at most %d, the size of the stream", raw.size)
	}
	b, err = readSection(raw.src, at, end-at)
	return b, at, err
}

// discover adds the timer queues of a key group to the states.
func (raw *Raw) discover(b []byte, at int64) {
	raw.timers(b, at, func(queue State, _ *binio.Reader, _ int) bool {
		raw.States = append(raw.States, queue)
		return false
	})
}

// Scan gives the entries of a key group to yield: its timers, or its bytes if they are none. Entries are valid until yield returns.
func (raw *Raw) Scan(group int, want []bool, yield func(*entry.Entry) bool) error {
	b, at, err := raw.group(group)
	if err == nil && len(raw.States) > 1 && raw.has(group) && !isTimers(b) {
		r := binio.NewReader(b, at)
		m := uint32(timersMagic) // the other key groups hold timers
		r.Field("timers magic").Expect(int32(m))
		r.Field("timers version").Expect(timersVersion)
		err = r.Err()
	}
	if err != nil || len(b) == 0 {
		return place(err, group)
	}
	return place(raw.scan(group, b, at, want, yield), group)
}

func (raw *Raw) scan(group int, b []byte, at int64, want []bool, yield func(*entry.Entry) bool) error {
	e := &entry.Entry{KeyGroup: group}
	if !isTimers(b) {
		if want == nil || want[0] {
			e.State, e.Value = &raw.States[0].State, b
			yield(e)
		}
		return nil
	}
	return raw.timers(b, at, func(queue State, r *binio.Reader, n int) bool {
		i := raw.index(queue.Name)
		for ; n > 0 && r.Err() == nil; n-- {
			readRawTimer(r, &queue, e)
			if r.Err() != nil || (want != nil && i >= 0 && !want[i]) {
				continue
			}
			if e.State = &queue.State; i >= 0 {
				e.State = &raw.States[i].State
			}
			if !yield(e) {
				return true
			}
		}
		return false
	})
}

func (raw *Raw) index(queue string) int {
	for i := range raw.States {
		if raw.States[i].Name == queue && raw.States[i].Kind == entry.Timer {
			return i
		}
	}
	return -1
}

func readRawTimer(r *binio.Reader, queue *State, e *entry.Entry) {
	p := r.Pos()
	queue.Key.Skip(r)
	e.Key = r.Since(p)
	e.Namespace = namespace(r, queue)
	e.Timestamp = r.I64()
}

// IsRawTimers reports whether b begins like a key group of raw keyed timers.
func IsRawTimers(b []byte) bool { return isTimers(b) }

func isTimers(b []byte) bool {
	r := binio.NewReader(b, 0)
	return uint32(r.I32()) == timersMagic && r.I32() == timersVersion && r.Err() == nil
}

// timers reads the queues of a key group. each must read the n timers, or they are skipped if it leaves the reader where it was; it
// returns true to stop.
func (raw *Raw) timers(b []byte, at int64, each func(queue State, r *binio.Reader, n int) bool) error {
	if !isTimers(b) {
		return nil
	}
	return raw.services(b, at, func(int) {}, func(_ RawService, queue State, r *binio.Reader, n int) bool {
		p := r.Pos()
		if each(queue, r, n) {
			return true
		}
		if r.Pos() == p {
			skipTimers(r, &queue, n)
		}
		return false
	})
}

// services reads the services of a key group that holds timers: each is called twice for each of them.
func (raw *Raw) services(b []byte, at int64, begin func(services int), each func(s RawService, queue State, r *binio.Reader, n int) bool) error {
	r := binio.NewReader(b, at)
	r.Skip(8)
	c := serde.NewContext(raw.reg)
	services := r.Field("number of timer services").Count(2)
	if r.Err() != nil {
		return r.Err()
	}
	begin(services)
	for range services {
		s := RawService{Name: r.Field("timer service").UTF()}
		s.Key, s.Namespace = c.ReadSnapshot(r), c.ReadSnapshot(r)
		for _, kind := range []string{"event", "processing"} {
			if r.Err() != nil {
				return r.Err()
			}
			queue, err := raw.queue("_timer_state/"+kind+"_"+s.Name, s.Key, s.Namespace)
			if err != nil {
				return err
			}
			n := r.Field("number of timers").Count(8)
			if r.Err() != nil {
				return r.Err()
			}
			if each(s, queue, r, n) {
				return nil
			}
		}
	}
	r.End()
	return r.Err()
}

func skipTimers(r *binio.Reader, queue *State, n int) {
	var e entry.Entry
	for ; n > 0 && r.Err() == nil; n-- {
		readRawTimer(r, queue, &e)
	}
}

func (raw *Raw) queue(name string, key, ns *serde.Snapshot) (State, error) {
	q := State{State: entry.State{Name: name, Kind: entry.Timer}, parts: true}
	var err1, err2 error
	q.Key, err1 = raw.reg.Compile(key)
	q.Namespace, err2 = raw.reg.Compile(ns)
	if err := errors.Join(err1, err2); err != nil {
		return q, err
	}
	if q.Key.Type().Opaque || q.Namespace.Type().Opaque {
		return q, fault.New(fault.ErrUnsupported, "timers with a key of serializer %s", key.Class)
	}
	q.Void = serde.IsVoidNamespace(q.Namespace)
	return q, nil
}
