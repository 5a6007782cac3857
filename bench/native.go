package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store/file"
)

// native measures the incremental checkpoint beside RocksDB's own iterator, where a C++ compiler and RocksDB's headers are there
// (librocksdb-dev on Debian).
type native struct {
	path string
	scan string   // the program that scans with RocksDB, "" without one
	dirs []string // the database of each subtask under its own file names
}

func (b *bench) openNative(path, tmp string) (*native, error) {
	n := &native{path: path}
	if path == "" {
		return n, nil
	}
	scan := filepath.Join(tmp, "scan")
	if command("c++", "-O2", "-o", scan, "bench/rocksdb/scan.cc", "-lrocksdb").Run() != nil {
		fmt.Fprintln(os.Stderr, "bench: no C++ compiler or no RocksDB to compare with; both are in Debian's packages")
		return n, nil
	}
	n.scan = scan
	return n, n.link(tmp)
}

// link makes a directory for each database, with links under the names that it knows its files by.
func (n *native) link(tmp string) error {
	ctx := context.Background()
	snap, err := reader.Open(ctx, file.Store{}, n.path, reader.Options{})
	if err != nil {
		return err
	}
	for _, op := range snap.Operators {
		for _, p := range op.Parts() {
			h, ok := p.Handle.(*metadata.Incremental)
			if !ok {
				continue
			}
			dir := filepath.Join(tmp, fmt.Sprintf("db-%d", len(n.dirs)))
			if err := os.Mkdir(dir, 0o755); err != nil {
				return err
			}
			n.dirs = append(n.dirs, dir)
			for _, f := range append(h.Shared, h.Private...) {
				if err := link(ctx, snap, f, dir); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func link(ctx context.Context, snap *reader.Snapshot, f metadata.NamedStream, dir string) error {
	to := filepath.Join(dir, f.LocalPath)
	if loc := snap.Locate(ctx, f.Stream); loc.How != reader.Inline && loc.Err == nil {
		path, _ := file.Path(loc.Name)
		abs, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		return os.Symlink(abs, to)
	}
	obj, err := snap.OpenStream(ctx, f.Stream)
	if err != nil {
		return err
	}
	defer obj.Close()
	b, err := io.ReadAll(io.NewSectionReader(obj, 0, obj.Size()))
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}

// line measures one state, or all of them for "*".
func (n *native) line(b *bench, name, state string) (string, error) {
	if n.path == "" {
		return name + "\tno incremental checkpoint\t\t\t\t\t\t\t", nil
	}
	mine, err := b.best(b.self, "-loop", "scan:"+state, n.path)
	if err != nil {
		return "", err
	}
	cells := fmt.Sprintf("%s\t%s\t%s\t%.0f\t", name, seconds(mine.cpu), seconds(mine.wall), float64(mine.rss)/1e6)
	if n.scan == "" {
		return cells + "\t\t\t\t", nil
	}
	limit, err := b.best(n.scan, append([]string{state}, n.dirs...)...)
	if err != nil {
		return "", err
	}
	return cells + fmt.Sprintf("%s\t%.2f\t\t\t", seconds(limit.cpu), mine.cpu.Seconds()/limit.cpu.Seconds()), nil
}

// scanState goes over the entries of one state, or of all for "*", without decoding values.
func scanState(ctx context.Context, snap *reader.Snapshot, state string) error {
	var sel reader.Selection
	if state != "*" {
		sel.State = func(s *entry.State) bool { return s.Name == state }
	}
	var entries, bytes int
	err := snap.Scan(ctx, sel, 1, func(_ int, t *reader.Task) error {
		t.Each(func(e *entry.Entry) bool {
			entries++
			bytes += len(e.Key) + len(e.UserKey) + len(e.Value)
			return true
		})
		return nil
	})
	fmt.Println(entries, bytes)
	return err
}
