package metadata

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Decode reads a whole `_metadata` file. Byte slices in the result alias b. Errors are *fault.Error: ErrTruncated, ErrCorrupt, or
// ErrUnsupported for versions and handle codes that nothing is known of.
func Decode(b []byte) (*Metadata, error) { return DecodeTraced(b, nil) }

// DecodeTraced is Decode, and tells t what every byte means. After an error t has been told what was read until then. t may be nil.
func DecodeTraced(b []byte, t binio.Tracer) (*Metadata, error) {
	d := decoder{r: binio.NewReader(b, 0)}
	m, err := d.metadata()
	if err != nil && d.ambiguous {
		// No number in the file tells the two layouts of a changelog handle apart: the one that fits the whole file is right.
		retry := decoder{r: binio.NewReader(b, 0), changelog114: true}
		if m114, err114 := retry.metadata(); err114 == nil {
			m, err = m114, nil
			d = retry
		}
	}
	if t != nil {
		traced := decoder{r: binio.NewReader(b, 0), changelog114: d.changelog114}
		traced.r.Trace(t)
		return traced.metadata()
	}
	return m, err
}

// IsMetadata reports whether b begins like a `_metadata` file of any version.
func IsMetadata(b []byte) bool {
	r := binio.NewReader(b, 0)
	return r.I32() == magic && r.Err() == nil
}

// decoder reads one file.
type decoder struct {
	r            *binio.Reader
	l            *layout
	changelog114 bool // read codes 8, 9 and 10 as Flink 1.14 wrote them
	ambiguous    bool // such a code was met where both layouts are possible

	place fault.Place
	seen  []int32 // seen[i] is the number of the last operator that had subtask i
}

func (d *decoder) metadata() (*Metadata, error) {
	d.place = fault.Place{Subtask: fault.NoPlace, KeyGroup: fault.NoPlace}
	m := &Metadata{Changelog114: d.changelog114}
	d.r.Section("_metadata")
	d.frame(m)
	d.r.EndSection()
	if err := d.r.Err(); err != nil {
		return nil, fault.At(err, d.place)
	}
	return m, nil
}

func (d *decoder) frame(m *Metadata) {
	r := d.r
	if !d.header(m) {
		return
	}
	m.CheckpointID = d.i64In("checkpoint id", 0)
	n := r.Field("number of master states").Count(8)
	m.MasterStates = list(d, n, d.masterState)
	n = r.Field("number of operators").Count(d.l.minOperator())
	m.Operators = list(d, n, d.operator)
	if r.Err() != nil {
		return
	}
	if d.l.properties {
		m.RawProperties = d.properties()
	}
	r.End()
}

// header reads magic and version and finds the layout.
func (d *decoder) header(m *Metadata) bool {
	r := d.r
	at := r.Offset()
	if v := r.Field("magic").I32(); r.Err() == nil && v != magic {
		r.Fail(fault.Corrupt(at, "%#x", uint32(v)).WithExpected("%#x", magic).WithHint("this is no _metadata file of Flink"))
	}
	at = r.Offset()
	m.Version = int(r.Field("version").I32())
	if r.Err() != nil {
		return false
	}
	d.l = layoutOf(m.Version)
	switch {
	case d.l == nil && m.Version <= 0:
		r.Fail(fault.Corrupt(at, "%d", m.Version).WithExpected("%s", readable()))
	case d.l == nil:
		r.Fail(fault.Unsupported(at, "%d", m.Version).WithExpected("%s", readable()).WithHint("written by a Flink newer than this program, or damaged"))
	case d.l.refused != "":
		r.Fail(fault.Unsupported(at, "%d, %s", m.Version, d.l.refused).WithExpected("%s", readable()))
	}
	return r.Err() == nil
}

// list reads n things. The slice grows as they arrive, so that a wrong count costs no memory.
func list[T any](d *decoder, n int, read func(i int) T) []T {
	if n == 0 || d.r.Err() != nil {
		return nil
	}
	out := make([]T, 0, min(n, 64))
	for i := 0; i < n && d.r.Err() == nil; i++ {
		out = append(out, read(i))
	}
	return out
}

func (d *decoder) masterState(i int) MasterState {
	r := d.r
	d.section("master state", i)
	defer r.EndSection()
	r.Field("master state magic").Expect(masterMagic)
	n := r.Field("length of the master state").Length()
	end := r.Pos() + n
	s := MasterState{Version: r.Field("version of the hook's serializer").I32(), Name: r.Field("name of the hook").UTF()}
	size := r.Field("length of the hook's data").Length()
	s.Data = r.Field("data of the hook").Bytes(size)
	if r.Err() == nil && r.Pos() != end {
		r.Corrupt("a master state of %d bytes", n+r.Pos()-end)
	}
	return s
}

// minOperator is the least number of bytes that an operator takes.
func (l *layout) minOperator() int {
	n := 16 + 4 + 4 + 4
	if l.names {
		n += 4
	}
	if l.chainLength {
		n += 4
	}
	if l.coordinator {
		n++
	}
	return n
}

