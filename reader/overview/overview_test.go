package overview_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/overview"
	"github.com/tarn-project/tarn/store/file"
)

func look(t *testing.T, dir string, o overview.Options) (*overview.Overview, error) {
	t.Helper()
	s, err := reader.Open(t.Context(), file.Store{}, dir, reader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return overview.Make(t.Context(), s, o)
}

// TestFixtures holds the overview of every fixture against its truth.
func TestFixtures(t *testing.T) {
	fixtures.Each(t, nil, func(t *testing.T, f *fixtures.Fixture) {
		v, err := look(t, f.Dir, overview.Options{CountUpTo: 1 << 20, Jobs: 2, Types: true, Files: true})
		unread := map[string]bool{}
		if err != nil {
			if !errors.Is(err, fault.ErrUnsupported) {
				t.Fatal(err)
			}
			for _, p := range err.(*reader.PartialError).Problems {
				var e *fault.Error
				errors.As(p, &e)
				unread[e.Operator] = true
			}
		}
		truth := f.Truth
		checkHead(t, f, v)
		if len(v.Operators) != len(truth.Operators) {
			t.Errorf("%d operators, want %d", len(v.Operators), len(truth.Operators))
		}
		ops := map[string]*overview.Operator{}
		for i := range v.Operators {
			ops[v.Operators[i].ID] = &v.Operators[i]
		}
		for _, want := range truth.Operators {
			o := ops[want.OperatorID]
			if o == nil {
				t.Errorf("no operator %s", want.OperatorID)
				continue
			}
			if o.UID != want.MetadataUID || o.Name != want.MetadataName || o.Parallelism != want.Parallelism ||
				o.MaxParallelism != want.MaxParallelism || o.FullyFinished != want.FullyFinished {
				t.Errorf("operator %+v, want %s %s %d %d %v", o, want.MetadataUID, want.MetadataName, want.Parallelism, want.MaxParallelism, want.FullyFinished)
			}
			if !unread[o.Label()] {
				checkStates(t, truth, o, want)
			}
			if o.Compressed != want.KeyGroupCompression && len(want.KeyedStates) > 0 && len(o.Layouts) > 0 && (o.Layouts[0] == "canonical" || o.Layouts[0] == "heap") {
				t.Errorf("%s: compressed %v, want %v", o.Label(), o.Compressed, want.KeyGroupCompression)
			}
		}
		if _, err := json.Marshal(v); err != nil {
			t.Error(err)
		}
	})
}

func checkHead(t *testing.T, f *fixtures.Fixture, v *overview.Overview) {
	t.Helper()
	truth := f.Truth
	kind, format := "savepoint", "canonical"
	switch {
	case truth.Kind == "native":
		format = "native"
	case truth.Kind == "checkpoint":
		kind, format = "checkpoint", ""
	}
	if v.Kind != kind || format != "" && v.Format != format {
		t.Errorf("a %s %s (%s), want %s %s", v.Format, v.Kind, v.KindReason, format, kind)
	}
	if v.CheckpointID != truth.CheckpointID || v.MetadataVersion != truth.MetadataVersion || len(v.MasterStates) != truth.MasterStates {
		t.Errorf("checkpoint %d, metadata version %d, %d master states", v.CheckpointID, v.MetadataVersion, len(v.MasterStates))
	}
	if !spans(v.Writer.Flink, truth.FlinkVersion) || len(v.Writer.Reasons) == 0 {
		t.Errorf("written by %s, want a span with %s in it", v.Writer.Flink, truth.FlinkVersion)
	}
	// A snapshot can be copied as long as no absolute path of the writing cluster is in it.
	raw, err := os.ReadFile(filepath.Join(f.Dir, reader.MetadataName))
	if err != nil {
		t.Fatal(err)
	}
	if absolute := namesFiles(t, raw); v.Move.ByCopy == absolute || v.Move.ByCopy != (len(v.Move.Reasons) == 0) {
		t.Errorf("movable by copying: %v (%v), absolute paths: %v", v.Move.ByCopy, v.Move.Reasons, absolute)
	}
	if v.Files.Missing > 0 || v.Files.Total != len(v.FileList) {
		t.Errorf("files: %+v, %d in the list", v.Files, len(v.FileList))
	}
}

// namesFiles reports whether some handle names a file by absolute path, or keeps absolute directories alive.
func namesFiles(t *testing.T, raw []byte) bool {
	t.Helper()
	m, err := metadata.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	m.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
		if op, ok := h.(*metadata.OperatorHandle); ok && op.Merged != nil {
			found = true
		}
		metadata.EachStream(h, func(s metadata.StreamHandle) {
			ref, ok := metadata.ReferenceOf(s)
			found = found || ok && !ref.Relative
		})
	})
	return found
}

// spans reports whether "1.16 – 1.20", or "1.18", has a version such as 1.18.1 in it.
func spans(span, version string) bool {
	number := func(s string) int {
		parts := strings.SplitN(s, ".", 3)
		major, _ := strconv.Atoi(parts[0])
		minor, _ := strconv.Atoi(parts[1])
		return major*100 + minor
	}
	from, to, two := strings.Cut(span, " – ")
	if !two {
		to = from
	}
	return number(from) <= number(version) && number(version) <= number(to)
}

