package metadata

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Append writes the file of m.Version. What was decoded is written to the same bytes. What the version has no place for is
// refused with an ErrRefused that names it, and so is what no reader would accept; a version that is not written is an
// ErrUnsupported. dst is returned unchanged after an error.
func (m *Metadata) Append(dst []byte) ([]byte, error) {
	l := layoutOf(m.Version)
	if l == nil || l.refused != "" {
		return dst, fault.New(fault.ErrUnsupported, "metadata version %d", m.Version).WithExpected("%s", readable())
	}
	e := encoder{b: dst, l: l, changelog114: m.Changelog114}
	e.place = fault.Place{Subtask: fault.NoPlace, KeyGroup: fault.NoPlace}
	e.metadata(m)
	if e.err != nil {
		return dst, fault.At(e.err, e.place)
	}
	return e.b, nil
}

// encoder appends one file. Like the reader it keeps the first error; what it appends after that is thrown away.
type encoder struct {
	b            []byte
	l            *layout
	changelog114 bool
	err          *fault.Error
	place        fault.Place
}

// refuse records that something cannot be written.
func (e *encoder) refuse(field, format string, args ...any) {
	if e.err == nil {
		e.err = fault.New(fault.ErrRefused, format, args...)
		e.err.Field = field
	}
}

// needs refuses what the version has no place for.
func (e *encoder) needs(has bool, present bool, field string) {
	if present && !has {
		e.refuse(field, "metadata version %d (Flink %s) cannot hold it", e.l.version, span(e.l.from, e.l.to))
	}
}

func (e *encoder) u8(v byte)         { e.b = append(e.b, v) }
func (e *encoder) i32(v int32)       { e.b = binio.AppendI32(e.b, v) }
func (e *encoder) i64(v int64)       { e.b = binio.AppendI64(e.b, v) }
func (e *encoder) bool(v bool)       { e.b = binio.AppendBool(e.b, v) }
func (e *encoder) raw(v []byte)      { e.b = append(e.b, v...) }
func (e *encoder) count(n int)       { e.i32(int32(n)) }
func (e *encoder) bytes(v []byte)    { e.count(len(v)); e.raw(v) }
func (e *encoder) length(at int)     { copy(e.b[at:], binio.AppendI32(nil, int32(len(e.b)-at-4))) }
func (e *encoder) offsets(v []int64) { e.count(len(v)); e.longs(v) }

func (e *encoder) longs(v []int64) {
	for _, x := range v {
		e.i64(x)
	}
}

// size appends the length of a file, which may be −1, or of a segment, which may not.
func (e *encoder) size(v, low int64) {
	if v < low {
		e.refuse("size", "%d", v)
	}
	e.i64(v)
}

func (e *encoder) utf(field, s string) {
	b, ok := binio.AppendUTF(e.b, s)
	if !ok {
		e.refuse(field, "a text of %d bytes", len(s))
	}
	e.b = b
}

func (e *encoder) metadata(m *Metadata) {
	e.i32(magic)
	e.i32(int32(m.Version))
	if m.CheckpointID < 0 {
		e.refuse("checkpoint id", "%d", m.CheckpointID)
	}
	e.needs(e.l.changelog114, m.Changelog114, "changelog handles in the layout of Flink 1.14")
	e.i64(m.CheckpointID)
	e.count(len(m.MasterStates))
	for i := range m.MasterStates {
		e.masterState(&m.MasterStates[i])
	}
	e.count(len(m.Operators))
	for i := range m.Operators {
		e.operator(&m.Operators[i])
	}
	e.needs(e.l.properties, len(m.RawProperties) > 0, "checkpoint properties")
	if e.l.properties && len(m.RawProperties) == 0 {
		e.refuse("checkpoint properties", "none, and metadata version %d needs them", e.l.version)
	}
	e.raw(m.RawProperties)
}

func (e *encoder) masterState(s *MasterState) {
	e.i32(masterMagic)
	at := len(e.b)
	e.i32(0) // the length, when it is known
	e.i32(s.Version)
	e.utf("name of the hook", s.Name)
	e.bytes(s.Data)
	e.length(at)
}

func (e *encoder) operator(o *Operator) {
	if e.err != nil {
		return
	}
	e.place.Operator = o.UID
	if o.UID == "" {
		e.place.Operator = o.ID.String()
	}
	e.operatorHead(o)
	e.needs(e.l.finished, o.FullyFinished, "a finished operator")
	if o.FullyFinished {
		if o.Coordinator != nil || len(o.Subtasks) > 0 {
			e.refuse("a finished operator", "it has state")
		}
		e.i32(-1)
	} else {
		e.subtasks(o)
	}
	if e.err == nil {
		e.place.Operator = ""
	}
}

func (e *encoder) operatorHead(o *Operator) {
	e.needs(e.l.names, o.Name != "", "operator name")
	e.needs(e.l.names, o.UID != "", "operator uid")
	if e.l.names {
		e.utf("operator name", o.Name)
		e.utf("operator uid", o.UID)
	}
	e.raw(o.ID[:])
	if o.Parallelism < 0 || o.Parallelism > o.MaxParallelism || o.MaxParallelism > keygroup.MaxParallelism {
		e.refuse("parallelism", "%d of %d", o.Parallelism, o.MaxParallelism)
	}
	e.count(o.Parallelism)
	e.count(o.MaxParallelism)
	if e.l.chainLength {
		e.i32(o.ChainLength)
	}
	e.needs(e.l.coordinator, o.Coordinator != nil, SlotCoordinator.String())
	switch {
	case !e.l.coordinator:
	case o.Coordinator == nil:
		e.u8(codeNull)
	default:
		e.stream(o.Coordinator)
	}
}

func (e *encoder) subtasks(o *Operator) {
	e.count(len(o.Subtasks))
	if len(o.Subtasks) > o.Parallelism {
		e.refuse("number of subtasks", "%d with a parallelism of %d", len(o.Subtasks), o.Parallelism)
	}
	seen := make(map[int]bool, len(o.Subtasks))
	for i := range o.Subtasks {
		if e.err != nil {
			return
		}
		s := &o.Subtasks[i]
		e.place.Subtask = s.Index
		if seen[s.Index] {
			e.refuse("subtask index", "%d for the second time", s.Index)
		}
		seen[s.Index] = true
		if s.Index < 0 || s.Index >= o.Parallelism {
			e.refuse("subtask index", "%d with a parallelism of %d", s.Index, o.Parallelism)
		}
		e.subtask(s)
		if e.err == nil {
			e.place.Subtask = fault.NoPlace
		}
	}
}

func (e *encoder) subtask(s *Subtask) {
	e.needs(e.l.finished, s.Finished, "a finished subtask")
	if s.Finished {
		s.EachHandle(func(slot Slot, _ Handle) { e.refuse("a finished subtask", "it has %s", slot) })
		e.count(-(s.Index + 1))
		return
	}
	e.count(s.Index)
	if e.l.legacy {
		e.i64(s.Duration)
		e.i32(0)
	}
	e.maybeOperatorHandle(s.ManagedOperator)
	e.maybeOperatorHandle(s.RawOperator)
	e.keyed(s.ManagedKeyed)
	e.keyed(s.RawKeyed)
	e.channels(SlotInputChannel, s.InputChannels)
	e.channels(SlotResultSubpartition, s.ResultSubpartitions)
}
