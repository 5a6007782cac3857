package validate

import (
	"errors"
	"fmt"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
)

// operatorHandles calls do with every handle of operator state.
func (r *run) operatorHandles(do func(op *reader.Operator, s *metadata.Subtask, raw bool, h *metadata.OperatorHandle)) {
	for _, op := range r.snap.Operators {
		for i := range op.Meta.Subtasks {
			s := &op.Meta.Subtasks[i]
			if s.ManagedOperator != nil {
				do(op, s, false, s.ManagedOperator)
			}
			if s.RawOperator != nil {
				do(op, s, true, s.RawOperator)
			}
		}
	}
}

// operatorOffsets checks that partitions follow one another in their stream.
func operatorOffsets(r *run, report func(Finding)) {
	r.operatorHandles(func(op *reader.Operator, s *metadata.Subtask, raw bool, h *metadata.OperatorHandle) {
		if h.Stream == nil {
			report(ofSubtask(op, s, "operator state without a stream"))
			return
		}
		size := h.Stream.Size()
		first := map[int64]string{}
		for _, st := range h.States {
			f := ofSubtask(op, s, "")
			f.Place.State = st.Name
			if st.Mode == metadata.ModeBroadcast && len(st.Offsets) > 1 {
				f.Message = fmt.Sprintf("%d partitions of a broadcast state, expected one", len(st.Offsets))
				report(f)
			}
			before := int64(-1)
			for i, o := range st.Offsets {
				switch {
				case o < 0 || o > size:
					f.Message = fmt.Sprintf("partition %d begins at byte %d of %d", i, o, size)
					report(f)
				case o < before:
					f.Message = fmt.Sprintf("partition %d begins at byte %d, before the one that precedes it at %d", i, o, before)
					report(f)
				}
				before = o
			}
			if len(st.Offsets) > 0 && !raw && st.Offsets[0] < size {
				if other, ok := first[st.Offsets[0]]; ok {
					f.Message = fmt.Sprintf("begins at byte %d, where state %s begins, too", st.Offsets[0], other)
					report(f)
				}
				first[st.Offsets[0]] = st.Name
			}
		}
	})
}

// operatorModes compares how _metadata and the header of the stream say that a state is dealt out.
func operatorModes(r *run, report func(Finding)) {
	for i := range r.headers {
		h := &r.headers[i]
		if h.part.Slot != metadata.SlotManagedOperator {
			continue
		}
		for _, st := range h.part.Handle.(*metadata.OperatorHandle).States {
			if h.err == nil && !h.describes(st.Name) {
				f := Finding{Place: h.place(), Message: "a state that the stream's own header does not have"}
				f.Place.State = st.Name
				report(f)
			}
			for j := range h.states {
				info := h.states[j].Info
				if info == nil || h.states[j].Name != st.Name || info.DistributionMode() == "" || info.DistributionMode() == st.Mode.String() {
					continue
				}
				f := Finding{Place: h.place(), Message: fmt.Sprintf("%s in _metadata, %s in the state's own header", st.Mode, info.DistributionMode())}
				f.Place.State = st.Name
				report(f)
			}
		}
	}
}

// describes reports whether the header of a stream has a state of a name.
func (h *header) describes(name string) bool {
	for i := range h.states {
		if h.states[i].Name == name && h.states[i].Info != nil {
			return true
		}
	}
	return false
}

// finishedOperators checks what finished operators may hold.
func finishedOperators(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		m := op.Meta
		if m.FullyFinished && (m.Coordinator != nil || len(m.Subtasks) > 0) {
			report(ofOperator(op, "finished, and holds state"))
		}
		finished, union := 0, ""
		for i := range m.Subtasks {
			if m.Subtasks[i].Finished {
				finished++
			}
			if h := m.Subtasks[i].ManagedOperator; h != nil {
				for _, st := range h.States {
					if st.Mode == metadata.ModeUnion {
						union = st.Name
					}
				}
			}
		}
		if finished > 0 && finished == m.Parallelism {
			report(ofOperator(op, "all %d subtasks have finished, and the operator has not", finished))
		}
		if finished > 0 && union != "" {
			f := ofOperator(op, "%d of %d subtasks have finished, and their share of the union state is gone", finished, m.Parallelism)
			f.Place.State = union
			report(f)
		}
	}
}

