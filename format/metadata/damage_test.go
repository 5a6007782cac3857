package metadata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/operatorid"
)

func TestHeader(t *testing.T) {
	start := func(version int32) []byte { return binio.AppendI32(binio.AppendI32(nil, magic), version) }
	for _, c := range []struct {
		name string
		b    []byte
		kind error
		says string
	}{
		{"empty", nil, fault.ErrTruncated, "at byte 0"},
		{"short magic", []byte{0x49, 0x60}, fault.ErrTruncated, "magic"},
		{"other magic", []byte("PK\x03\x04...."), fault.ErrCorrupt, "no _metadata file"},
		{"magic alone", start(3)[:4], fault.ErrTruncated, "at byte 4"},
		{"version 1", start(1), fault.ErrUnsupported, "no supported Flink reads"},
		{"version 7", start(7), fault.ErrUnsupported, "from 2 to 6"},
		{"version 0", start(0), fault.ErrCorrupt, "version"},
		{"version -1", start(-1), fault.ErrCorrupt, "version"},
		{"negative checkpoint", binio.AppendI64(start(2), -1), fault.ErrCorrupt, "checkpoint id"},
	} {
		m, err := Decode(c.b)
		if m != nil || !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v saying %q", c.name, err, c.kind, c.says)
		}
	}
}

func TestErrorsSayWhere(t *testing.T) {
	b := encode(t, everything(t, 6))
	at := bytes.Index(b, []byte("000011.sst")) + len("000011.sst")
	b[at] = 99 // the code of the table's handle
	_, err := Decode(b)
	var e *fault.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	if !errors.Is(err, fault.ErrUnsupported) || e.Offset != int64(at) || e.Operator != "all" || e.Subtask != 3 || e.Field != "handle code" {
		t.Errorf("error %+v, want unsupported handle code at %d in subtask 3 of all", e, at)
	}
}

func TestTruncatedAnywhere(t *testing.T) {
	for _, v := range Versions() {
		truncateEverywhere(t, encode(t, everything(t, v)))
	}
	truncateEverywhere(t, encode(t, everything114()))
}

func truncateEverywhere(t *testing.T, b []byte) {
	t.Helper()
	for n := range b {
		if _, err := Decode(b[:n]); !errors.Is(err, fault.ErrCorrupt) {
			t.Fatalf("%d of %d bytes: %v, want truncated or corrupt", n, len(b), err)
		}
	}
	if _, err := Decode(append(bytes.Clone(b), 0)); !errors.Is(err, fault.ErrCorrupt) {
		t.Errorf("a byte more: %v, want corrupt", err)
	}
}

// Whatever a flipped bit makes of a file, it is an error or a file that can be written back.
func TestFlippedBits(t *testing.T) {
	b := encode(t, everything(t, 6))
	for i := range b {
		for _, bit := range []byte{1, 0x80} {
			b[i] ^= bit
			if _, err := Decode(b); err == nil {
				checkLaw(t, b)
			} else if fault.KindOf(err) == nil {
				t.Fatalf("byte %d: error %v of no kind", i, err)
			}
			b[i] ^= bit
		}
	}
}

// Each i4 of the file is replaced by numbers that no count may have.
func TestHostileNumbers(t *testing.T) {
	b := encode(t, everything(t, 6))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := 4; i+4 <= len(b); i++ {
		for _, v := range []uint32{1<<31 - 1, 1<<32 - 1, 1 << 31, 0x00FFFFFF} {
			c := bytes.Clone(b)
			binary.BigEndian.PutUint32(c[i:], v)
			if m, err := Decode(c); err == nil {
				if _, err := m.Append(nil); err != nil {
					t.Fatalf("%#x at %d: %v", v, i, err)
				}
			}
		}
	}
	runtime.ReadMemStats(&after)
	perRun := (after.TotalAlloc - before.TotalAlloc) / uint64(4*len(b))
	if perRun > 1<<20 {
		t.Errorf("%d bytes allocated for a file of %d", perRun, len(b))
	}
}

