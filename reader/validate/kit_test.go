package validate_test

import (
	"bytes"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/validate"
	"github.com/tarn-project/tarn/store/mem"
)

// kit is a fixture in memory, to be damaged.
type kit struct {
	t     *testing.T
	dir   string            // of _metadata
	files map[string][]byte // by name; never changed in place
}

// loadKit reads a fixture.
func loadKit(t *testing.T, f *fixtures.Fixture) *kit {
	k := &kit{t: t, files: map[string][]byte{}}
	rel, err := filepath.Rel(f.Root, f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	k.dir = path.Join("/snapshots", filepath.ToSlash(rel))
	names, err := f.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(f.Root, filepath.FromSlash(n)))
		if err != nil {
			t.Fatal(err)
		}
		k.files[path.Join("/snapshots", n)] = b
	}
	return k
}

// clone is a copy whose files can be replaced.
func (k *kit) clone() *kit { return &kit{k.t, k.dir, maps.Clone(k.files)} }

func (k *kit) store() *mem.Store {
	var st mem.Store
	for n, b := range k.files {
		st.Put(n, b)
	}
	return &st
}

func (k *kit) check(o validate.Options) *validate.Report {
	k.t.Helper()
	rep, err := validate.Check(k.t.Context(), k.store(), k.dir, reader.Options{}, o)
	if err != nil {
		k.t.Fatal(err)
	}
	return rep
}

func (k *kit) seal() *validate.Seal {
	k.t.Helper()
	st := k.store()
	s, err := reader.Open(k.t.Context(), st, k.dir, reader.Options{})
	if err != nil {
		k.t.Fatal(err)
	}
	seal, err := validate.MakeSeal(k.t.Context(), st, s, 2, nil)
	if err != nil {
		return nil // what cannot be read whole is not sealed
	}
	return seal
}

func (k *kit) metaName() string { return k.dir + "/_metadata" }

// raw changes the bytes of _metadata.
func (k *kit) raw(edit func(b []byte) []byte) bool {
	k.files[k.metaName()] = edit(bytes.Clone(k.files[k.metaName()]))
	return true
}

// meta changes _metadata as a value. Edits that give no metadata, or the same, do not apply.
func (k *kit) meta(edit func(m *metadata.Metadata) bool) bool {
	k.t.Helper()
	before := k.files[k.metaName()]
	m, err := metadata.Decode(bytes.Clone(before))
	if err != nil {
		k.t.Fatal(err)
	}
	if !edit(m) {
		return false
	}
	b, err := m.Append(nil)
	if err != nil || bytes.Equal(b, before) {
		return false
	}
	k.files[k.metaName()] = b
	return true
}

// data lists the files that _metadata refers to, the largest first.
func (k *kit) data() []string {
	m, err := metadata.Decode(k.files[k.metaName()])
	if err != nil {
		k.t.Fatal(err)
	}
	used, options := map[string]bool{}, optionsOf(m)
	m.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
		metadata.EachStream(h, func(s metadata.StreamHandle) {
			if options[s] {
				return
			}
			if ref, ok := metadata.ReferenceOf(s); ok {
				used[path.Base(ref.Path)] = true
			}
		})
	})
	var out []string
	for _, n := range slices.Sorted(maps.Keys(k.files)) {
		if used[path.Base(n)] && n != k.metaName() {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(k.files[b]) - len(k.files[a]) })
	return out
}

// file changes the n-th largest file; −1 is the smallest.
func (k *kit) file(n int, edit func(b []byte) []byte) bool {
	list := k.data()
	if n < 0 {
		n += len(list)
	}
	if n < 0 || n >= len(list) {
		return false
	}
	before := k.files[list[n]]
	after := edit(bytes.Clone(before))
	if bytes.Equal(before, after) {
		return false
	}
	if after == nil {
		delete(k.files, list[n])
		return true
	}
	k.files[list[n]] = after
	return true
}

