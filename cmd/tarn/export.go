package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/columnar"
	"github.com/tarn-project/tarn/writer/export"
)

// partitionKeyGroup is what --partition-by takes.
const partitionKeyGroup = "key-group"

// exporting is a run of cat with a format of typed columns.
type exporting struct {
	app    *app
	snap   *reader.Snapshot
	format export.RecordFormat
	split  bool // a file for each key group
	tables []*columnar.Table
	scan   columnar.Scan
	meter  *meter
}

// records writes the selected entries as typed columns: to one file, or to one for each state where the output is a directory.
func (a *app) records(c *cobra.Command, snap *reader.Snapshot, sel reader.Selection, f *rowFlags, format export.RecordFormat, check func(int64) error) error {
	x := &exporting{app: a, snap: snap, format: format, split: f.partition != ""}
	if x.split && f.partition != partitionKeyGroup {
		return usage("--partition-by %q", f.partition).WithExpected(partitionKeyGroup)
	}
	if f.meaning {
		return usage("--meaning with --format %s", format.Name).WithExpected("--format json, csv or table")
	}
	found := &seen{states: map[string]bool{}}
	sel.State = found.watch(sel.State, f.states)
	var problem error
	x.tables, problem = columnar.Tables(c.Context(), snap, sel, columnar.Options{Raw: f.raw, Columns: f.columns})
	var partial *reader.PartialError // the scan finds the same trouble again
	if problem != nil && !errors.As(problem, &partial) {
		return problem
	}
	if err := found.missing(f.states); err != nil {
		return err
	}
	x.scan = columnar.Scan{Tables: x.tables, Jobs: a.jobs, Limit: f.limit, ByKeyGroup: x.split, OnError: snap.Misread}
	x.meter = a.meter("read", snap.KeyedBytes(sel))
	x.scan.Progress = x.meter.add
	run := func(to sink) error {
		err := x.run(c.Context(), sel, to)
		x.meter.end()
		if err == nil && check != nil {
			err = check(x.scan.Rows())
		}
		return err
	}
	var err error
	switch {
	case x.toDirectory():
		err = x.directory(run)
	case len(x.tables) == 1:
		err = x.single(run)
	case len(x.tables) == 0:
		return usage("nothing selected").WithHint("see tarn inspect %s", snap.Name)
	default:
		return x.tooMany()
	}
	if n := x.scan.Lost(); n > 0 {
		a.info("%d values have no room in their columns: they are null there, and the column raw has their bytes", n)
	}
	return err
}

// toDirectory reports whether the output is a directory.
func (x *exporting) toDirectory() bool {
	out := x.app.output
	if out == "" || out == "-" {
		return false
	}
	info, err := os.Stat(out)
	return x.split || strings.HasSuffix(out, "/") || err == nil && info.IsDir()
}