func TestWrongPlaces(t *testing.T) {
	base := func() *Metadata {
		return &Metadata{Version: 3, Operators: []Operator{{Parallelism: 2, MaxParallelism: 2, Subtasks: []Subtask{{Index: 0}, {Index: 1}}}}}
	}
	const operatorAt = 24 // where the operator begins
	const coordinatorAt = operatorAt + 24
	const subtasksAt = coordinatorAt + 1
	set := func(at int, v int32) func([]byte) {
		return func(b []byte) { binary.BigEndian.PutUint32(b[at:], uint32(v)) }
	}
	for _, c := range []struct {
		name   string
		change func([]byte)
		kind   error
		says   string
	}{
		{"negative parallelism", set(operatorAt+16, -1), fault.ErrCorrupt, "parallelism"},
		{"parallelism above the maximum", set(operatorAt+16, 3), fault.ErrCorrupt, "max parallelism"},
		{"max parallelism above Flink's", set(operatorAt+20, keygroup.MaxParallelism+1), fault.ErrCorrupt, "max parallelism"},
		{"coordinator with a keyed code", func(b []byte) { b[coordinatorAt] = codeIncremental }, fault.ErrCorrupt, "coordinator state"},
		{"empty segment as coordinator", func(b []byte) { b[coordinatorAt] = codeEmptySegment }, fault.ErrCorrupt, "not inline"},
		{"more subtasks than the parallelism", set(subtasksAt, 3), fault.ErrCorrupt, "number of subtasks"},
		{"-2 subtasks", set(subtasksAt, -2), fault.ErrCorrupt, "number of subtasks"},
		{"subtask index too high", set(subtasksAt+4, 2), fault.ErrCorrupt, "subtask index"},
		{"subtask twice", set(subtasksAt+4, 1), fault.ErrCorrupt, "second time"},
		{"operator state flag 2", set(subtasksAt+8, 2), fault.ErrCorrupt, "managed operator state"},
		{"operator handle code 0", set(subtasksAt+8, 1), fault.ErrCorrupt, "handle code 0"},
		{"operator handle in a keyed slot", func(b []byte) { b[subtasksAt+16] = codeOperator }, fault.ErrCorrupt, "handle code 4"},
		{"unknown keyed code", func(b []byte) { b[subtasksAt+16] = 18 }, fault.ErrUnsupported, "handle code 18"},
	} {
		b := encode(t, base())
		c.change(b)
		_, err := Decode(b)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v saying %q", c.name, err, c.kind, c.says)
		}
	}
}

func TestDeepNestingIsRefused(t *testing.T) {
	var h KeyedHandle = &Changelog{V2: true}
	for range 2 * binio.MaxDepth {
		h = &Changelog{V2: true, Materialized: []KeyedHandle{h}}
	}
	var s StreamHandle = &File{Path: "x"}
	for range 2 * binio.MaxDepth {
		s = &KeyGroups{Range: keygroup.Range{Last: -1}, Stream: s}
	}
	for _, sub := range []Subtask{{ManagedKeyed: h}, {ManagedOperator: &OperatorHandle{Stream: s}}} {
		m := &Metadata{Version: 3, Operators: []Operator{{ID: operatorid.ID{}, Parallelism: 1, MaxParallelism: 1, Subtasks: []Subtask{sub}}}}
		if _, err := Decode(encode(t, m)); !errors.Is(err, fault.ErrCorrupt) || !strings.Contains(err.Error(), "nested deeper") {
			t.Errorf("error %v, want nested too deep", err)
		}
	}
}

func TestLegacyStateIsUnsupported(t *testing.T) {
	m := &Metadata{Version: 2, Operators: []Operator{{Parallelism: 1, MaxParallelism: 1, Subtasks: []Subtask{{Index: 0, Duration: -1}}}}}
	b := encode(t, m)
	at := bytes.LastIndex(b, bytes.Repeat([]byte{0xFF}, 8)) + 8
	b[at+3] = 1
	if _, err := Decode(b); !errors.Is(err, fault.ErrUnsupported) {
		t.Errorf("error %v, want unsupported", err)
	}
}
