package overview

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/backend"
)

// Options say how far to look.
type Options struct {
	// CountUpTo counts entries if the keyed and operator state has at most so many bytes; a negative number counts always.
	CountUpTo int64
	// Jobs is the number of goroutines that count.
	Jobs int
	// Types adds the type trees, Files the list of files.
	Types, Files bool
	// Operator, if not nil, picks the operators to describe.
	Operator func(*reader.Operator) bool
	// Progress, if not nil, is told how many bytes were counted.
	Progress func(bytes int64)
}

// Make looks at a snapshot. Whatever could be read is in the overview; the error says what could not (a *reader.PartialError).
func Make(ctx context.Context, s *reader.Snapshot, o Options) (*Overview, error) {
	m := &maker{ctx: ctx, snap: s, o: o, out: &Overview{
		Snapshot: s.Name, Directory: s.Dir, CheckpointID: s.Metadata.CheckpointID, MetadataVersion: s.Metadata.Version,
		MetadataBytes: s.MetadataSize, MasterStates: []string{}, Notes: []string{}, Operators: []Operator{},
	}}
	m.time()
	for _, ms := range s.Metadata.MasterStates {
		m.out.MasterStates = append(m.out.MasterStates, ms.Name)
	}
	for _, op := range s.Operators {
		m.out.Bytes.add(bytesOf(op))
		if o.Operator == nil || o.Operator(op) {
			m.operator(op)
		}
	}
	m.kind()
	m.files()
	w := metadata.GuessWriter(s.Metadata, m.seen)
	m.out.Writer = Writer{Flink: w.String(), Reasons: w.Reasons}
	if o.CountUpTo < 0 || m.out.Bytes.Keyed+m.out.Bytes.RawKeyed+m.out.Bytes.Operator <= o.CountUpTo {
		m.count()
	}
	m.notes()
	return m.finish()
}

type maker struct {
	ctx      context.Context
	snap     *reader.Snapshot
	o        Options
	out      *Overview
	seen     metadata.Evidence
	problems reader.Problems
	unknown  bool // some entries could not be counted for want of a rule
	native   bool // some keyed state is in the files of a database
	tables   map[tableKey]*Table
}

func (m *maker) finish() (*Overview, error) {
	list := m.problems.List()
	m.out.Problems = []string{}
	for _, p := range list {
		m.out.Problems = append(m.out.Problems, p.Error())
	}
	if err := m.ctx.Err(); err != nil {
		return m.out, err
	}
	if len(list) > 0 {
		return m.out, &reader.PartialError{Problems: list}
	}
	return m.out, nil
}

func (m *maker) time() {
	if t, ok := m.snap.FileTime(m.ctx); ok {
		t = t.UTC().Truncate(time.Second)
		m.out.FileTime = &t
	}
}

// kind tells savepoint from checkpoint: by the properties, and in older snapshots by what only one of them has.
func (m *maker) kind() {
	p, out := m.snap.Properties, m.out
	dir := path.Base(m.snap.Dir)
	switch {
	case p.Known && !p.Null:
		out.Name, out.KindReason = p.Name, "checkpoint properties"
		out.Kind, out.Format = "checkpoint", m.layout()
		if p.Savepoint {
			out.Kind, out.Format = "savepoint", strings.ToLower(p.Format)
		}
	case m.hasSavepointHandle():
		out.Kind, out.Format, out.KindReason = "savepoint", "canonical", "key-group handles of savepoints"
	case strings.HasPrefix(dir, "savepoint-"):
		out.Kind, out.Format, out.KindReason = "savepoint", m.layout(), "the directory's name"
	case strings.HasPrefix(dir, "chk-"):
		out.Kind, out.Format, out.KindReason = "checkpoint", m.layout(), "the directory's name"
	default:
		out.Kind, out.Format, out.KindReason = "snapshot", m.layout(), "nothing in it says savepoint or checkpoint"
	}
}

func (m *maker) hasSavepointHandle() bool {
	found := false
	m.snap.Metadata.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
		k, ok := h.(*metadata.KeyGroups)
		found = found || ok && k.Kind == metadata.KeyGroupsSavepoint
	})
	return found
}

func (m *maker) layout() string {
	var names []string
	for i := range m.out.Operators {
		for _, l := range m.out.Operators[i].Layouts {
			if !slices.Contains(names, l) && l != "raw" {
				names = append(names, l)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " and ")
}

func (m *maker) evidence(src backend.Source) {
	if e, ok := src.(interface{ Evidence() metadata.Evidence }); ok {
		got := e.Evidence()
		m.seen.OperatorHeader = max(m.seen.OperatorHeader, got.OperatorHeader)
		m.seen.CompressedOperatorState = m.seen.CompressedOperatorState || got.CompressedOperatorState
		m.seen.WrongOperatorOffsets = m.seen.WrongOperatorOffsets || got.WrongOperatorOffsets
		m.seen.AsyncState = m.seen.AsyncState || got.AsyncState
	}
}
