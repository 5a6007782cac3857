package metadata

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

func TestEverythingRoundTrips(t *testing.T) {
	all := []*Metadata{everything114()}
	for _, v := range Versions() {
		all = append(all, everything(t, v))
	}
	for _, want := range all {
		t.Run(fmt.Sprint(want.Version, want.Changelog114), func(t *testing.T) {
			got := checkLaw(t, encode(t, want))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestAppendRefusesWhatAVersionCannotHold(t *testing.T) {
	state := &ByteStream{Name: "x"}
	long := strings.Repeat("x", math.MaxUint16+1)
	subtask := func(s Subtask) func(*Metadata) {
		return func(m *Metadata) { m.Operators[0].Subtasks = []Subtask{s} }
	}
	for _, c := range []struct {
		version int
		set     func(*Metadata)
		names   string // what the error must name
	}{
		{2, func(m *Metadata) { m.Operators[0].Coordinator = state }, "coordinator state"},
		{2, func(m *Metadata) { m.Operators[0].FullyFinished = true }, "finished operator"},
		{2, subtask(Subtask{Finished: true}), "finished subtask"},
		{2, subtask(Subtask{InputChannels: []ChannelHandle{channel}}), "input channel state"},
		{2, subtask(Subtask{ResultSubpartitions: []ChannelHandle{channel}}), "result subpartition state"},
		{3, subtask(Subtask{InputChannels: []ChannelHandle{channels}}), "merged input channel state"},
		{5, subtask(Subtask{ResultSubpartitions: []ChannelHandle{channels}}), "merged result subpartition state"},
		{3, func(m *Metadata) { m.RawProperties = []byte{1} }, "properties"},
		{4, func(m *Metadata) { m.RawProperties = nil }, "properties"},
		{4, func(m *Metadata) { m.Operators[0].UID = "u" }, "uid"},
		{4, func(m *Metadata) { m.Operators[0].Name = "n" }, "name"},
		{4, func(m *Metadata) { m.Changelog114 = true }, "Flink 1.14"},
		{3, func(m *Metadata) {
			m.Changelog114 = true
			m.Operators[0].Subtasks = []Subtask{{ManagedKeyed: memLog}}
		}, "handle id"},
		{6, func(m *Metadata) { m.CheckpointID = -1 }, "checkpoint id"},
		{6, func(m *Metadata) { m.Operators[0].Name = long }, "operator name"},
		{6, func(m *Metadata) { m.Operators[0].Parallelism = 1000 }, "parallelism"},
		{6, func(m *Metadata) { m.Operators[0].FullyFinished, m.Operators[0].Coordinator = true, state }, "finished operator"},
		{6, subtask(Subtask{Index: 4}), "subtask index"},
		{6, subtask(Subtask{Finished: true, ManagedKeyed: groups}), "managed keyed state"},
		{6, subtask(Subtask{ManagedKeyed: &KeyGroups{Range: keygroup.Range{Last: 1}, Offsets: []int64{1}, Stream: rel}}), "offsets"},
		{6, subtask(Subtask{ManagedKeyed: &KeyGroups{Range: keygroup.Range{Last: 1 << 15}, Stream: rel}}), "key groups"},
		{6, subtask(Subtask{ManagedKeyed: &KeyGroups{Range: keygroup.Range{Last: -1}}}), "stream"},
		{6, subtask(Subtask{ManagedKeyed: &KeyGroups{Range: keygroup.Range{Last: -1}, Stream: groupsSave}}), "place of a stream"},
		{6, subtask(Subtask{ManagedKeyed: &Incremental{Meta: rel, HandleID: "x"}}), "handle id"},
		{6, subtask(Subtask{ManagedKeyed: &Changelog{CheckpointID: 3}}), "checkpoint id"},
		{6, subtask(Subtask{ManagedKeyed: &Changelog{NonMaterialized: []KeyedHandle{groups}}}), "changelog handles"},
		{6, subtask(Subtask{ManagedOperator: &OperatorHandle{}}), "stream"},
		{6, subtask(Subtask{ManagedOperator: &OperatorHandle{Stream: &File{Length: -2}}}), "size"},
		{6, subtask(Subtask{ManagedOperator: &OperatorHandle{Stream: &Segment{Start: -1}}}), "size"},
		{6, subtask(Subtask{ManagedOperator: &OperatorHandle{Stream: &Segment{Scope: 2}}}), "scope"},
		{6, subtask(Subtask{ManagedOperator: &OperatorHandle{States: []OperatorStatePart{{Mode: 3}}, Stream: rel}}), "distribution mode"},
		{6, subtask(Subtask{ManagedKeyed: &MemoryLog{Changes: []StateChange{{KeyGroup: -2}}}}), "key group of a change"},
		{6, func(m *Metadata) { m.Operators[0].Subtasks = []Subtask{{Index: 1}, {Index: 1, Finished: true}} }, "second time"},
	} {
		m := &Metadata{Version: c.version, Operators: []Operator{{Parallelism: 4, MaxParallelism: 128}}}
		if layoutOf(c.version).properties {
			m.RawProperties = properties(t, "checkpoint")
		}
		encode(t, m) // as it is it can be written
		c.set(m)
		dst := []byte("kept")
		out, err := m.Append(dst)
		if !errors.Is(err, fault.ErrRefused) || !strings.Contains(fmt.Sprint(err), c.names) {
			t.Errorf("version %d: error %v, want refused because of %s", c.version, err, c.names)
		}
		if string(out) != "kept" {
			t.Errorf("version %d: dst became %q", c.version, out)
		}
	}
}

func TestAppendKnowsItsVersions(t *testing.T) {
	for _, v := range []int{0, 1, 7} {
		if _, err := (&Metadata{Version: v}).Append(nil); !errors.Is(err, fault.ErrUnsupported) {
			t.Errorf("version %d: %v, want unsupported", v, err)
		}
	}
}

func TestEachStreamFindsEveryReference(t *testing.T) {
	for _, c := range []struct {
		h    Handle
		want []StreamHandle
		size int64
	}{
		{inline, []StreamHandle{inline}, 5},
		{nested, []StreamHandle{rel}, 102},
		{groups, []StreamHandle{file}, 101},
		{incr, []StreamHandle{inline, file, inline, rel}, 5 + 101 + 5 + 102},
		{incrV2, []StreamHandle{rel, segment}, 102 + 104},
		{memLog, nil, 1},
		{fileLog, []StreamHandle{file, segment}, 116},
		{changes, []StreamHandle{inline, file, inline, rel, rel, file, segment}, 213 + 102 + 1 + 116},
		{nestedChanges, []StreamHandle{rel, segment, file, inline, file, inline, rel, rel, file, segment}, 206 + 119 + 432},
		{rawOpState, []StreamHandle{rel}, 102},
		{emptyState, []StreamHandle{&EmptySegment{}}, 0},
		{channel, []StreamHandle{rel}, 136},
		{channels, []StreamHandle{rel}, 137},
	} {
		var got []StreamHandle
		EachStream(c.h, func(s StreamHandle) { got = append(got, s) })
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: streams %v, want %v", KindOf(c.h), got, c.want)
		}
		if c.h.Size() != c.size {
			t.Errorf("%s: size %d, want %d", KindOf(c.h), c.h.Size(), c.size)
		}
	}
	EachStream(nil, func(StreamHandle) { t.Error("nil has no stream") })
}

func TestReferenceOf(t *testing.T) {
	for _, c := range []struct {
		h    StreamHandle
		want Reference
		ok   bool
	}{
		{inline, Reference{}, false},
		{&EmptySegment{}, Reference{}, false},
		{file, Reference{Path: "s3://bucket/shared/b", Length: 101}, true},
		{rel, Reference{Path: "c", Relative: true, Length: 102}, true},
		{nested, Reference{Path: "c", Relative: true, Length: 102}, true},
		{segment, Reference{Path: "hdfs://nn:8020/d", Start: 103, Length: 104, Shared: true}, true},
	} {
		if got, ok := ReferenceOf(c.h); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v, want %+v, %v", KindOf(c.h), got, ok, c.want, c.ok)
		}
	}
}

func TestEachHandleNamesTheSlot(t *testing.T) {
	m := everything(t, 6)
	count := map[Slot]int{}
	m.EachHandle(func(o Owner, h Handle) {
		count[o.Slot]++
		if (o.Subtask == nil) != (o.Slot == SlotCoordinator) || o.Operator == nil || h == nil {
			t.Errorf("owner %+v of %v", o, h)
		}
	})
	want := map[Slot]int{
		SlotCoordinator: 1, SlotManagedOperator: 2, SlotRawOperator: 2, SlotManagedKeyed: 11, SlotRawKeyed: 11,
		SlotInputChannel: 3, SlotResultSubpartition: 3,
	}
	if !reflect.DeepEqual(count, want) {
		t.Errorf("handles %v, want %v", count, want)
	}
}

// fields is a tracer that joins what it is told.
type fields struct {
	next int64
	gaps int
	open int
}

func (f *fields) Field(offset int64, raw []byte, _ string, _ binio.Shape) {
	if offset != f.next {
		f.gaps++
	}
	f.next = offset + int64(len(raw))
}
func (f *fields) Enter(int64, string) { f.open++ }
func (f *fields) Leave(int64)         { f.open-- }

func TestTraceHasNoGaps(t *testing.T) {
	all := []*Metadata{everything114()}
	for _, v := range Versions() {
		all = append(all, everything(t, v))
	}
	for _, m := range all {
		b := encode(t, m)
		var f fields
		if _, err := DecodeTraced(b, &f); err != nil {
			t.Fatal(err)
		}
		if f.gaps != 0 || f.next != int64(len(b)) || f.open != 0 {
			t.Errorf("version %d: %d gaps, end at %d of %d, %d sections open", m.Version, f.gaps, f.next, len(b), f.open)
		}
	}
}
