package changelog

import (
	"context"
	"maps"

	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/store"
)

// run is the changes of one key group in one change set, with the numbers that states had then.
type run struct {
	changelog.Run
	file *file    // nil for changes in memory
	held [][]byte // those
	ids  map[int16]int
}

// each gives the changes to do, in their order.
func (r *run) each(do func(change []byte)) error {
	if r.file == nil {
		for _, c := range r.held {
			do(c)
		}
		return nil
	}
	b, err := r.file.log.Read(r.Run)
	if err == nil {
		err = changelog.EachChange(b, r.N, do)
	}
	return fault.File(err, r.file.name)
}

// file is an open log file.
type file struct {
	obj  store.Object
	log  *changelog.Log
	name string
}

// files opens each log file once: change sets of one subtask often lie side by side.
type files struct {
	ctx  context.Context
	env  *backend.Env
	open map[metadata.Reference]*file
	all  []*file
}

func (f *files) get(h metadata.StreamHandle) (*file, error) {
	ref, named := metadata.ReferenceOf(h)
	if got := f.open[ref]; named && got != nil {
		return got, nil
	}
	obj, err := f.env.Open(f.ctx, h)
	if err != nil {
		return nil, err
	}
	got := &file{obj: obj, name: f.env.Name(h)}
	f.all = append(f.all, got)
	if got.log, err = changelog.OpenLog(obj, obj.Size()); err != nil {
		return nil, fault.File(err, got.name)
	}
	if named {
		if f.open == nil {
			f.open = map[metadata.Reference]*file{}
		}
		f.open[ref] = got
	}
	return got, nil
}

func (f *files) close() (first error) {
	for _, one := range f.all {
		if err := one.obj.Close(); err != nil && first == nil {
			first = fault.File(err, one.name)
		}
	}
	return first
}

// readLogs indexes all change sets in the order in which Flink replays them, and registers the states that they name.
func (s *source) readLogs(env *backend.Env) error {
	l := &logs{s: s, families: env.Families, ids: map[int16]int{}}
	for _, h := range s.h.NonMaterialized {
		var err error
		switch h := h.(type) {
		case nil:
		case *metadata.FileLog:
			err = l.files(h)
		case *metadata.MemoryLog:
			err = l.memory(h)
		default:
			err = fault.New(fault.ErrUnsupported, "changes in a handle of type %T", h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type logs struct {
	s        *source
	families *serde.Registry
	ids      map[int16]int // shared by runs: replaced, never changed
}

func (l *logs) files(h *metadata.FileLog) error {
	for _, part := range h.Parts {
		f, err := l.s.files.get(part.Stream)
		if err != nil {
			return err
		}
		meta, runs, err := f.log.Index(part.Offset)
		if err == nil {
			err = l.metadata(meta)
		}
		if err != nil {
			return fault.File(err, f.name)
		}
		for _, r := range runs {
			l.add(run{Run: r, file: f})
		}
	}
	return nil
}

// memory takes the changes of an inline log, which are in the order in which they happened.
func (l *logs) memory(h *metadata.MemoryLog) error {
	for _, c := range h.Changes {
		if c.KeyGroup == metadata.MetaKeyGroup {
			if err := l.metadata([][]byte{c.Data}); err != nil {
				return err
			}
			continue
		}
		l.add(run{Run: changelog.Run{KeyGroup: int(c.KeyGroup), Len: int64(len(c.Data)), N: 1}, held: [][]byte{c.Data}})
	}
	return nil
}

// add keeps a run unless its key group belongs to another subtask, as it can after a rescale.
func (l *logs) add(r run) {
	if r.ids = l.ids; l.s.h.Range.Contains(r.KeyGroup) {
		l.s.runs[r.KeyGroup] = append(l.s.runs[r.KeyGroup], r)
	}
}

func (l *logs) metadata(all [][]byte) error {
	if len(all) == 0 {
		return nil
	}
	l.ids = maps.Clone(l.ids)
	for _, b := range all {
		m, err := changelog.DecodeMetadata(serde.NewContext(l.families), b, 0)
		if err != nil {
			return fault.At(err, fault.Place{KeyGroup: fault.NoPlace, Subtask: fault.NoPlace})
		}
		l.ids[m.State] = l.s.register(&m.Info)
	}
	return nil
}
