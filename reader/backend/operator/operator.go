// Package operator reads state that belongs to subtasks and operators rather than to keys: operator lists, unions and broadcast
// maps, raw operator state, coordinator state.
package operator

import (
	"context"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/opstate"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/store"
)

// Open opens managed operator state, or raw operator state if raw is set.
func Open(ctx context.Context, env *backend.Env, h *metadata.OperatorHandle, raw bool) (backend.Source, error) {
	if h.Stream == nil {
		return nil, fault.New(fault.ErrCorrupt, "an operator state handle without a stream")
	}
	if _, empty := h.Stream.(*metadata.EmptySegment); empty {
		return &source{}, nil
	}
	obj, err := env.Open(ctx, h.Stream)
	if err != nil {
		return nil, err
	}
	s := &source{obj: obj, file: env.Name(h.Stream), size: obj.Size()}
	if raw {
		s.stream, err = opstate.OpenRaw(obj, obj.Size(), h.States)
	} else {
		s.stream, err = opstate.Open(obj, obj.Size(), h.States, env.Families)
	}
	err = fault.File(err, s.file)
	if s.stream == nil {
		obj.Close()
		return nil, err
	}
	s.describe()
	return s, err
}

type source struct {
	obj    store.Object
	file   string
	size   int64
	stream *opstate.Stream // nil if there is no state at all
	states []backend.State
}

func (s *source) describe() {
	s.states = make([]backend.State, len(s.stream.States))
	for i := range s.stream.States {
		s.states[i].State, s.states[i].Info = s.stream.States[i].State, s.stream.States[i].Info
	}
}

// Evidence is what the header tells of the Flink that wrote it.
func (s *source) Evidence() (e metadata.Evidence) {
	if s.stream == nil || s.stream.Header == nil {
		return e
	}
	e.OperatorHeader, e.CompressedOperatorState = int(s.stream.Header.Version), s.stream.Header.Compressed
	for i := range s.stream.States {
		o := s.stream.States[i].Offsets
		e.WrongOperatorOffsets = e.WrongOperatorOffsets || (e.CompressedOperatorState && len(o) > 1 && o[0] == o[1])
	}
	return e
}

func (s *source) Layout() string { return "operator state" }

func (s *source) Compressed() bool {
	return s.stream != nil && s.stream.Header != nil && s.stream.Header.Compressed
}

func (s *source) States() []backend.State     { return s.states }
func (s *source) Groups() keygroup.Range      { return keygroup.Range{First: 0, Last: -1} }
func (s *source) Size(int) int64              { return s.size }
func (s *source) NewScanner() backend.Scanner { return scanner{s} }

// Close implements backend.Source.
func (s *source) Close() error {
	if s.obj == nil {
		return nil
	}
	return s.obj.Close()
}

type scanner struct{ s *source }

// Scan implements backend.Scanner. A state that cannot be read does not hide those after it; the first error is given.
func (sc scanner) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	var first error
	for i := range sc.s.states {
		if q.Want != nil && !q.Want[i] {
			continue
		}
		more := true
		err := sc.s.stream.Each(i, func(e *entry.Entry) bool {
			e.State = &sc.s.states[i].State
			more = yield(e)
			return more
		})
		if first == nil {
			first = fault.File(err, sc.s.file)
		}
		if !more {
			break
		}
	}
	return first
}

// Count implements backend.Scanner.
func (sc scanner) Count(_ int, tally []keyed.Tally) error {
	var first error
	for i := range sc.s.states {
		err := sc.s.stream.Each(i, func(e *entry.Entry) bool {
			tally[i].Entries++
			tally[i].Bytes += int64(len(e.UserKey) + len(e.Value))
			return true
		})
		if first == nil {
			first = fault.File(err, sc.s.file)
		}
	}
	return first
}

// Close implements backend.Scanner.
func (scanner) Close() error { return nil }
