package where

import (
	"github.com/expr-lang/expr/vm"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Matcher tells which entries of a state match. It keeps memory from entry to entry and is not safe for concurrent use.
type Matcher struct {
	filter *Filter
	vm     vm.VM
	env    map[string]any
	r      binio.Reader
	walks  []walk
	plain  []slot // that need no decoding
}

// walk is one run over the bytes of a part.
type walk struct {
	part part
	sink *capture
}

// NewMatcher makes a matcher.
func (f *Filter) NewMatcher() *Matcher {
	m := &Matcher{filter: f, env: make(map[string]any, len(f.slots))}
	for _, s := range f.slots {
		if s.part > partValue {
			m.plain = append(m.plain, s)
			continue
		}
		m.sinkFor(s)
	}
	return m
}

// sinkFor adds a slot to a walk of its part. A field of something that is wanted as a whole needs a walk of its own.
func (m *Matcher) sinkFor(s slot) {
	for _, w := range m.walks {
		if w.part == s.part && w.sink.add(s) {
			return
		}
	}
	c := &capture{env: m.env}
	c.add(s)
	m.walks = append(m.walks, walk{s.part, c})
}

// Match reports whether an entry matches. The error says that the bytes of a part contradict its serializer; such an entry matches
// not.
func (m *Matcher) Match(e *entry.Entry) (bool, error) {
	clear(m.env) // a field that a value does not have is null
	for _, s := range m.filter.slots {
		m.env[s.name] = nil
	}
	for _, s := range m.plain {
		m.env[s.name] = plainPart(e, s.part)
	}
	for i := range m.walks {
		if err := m.walk(e, &m.walks[i]); err != nil {
			return false, place(e, err)
		}
	}
	out, err := m.vm.Run(m.filter.program, m.env)
	if err != nil {
		return false, nil // an operator met a null, or something of another type inside a value that says its own
	}
	ok, _ := out.(bool)
	return ok, nil
}

func place(e *entry.Entry, err error) error {
	op := e.State.UID
	if op == "" {
		op = e.State.OperatorID
	}
	return fault.At(err, fault.Place{Operator: op, State: e.State.Name, Subtask: e.Subtask, KeyGroup: e.KeyGroup})
}

func plainPart(e *entry.Entry, at part) any {
	switch at {
	case partTTL:
		if t, ok := entry.TTLTime(e.Value); ok && !e.NullValue {
			return int(t)
		}
	case partTimestamp:
		return int(e.Timestamp)
	case partKeyGroup:
		return e.KeyGroup
	case partSubtask:
		return e.Subtask
	case partState:
		return e.State.Name
	case partOperator:
		return e.State.OperatorID
	case partUID:
		return e.State.UID
	case partKind:
		return e.State.Kind.String()
	}
	return nil
}

func (m *Matcher) walk(e *entry.Entry, w *walk) error {
	s := e.State
	switch w.part {
	case partKey:
		return m.bytes(s.Key, e.Key, w.sink, false)
	case partNamespace:
		return m.bytes(s.Namespace, e.Namespace, w.sink, false)
	case partMapKey:
		return m.bytes(s.UserKey, e.UserKey, w.sink, false)
	}
	switch {
	case e.NullValue || e.Unsplit:
		return nil
	case s.Value == nil:
		w.sink.start()
		w.sink.Bytes(e.Value)
		return nil
	case s.Kind != entry.List:
		return m.bytes(s.Value, e.Value, w.sink, s.TTL)
	}
	w.sink.start()
	w.sink.BeginList(nil, len(e.Elements))
	for _, b := range e.Elements {
		if err := m.walkOne(s.Value, b, w.sink); err != nil {
			return err
		}
	}
	w.sink.EndList()
	return nil
}

func (m *Matcher) bytes(c serde.Codec, b []byte, sink *capture, ttl bool) error {
	sink.start()
	sink.unwrap = ttl
	return m.walkOne(c, b, sink)
}

func (m *Matcher) walkOne(c serde.Codec, b []byte, sink *capture) error {
	m.r.Reset(b, 0)
	if c.Type().Opaque {
		return nil // stays null
	}
	c.Walk(&m.r, sink)
	m.r.End()
	return m.r.Err()
}
