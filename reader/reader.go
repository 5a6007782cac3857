// Package reader opens Flink savepoints and checkpoints and shows what is in them.
//
// A Snapshot has Operators, an operator has States, and Scan gives the entries of all of them, in key-group order, in one
// normal form (package entry). What a state is stored as is the business of a backend; reading goes through a store.
// Nothing is ever changed.
//
// Opening reads _metadata alone. The rest is read when it is asked for, and one unreadable piece does not hide the others: problems are
// collected beside the results.
package reader

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/hints"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/store"
	"github.com/tarn-project/tarn/store/file"
)

// MetadataName is the name of the file that makes a directory a snapshot.
const MetadataName = "_metadata"

// Options change how a snapshot is opened. The zero value is right for most.
type Options struct {
	// Map replaces the beginnings of absolute paths in _metadata.
	Map []Mapping
	// AllowRoots are directories outside of the snapshot's own tree that absolute paths in it may lead to.
	AllowRoots []string
	// Names are what is known from elsewhere of operators whose uid or name the snapshot does not hold.
	Names Names
	// Families are the serializers that are known; nil means all that are built in.
	Families *serde.Registry
	// Hints are what a person knows of the job beside that: fields of classes, layouts of serializers, names of fields. Those for classes and
	// serializers count where Families is nil.
	Hints hints.Hints
	// NoVerify leaves the checksums of RocksDB's tables unchecked.
	NoVerify bool
}

// Snapshot is an opened savepoint or checkpoint. It is safe for concurrent use.
type Snapshot struct {
	Name         string // as it was asked for
	Dir          string // of _metadata
	MetadataName string // of the metadata file, directory included
	MetadataSize int64
	Metadata     *metadata.Metadata
	Properties   metadata.Properties
	Operators    []*Operator // in the order of the file

	// Undecoded collects parts of entries that contradict their serializers, found by whoever decodes them.
	Undecoded Problems

	families *serde.Registry
	hints    *hints.Hints
	noVerify bool
	files    *locator
}

// Open opens the snapshot that name leads to: a directory with _metadata in it, or the metadata file itself.
func Open(ctx context.Context, st store.Store, name string, o Options) (*Snapshot, error) {
	meta, err := findMetadata(ctx, st, name)
	if err != nil {
		return nil, err
	}
	raw, err := readMetadata(ctx, st, meta)
	if err != nil {
		return nil, err
	}
	m, err := metadata.Decode(raw)
	if err != nil {
		return nil, fault.File(err, meta)
	}
	s := &Snapshot{Name: name, Dir: store.Dir(meta), MetadataName: meta, MetadataSize: int64(len(raw)), Metadata: m, families: o.Families, hints: &o.Hints, noVerify: o.NoVerify}
	if s.Dir == "" {
		s.Dir = "."
	}
	if s.families == nil {
		s.families = o.registry(m.Version)
	}
	s.Properties = m.Properties()
	s.files = newLocator(st, absolute(s.Dir), &o)
	for i := range m.Operators {
		s.Operators = append(s.Operators, newOperator(s, &m.Operators[i], &o.Names))
	}
	return s, nil
}

// kryoWriter tells which Kryo wrote the values of a snapshot: its serializers do not always say so. Metadata has version 5 since Flink 2.0, which
// brought Kryo 5.
func kryoWriter(metadataVersion int) serde.KryoWriter {
	if metadataVersion >= 5 {
		return serde.Kryo5
	}
	return serde.Kryo2
}

// absolute makes a local relative name absolute, so that roots and tails can be compared.
func absolute(name string) string {
	if p, ok := file.Path(name); ok && !strings.Contains(name, "://") {
		if a, err := filepath.Abs(p); err == nil {
			return filepath.ToSlash(a)
		}
	}
	return name
}

// findMetadata tells which file is meant, or why there is none.
func findMetadata(ctx context.Context, st store.Store, name string) (string, error) {
	info, err := st.Stat(ctx, name)
	if err != nil {
		return "", err
	}
	if !info.Dir {
		return name, nil
	}
	meta := store.Join(name, MetadataName)
	if i, err := st.Stat(ctx, meta); err == nil && !i.Dir {
		return meta, nil
	}
	return "", notSnapshot(ctx, st, name)
}

