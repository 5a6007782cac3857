package overview

import (
	"slices"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/backend"
)

type stateKey struct {
	operator string
	name     string
	kind     string
}

func keyOf(s *entry.State) stateKey {
	return stateKey{operator: s.OperatorID, name: s.Name, kind: s.Kind.String()}
}

func (m *maker) operator(op *reader.Operator) {
	o := Operator{
		ID: op.ID.String(), UID: op.UID, UIDGiven: op.UIDGiven, Name: op.Name, Parallelism: op.Meta.Parallelism,
		MaxParallelism: op.Meta.MaxParallelism, FullyFinished: op.Meta.FullyFinished,
	}
	o.Bytes = bytesOf(op)
	for i := range op.Meta.Subtasks {
		m.subtask(&o, &op.Meta.Subtasks[i])
	}
	index := map[stateKey]*known{}
	var connectors connectorView
	for _, p := range op.Parts() {
		m.part(&o, p, index, &connectors)
	}
	o.Connectors = connectors.finish()
	m.out.Operators = append(m.out.Operators, o)
}

func (m *maker) subtask(o *Operator, s *metadata.Subtask) {
	if s.Finished {
		o.FinishedSubtasks = append(o.FinishedSubtasks, s.Index)
	}
	sub := Subtask{Index: s.Index}
	s.EachHandle(func(slot metadata.Slot, h metadata.Handle) {
		sub.Bytes.add(sizes(slot, h))
		if k, ok := h.(metadata.KeyedHandle); ok && slot == metadata.SlotManagedKeyed {
			sub.KeyGroups = k.KeyGroupRange().String()
		}
		if c, ok := h.(metadata.ChannelHandle); ok {
			o.inFlight(s.Index, slot, c)
		}
	})
	if sub.Bytes.Total > 0 || sub.KeyGroups != "" {
		o.Subtasks = append(o.Subtasks, sub)
	}
}

// bytesOf adds up all that an operator stores.
func bytesOf(op *reader.Operator) Bytes {
	var b Bytes
	op.Meta.EachHandle(func(owner metadata.Owner, h metadata.Handle) { b.add(sizes(owner.Slot, h)) })
	return b
}

// sizes sorts a handle's bytes into the right kind.
func sizes(slot metadata.Slot, h metadata.Handle) Bytes {
	b := Bytes{Total: h.Size()}
	switch slot {
	case metadata.SlotCoordinator:
		b.Coordinator = b.Total
	case metadata.SlotManagedOperator:
		b.Operator = b.Total
	case metadata.SlotRawOperator:
		b.RawOperator = b.Total
	case metadata.SlotManagedKeyed:
		b.Keyed = b.Total
	case metadata.SlotRawKeyed:
		b.RawKeyed = b.Total
	case metadata.SlotInputChannel, metadata.SlotResultSubpartition:
		b.InFlight = b.Total
	}
	metadata.EachStream(h, func(s metadata.StreamHandle) {
		if in, ok := s.(*metadata.ByteStream); ok {
			b.Inline += int64(len(in.Data))
		}
	})
	return b
}

func (o *Operator) inFlight(subtask int, slot metadata.Slot, h metadata.ChannelHandle) {
	if o.InFlight == nil {
		o.InFlight = &InFlight{}
	}
	f := o.InFlight
	output := slot == metadata.SlotResultSubpartition
	add := func(gate, index int32, offsets []int64, bytes int64) {
		f.Channels = append(f.Channels, Channel{subtask, output, gate, index, len(offsets), bytes})
		f.Buffers += len(offsets)
		if output {
			f.ResultSubpartitions++
		} else {
			f.InputChannels++
		}
	}
	switch h := h.(type) {
	case *metadata.Channel:
		add(h.Gate, h.Index, h.Offsets, h.Length)
	case *metadata.MergedChannels:
		for _, c := range h.Channels {
			add(c.Gate, c.Index, c.Offsets, c.Length)
		}
	}
	if output {
		f.ResultBytes += h.Size()
	} else {
		f.InputBytes += h.Size()
	}
}

// part opens one stored piece for the states that it describes.
func (m *maker) part(o *Operator, p reader.Part, index map[stateKey]*known, connectors *connectorView) {
	if p.Slot == metadata.SlotInputChannel || p.Slot == metadata.SlotResultSubpartition {
		return
	}
	src, err := p.Open(m.ctx)
	m.problems.Add(err)
	if src == nil {
		return
	}
	defer src.Close()
	if p.Slot == metadata.SlotCoordinator || p.Slot == metadata.SlotManagedOperator {
		connectors.part(m, p, src)
	}
	if p.Slot == metadata.SlotCoordinator {
		return
	}
	m.evidence(src)
	m.rememberTables(o, p, src)
	if p.Slot == metadata.SlotManagedKeyed {
		if l := src.Layout(); !slices.Contains(o.Layouts, l) {
			o.Layouts = append(o.Layouts, l)
		}
		_, stream := p.Handle.(*metadata.KeyGroups)
		m.native = m.native || !stream
	}
	o.Compressed = o.Compressed || src.Compressed()
	for i := range src.States() {
		m.state(o, &src.States()[i], p.Subtask, index)
	}
}

// known is a state that was met before.
type known struct{ at, subtask int }

func (m *maker) state(o *Operator, st *backend.State, subtask int, index map[stateKey]*known) {
	k := keyOf(&st.State)
	s := State{
		Name: st.Name, Kind: st.Kind.String(), Role: roleOf(st.Name), TTL: st.TTL, Subtasks: 1,
		Key: typeOf(st.Key), Namespace: typeOf(st.Namespace), UserKey: typeOf(st.UserKey), Value: typeOf(st.Value),
	}
	if st.Void {
		s.Namespace = nil
	}
	s.Types = Types{Key: text(s.Key), Namespace: text(s.Namespace), UserKey: text(s.UserKey), Value: text(s.Value)}
	if before := index[k]; before != nil {
		was := &o.States[before.at]
		if before.subtask != subtask { // else in another slot of it
			was.Subtasks++
			before.subtask = subtask
		}
		was.Differs = was.Differs || was.Types != s.Types
		return
	}
	if m.o.Types {
		s.Tree = tree(&s)
	}
	index[k] = &known{len(o.States), subtask}
	o.States = append(o.States, s)
}

func typeOf(c serde.Codec) *serde.Type {
	if c == nil {
		return nil
	}
	return c.Type()
}

func text(t *serde.Type) string {
	if t == nil {
		return ""
	}
	return t.String()
}
