package opstate

import (
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// State is one state of a stream.
type State struct {
	// State has the name, the kind and the codecs: UserKey and Value of a broadcast map, Value of an element. A codec that could not be had
	// is nil.
	entry.State
	// Info is what the header says; nil where it could not be read so far, and in raw streams.
	Info *statemeta.Info
	// Offsets of the partitions: of each element of a list, or of the one map. An empty list has none.
	Offsets []int64
	// Err says why a codec is nil although the header names the state, or why the header does not.
	Err error

	end int64 // of the last partition
}

// Splittable reports whether the serializers are known well enough to tell elements and map entries apart without offsets.
func (s *State) Splittable() bool {
	ok := func(c serde.Codec) bool { return c != nil && !c.Type().Opaque }
	return ok(s.Value) && (s.Kind != entry.Broadcast || ok(s.UserKey))
}

func place(state string) fault.Place {
	return fault.Place{State: state, Subtask: fault.NoPlace, KeyGroup: fault.NoPlace}
}

// describe takes what the header says of a state.
func (s *State) describe(reg *serde.Registry, info *statemeta.Info, broadcast bool) {
	s.Info, s.Name = info, info.Name
	switch {
	case broadcast:
		s.Kind = entry.Broadcast
		s.UserKey = s.compile(reg, statemeta.SerializerKey)
	case info.DistributionMode() == metadata.ModeUnion.String():
		s.Kind = entry.OperatorUnion
	default:
		s.Kind = entry.OperatorList
	}
	s.Value = s.compile(reg, statemeta.SerializerValue)
}

func (s *State) compile(reg *serde.Registry, key string) serde.Codec {
	snap := s.Info.Serializer(key)
	if snap == nil {
		s.Err = fault.At(fault.New(fault.ErrUnsupported, "no %s that can be read", key), place(s.Name))
		return nil
	}
	c, err := reg.Compile(snap)
	if err != nil {
		s.Err = fault.At(err, place(s.Name))
		return nil
	}
	return c
}

// partition takes what the handle says of a state. The handle's mode, by which Flink deals out the partitions at restore, wins over the
// header's; which layout the bytes have, only the header can say.
func (s *State) partition(p metadata.OperatorStatePart) {
	s.Offsets = p.Offsets
	if s.Info != nil && s.Kind == entry.Broadcast {
		return
	}
	switch {
	case p.Mode == metadata.ModeUnion:
		s.Kind = entry.OperatorUnion
	case p.Mode == metadata.ModeBroadcast && s.Info == nil:
		s.Kind = entry.Broadcast
	default:
		s.Kind = entry.OperatorList
	}
}