func (d *decoder) operator(i int) Operator {
	r := d.r
	d.section("operator", i)
	defer r.EndSection()
	var o Operator
	if d.l.names {
		o.Name = r.Field("operator name").UTF()
		o.UID = r.Field("operator uid").UTF()
	}
	copy(o.ID[:], r.Field("operator id").Bytes(len(o.ID)))
	if r.Err() != nil {
		return o
	}
	d.place.Operator = o.UID
	if o.UID == "" {
		d.place.Operator = o.ID.String()
	}
	o.Parallelism = d.i32In("parallelism", 0, keygroup.MaxParallelism)
	o.MaxParallelism = d.i32In("max parallelism", int32(o.Parallelism), keygroup.MaxParallelism)
	if d.l.chainLength {
		o.ChainLength = r.Field("chain length").I32()
	}
	if d.l.coordinator {
		o.Coordinator = d.coordinator()
	}
	d.subtasks(&o, int32(i))
	if r.Err() == nil {
		d.place.Operator = ""
	}
	return o
}

// coordinator reads a stream handle that may only be none or inline bytes.
func (d *decoder) coordinator() *ByteStream {
	at := d.r.Offset()
	h := d.stream("coordinator state", true)
	if h == nil {
		return nil
	}
	b, ok := h.(*ByteStream)
	if !ok && d.r.Err() == nil {
		d.r.Fail(fault.Corrupt(at, "coordinator state that is not inline").WithExpected("no handle or inline bytes"))
	}
	return b
}

func (d *decoder) subtasks(o *Operator, number int32) {
	r := d.r
	at := r.Offset()
	n := r.Field("number of subtasks").I32()
	if r.Err() != nil {
		return
	}
	if n == -1 && d.l.finished && o.Coordinator == nil {
		o.FullyFinished = true
		return
	}
	if n < 0 || int(n) > o.Parallelism {
		r.Fail(fault.Corrupt(at, "%d", n).WithExpected("0 to the parallelism %d", o.Parallelism))
		return
	}
	d.growSeen(o.Parallelism)
	o.Subtasks = list(d, int(n), func(i int) Subtask {
		s := d.subtask(i, o.Parallelism, number+1)
		if r.Err() == nil {
			d.place.Subtask = fault.NoPlace
		}
		return s
	})
}

func (d *decoder) growSeen(n int) {
	if n > len(d.seen) {
		d.seen = append(d.seen, make([]int32, n-len(d.seen))...)
	}
}

func (d *decoder) subtask(i, parallelism int, operator int32) Subtask {
	r := d.r
	d.section("subtask", i)
	defer r.EndSection()
	s := d.subtaskIndex(parallelism)
	if r.Err() != nil {
		return s
	}
	d.place.Subtask = s.Index
	if d.seen[s.Index] == operator {
		r.Corrupt("subtask %d for the second time", s.Index)
	}
	d.seen[s.Index] = operator
	if !s.Finished {
		d.subtaskBody(&s)
	}
	return s
}

func (d *decoder) subtaskIndex(parallelism int) Subtask {
	at := d.r.Offset()
	index := d.r.Field("subtask index").I32()
	s := Subtask{Index: int(index)}
	if index < 0 && d.l.finished {
		s.Index, s.Finished = -(s.Index + 1), true
	}
	if d.r.Err() == nil && (s.Index < 0 || s.Index >= parallelism) {
		d.r.Fail(fault.Corrupt(at, "%d", index).WithExpected("less than the parallelism %d", parallelism))
	}
	return s
}

func (d *decoder) subtaskBody(s *Subtask) {
	r := d.r
	if d.l.legacy {
		s.Duration = r.Field("duration").I64()
		if n := r.Field("number of legacy states").I32(); r.Err() == nil && n != 0 {
			r.Unsupported("%d states in the form of Flink 1.1", n)
		}
	}
	s.ManagedOperator = d.maybeOperatorHandle("managed operator state")
	s.RawOperator = d.maybeOperatorHandle("raw operator state")
	s.ManagedKeyed = d.keyed("managed keyed state")
	s.RawKeyed = d.keyed("raw keyed state")
	if d.l.channels == channelsNone {
		return
	}
	s.InputChannels = d.channels("input channels", channelInput, channelMergedInput)
	s.ResultSubpartitions = d.channels("result subpartitions", channelOutput, channelMergedOutput)
}

// i32In reads an i4 that must lie between two numbers.
func (d *decoder) i32In(label string, low, high int32) int {
	at := d.r.Offset()
	v := d.r.Field(label).I32()
	if d.r.Err() == nil && (v < low || v > high) {
		d.r.Fail(fault.Corrupt(at, "%d", v).WithExpected("%d to %d", low, high))
	}
	return int(v)
}

// i64In reads an i8 that must not be less than low.
func (d *decoder) i64In(label string, low int64) int64 {
	at := d.r.Offset()
	v := d.r.Field(label).I64()
	if d.r.Err() == nil && v < low {
		d.r.Fail(fault.Corrupt(at, "%d", v).WithExpected("at least %d", low))
	}
	return v
}
