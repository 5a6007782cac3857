package reader

import (
	"context"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/operatorid"
	"github.com/tarn-project/tarn/reader/backend"
)

// Operator is one operator of the job.
type Operator struct {
	ID   operatorid.ID
	Name string // "" if the snapshot does not hold it
	UID  string // "" if not known
	// UIDGiven says that the uid is not from the snapshot but from the caller.
	UIDGiven bool
	Meta     *metadata.Operator

	snap *Snapshot
}

func newOperator(s *Snapshot, m *metadata.Operator, names *Names) *Operator {
	o := &Operator{ID: m.ID, Name: m.Name, UID: m.UID, Meta: m, snap: s}
	if o.UID == "" {
		o.UID = names.UIDs[m.ID]
		o.UIDGiven = o.UID != ""
	}
	if o.Name == "" {
		o.Name = names.Names[m.ID]
	}
	return o
}

// Label is what people call the operator: its uid, else its id.
func (o *Operator) Label() string {
	if o.UID != "" {
		return o.UID
	}
	return o.ID.String()
}

// Part is one stored piece of an operator's state: what one slot of one subtask holds.
type Part struct {
	Operator *Operator
	Subtask  int // −1 for the coordinator
	Slot     metadata.Slot
	Handle   metadata.Handle
}

// Parts lists what the operator stores, in the order of the file. Channel state comes as one part for each subtask and direction.
func (o *Operator) Parts() []Part {
	var out []Part
	if o.Meta.Coordinator != nil {
		out = append(out, Part{o, -1, metadata.SlotCoordinator, o.Meta.Coordinator})
	}
	for i := range o.Meta.Subtasks {
		s := &o.Meta.Subtasks[i]
		s.EachHandle(func(slot metadata.Slot, h metadata.Handle) {
			last := len(out) - 1
			if isChannel(slot) && last >= 0 && out[last].Slot == slot && out[last].Subtask == s.Index {
				return // the part opens all of them
			}
			out = append(out, Part{o, s.Index, slot, h})
		})
	}
	return out
}

func isChannel(s metadata.Slot) bool {
	return s == metadata.SlotInputChannel || s == metadata.SlotResultSubpartition
}

// place names a part in errors.
func (p Part) place(ctx context.Context) fault.Place {
	return fault.Place{File: p.file(ctx), Operator: p.Operator.Label(), Subtask: p.Subtask, KeyGroup: fault.NoPlace}
}

// file says where a part is stored: the file of its stream, or the snapshot's directory if there are many.
func (p Part) file(ctx context.Context) string {
	s := p.Operator.snap
	switch h := p.Handle.(type) {
	case *metadata.ByteStream:
		return s.files.name(ctx, h)
	case *metadata.KeyGroups:
		return s.files.name(ctx, h.Stream)
	case *metadata.OperatorHandle:
		return s.files.name(ctx, h.Stream)
	}
	return s.Dir
}

// trouble adds the place to an error.
func (p Part) trouble(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return fault.At(err, p.place(ctx))
}

// Open opens the part for reading. A source that comes with an error gives what could be read.
func (p Part) Open(ctx context.Context) (backend.Source, error) {
	src, err := p.open(ctx)
	if src != nil {
		for i := range src.States() {
			st := &src.States()[i]
			st.OperatorID, st.UID, st.File = p.Operator.ID.String(), p.Operator.UID, p.file(ctx)
			if herr := p.Operator.snap.hints.Adapt(&st.State); err == nil {
				err = herr
			}
		}
	}
	return src, p.trouble(ctx, err)
}

func (p Part) open(ctx context.Context) (backend.Source, error) {
	snap := p.Operator.snap
	env := &backend.Env{
		Open:           snap.files.open,
		Name:           func(h metadata.StreamHandle) string { return snap.files.name(ctx, h) },
		Families:       snap.families,
		MaxParallelism: p.Operator.Meta.MaxParallelism,
		NoVerify:       snap.noVerify,
	}
	switch p.Slot {
	case metadata.SlotManagedKeyed:
		return openKeyed(ctx, env, p.Handle.(metadata.KeyedHandle))
	case metadata.SlotRawKeyed:
		src, err := openRawKeyed(ctx, env, p.Handle.(metadata.KeyedHandle))
		if src != nil {
			src = p.withoutTwins(ctx, env, src)
		}
		return src, err
	case metadata.SlotManagedOperator, metadata.SlotRawOperator:
		return openOperator(ctx, env, p.Handle.(*metadata.OperatorHandle), p.Slot == metadata.SlotRawOperator)
	case metadata.SlotInputChannel, metadata.SlotResultSubpartition:
		return openChannels(ctx, env, p)
	case metadata.SlotCoordinator:
		return openCoordinator(p.Handle.(*metadata.ByteStream)), nil
	}
	return nil, fault.New(fault.ErrUnsupported, "state in the slot of %s", p.Slot)
}

// Subtask gives the stored subtask of an index, or nil.
func (o *Operator) Subtask(index int) *metadata.Subtask {
	for i := range o.Meta.Subtasks {
		if o.Meta.Subtasks[i].Index == index {
			return &o.Meta.Subtasks[i]
		}
	}
	return nil
}
