package metadata_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/operatorid"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// eachReal runs a test for each of the project's fixtures, and for each snapshot of a directory shared beside the
// repository if there is one.
func eachReal(t *testing.T, run func(t *testing.T, f *fixtures.Fixture, b []byte)) {
	read := func(t *testing.T, f *fixtures.Fixture) {
		b, err := os.ReadFile(filepath.Join(f.Dir, "_metadata"))
		if err != nil {
			t.Fatal(err)
		}
		run(t, f, b)
	}
	t.Run("fixtures", func(t *testing.T) { fixtures.Each(t, nil, read) })
	t.Run("shared", func(t *testing.T) {
		fixtures.EachIn(t, snaptest.Shared(t, "corpus"), nil, read)
	})
}

func TestRealFilesRoundTrip(t *testing.T) {
	eachReal(t, func(t *testing.T, f *fixtures.Fixture, b []byte) {
		m, err := metadata.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		out, err := m.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out, b) {
			t.Error("written back to other bytes")
		}
		if !metadata.IsMetadata(b) {
			t.Error("not recognised by its first bytes")
		}
	})
}

func TestRealFilesAgreeWithFlink(t *testing.T) {
	eachReal(t, func(t *testing.T, f *fixtures.Fixture, b []byte) {
		m, err := metadata.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if m.Version != f.Truth.MetadataVersion || m.CheckpointID != f.Truth.CheckpointID || len(m.MasterStates) != f.Truth.MasterStates {
			t.Errorf("version %d, checkpoint %d, %d master states", m.Version, m.CheckpointID, len(m.MasterStates))
		}
		compareProperties(t, m, f.Truth)
		compareWriter(t, m, f.Truth.FlinkVersion)
		operators := map[string]*metadata.Operator{}
		for i := range m.Operators {
			operators[m.Operators[i].ID.String()] = &m.Operators[i]
		}
		if len(operators) != len(f.Truth.Operators) {
			t.Errorf("%d operators, want %d", len(operators), len(f.Truth.Operators))
		}
		for i := range f.Truth.Operators {
			want := &f.Truth.Operators[i]
			if got := operators[want.OperatorID]; got != nil {
				compareOperator(t, got, want)
			} else {
				t.Errorf("no operator %s", want.OperatorID)
			}
		}
	})
}

func compareProperties(t *testing.T, m *metadata.Metadata, truth *fixtures.Truth) {
	p := m.Properties()
	if p.Known != (m.Version >= 4) {
		t.Errorf("version %d: properties known %v", m.Version, p.Known)
	}
	if !p.Known {
		return
	}
	savepoint, format := truth.Kind != "checkpoint", map[string]string{"checkpoint": "", "native": "NATIVE"}
	want, ok := format[truth.Kind]
	if !ok {
		want = "CANONICAL"
	}
	if p.Savepoint != savepoint || p.Format != want || (truth.Kind == "stop") != (p.PostAction == "SUSPEND" || p.PostAction == "TERMINATE") {
		t.Errorf("properties %+v of a %s", p, truth.Kind)
	}
}

// compareWriter checks that the guess includes the truth.
func compareWriter(t *testing.T, m *metadata.Metadata, version string) {
	w := metadata.GuessWriter(m, metadata.Evidence{})
	number := func(s string) int {
		parts := strings.Split(s, ".")
		major, _ := strconv.Atoi(parts[0])
		minor, _ := strconv.Atoi(parts[1])
		return 100*major + minor
	}
	if n := number(version); n < number(w.From) || n > number(w.To) {
		t.Errorf("guessed %s because of %q, written by %s", w, w.Reasons, version)
	}
}

func compareOperator(t *testing.T, got *metadata.Operator, want *fixtures.Operator) {
	if got.Parallelism != want.Parallelism || got.MaxParallelism != want.MaxParallelism || got.FullyFinished != want.FullyFinished {
		t.Errorf("%s: parallelism %d of %d, finished %v", want.OperatorID, got.Parallelism, got.MaxParallelism, got.FullyFinished)
	}
	if got.UID != want.MetadataUID || got.Name != want.MetadataName {
		t.Errorf("%s: uid %q, name %q, want %q, %q", want.OperatorID, got.UID, got.Name, want.MetadataUID, want.MetadataName)
	}
	if want.UID != "" && operatorid.UIDHash(want.UID) != got.ID {
		t.Errorf("uid %q hashes to %s, want %s", want.UID, operatorid.UIDHash(want.UID), got.ID)
	}
	if (got.Coordinator == nil) != (want.CoordinatorState == nil) || got.Coordinator != nil && !bytes.Equal(got.Coordinator.Data, *want.CoordinatorState) {
		t.Errorf("%s: coordinator state %v, want %v", want.OperatorID, got.Coordinator, want.CoordinatorState)
	}
	subtasks := map[int]*metadata.Subtask{}
	for i := range got.Subtasks {
		subtasks[got.Subtasks[i].Index] = &got.Subtasks[i]
	}
	for i := range want.Subtasks {
		w := &want.Subtasks[i]
		if s := subtasks[w.Subtask]; s != nil {
			compareSubtask(t, want.OperatorID, s, w)
		} else if len(w.ManagedKeyed)+len(w.ManagedOperator)+len(w.RawKeyed)+len(w.RawOperator) > 0 {
			t.Errorf("%s: no subtask %d", want.OperatorID, w.Subtask)
		}
	}
}