func checkStates(t *testing.T, truth *fixtures.Truth, o *overview.Operator, want fixtures.Operator) {
	t.Helper()
	have := map[string]*overview.State{}
	for i := range o.States {
		s := &o.States[i]
		have[s.Kind+" "+s.Name] = s
		if len(s.Tree) == 0 && s.Kind != "raw-keyed" && s.Kind != "raw-operator" {
			t.Errorf("%s: %s has no types", o.Label(), s.Name)
		}
	}
	check := func(kind, name string, ttl bool, entries int) {
		s := have[kind+" "+name]
		switch {
		case s == nil && entries == 0 && slices.Contains(o.Layouts, "changelog"): // which names a state when it changes for the first time
		case s == nil:
			t.Errorf("%s: no %s state %q", o.Label(), kind, name)
		case s.TTL != ttl:
			t.Errorf("%s: TTL of %s: %v", o.Label(), name, s.TTL)
		case s.Incomplete:
		case s.Entries == nil || *s.Entries != int64(entries):
			t.Errorf("%s: %s has %s entries, want %d", o.Label(), name, number(s.Entries), entries)
		case ttl && entries > 0 && (s.OldestTTL == nil || s.NewestTTL.Before(*s.OldestTTL) || s.OldestTTL.Year() < 2020 || s.NewestTTL.Year() > 2100):
			t.Errorf("%s: ages of %s: %v … %v", o.Label(), name, s.OldestTTL, s.NewestTTL)
		}
	}
	for _, s := range want.KeyedStates {
		n := len(s.Entries)
		if s.Kind == "MAP" {
			n = 0
			for _, e := range s.Entries {
				rows, err := e.MapEntries()
				if err != nil {
					t.Fatal(err)
				}
				n += len(rows)
			}
		}
		check(strings.ToLower(s.Kind), s.Name, s.TTL, n)
	}
	for _, q := range want.Timers {
		if truth.Backend != "rocksdb" && truth.Backend != "forst" || len(q.Entries) > 0 {
			check("timer", q.Name, false, len(q.Entries))
		}
	}
	kinds := map[string]string{"SPLIT_DISTRIBUTE": "operator-list", "UNION": "operator-union", "BROADCAST": "broadcast"}
	for _, s := range want.OperatorStates {
		n := 0
		for _, e := range s.Subtasks {
			n += len(e)
		}
		check(kinds[s.Mode], s.Name, false, n)
	}
}

func number(n *int64) string {
	if n == nil {
		return "no"
	}
	return fmt.Sprint(*n)
}

// TestMissingFile: everything else is there, the problem is told once, and what it hides is marked.
func TestMissingFile(t *testing.T) {
	f, err := fixtures.Load("1.20.3-ledger-hashmap-checkpoint-files")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(f.Root)); err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(f.Root, f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, rel)
	v, err := look(t, dir, overview.Options{CountUpTo: -1, Files: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range v.FileList {
		if !strings.HasPrefix(gone.Name, root) {
			t.Fatalf("%+v", gone)
		}
		data, err := os.ReadFile(gone.Name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(gone.Name); err != nil {
			t.Fatal(err)
		}
		v, err := look(t, dir, overview.Options{CountUpTo: -1, Files: true})
		var partial *reader.PartialError
		if !errors.As(err, &partial) || len(partial.Problems) != 1 || !errors.Is(err, fault.ErrMissing) || len(v.Problems) != 1 {
			t.Errorf("without %s: %v", gone.Name, err)
		}
		if v.Files.Missing != 1 || len(v.Operators) != len(f.Truth.Operators) {
			t.Errorf("without %s: files %+v, %d operators", gone.Name, v.Files, len(v.Operators))
		}
		if err := os.WriteFile(gone.Name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCountOnRequest: what no rule is known for is a problem only for those who ask for it, and marked for all.
func TestCountOnRequest(t *testing.T) {
	f, err := fixtures.Load("1.20.3-opaque-hashmap-checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	v, err := look(t, f.Dir, overview.Options{CountUpTo: 1 << 20})
	if err != nil || len(v.Problems) > 0 || !strings.Contains(strings.Join(v.Notes, "\n"), "not counted") {
		t.Errorf("in passing: %v, notes %q", err, v.Notes)
	}
	marked := 0
	for _, o := range v.Operators {
		for _, s := range o.States {
			if s.Incomplete {
				marked++
			}
		}
	}
	if marked == 0 {
		t.Error("nothing is marked")
	}
	if _, err := look(t, f.Dir, overview.Options{CountUpTo: -1}); !errors.Is(err, fault.ErrUnsupported) {
		t.Errorf("on request: %v", err)
	}
	v, err = look(t, f.Dir, overview.Options{})
	if err != nil || v.Counted {
		t.Errorf("without counting: %v", err)
	}
}

func TestCancel(t *testing.T) {
	f, err := fixtures.Load("1.20.3-ledger-hashmap-savepoint")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, err := reader.Open(ctx, file.Store{}, f.Dir, reader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := overview.Make(ctx, s, overview.Options{CountUpTo: -1}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
