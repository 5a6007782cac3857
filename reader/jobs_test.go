package reader_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store/file"
)

// TestByJob: savepoints go with the job that their directory names; what is of no job stays together.
func TestByJob(t *testing.T) {
	list := []reader.Found{
		{Dir: "a", Job: "aaaaaa", CheckpointID: 12},
		{Dir: "x", CheckpointID: 3},
		{Dir: "b", Job: "bbbbbb", CheckpointID: 1},
		{Dir: "a-savepoint", Job: "aaaaaa", CheckpointID: 11},
		{Dir: "a-old", Job: "aaaaaa", CheckpointID: 7},
		{Dir: "a-unread", Job: "aaaaaa", CheckpointID: -1},
		{Dir: "y", CheckpointID: 9},
		{Dir: "a-older", Job: "aaaaaa", CheckpointID: 5},
	}
	var got []string
	for _, group := range reader.ByJob(list) {
		var dirs []string
		for _, f := range group {
			dirs = append(dirs, f.Dir)
		}
		got = append(got, strings.Join(dirs, " "))
	}
	if want := []string{"a a-savepoint a-old a-unread a-older", "x y", "b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if gaps, want := reader.Gaps(list), []reader.Gap{{Job: "aaaaaa", First: 8, Last: 10}, {Job: "aaaaaa", First: 6, Last: 6}}; !reflect.DeepEqual(gaps, want) {
		t.Errorf("got %v, want %v", gaps, want)
	}
}

// TestFoundJob: which job a snapshot is of, its directory says.
func TestFoundJob(t *testing.T) {
	root := tree(t, job+"/chk-3/_metadata", "savepoint-fedcba-123456789012/_metadata", "savepoint-mine/_metadata", "savepoint-FEDCBA-1/_metadata", "copy/_metadata")
	list, err := reader.Discover(t.Context(), file.Store{}, root, reader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range list {
		got[filepath.Base(f.Dir)] = f.Job
	}
	want := map[string]string{"chk-3": job[:6], "savepoint-fedcba-123456789012": "fedcba", "savepoint-mine": "", "savepoint-FEDCBA-1": "", "copy": ""}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestFoundFormat holds the form of each fixture against its name.
func TestFoundFormat(t *testing.T) {
	fixtures.Each(t, nil, func(t *testing.T, f *fixtures.Fixture) {
		list, err := reader.Discover(t.Context(), file.Store{}, f.Root, reader.Options{})
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		name := f.Truth.Name
		want := " checkpoint"
		switch {
		case strings.Contains(name, "-savepoint"), strings.Contains(name, "-stop"):
			want = "canonical savepoint"
		case strings.Contains(name, "-native"):
			want = "native savepoint"
		case strings.Contains(name, "-changelog"):
			want = "changelog checkpoint"
		case strings.HasPrefix(name, "1.13") && strings.Contains(name, "-full-"): // key groups; later versions write tables for these too
		case strings.Contains(name, "-rocksdb-"), strings.Contains(name, "-forst-"):
			want = "native checkpoint"
		}
		for _, found := range list {
			if _, err := os.Stat(filepath.Join(found.Dir, reader.MetadataName)); err == nil && found.Format+" "+found.Kind != want {
				t.Errorf("%s %s, want %s", found.Format, found.Kind, want)
			}
		}
	})
}