func compareSubtask(t *testing.T, operator string, got *metadata.Subtask, want *fixtures.Subtask) {
	if got.Finished != want.Finished {
		t.Errorf("%s subtask %d: finished %v", operator, want.Subtask, got.Finished)
	}
	compareKeyed(t, got.ManagedKeyed, want.ManagedKeyed)
	compareKeyed(t, got.RawKeyed, want.RawKeyed)
	compareOperatorHandle(t, got.ManagedOperator, want.ManagedOperator)
	compareOperatorHandle(t, got.RawOperator, want.RawOperator)
	compareChannels(t, got.InputChannels, want.InputChannel)
	compareChannels(t, got.ResultSubpartitions, want.ResultSubpartition)
}

func compareKeyed(t *testing.T, got metadata.KeyedHandle, want []fixtures.KeyedHandle) {
	if (got != nil) != (len(want) == 1) {
		t.Errorf("keyed handle %v, want %v", got, want)
	}
	if got == nil || len(want) == 0 {
		return
	}
	class := map[string]bool{}
	switch h := got.(type) {
	case *metadata.KeyGroups:
		class["KeyGroupsStateHandle"] = h.Kind != metadata.KeyGroupsSavepoint
		class["KeyGroupsSavepointStateHandle"] = h.Kind == metadata.KeyGroupsSavepoint
	case *metadata.Incremental:
		class["IncrementalRemoteKeyedStateHandle"] = true
	case *metadata.Changelog:
		class["ChangelogStateBackendHandleImpl"] = true
	}
	w := want[0]
	if !class[w.Handle] || got.Size() != w.Bytes || got.KeyGroupRange() != (keygroup.Range{First: w.KeyGroups[0], Last: w.KeyGroups[1]}) {
		t.Errorf("%s of %d bytes for key groups %s, want %+v", metadata.KindOf(got), got.Size(), got.KeyGroupRange(), w)
	}
}

func compareOperatorHandle(t *testing.T, got *metadata.OperatorHandle, want []fixtures.StateHandle) {
	if (got != nil) != (len(want) == 1) {
		t.Errorf("operator handle %v, want %v", got, want)
	}
	if got == nil || len(want) == 0 {
		return
	}
	if merged := strings.Contains(want[0].Handle, "FileMerging"); merged != (got.Merged != nil) || got.Size() != want[0].Bytes {
		t.Errorf("%s of %d bytes, want %+v", metadata.KindOf(got), got.Size(), want[0])
	}
	partitions := map[string]int{}
	for _, s := range got.States {
		partitions[s.Name] = len(s.Offsets)
		if want[0].Partitions[s.Name] != len(s.Offsets) {
			t.Errorf("%d partitions of %q, want %d", len(s.Offsets), s.Name, want[0].Partitions[s.Name])
		}
	}
	if len(partitions) != len(want[0].Partitions) {
		t.Errorf("states %v, want %v", partitions, want[0].Partitions)
	}
}

func compareChannels(t *testing.T, got []metadata.ChannelHandle, want []fixtures.ChannelHandle) {
	n := 0
	for _, h := range got {
		if merged, ok := h.(*metadata.MergedChannels); ok {
			n += len(merged.Channels)
		} else {
			n++
		}
	}
	if n != len(want) {
		t.Errorf("%d channels, want %d", n, len(want))
	}
}

// Files of up to 8 KB are cut at every byte, longer ones at every byte of their first and last KB and at every 211th between.
func TestRealFilesTruncated(t *testing.T) {
	const small, edge = 8 << 10, 1 << 10
	eachReal(t, func(t *testing.T, f *fixtures.Fixture, b []byte) {
		for n := range b {
			if len(b) > small && n > edge && n < len(b)-edge && n%211 != 0 {
				continue
			}
			if _, err := metadata.Decode(b[:n]); !errors.Is(err, fault.ErrCorrupt) {
				t.Fatalf("%d of %d bytes: %v", n, len(b), err)
			}
		}
	})
}

// What the metadata names by relative path is there and as long as it says.
func TestRelativeFilesAreThere(t *testing.T) {
	fixtures.Each(t, nil, func(t *testing.T, f *fixtures.Fixture) {
		m := snaptest.Metadata(t, f)
		m.EachHandle(func(o metadata.Owner, h metadata.Handle) {
			metadata.EachStream(h, func(s metadata.StreamHandle) {
				ref, ok := metadata.ReferenceOf(s)
				if !ok || !ref.Relative {
					return
				}
				info, err := os.Stat(filepath.Join(f.Dir, filepath.FromSlash(ref.Path)))
				if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() != ref.Length {
					t.Errorf("%s of %s: %s of %d bytes: %v", o.Slot, hex.EncodeToString(o.Operator.ID[:]), ref.Path, ref.Length, err)
				}
			})
		})
	})
}