// ErrDirectory marks the error of opening a directory that is no snapshot: there may be some below it.
var ErrDirectory = errors.New("a directory without " + MetadataName)

// notSnapshot says what a directory without _metadata is instead.
func notSnapshot(ctx context.Context, st store.Store, dir string) error {
	e := fault.New(fault.ErrMissing, "no %s in this directory", MetadataName)
	e.File, e.Mark = dir, ErrDirectory
	entries, err := st.List(ctx, dir)
	if err != nil {
		return e
	}
	has := map[string]bool{}
	checkpoints := false
	for _, i := range entries {
		has[i.Name] = true
		checkpoints = checkpoints || isCheckpointDir(i.Name)
	}
	switch base := store.Base(absolute(dir)); {
	case isCheckpointDir(base):
		e.Found = "an unfinished or aborted checkpoint: it has no " + MetadataName
		e.Hint = "a checkpoint that is still being written gets it last"
	case checkpoints:
		e.Hint = "a job's checkpoint directory: `tarn latest` finds the newest complete one in it"
	case has["CURRENT"] || has["LOCK"]:
		e.Hint = "this looks like the working directory of RocksDB, not a snapshot; checkpoints and savepoints have a " + MetadataName
	case base == "shared" || base == "taskowned":
		e.Hint = "files that several checkpoints of a job use; the checkpoints lie beside this directory"
	case len(entries) == 0:
		e.Hint = "the directory is empty"
	default:
		e.Hint = "`tarn latest` looks for snapshots below a directory"
	}
	return e
}

// maxMetadata bounds a _metadata file: state above a few kilobytes lies in files of its own, so that even huge jobs stay far below.
const maxMetadata = 2 << 30

// readMetadata reads a _metadata file, or the beginning of a file that is none.
func readMetadata(ctx context.Context, st store.Store, name string) ([]byte, error) {
	obj, err := st.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer obj.Close()
	if obj.Size() > maxMetadata {
		e := fault.New(fault.ErrUnsupported, "%d bytes", obj.Size()).WithExpected("a metadata file of at most 2 GiB")
		e.File = name
		return nil, e
	}
	head, err := readUpTo(obj, min(obj.Size(), metadataHead))
	if err == nil && metadata.IsMetadata(head) {
		head, err = readUpTo(obj, obj.Size())
	}
	return head, fault.File(err, name)
}

// metadataHead is how much of a file tells whether it is a _metadata at all.
const metadataHead = 8

// readUpTo reads the first n bytes of an object, or what is left of them if it became shorter: the decoder says where that hurts.
func readUpTo(obj store.Object, n int64) ([]byte, error) {
	b := make([]byte, n)
	got, err := obj.ReadAt(b, 0)
	if got == len(b) || errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:got], err
}

// Locate tells where the file of a stream handle lies. Inline and empty ones are Inline.
func (s *Snapshot) Locate(ctx context.Context, h metadata.StreamHandle) Location {
	ref, ok := metadata.ReferenceOf(h)
	if !ok {
		return Location{How: Inline}
	}
	return s.files.locate(ctx, ref)
}

// OpenStream opens the bytes behind a stream handle, wherever they are.
func (s *Snapshot) OpenStream(ctx context.Context, h metadata.StreamHandle) (store.Object, error) {
	return s.files.open(ctx, h)
}

// Base is the root of the snapshot's own tree: the job's directory of a checkpoint, else Dir.
func (s *Snapshot) Base() string { return s.files.base }

// FileTime is when _metadata was last changed: the snapshot itself does not say when it was taken.
func (s *Snapshot) FileTime(ctx context.Context) (time.Time, bool) {
	info, err := s.files.st.Stat(ctx, s.MetadataName)
	return info.ModTime, err == nil && !info.ModTime.IsZero()
}
