// Package changelog reads the snapshots of the changelog state backend: a materialized snapshot of the backend that it wraps, and
// the changes logged since then, replayed here in memory.
//
// Changes are indexed once, and those of a key group are read and held while that key group is read: memory follows the
// busiest key group, not the log. The materialized part streams past them.
package changelog

import (
	"context"
	"errors"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/statemeta"
	"github.com/tarn-project/tarn/reader/backend"
)

// Backend reads Changelog handles.
type Backend struct {
	// Materialized opens the snapshot below the changes.
	Materialized func(ctx context.Context, env *backend.Env, h metadata.KeyedHandle) (backend.Source, error)
}

// Name implements backend.Backend.
func (Backend) Name() string { return "changelog" }

// Claims implements backend.Backend.
func (Backend) Claims(h metadata.KeyedHandle) bool {
	_, ok := h.(*metadata.Changelog)
	return ok
}

// Open implements backend.Backend. Where a part of the log cannot be read, what the state became is not known, and the source has
// states and no entries.
func (b Backend) Open(ctx context.Context, env *backend.Env, handle metadata.KeyedHandle) (backend.Source, error) {
	s := &source{h: handle.(*metadata.Changelog), max: env.MaxParallelism, runs: map[int][]run{}, files: &files{ctx: ctx, env: env}}
	err := s.openMaterialized(ctx, env, b)
	if e := s.readLogs(env); e != nil {
		s.unknown, err = true, e
	}
	if e := s.compile(env); e != nil && err == nil {
		err = e
	}
	if s.states == nil && err != nil {
		s.Close()
		return nil, err
	}
	return s, err
}

type source struct {
	h      *metadata.Changelog
	max    int // parallelism
	header keyed.Header
	states []backend.State
	slots  []int // by state: states of one name and kind share one, though their serializers differ

	bases    []base
	baseless bool // a part of the materialized snapshot could not be opened
	unknown  bool // a part of the log could not be read
	runs     map[int][]run
	files    *files
}

// base is a materialized snapshot with the numbers that its states have here.
type base struct {
	backend.Source
	ours []int
}

// headed is a source that knows its header.
type headed interface{ Header() *keyed.Header }

// openMaterialized opens what lies below the changes.
func (s *source) openMaterialized(ctx context.Context, env *backend.Env, b Backend) error {
	var first error
	for _, h := range s.h.Materialized {
		if h == nil {
			continue
		}
		src, err := b.Materialized(ctx, env, h)
		if err != nil && first == nil {
			first = err
		}
		if src == nil {
			s.baseless = true
			continue
		}
		part := base{Source: src}
		for i := range src.States() {
			part.ours = append(part.ours, s.register(src.States()[i].Info))
		}
		s.bases = append(s.bases, part)
		if hd, ok := src.(headed); ok && s.header.Key == nil && hd.Header() != nil {
			s.header.Key = hd.Header().Key
		}
	}
	return first
}

// register gives the number of a state, a new one unless it is described in the same way as before.
func (s *source) register(info *statemeta.Info) int {
	slot := len(s.header.States)
	for i := range s.header.States {
		have := &s.header.States[i]
		if have.Name != info.Name || (have.Type == statemeta.PriorityQueue) != (info.Type == statemeta.PriorityQueue) {
			continue
		}
		if sameInfo(have, info) {
			return i
		}
		slot = s.slots[i]
	}
	s.header.States = append(s.header.States, *info)
	s.slots = append(s.slots, slot)
	return len(s.header.States) - 1
}

// sameInfo compares what matters of two descriptions: kind and serializers.
func sameInfo(a, b *statemeta.Info) bool {
	if a.Type != b.Type || a.KeyedStateType() != b.KeyedStateType() {
		return false
	}
	for _, key := range []string{statemeta.SerializerNamespace, statemeta.SerializerValue, statemeta.SerializerUserKey} {
		if !sameSnapshot(a.Serializer(key), b.Serializer(key)) {
			return false
		}
	}
	return true
}

// compile makes the codecs, once it is known of which type the keys are.
func (s *source) compile(env *backend.Env) error {
	var unknown, err error
	s.header.Version = keyed.HeaderVersion
	if s.header.Key == nil {
		s.header.Key, unknown = s.keySerializer(env.Families)
	}
	s.states, err = s.header.Compile(env.Families)
	if err == nil {
		err = unknown
	}
	return err
}

// Layout implements backend.Source.
func (s *source) Layout() string {
	if len(s.bases) == 0 {
		return "changelog"
	}
	return "changelog over " + s.bases[0].Layout()
}

// Compressed implements backend.Source.
func (s *source) Compressed() bool {
	for _, b := range s.bases {
		if b.Compressed() {
			return true
		}
	}
	return false
}

// States implements backend.Source.
func (s *source) States() []backend.State { return s.states }

// Header gives the descriptions of the states, of the materialized part and of the log.
func (s *source) Header() *keyed.Header { return &s.header }

// Groups implements backend.Source.
func (s *source) Groups() keygroup.Range { return s.h.Range }

// Size implements backend.Source.
func (s *source) Size(group int) int64 {
	var n int64
	for _, b := range s.bases {
		n += b.Size(group)
	}
	for _, r := range s.runs[group] {
		n += r.Len
	}
	return n
}

// NewScanner implements backend.Source.
func (s *source) NewScanner() backend.Scanner {
	sc := &scanner{s: s}
	for i := range s.bases {
		sc.bases = append(sc.bases, newBaseScanner(&s.bases[i]))
	}
	return sc
}

// Close implements backend.Source.
func (s *source) Close() error {
	errs := []error{s.files.close()}
	for _, b := range s.bases {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}

// place names a state in an error.
func (s *source) place(err error, state, group int) error {
	return fault.At(err, fault.Place{State: s.states[state].Name, KeyGroup: group, Subtask: fault.NoPlace})
}