// sourceReaderState is the state in which the readers of a source keep their splits (org.apache.flink.streaming.api.operators.SourceOperator).
const sourceReaderState = "SourceReaderState"

// coordinators looks for sources that lost the state of their enumerator.
func coordinators(r *run, report func(Finding)) {
	if r.snap.Metadata.Version < 3 {
		return
	}
	for _, op := range r.snap.Operators {
		if op.Meta.Coordinator != nil && len(op.Meta.Coordinator.Data) > 0 {
			continue
		}
		for i := range op.Meta.Subtasks {
			h := op.Meta.Subtasks[i].ManagedOperator
			if h != nil && hasPart(h, sourceReaderState) {
				f := ofOperator(op, "a source with splits in its readers and no state of its coordinator")
				f.Place.State = sourceReaderState
				report(f)
				break
			}
		}
	}
}

func hasPart(h *metadata.OperatorHandle, name string) bool {
	for _, st := range h.States {
		if st.Name == name {
			return true
		}
	}
	return false
}

// coordinatorNames compares the name under which coordinator state is stored with the operator's id.
func coordinatorNames(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		if c := op.Meta.Coordinator; c != nil && c.Name != op.ID.String() {
			report(ofOperator(op, "the coordinator's state is named %q, expected the operator's id %s", c.Name, op.ID))
		}
	}
}

// inFlight adds up the in-flight data of an operator.
func inFlight(op *reader.Operator) (channels int, size int64) {
	op.Meta.EachHandle(func(o metadata.Owner, h metadata.Handle) {
		if o.Slot == metadata.SlotInputChannel || o.Slot == metadata.SlotResultSubpartition {
			channels++
			size += h.Size()
		}
	})
	return channels, size
}

// savepointChannels looks for in-flight data in a savepoint.
func savepointChannels(r *run, report func(Finding)) {
	if !r.isSavepoint() {
		return
	}
	for _, op := range r.snap.Operators {
		if n, size := inFlight(op); n > 0 {
			report(ofOperator(op, "%d handles of in-flight data, %d bytes, in a savepoint", n, size))
		}
	}
}

// tiedToGraph tells of in-flight data in checkpoints.
func tiedToGraph(r *run, report func(Finding)) {
	if r.isSavepoint() {
		return
	}
	for _, op := range r.snap.Operators {
		if _, size := inFlight(op); size > 0 {
			report(ofOperator(op, "%d bytes of in-flight data", size))
		}
	}
}

// channelOffsets checks that buffers lie in their streams, and whom they belong to.
func channelOffsets(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		for i := range op.Meta.Subtasks {
			s := &op.Meta.Subtasks[i]
			for _, list := range [][]metadata.ChannelHandle{s.InputChannels, s.ResultSubpartitions} {
				for _, h := range list {
					channel(op, s, h, report)
				}
			}
		}
	}
}

func channel(op *reader.Operator, s *metadata.Subtask, h metadata.ChannelHandle, report func(Finding)) {
	check := func(stream metadata.StreamHandle, gate, index int32, offsets []int64, length int64) {
		if stream == nil {
			report(ofSubtask(op, s, "channel %d of gate %d has no stream", index, gate))
			return
		}
		if length < 0 {
			report(ofSubtask(op, s, "channel %d of gate %d has %d bytes", index, gate, length))
		}
		for _, o := range offsets {
			if o < 0 || o > stream.Size() {
				report(ofSubtask(op, s, "channel %d of gate %d has a buffer at byte %d of %d", index, gate, o, stream.Size()))
			}
		}
	}
	writer := s.Index
	switch h := h.(type) {
	case *metadata.Channel:
		writer = int(h.Subtask)
		check(h.Stream, h.Gate, h.Index, h.Offsets, h.Length)
	case *metadata.MergedChannels:
		writer = int(h.Subtask)
		sum := int64(0)
		for _, c := range h.Channels {
			check(h.Stream, c.Gate, c.Index, c.Offsets, c.Length)
			sum += c.Length
		}
		if sum != h.Length {
			report(ofSubtask(op, s, "in-flight data of %d bytes in channels that have %d", h.Length, sum))
		}
	}
	if writer != s.Index {
		report(ofSubtask(op, s, "in-flight data that subtask %d wrote", writer))
	}
}