func (x *exporting) tooMany() error {
	var names []string
	for i, t := range x.tables {
		if i == 12 {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%s of %s (%s)", t.Name, operatorName(t), t.Kind))
	}
	return usage("%d states in one %s file: %s", len(x.tables), x.format.Name, strings.Join(names, ", ")).
		WithHint("choose one with --operator, --state and --kind, or write each to a file of its own with -o DIR/")
}

func operatorName(t *columnar.Table) string {
	if t.UID != "" {
		return t.UID
	}
	return t.OperatorID
}

// sink gives the output that a batch belongs to.
type sink func(t *columnar.Table, group columnar.Group) (export.Records, error)

func (x *exporting) run(ctx context.Context, sel reader.Selection, to sink) error {
	err := x.scan.Run(ctx, x.snap, sel, func(t *columnar.Table, g columnar.Group, rec columnar.Record) error {
		out, err := to(t, g)
		if err != nil {
			return err
		}
		return out.Write(rec)
	})
	if columnar.IsEnough(err) {
		err = nil
	}
	if undecoded := x.snap.Undecoded.Err(); undecoded != nil && err == nil {
		err = undecoded
	}
	return err
}

// single writes the only table to where results go: a stream to standard output and pipes, else a file.
func (x *exporting) single(run func(sink) error) error {
	make := x.format.File
	if x.app.output == "" || x.app.output == "-" {
		if _, tty := terminal(x.app.out); tty {
			return usage("--format %s on a terminal", x.format.Name).WithHint("-o FILE writes a file")
		}
		make = x.format.Stream
	} else if info, err := os.Stat(x.app.output); err == nil && !info.Mode().IsRegular() {
		make = x.format.Stream
	}
	return x.app.result(func(w io.Writer) error {
		out, err := make(w, x.tables[0].Schema())
		if err != nil {
			return err
		}
		err = run(func(*columnar.Table, columnar.Group) (export.Records, error) { return out, nil })
		if cerr := out.Close(); err == nil {
			err = cerr
		}
		return err
	})
}

// directory writes a file for each table, or for each table and key group, below a directory that appears whole or not at all.
func (x *exporting) directory(run func(sink) error) error {
	dir := strings.TrimRight(x.app.output, "/")
	if dir == "" {
		dir = "/"
	}
	old, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || len(old) > 0 {
		return refused(dir, "exists and is not an empty directory")
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".tarn-*")
	if err != nil {
		return refused(dir, "cannot be created: %v", errors.Unwrap(err))
	}
	files := &fileSet{root: tmp, exporting: x}
	err = run(files.sink)
	var partial *reader.PartialError
	if err == nil || errors.As(err, &partial) {
		if cerr := files.finish(); cerr != nil {
			err, partial = cerr, nil
		}
	}
	if err != nil && partial == nil {
		return errors.Join(err, files.abandon(), os.RemoveAll(tmp))
	}
	if cerr := errors.Join(os.Chmod(tmp, 0o755), makeWay(dir), os.Rename(tmp, dir)); cerr != nil {
		return errors.Join(cerr, os.RemoveAll(tmp))
	}
	return err
}

// makeWay removes the empty directory that a whole one is put in the place of.
func makeWay(dir string) error {
	if err := os.Remove(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// fileSet is the files of an export to a directory. Those of a table without rows are written too: their schema says what could be there.
type fileSet struct {
	*exporting
	root string
	open map[*columnar.Table]*openFile
	made map[string]int
}

type openFile struct {
	export.Records
	file  *os.File
	group columnar.Group
}

// sink opens the file of a table when its first rows come. With one for each key group, the one before is done: key groups come in order.
func (s *fileSet) sink(t *columnar.Table, g columnar.Group) (export.Records, error) {
	if f := s.open[t]; f != nil {
		if f.group == g {
			return f, nil
		}
		if err := s.close(t); err != nil {
			return nil, err
		}
	}
	return s.create(t, g)
}

func (s *fileSet) create(t *columnar.Table, g columnar.Group) (export.Records, error) {
	name := filepath.Join(fileName(operatorName(t)), fileName(t.Name))
	if s.twin(t) {
		name += "-" + t.Kind.String()
	}
	if s.split && g >= 0 {
		name = filepath.Join(name, fmt.Sprintf("kg=%d", g), "part")
	}
	if s.made == nil {
		s.made, s.open = map[string]int{}, map[*columnar.Table]*openFile{}
	}
	if s.made[name]++; s.made[name] > 1 { // a key group in pieces that lie apart
		name += fmt.Sprintf("-%d", s.made[name])
	}
	path := filepath.Join(s.root, name+s.format.Ext)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	out, err := s.format.File(file, t.Schema())
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	f := &openFile{out, file, g}
	s.open[t] = f
	return f, nil
}

// twin reports whether another table has the same operator and name.
func (s *fileSet) twin(t *columnar.Table) bool {
	for _, o := range s.tables {
		if o != t && o.OperatorID == t.OperatorID && o.Name == t.Name {
			return true
		}
	}
	return false
}

func (s *fileSet) close(t *columnar.Table) error {
	f := s.open[t]
	delete(s.open, t)
	return errors.Join(f.Close(), f.file.Sync(), f.file.Close())
}

// finish completes all files.
func (s *fileSet) finish() error {
	for _, t := range s.tables {
		if s.open[t] == nil {
			if s.split {
				continue
			}
			if _, err := s.create(t, -1); err != nil {
				return err
			}
		}
		if err := s.close(t); err != nil {
			return err
		}
	}
	return nil
}

// abandon closes files that will be removed.
func (s *fileSet) abandon() error {
	var err error
	for _, f := range s.open {
		err = errors.Join(err, f.file.Close())
	}
	return err
}

// fileName makes a name for a file out of that of a state or operator.
func fileName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name) && b.Len() < 150; i++ {
		switch c := name[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '-', c == '_', c == '.' && i > 0:
			b.WriteByte(c)
		case c == '/' && i > 0:
			b.WriteByte('.')
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() == 0 {
		return "_"
	}
	return b.String()
}