// inline changes the largest stream that lies in _metadata itself.
func (k *kit) inline(edit func(s *metadata.ByteStream) bool) bool {
	return k.meta(func(m *metadata.Metadata) bool {
		var most *metadata.ByteStream
		options := optionsOf(m)
		m.EachHandle(func(o metadata.Owner, h metadata.Handle) {
			if o.Slot == metadata.SlotCoordinator || o.Slot == metadata.SlotInputChannel || o.Slot == metadata.SlotResultSubpartition {
				return
			}
			metadata.EachStream(h, func(s metadata.StreamHandle) {
				if b, ok := s.(*metadata.ByteStream); ok && !options[s] && (most == nil || len(b.Data) > len(most.Data)) {
					most = b
				}
			})
		})
		if most == nil {
			return false
		}
		most.Data = bytes.Clone(most.Data)
		return edit(most)
	})
}

// keyed calls edit with the first operator that has two subtasks with keyed state, and these.
func (k *kit) keyed(edit func(op *metadata.Operator, a, b *metadata.Subtask) bool) bool {
	return k.meta(func(m *metadata.Metadata) bool {
		for i := range m.Operators {
			op := &m.Operators[i]
			var with []*metadata.Subtask
			for j := range op.Subtasks {
				if op.Subtasks[j].ManagedKeyed != nil {
					with = append(with, &op.Subtasks[j])
				}
			}
			if len(with) >= 2 && edit(op, with[0], with[1]) {
				return true
			}
		}
		return false
	})
}

// groups calls edit with each key-groups handle until it applies.
func (k *kit) groups(edit func(op *metadata.Operator, h *metadata.KeyGroups) bool) bool {
	return k.meta(func(m *metadata.Metadata) bool {
		for i := range m.Operators {
			for j := range m.Operators[i].Subtasks {
				if h, ok := m.Operators[i].Subtasks[j].ManagedKeyed.(*metadata.KeyGroups); ok && edit(&m.Operators[i], h) {
					return true
				}
			}
		}
		return false
	})
}

// databases calls edit with each incremental handle until it applies.
func (k *kit) databases(edit func(h *metadata.Incremental) bool) bool {
	return k.meta(func(m *metadata.Metadata) bool {
		for i := range m.Operators {
			for j := range m.Operators[i].Subtasks {
				if h, ok := m.Operators[i].Subtasks[j].ManagedKeyed.(*metadata.Incremental); ok && edit(h) {
					return true
				}
			}
		}
		return false
	})
}

// operatorState calls edit with each handle of operator state until it applies.
func (k *kit) operatorState(edit func(op *metadata.Operator, h *metadata.OperatorHandle) bool) bool {
	return k.meta(func(m *metadata.Metadata) bool {
		for i := range m.Operators {
			for j := range m.Operators[i].Subtasks {
				if h := m.Operators[i].Subtasks[j].ManagedOperator; h != nil && edit(&m.Operators[i], h) {
					return true
				}
			}
		}
		return false
	})
}

// operators calls edit with each operator until it applies.
func (k *kit) operators(edit func(m *metadata.Metadata, op *metadata.Operator) bool) bool {
	return k.meta(func(m *metadata.Metadata) bool {
		for i := range m.Operators {
			if edit(m, &m.Operators[i]) {
				return true
			}
		}
		return false
	})
}

func isTable(name string) bool { return strings.HasSuffix(name, ".sst") }

// optionsOf gives the OPTIONS files of databases, which no restore reads.
func optionsOf(m *metadata.Metadata) map[metadata.StreamHandle]bool {
	out := map[metadata.StreamHandle]bool{}
	var look func(h metadata.KeyedHandle)
	look = func(h metadata.KeyedHandle) {
		switch h := h.(type) {
		case *metadata.Incremental:
			for _, f := range slices.Concat(h.Shared, h.Private) {
				if strings.HasPrefix(f.LocalPath, "OPTIONS") {
					out[f.Stream] = true
				}
			}
		case *metadata.Changelog:
			for _, k := range h.Materialized {
				look(k)
			}
		}
	}
	for i := range m.Operators {
		for j := range m.Operators[i].Subtasks {
			look(m.Operators[i].Subtasks[j].ManagedKeyed)
		}
	}
	return out
}