// headersRead tells of parts whose description cannot be read.
func headersRead(r *run, report func(Finding)) {
	for i := range r.headers {
		h := &r.headers[i]
		each(h.err, func(err error) {
			switch {
			case isLost(err):
			case !isUnknown(err):
				report(findingOf(err))
			case len(h.states) == 0:
				f := findingOf(err)
				f.Severity, f.own = Warning, true
				f.Message += "; nothing of it can be read"
				report(f)
			}
		})
		for j := range h.states {
			if err := h.states[j].Err; err != nil && !isUnknown(err) {
				f := findingOf(err)
				f.Place.Operator, f.Place.Subtask, f.Place.State = h.part.Operator.Label(), h.part.Subtask, h.states[j].Name
				report(f)
			}
		}
	}
}

// each takes joined errors apart.
func each(err error, do func(error)) {
	var all interface{ Unwrap() []error }
	if err == nil {
		return
	}
	if errors.As(err, &all) {
		for _, e := range all.Unwrap() {
			each(e, do)
		}
		return
	}
	do(err)
}

// isLost reports whether an error says that a file is not there: files-exist and paths-inside tell of that once.
func isLost(err error) bool {
	return errors.Is(err, fault.ErrMissing) || errors.Is(err, fault.ErrRefused)
}

// isUnknown reports whether an error says that the bytes may be right and no rule for them is known.
func isUnknown(err error) bool { return errors.Is(err, fault.ErrUnsupported) }

// serializersKnown tells what cannot be looked into.
func serializersKnown(r *run, report func(Finding)) {
	for i := range r.headers {
		h := &r.headers[i]
		each(h.err, func(err error) {
			if isUnknown(err) {
				report(findingOf(err))
			}
		})
		for j := range h.states {
			st := &h.states[j]
			f := Finding{Place: h.place()}
			f.Place.State = st.Name
			if st.Err != nil && isUnknown(st.Err) {
				f.Message = findingOf(st.Err).Message
				report(f)
				continue
			}
			if name := opaqueIn(&st.State); name != "" {
				f.Message = "values of serializer " + name + " are carried as they are; what is in them is not checked"
				report(f)
			}
		}
	}
}

// statesAgree compares the types of one state in different subtasks.
func statesAgree(r *run, report func(Finding)) {
	type key struct {
		op   *reader.Operator
		name string
		kind entry.Kind
	}
	first := map[key]string{}
	for i := range r.headers {
		h := &r.headers[i]
		for j := range h.states {
			st := &h.states[j].State
			k, types := key{h.part.Operator, st.Name, st.Kind}, typesOf(st)
			before, ok := first[k]
			if !ok {
				first[k] = types
			} else if before != types {
				f := Finding{Place: h.place(), Message: fmt.Sprintf("%s, while an earlier subtask has %s", types, before)}
				f.Place.State = st.Name
				report(f)
			}
		}
	}
}

// layoutsAgree compares the layout, the compression and the key type of an operator's keyed state in its subtasks.
func layoutsAgree(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		var first *header
		for _, h := range r.partsOf(op, metadata.SlotManagedKeyed) {
			if h.layout == "" || len(h.states) == 0 {
				continue
			}
			if first == nil {
				first = h
				continue
			}
			if a, b := describe(first), describe(h); a != b {
				report(Finding{Place: h.place(), Message: fmt.Sprintf("%s, while an earlier subtask has %s", b, a)})
			}
		}
	}
}

func describe(h *header) string {
	s := h.layout
	if h.compressed {
		s += ", compressed"
	}
	for i := range h.states {
		if c := h.states[i].Key; c != nil {
			return s + ", keys of " + c.Type().String()
		}
	}
	return s
}

// wrongOffsets finds the compressed operator state of Flink 1.18.
func wrongOffsets(r *run, report func(Finding)) {
	for i := range r.headers {
		if h := &r.headers[i]; h.evidence.WrongOperatorOffsets {
			report(Finding{Place: h.place(), Message: "compressed operator state whose offsets were taken before compression, a bug of Flink 1.18"})
		}
	}
}
