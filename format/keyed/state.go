package keyed

import (
	"strings"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// State is one state of a header with its codecs.
type State struct {
	entry.State
	Info *statemeta.Info

	// Whole is the codec of the state's value serializer as it stands in the header: of a whole list or map, of a timer.
	Whole serde.Codec
	// framed says that a map's entries or a list's elements can be told apart.
	parts bool
	// ambiguous says that composite keys carry the lengths of key and namespace.
	ambiguous bool
}

// Compile makes the codecs of all states of a header.
func (h *Header) Compile(reg *serde.Registry) ([]State, error) {
	key, err := reg.Compile(h.Key)
	if err != nil {
		return nil, err
	}
	out := make([]State, len(h.States))
	for i := range h.States {
		if err := out[i].compile(reg, &h.States[i], key); err != nil {
			return nil, fault.At(err, fault.Place{State: h.States[i].Name, Subtask: fault.NoPlace, KeyGroup: fault.NoPlace})
		}
	}
	return out, nil
}

var keyedKinds = map[string]entry.Kind{
	"VALUE": entry.Value, "LIST": entry.List, "MAP": entry.Map, "REDUCING": entry.Reducing,
	"AGGREGATING": entry.Aggregating, "FOLDING": entry.Aggregating,
}

func (s *State) compile(reg *serde.Registry, info *statemeta.Info, key serde.Codec) error {
	s.Info, s.Name = info, info.Name
	var err error
	if s.Whole, err = compileNamed(reg, info, statemeta.SerializerValue); err != nil {
		return err
	}
	switch info.Type {
	case statemeta.KeyValue, statemeta.KeyValueV2:
		return s.compileKeyValue(reg, info, key)
	case statemeta.PriorityQueue:
		s.Kind, s.Value = entry.Timer, nil
		s.Key, s.Namespace, s.parts = serde.Timer(s.Whole)
		s.setVoid()
		return nil
	}
	return fault.New(fault.ErrCorrupt, "state of type %v", info.Type).WithExpected("keyed state or a timer queue")
}

func (s *State) compileKeyValue(reg *serde.Registry, info *statemeta.Info, key serde.Codec) error {
	kind, ok := keyedKinds[info.KeyedStateType()]
	if !ok {
		return fault.New(fault.ErrUnsupported, "keyed state of type %q", info.KeyedStateType())
	}
	var err error
	s.Kind, s.Key, s.Value = kind, key, s.Whole
	if s.Namespace, err = compileNamed(reg, info, statemeta.SerializerNamespace); err != nil {
		return err
	}
	switch kind {
	case entry.List:
		elem, ok := serde.Elem(s.Whole)
		if info.Type == statemeta.KeyValueV2 { // the asynchronous API describes a list by its element
			elem, ok = s.Whole, true
		}
		if ok && !elem.Type().Opaque {
			s.Value, s.parts = elem, true
		}
	case entry.Map:
		if err := s.compileMap(reg, info); err != nil {
			return err
		}
	}
	_, s.TTL = serde.TTLValue(s.Value)
	s.ambiguous = s.Key.Type().Length < 0 && s.Namespace.Type().Length < 0
	s.setVoid()
	return nil
}

func (s *State) compileMap(reg *serde.Registry, info *statemeta.Info) error {
	if info.Serializer(statemeta.SerializerUserKey) != nil { // state of the asynchronous API names both
		var err error
		s.UserKey, err = compileNamed(reg, info, statemeta.SerializerUserKey)
		s.parts = err == nil && !s.UserKey.Type().Opaque
		return err
	}
	if k, v, ok := serde.KeyValue(s.Whole); ok && info.Type != statemeta.KeyValueV2 {
		s.UserKey, s.Value = k, v
		s.parts = !k.Type().Opaque
	}
	return nil
}

func (s *State) setVoid() {
	s.Void = s.Namespace != nil && strings.HasSuffix(s.Namespace.Type().Serializer, "VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot")
}

// compileNamed compiles one of a state's serializers; a missing one is a corrupt header.
func compileNamed(reg *serde.Registry, info *statemeta.Info, name string) (serde.Codec, error) {
	snap := info.Serializer(name)
	if snap == nil {
		return nil, fault.New(fault.ErrCorrupt, "no serializer snapshot").WithExpected("%s", name)
	}
	return reg.Compile(snap)
}
