package keyed

import (
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
	// Err says what is wrong with the state's description. Its entries are raw bytes then, where the layout frames them.
	Err error

	// parts says that a map's entries or a list's elements, or the parts of a timer, can be told apart.
	parts bool
	// ambiguous says that composite keys carry the lengths of key and namespace.
	ambiguous bool
}

// Compile makes the codecs of all states of a header. A description that makes no sense is the Err of its state. An unknown serializer
// is no error: its codec is opaque.
//
// Of a serializer that can be read in two ways (see serde's Readings) it takes the likelier one. Open looks at entries to decide.
func (h *Header) Compile(reg *serde.Registry) ([]State, error) {
	out, _, err := h.compile(reg, 0)
	return out, err
}

// compile takes the reading of a number where there are several, and reports whether there are.
func (h *Header) compile(reg *serde.Registry, reading int) (out []State, several bool, err error) {
	if h.Key == nil {
		return nil, false, fault.New(fault.ErrCorrupt, "no key serializer")
	}
	c := compiler{reg, reading, false}
	key, err := c.compile(h.Key)
	if err != nil {
		key = opaque(reg, h.Key.Class)
	}
	out = make([]State, len(h.States))
	for i := range h.States {
		s := &out[i]
		s.fail(err)
		s.compile(&c, &h.States[i], key)
		s.Err = fault.At(s.Err, fault.Place{State: s.Name, Subtask: fault.NoPlace, KeyGroup: fault.NoPlace})
	}
	return out, c.several, nil
}

// compiler compiles serializer snapshots in one of the ways that their writers may have meant.
type compiler struct {
	*serde.Registry
	reading int
	several bool
}

func (c *compiler) compile(s *serde.Snapshot) (serde.Codec, error) {
	readings, err := c.Readings(s)
	if err != nil {
		return nil, err
	}
	c.several = c.several || len(readings) > 1
	return readings[min(c.reading, len(readings)-1)], nil
}

// opaque makes the codec of values of which nothing is known but the class of their serializer's snapshot.
func opaque(reg *serde.Registry, class string) serde.Codec {
	c, _ := reg.Compile(&serde.Snapshot{Class: class, Body: &serde.Unknown{}}) // cannot fail: the body says that nothing is known
	return c
}

func (s *State) fail(err error) {
	if s.Err == nil {
		s.Err = err
	}
}

var keyedKinds = map[string]entry.Kind{
	"VALUE": entry.Value, "LIST": entry.List, "MAP": entry.Map, "REDUCING": entry.Reducing,
	"AGGREGATING": entry.Aggregating, "FOLDING": entry.Aggregating,
}

func (s *State) compile(reg *compiler, info *statemeta.Info, key serde.Codec) {
	s.Info, s.Name = info, info.Name
	s.Whole = s.codec(reg, statemeta.SerializerValue)
	switch info.Type {
	case statemeta.KeyValue, statemeta.KeyValueV2:
		s.compileKeyValue(reg, key)
		return
	case statemeta.PriorityQueue:
		s.Kind, s.Value = entry.Timer, nil
		if s.Key, s.Namespace, s.parts = serde.Timer(s.Whole); !s.parts {
			s.Key = s.Whole
		}
		s.Void = s.parts && serde.IsVoidNamespace(s.Namespace)
		return
	}
	s.fail(fault.New(fault.ErrCorrupt, "state of type %v", info.Type).WithExpected("keyed state or a timer queue"))
	s.Kind, s.Key, s.Value = entry.Value, key, s.Whole
	s.Namespace = s.codec(reg, statemeta.SerializerNamespace)
}

func (s *State) compileKeyValue(reg *compiler, key serde.Codec) {
	kind, ok := keyedKinds[s.Info.KeyedStateType()]
	if !ok {
		s.fail(fault.New(fault.ErrUnsupported, "keyed state of type %q", s.Info.KeyedStateType()))
		s.Whole = opaque(reg.Registry, s.Whole.Type().Serializer)
	}
	s.Kind, s.Key, s.Value = kind, key, s.Whole
	s.Namespace = s.codec(reg, statemeta.SerializerNamespace)
	switch kind {
	case entry.List:
		s.compileList()
	case entry.Map:
		s.compileMap(reg)
	}
	_, s.TTL = serde.TTLValue(s.Value)
	s.ambiguous = s.Key.Type().Length < 0 && s.Namespace.Type().Length < 0
	s.Void = serde.IsVoidNamespace(s.Namespace)
}

// compileList finds the codec of elements: the classic API stores the list's serializer, the asynchronous one the element's.
func (s *State) compileList() {
	elem, ok := s.Whole, true
	if s.Info.Type == statemeta.KeyValue {
		elem, ok = serde.Elem(s.Whole)
	}
	if ok && !elem.Type().Opaque {
		s.Value, s.parts = elem, true
	}
}

// compileMap finds the codecs of user keys and values. What is not known is shown under the class of the whole map's serializer.
func (s *State) compileMap(reg *compiler) {
	if s.Info.Serializer(statemeta.SerializerUserKey) != nil { // the asynchronous API names both
		s.UserKey = s.codec(reg, statemeta.SerializerUserKey)
	} else if k, v, ok := serde.KeyValue(s.Whole); ok {
		s.UserKey, s.Value = k, v
	} else {
		s.UserKey = opaque(reg.Registry, s.Whole.Type().Serializer)
		s.Value = s.UserKey
	}
	s.parts = !s.UserKey.Type().Opaque
}

// codec compiles one of a state's serializers. One that is missing or makes no sense is opaque, and the state's error.
func (s *State) codec(reg *compiler, name string) serde.Codec {
	snap := s.Info.Serializer(name)
	if snap == nil {
		s.fail(fault.New(fault.ErrCorrupt, "no serializer snapshot").WithExpected("%s", name))
		return opaque(reg.Registry, "")
	}
	c, err := reg.compile(snap)
	if err != nil {
		s.fail(err)
		return opaque(reg.Registry, snap.Class)
	}
	return c
}
