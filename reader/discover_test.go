package reader_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store"
	"github.com/tarn-project/tarn/store/file"
)

// age sets when a file or directory was last changed.
func age(t *testing.T, path string, minute int) {
	t.Helper()
	at := time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func dirs(root string, list []reader.Found) []string {
	var out []string
	for _, f := range list {
		rel, err := filepath.Rel(root, f.Dir)
		if err != nil {
			rel = err.Error()
		}
		mark := ""
		if !f.Complete {
			mark = " incomplete"
		}
		out = append(out, rel+mark)
	}
	return out
}

func TestDiscover(t *testing.T) {
	const other = "fedcba9876543210fedcba9876543210"
	root := tree(t,
		"ckp/"+job+"/chk-9/_metadata", "ckp/"+job+"/chk-10/_metadata", "ckp/"+job+"/chk-11/half", "ckp/"+job+"/shared/chk-1/_metadata",
		"ckp/"+other+"/chk-3/_metadata", "ckp/"+other+"/taskowned/x", "sp/savepoint-aa-1/_metadata", "sp/savepoint-bb-2/data",
		"sp/plain/_metadata", "sp/damaged/_metadata", "notes.txt", "a/b/c/d/e/f/_metadata", "a/b/c/d/e/f/g/_metadata")
	if err := os.WriteFile(filepath.Join(root, "sp/damaged/_metadata"), []byte("nothing"), 0o644); err != nil {
		t.Fatal(err)
	}
	// The copy gave chk-10 an older time than chk-9.
	for name, minute := range map[string]int{
		"ckp/" + job + "/chk-9/_metadata": 30, "ckp/" + job + "/chk-10/_metadata": 20, "ckp/" + job + "/chk-11": 31,
		"ckp/" + other + "/chk-3/_metadata": 25, "sp/savepoint-aa-1/_metadata": 40, "sp/savepoint-bb-2": 50, "sp/plain/_metadata": 10,
		"sp/damaged/_metadata": 45, "a/b/c/d/e/f/_metadata": 1,
	} {
		age(t, filepath.Join(root, name), minute)
	}
	list, err := reader.Discover(t.Context(), file.Store{}, root, reader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"sp/savepoint-bb-2 incomplete", "sp/damaged incomplete", "sp/savepoint-aa-1",
		"ckp/" + job + "/chk-11 incomplete", "ckp/" + job + "/chk-10", "ckp/" + job + "/chk-9",
		"ckp/" + other + "/chk-3", "sp/plain", "a/b/c/d/e/f",
	}
	if got := dirs(root, list); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, f := range list {
		if f.Complete == (f.Why != "") {
			t.Errorf("%s: complete %v, %q", f.Dir, f.Complete, f.Why)
		}
	}
	if f := list[4]; f.Kind != "checkpoint" || f.JobID != job || f.CheckpointID != 10 {
		t.Errorf("chk-10: %+v", f)
	}
	if f := list[3]; f.CheckpointID != 11 || !strings.Contains(f.Why, "unfinished") {
		t.Errorf("chk-11: %+v", f)
	}

	found, newer, err := reader.Latest(t.Context(), file.Store{}, root, reader.Options{})
	if err != nil || !strings.HasSuffix(found.Dir, "savepoint-aa-1") || len(newer) != 2 {
		t.Errorf("latest: %s, %d newer, %v", found.Dir, len(newer), err)
	}
	found, newer, err = reader.Latest(t.Context(), file.Store{}, filepath.Join(root, "ckp", job), reader.Options{})
	if err != nil || !strings.HasSuffix(found.Dir, "chk-10") || len(newer) != 1 {
		t.Errorf("latest of the job: %s, %d newer, %v", found.Dir, len(newer), err)
	}
	found, _, err = reader.Latest(t.Context(), file.Store{}, filepath.Join(root, "sp/plain"), reader.Options{})
	if err != nil || !strings.HasSuffix(found.Dir, "plain") {
		t.Errorf("latest of a snapshot itself: %s, %v", found.Dir, err)
	}
	_, _, err = reader.Latest(t.Context(), file.Store{}, filepath.Join(root, "ckp", other, "taskowned"), reader.Options{})
	if !errors.Is(err, fault.ErrMissing) {
		t.Errorf("latest of a directory without snapshots: %v", err)
	}
	_, _, err = reader.Latest(t.Context(), file.Store{}, filepath.Join(root, "gone"), reader.Options{})
	if !errors.Is(err, fault.ErrMissing) {
		t.Errorf("latest of nothing: %v", err)
	}
}

// TestIncomplete: a checkpoint whose files are not all there is not the latest one.
func TestIncomplete(t *testing.T) {
	f := load(t, "1.20.3-ledger-hashmap-checkpoint-files")
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(f.Root)); err != nil {
		t.Fatal(err)
	}
	found, _, err := reader.Latest(t.Context(), file.Store{}, root, reader.Options{})
	if err != nil || found.Bytes == 0 || found.CheckpointID != f.Truth.CheckpointID {
		t.Fatalf("%+v, %v", found, err)
	}
	files, err := os.ReadDir(found.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range files {
		if e.Name() != reader.MetadataName {
			if err := os.Remove(filepath.Join(found.Dir, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, all, err := reader.Latest(t.Context(), file.Store{}, root, reader.Options{})
	if !errors.Is(err, fault.ErrMissing) || len(all) != 1 || all[0].Complete || all[0].Why == "" {
		t.Errorf("without its files: %+v, %v", all, err)
	}
}

// vanishing is a store whose directories of a name are listed and then gone, as a job deletes old checkpoints while one looks.
type vanishing struct {
	store.Store
	name string
}

func (v vanishing) List(ctx context.Context, dir string) ([]store.Info, error) {
	if store.Base(dir) == v.name {
		return nil, fault.New(fault.ErrMissing, "%s is gone", dir)
	}
	return v.Store.List(ctx, dir)
}

func TestVanished(t *testing.T) {
	root := tree(t, job+"/chk-1/_metadata", job+"/chk-2/_metadata")
	found, newer, err := reader.Latest(t.Context(), vanishing{file.Store{}, "chk-2"}, root, reader.Options{})
	if err != nil || !strings.HasSuffix(found.Dir, "chk-1") || len(newer) != 0 {
		t.Errorf("%s, %v, %v", found.Dir, newer, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader.Discover(ctx, file.Store{}, root, reader.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNotASnapshot(t *testing.T) {
	root := tree(t, "job/chk-1/_metadata", "job/chk-2/half", "db/CURRENT", "db/000009.sst", "some/file", "some/dir/_metadata/x", "job/shared/x")
	if err := os.Mkdir(filepath.Join(root, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for dir, hint := range map[string]string{
		"gone": "no such file", "empty": "empty", "job": "tarn latest", "job/chk-2": "unfinished", "db": "RocksDB", "some": "latest", "job/shared": "beside", "some/dir": "no _metadata",
	} {
		_, err := reader.Open(t.Context(), file.Store{}, filepath.Join(root, dir), reader.Options{})
		if !errors.Is(err, fault.ErrMissing) || !strings.Contains(err.Error(), hint) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v; want it to say %q", dir, err, hint)
		}
	}
}

func TestFileTime(t *testing.T) {
	root := tree(t, "sp/_metadata")
	age(t, filepath.Join(root, "sp/_metadata"), 17)
	s := open(t, file.Store{}, filepath.Join(root, "sp"), reader.Options{})
	if at, ok := s.FileTime(t.Context()); !ok || at.UTC().Minute() != 17 {
		t.Errorf("%v, %v", at, ok)
	}
	if err := os.Remove(filepath.Join(root, "sp/_metadata")); err != nil {
		t.Fatal(err)
	}
	if at, ok := s.FileTime(t.Context()); ok {
		t.Errorf("of a file that is gone: %v", at)
	}
}

// TestNoMetadata: of a file that begins like no _metadata the rest is not read, however large it is.
func TestNoMetadata(t *testing.T) {
	name := filepath.Join(t.TempDir(), reader.MetadataName)
	if err := os.WriteFile(name, []byte("no magic"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 1<<30); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := reader.Open(t.Context(), file.Store{}, name, reader.Options{})
	runtime.ReadMemStats(&after)
	if !errors.Is(err, fault.ErrCorrupt) || after.TotalAlloc-before.TotalAlloc > 1<<20 {
		t.Errorf("%v, after allocating %d bytes", err, after.TotalAlloc-before.TotalAlloc)
	}
}
