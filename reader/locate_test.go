package reader_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store/file"
)

// tree makes files below a new directory. A name that ends with _metadata becomes an empty snapshot, any other holds its own name.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, n := range names {
		p := filepath.Join(root, filepath.FromSlash(n))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		data := []byte(n)
		if filepath.Base(n) == reader.MetadataName {
			data = emptySnapshot(t, filepath.Base(filepath.Dir(n)))
		}
		if err := os.WriteFile(p, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// emptySnapshot is the _metadata of a snapshot without operators. In a directory chk-N it has that number.
func emptySnapshot(t *testing.T, dir string) []byte {
	t.Helper()
	id := 1
	if n, ok := strings.CutPrefix(dir, "chk-"); ok {
		var err error
		if id, err = strconv.Atoi(n); err != nil {
			t.Fatal(err)
		}
	}
	b, err := (&metadata.Metadata{Version: 3, CheckpointID: int64(id)}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const job = "0123456789abcdef0123456789abcdef"

func TestLocate(t *testing.T) {
	root := tree(t, "sp/_metadata", "sp/state", "sp/deep/state", "jobs/"+job+"/chk-7/_metadata", "jobs/"+job+"/chk-7/own",
		"jobs/"+job+"/chk-6/old", "jobs/"+job+"/shared/s", "jobs/"+job+"/shared/op_1/merged", "jobs/"+job+"/taskowned/t",
		"jobs/dstl/"+job+"/dstl/log", "copy/chk-7/_metadata", "copy/shared/s", "copy/private", "elsewhere/s", "secret", "sp-2/state")
	chk := "jobs/" + job + "/chk-7"
	type c struct {
		name     string
		dir      string // of _metadata, below root
		written  string // $ is root
		relative bool
		o        reader.Options
		how      reader.How
		at       string // where it is found, below root; or
		kind     error
	}
	maps := func(from, to string) reader.Options {
		return reader.Options{Map: []reader.Mapping{{Old: from, New: to}}}
	}
	roots := func(r ...string) reader.Options { return reader.Options{AllowRoots: r} }
	for _, c := range []c{
		{name: "relative", dir: "sp", written: "state", relative: true, how: reader.Relative, at: "sp/state"},
		{name: "relative in a directory", dir: "sp", written: "deep/state", relative: true, how: reader.Relative, at: "sp/deep/state"},
		{name: "relative to shared", dir: chk, written: "../shared/s", relative: true, how: reader.Relative, at: "jobs/" + job + "/shared/s"},
		{name: "relative and gone", dir: "sp", written: "gone", relative: true, kind: fault.ErrMissing},
		{name: "relative to a directory", dir: "sp", written: "deep", relative: true, kind: fault.ErrMissing},
		{name: "relative and out", dir: "sp", written: "../secret", relative: true, kind: fault.ErrRefused},
		{name: "relative and far out", dir: "sp", written: "../../../../../../../../etc/passwd", relative: true, kind: fault.ErrRefused},
		{name: "relative and out on the way", dir: "sp", written: "deep/../../secret", relative: true, kind: fault.ErrRefused},
		{name: "relative and out by the neighbour's name", dir: "sp", written: "../sp-2/state", relative: true, kind: fault.ErrRefused},
		{name: "relative up from a checkpoint", dir: chk, written: "../../../secret", relative: true, kind: fault.ErrRefused},
		{name: "relative that looks absolute", dir: "sp", written: "/etc/passwd", relative: true, kind: fault.ErrMissing},
		{name: "absolute where it was", dir: chk, written: "$/jobs/" + job + "/shared/s", how: reader.Absolute, at: "jobs/" + job + "/shared/s"},
		{name: "absolute as Flink writes local ones", dir: chk, written: "file:$/jobs/" + job + "/shared/s", how: reader.Absolute, at: "jobs/" + job + "/shared/s"},
		{name: "moved shared file", dir: chk, written: "s3://bucket/flink/" + job + "/shared/s", how: reader.Moved, at: "jobs/" + job + "/shared/s"},
		{name: "moved merged file", dir: chk, written: "hdfs://nn:8020/ckp/" + job + "/shared/op_1/merged", how: reader.Moved, at: "jobs/" + job + "/shared/op_1/merged"},
		{name: "moved file owned by tasks", dir: chk, written: "/ckp/" + job + "/taskowned/t", how: reader.Moved, at: "jobs/" + job + "/taskowned/t"},
		{name: "moved file of the checkpoint", dir: chk, written: "/ckp/" + job + "/chk-7/own", how: reader.Moved, at: chk + "/own"},
		{name: "moved file of an older checkpoint", dir: chk, written: "/ckp/" + job + "/chk-6/old", how: reader.Moved, at: "jobs/" + job + "/chk-6/old"},
		{name: "moved changelog", dir: chk, written: "/logs/dstl/" + job + "/dstl/log", how: reader.Moved, at: "jobs/dstl/" + job + "/dstl/log"},
		{name: "copied without the job's id", dir: "copy/chk-7", written: "/ckp/" + job + "/shared/s", how: reader.Moved, at: "copy/shared/s"},
		{name: "beside _metadata", dir: "sp", written: "/savepoints/savepoint-1/state", how: reader.Moved, at: "sp/state"},
		{name: "nowhere", dir: "sp", written: "/savepoints/savepoint-1/other", kind: fault.ErrMissing},
		{name: "nowhere in a bucket", dir: "sp", written: "s3://bucket/other", kind: fault.ErrMissing},
		{name: "there, but outside", dir: "sp", written: "$/secret", kind: fault.ErrRefused},
		{name: "there, but outside, in another spelling", dir: "sp", written: "file://$/secret", kind: fault.ErrRefused},
		{name: "outside by dots", dir: "sp", written: "$/sp/../secret", kind: fault.ErrRefused},
		{name: "outside by escaped dots", dir: "sp", written: "file:$/sp/%2e%2e/secret", kind: fault.ErrRefused},
		{name: "a neighbour whose name begins alike", dir: "sp", written: "$/sp-2/other", kind: fault.ErrMissing},
		{name: "beside a checkpoint whose parent is no job's", dir: "copy/chk-7", written: "$/copy/private", kind: fault.ErrRefused},
		{name: "tail with dots", dir: chk, written: "/ckp/" + job + "/shared/../../../secret", kind: fault.ErrMissing},
		{name: "tail with dots in an escaped path", dir: chk, written: "file:/ckp/" + job + "/shared/%2e%2e/%2e%2e/%2e%2e/secret", kind: fault.ErrMissing},
		{name: "the parent as a file", dir: "sp", written: "/x/..", kind: fault.ErrMissing},
		{name: "nothing", dir: "sp", written: "", kind: fault.ErrMissing},
		{name: "only slashes", dir: "sp", written: "///", kind: fault.ErrMissing},
		{name: "zero byte", dir: "sp", written: "/x/\x00", kind: fault.ErrMissing},
		{name: "allowed root", dir: "sp", written: "$/elsewhere/s", o: roots("$/elsewhere"), how: reader.Absolute, at: "elsewhere/s"},
		{name: "allowed root with a slash", dir: "sp", written: "file:$/elsewhere/s", o: roots("$/nothing", "$/elsewhere/"), how: reader.Absolute, at: "elsewhere/s"},
		{name: "out of an allowed root", dir: "sp", written: "$/elsewhere/../secret", o: roots("$/elsewhere"), kind: fault.ErrRefused},
		{name: "mapped", dir: "sp", written: "s3://bucket/ckp/s", o: maps("s3://bucket/ckp", "$/elsewhere"), how: reader.Mapped, at: "elsewhere/s"},
		{name: "mapped with slashes", dir: "sp", written: "s3://bucket/ckp/s", o: maps("s3://bucket/ckp/", "$/elsewhere/"), how: reader.Mapped, at: "elsewhere/s"},
		{name: "mapped across spellings", dir: "sp", written: "file:/ckp/s", o: maps("/ckp", "$/elsewhere"), how: reader.Mapped, at: "elsewhere/s"},
		{name: "a map before the own tree", dir: chk, written: "/ckp/shared/s", o: maps("/ckp", "$/copy"), how: reader.Mapped, at: "copy/shared/s"},
		{name: "a map that leads nowhere", dir: chk, written: "/ckp/shared/s", o: maps("/ckp", "$/nothing"), how: reader.Moved, at: "jobs/" + job + "/shared/s"},
		{name: "a map of half a name", dir: "sp", written: "/ckp/selsewhere/s", o: maps("/ckp/s", "$/"), kind: fault.ErrMissing},
		{name: "a map with dots behind it", dir: "sp", written: "/ckp/../secret", o: maps("/ckp", "$/elsewhere"), kind: fault.ErrMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, prefix := range []string{"", "file://"} {
				at := func(s string) string { return strings.ReplaceAll(s, "$", root) }
				o := reader.Options{}
				for _, m := range c.o.Map {
					o.Map = append(o.Map, reader.Mapping{Old: at(m.Old), New: at(m.New)})
				}
				for _, r := range c.o.AllowRoots {
					o.AllowRoots = append(o.AllowRoots, at(r))
				}
				s := open(t, file.Store{}, prefix+root+"/"+c.dir, o)
				var h metadata.StreamHandle = &metadata.File{Path: at(c.written), Length: 1}
				if c.relative {
					h = &metadata.RelativeFile{Path: at(c.written), Length: 1}
				}
				loc := s.Locate(t.Context(), h)
				obj, err := s.OpenStream(t.Context(), h)
				if c.kind != nil {
					if loc.How != reader.NotFound || !errors.Is(loc.Err, c.kind) || !errors.Is(err, c.kind) {
						t.Errorf("%q: %v at %s, %v, opened: %v; want %v", prefix, loc.How, loc.Name, loc.Err, err, c.kind)
					}
					continue
				}
				if err != nil || loc.How != c.how || loc.Written != at(c.written) {
					t.Errorf("%q: %v %v, want %v; %v", prefix, loc.How, loc.Err, c.how, err)
					continue
				}
				b, err := io.ReadAll(io.NewSectionReader(obj, 0, obj.Size()))
				if string(b) != c.at || err != nil {
					t.Errorf("%q: %s holds %q, want %q; %v", prefix, loc.Name, b, c.at, err)
				}
				obj.Close()
			}
		})
	}
}

func TestStreams(t *testing.T) {
	root := tree(t, "sp/_metadata", "sp/0123456789")
	s := open(t, file.Store{}, filepath.Join(root, "sp"), reader.Options{})
	name := filepath.Join(root, "sp", "0123456789")
	segment := func(start, length int64) *metadata.Segment {
		return &metadata.Segment{Path: name, Start: start, Length: length}
	}
	for _, c := range []struct {
		name string
		h    metadata.StreamHandle
		want string
		kind error
	}{
		{"inline", &metadata.ByteStream{Name: "/etc/passwd", Data: []byte("here")}, "here", nil},
		{"empty segment", &metadata.EmptySegment{}, "", nil},
		{"file", &metadata.RelativeFile{Path: "0123456789"}, "sp/0123456789", nil},
		{"key groups over a file", &metadata.KeyGroups{Stream: &metadata.RelativeFile{Path: "0123456789"}}, "sp/0123456789", nil},
		{"segment", segment(3, 4), "0123", nil},
		{"whole segment", segment(0, 13), "sp/0123456789", nil},
		{"segment of nothing", segment(13, 0), "", nil},
		{"segment past the end", segment(10, 4), "", fault.ErrTruncated},
		{"segment behind the end", segment(14, 0), "", fault.ErrTruncated},
		{"segment before the file", segment(-1, 4), "", fault.ErrCorrupt},
		{"segment of less than nothing", segment(3, -1), "", fault.ErrCorrupt},
		{"segment that overflows", segment(1<<62, 1<<62), "", fault.ErrCorrupt},
		{"segment of the longest length", segment(1, 1<<63-1), "", fault.ErrCorrupt},
		{"no stream at all", nil, "", fault.ErrCorrupt},
		{"key groups without a stream", &metadata.KeyGroups{}, "", fault.ErrCorrupt},
	} {
		t.Run(c.name, func(t *testing.T) {
			obj, err := s.OpenStream(t.Context(), c.h)
			if c.kind != nil {
				if !errors.Is(err, c.kind) {
					t.Errorf("%v, want %v", err, c.kind)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer obj.Close()
			b, err := io.ReadAll(io.NewSectionReader(obj, 0, obj.Size()))
			if string(b) != c.want || err != nil {
				t.Errorf("%q, %v, want %q", b, err, c.want)
			}
		})
	}
}

// TestMovedTrees: a checkpoint that was copied reads like the original, from wherever.
func TestMovedTrees(t *testing.T) {
	for _, name := range []string{"1.20.3-ledger-hashmap-checkpoint-files", "1.20.3-ledger-rocksdb-checkpoint-files-snappy", "2.3.0-ledger-rocksdb-checkpoint-filemerging", "1.20.3-ledger-hashmap-checkpoint-filemerging"} {
		t.Run(name, func(t *testing.T) {
			f := load(t, name)
			want, err := inOrder(t, open(t, file.Store{}, f.Dir, reader.Options{}), 2)
			if err != nil || len(want) == 0 {
				t.Fatal(len(want), err)
			}
			chk := filepath.Base(f.Dir)
			jobDir := filepath.Dir(f.Dir)
			for where, to := range map[string]string{
				"job directory under its name":    filepath.Join(t.TempDir(), filepath.Base(jobDir)),
				"job directory under another one": filepath.Join(t.TempDir(), "copy of a checkpoint"),
			} {
				if err := os.CopyFS(to, os.DirFS(jobDir)); err != nil {
					t.Fatal(err)
				}
				for _, dir := range []string{filepath.Join(to, chk), "file://" + filepath.Join(to, chk), filepath.Join(to, chk, "_metadata")} {
					got, err := inOrder(t, open(t, file.Store{}, dir, reader.Options{}), 2)
					if err != nil || len(got) != len(want) {
						t.Errorf("%s, opened as %s: %d entries, want %d: %v", where, dir, len(got), len(want), err)
					}
				}
			}
		})
	}
}

// TestMapAndRoots: the checkpoint alone does not find the files of the job's directory; told where they are, it does.
func TestMapAndRoots(t *testing.T) {
	f := load(t, "1.20.3-ledger-rocksdb-checkpoint-files-snappy")
	jobDir := filepath.Dir(f.Dir)
	alone := filepath.Join(t.TempDir(), "alone")
	if err := os.CopyFS(alone, os.DirFS(f.Dir)); err != nil {
		t.Fatal(err)
	}
	written := f.Truth.OriginalRoot + "/" + filepath.Base(jobDir)
	if _, err := inOrder(t, open(t, file.Store{}, alone, reader.Options{}), 1); !errors.Is(err, fault.ErrMissing) {
		t.Errorf("without the shared files: %v", err)
	}
	for _, old := range []string{written, "file:" + written, "file://" + written + "/"} {
		s := open(t, file.Store{}, alone, reader.Options{Map: []reader.Mapping{{Old: old, New: jobDir}}})
		if n, err := inOrder(t, s, 1); err != nil || len(n) == 0 {
			t.Errorf("--map %s: %d entries, %v", old, len(n), err)
		}
	}
}

// TestOneUnreadableFile: what is missing or damaged does not hide the rest.
func TestOneUnreadableFile(t *testing.T) {
	f := load(t, "1.20.3-ledger-hashmap-checkpoint-files")
	whole, err := inOrder(t, open(t, file.Store{}, f.Dir, reader.Options{}), 1)
	if err != nil {
		t.Fatal(err)
	}
	files, err := f.Files()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range files {
		if filepath.Base(name) == reader.MetadataName {
			continue
		}
		for how, spoil := range map[string]func(string) error{
			"gone":  os.Remove,
			"empty": func(p string) error { return os.Truncate(p, 0) },
		} {
			root := t.TempDir()
			if err := os.CopyFS(root, os.DirFS(f.Root)); err != nil {
				t.Fatal(err)
			}
			if err := spoil(filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(f.Root, f.Dir)
			if err != nil {
				t.Fatal(err)
			}
			got, err := inOrder(t, open(t, file.Store{}, filepath.Join(root, rel), reader.Options{}), 3)
			if err == nil {
				if len(got) != len(whole) {
					t.Errorf("%s %s: %d of %d entries and no error", name, how, len(got), len(whole))
				}
				continue // a file that no handle names
			}
			n++
			var partial *reader.PartialError
			if !errors.As(err, &partial) || len(partial.Problems) != 1 {
				t.Errorf("%s %s: %v", name, how, err)
			}
			var e *fault.Error
			if !errors.As(err, &e) || e.Operator == "" || e.Subtask < 0 || !strings.Contains(e.File, filepath.Base(name)) {
				t.Errorf("%s %s: the place is not said: %v", name, how, err)
			}
			if len(got) == 0 || len(got) >= len(whole) {
				t.Errorf("%s %s: %d of %d entries", name, how, len(got), len(whole))
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d files could be spoiled", n)
	}
}

// TestEntriesOfOneKey: a key is in one key group of the operators whose keys are texts.
func TestEntriesOfOneKey(t *testing.T) {
	s := open(t, file.Store{}, load(t, ledger).Dir, reader.Options{})
	f := &reader.KeyFinder{Text: "acc-2"}
	groups := map[int]bool{}
	n := 0
	if err := each(s, reader.Selection{Key: f.Find, SameKey: f.SameKey}, 2, func(e *entry.Entry) {
		groups[e.KeyGroup] = true
		n++
	}); err != nil {
		t.Fatal(err)
	}
	if n == 0 || len(groups) != 1 {
		t.Errorf("%d entries in key groups %v", n, groups)
	}
}
