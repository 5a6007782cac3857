package validate_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/validate"
)

// damage is one way to spoil a snapshot.
type damage struct {
	name string
	// do spoils a copy. It is false where the snapshot has nothing of the kind.
	do func(k *kit) bool
	// value says that the damage may hit a place for which Flink's formats have no redundancy, so that only a seal finds it.
	value bool
}

func damages() []damage {
	return slices.Concat(metadataDamages(), operatorDamages(), keyedDamages(), databaseDamages(), fileDamages(), inlineDamages())
}

func flipAt(b []byte, at int) []byte {
	if at >= 0 && at < len(b) {
		b[at] ^= 0x41
	}
	return b
}

func metadataDamages() []damage {
	return []damage{
		{name: "metadata: magic", do: func(k *kit) bool { return k.raw(func(b []byte) []byte { return flipAt(b, 0) }) }},
		{name: "metadata: unknown version", do: func(k *kit) bool { return k.raw(func(b []byte) []byte { b[7] = 9; return b }) }},
		{name: "metadata: version 1", do: func(k *kit) bool { return k.raw(func(b []byte) []byte { b[7] = 1; return b }) }},
		{name: "metadata: empty", do: func(k *kit) bool { return k.raw(func([]byte) []byte { return []byte{} }) }},
		{name: "metadata: first half", do: func(k *kit) bool { return k.raw(func(b []byte) []byte { return b[:len(b)/2] }) }},
		{name: "metadata: last byte missing", do: func(k *kit) bool { return k.raw(func(b []byte) []byte { return b[:len(b)-1] }) }},
		{name: "metadata: one byte more", do: func(k *kit) bool { return k.raw(func(b []byte) []byte { return append(b, 0) }) }},
		{name: "metadata: number of operators", do: func(k *kit) bool { return k.raw(func(b []byte) []byte { b[23]++; return b }) }},
		{name: "metadata: properties", do: func(k *kit) bool {
			return k.meta(func(m *metadata.Metadata) bool {
				if len(m.RawProperties) < 100 {
					return false
				}
				m.RawProperties = flipAt(bytes.Clone(m.RawProperties), 10)
				return true
			})
		}},
		{name: "metadata: checkpoint id", value: true, do: func(k *kit) bool {
			return k.meta(func(m *metadata.Metadata) bool { m.CheckpointID += 7; return true })
		}},
	}
}

func operatorDamages() []damage {
	return []damage{
		{name: "operator: twice", do: func(k *kit) bool {
			return k.meta(func(m *metadata.Metadata) bool {
				m.Operators = append(m.Operators, m.Operators[0])
				return true
			})
		}},
		{name: "operator: missing", value: true, do: func(k *kit) bool {
			return k.meta(func(m *metadata.Metadata) bool {
				m.Operators = m.Operators[1:]
				return len(m.Operators) > 0
			})
		}},
		{name: "operator: id", value: true, do: func(k *kit) bool {
			return k.operators(func(_ *metadata.Metadata, op *metadata.Operator) bool { op.ID[3] ^= 1; return true })
		}},
		{name: "operator: uid", do: func(k *kit) bool {
			return k.operators(func(_ *metadata.Metadata, op *metadata.Operator) bool {
				if op.UID == "" {
					return false
				}
				op.UID += "x"
				return true
			})
		}},
		{name: "operator: parallelism", do: func(k *kit) bool {
			return k.keyed(func(op *metadata.Operator, _, _ *metadata.Subtask) bool {
				op.Parallelism++
				return op.Parallelism <= op.MaxParallelism
			})
		}},
		{name: "operator: max parallelism", do: func(k *kit) bool {
			return k.keyed(func(op *metadata.Operator, _, _ *metadata.Subtask) bool {
				op.MaxParallelism--
				return op.MaxParallelism >= op.Parallelism
			})
		}},
		{name: "coordinator: missing", do: func(k *kit) bool {
			return k.operators(func(_ *metadata.Metadata, op *metadata.Operator) bool {
				if op.Coordinator == nil || !hasReaders(op) {
					return false
				}
				op.Coordinator = nil
				return true
			})
		}},
		{name: "coordinator: of another operator", do: func(k *kit) bool {
			return k.operators(func(_ *metadata.Metadata, op *metadata.Operator) bool {
				if op.Coordinator == nil {
					return false
				}
				op.Coordinator.Name = strings.Repeat("ab", 16)
				return true
			})
		}},
		{name: "operator state: mode", do: func(k *kit) bool {
			return k.operatorState(func(_ *metadata.Operator, h *metadata.OperatorHandle) bool {
				for i := range h.States {
					if h.States[i].Mode == metadata.ModeSplit {
						h.States[i].Mode = metadata.ModeUnion
						return true
					}
				}
				return false
			})
		}},
		{name: "operator state: offset beyond the end", do: func(k *kit) bool {
			return k.operatorState(func(_ *metadata.Operator, h *metadata.OperatorHandle) bool {
				for i := range h.States {
					if o := h.States[i].Offsets; len(o) > 0 {
						o[len(o)-1] = h.Stream.Size() + 100
						return true
					}
				}
				return false
			})
		}},
		{name: "operator state: offsets in reverse", do: func(k *kit) bool {
			return k.operatorState(func(_ *metadata.Operator, h *metadata.OperatorHandle) bool {
				for i := range h.States {
					if o := h.States[i].Offsets; len(o) > 1 && o[0] != o[1] {
						slices.Reverse(o)
						return true
					}
				}
				return false
			})
		}},
		{name: "operator state: offset of another state", do: func(k *kit) bool {
			return k.operatorState(func(_ *metadata.Operator, h *metadata.OperatorHandle) bool {
				if len(h.States) < 2 || len(h.States[0].Offsets) == 0 || len(h.States[1].Offsets) == 0 {
					return false
				}
				h.States[0].Offsets[0] = h.States[1].Offsets[0]
				return true
			})
		}},
		{name: "operator state: renamed", do: func(k *kit) bool {
			return k.operatorState(func(_ *metadata.Operator, h *metadata.OperatorHandle) bool {
				if len(h.States) == 0 || len(h.States[0].Offsets) == 0 || h.States[0].Name == metadata.RawOperatorStateName {
					return false
				}
				h.States[0].Name += "x"
				return true
			})
		}},
		{name: "finished: a subtask beside union state", do: func(k *kit) bool {
			return k.operators(func(m *metadata.Metadata, op *metadata.Operator) bool {
				union := 0
				for i := range op.Subtasks {
					if h := op.Subtasks[i].ManagedOperator; h != nil && slices.ContainsFunc(h.States, func(s metadata.OperatorStatePart) bool { return s.Mode == metadata.ModeUnion }) {
						union++
					}
				}
				if m.Version < 3 || union < 2 {
					return false
				}
				op.Subtasks[0] = metadata.Subtask{Index: op.Subtasks[0].Index, Finished: true}
				return true
			})
		}},
		{name: "channels: of another subtask", do: func(k *kit) bool {
			return k.channels(func(c *metadata.Channel) { c.Subtask++ }, func(c *metadata.MergedChannels) { c.Subtask++ })
		}},
		{name: "channels: buffer beyond the end", do: func(k *kit) bool {
			return k.channels(func(c *metadata.Channel) { c.Offsets[0] += 1 << 40 }, func(c *metadata.MergedChannels) { c.Channels[0].Offsets[0] += 1 << 40 })
		}},
		{name: "channels: in a savepoint", do: func(k *kit) bool {
			return k.meta(func(m *metadata.Metadata) bool {
				if p := m.Properties(); !p.Savepoint || m.Version > 5 {
					return false
				}
				for i := range m.Operators {
					for j := range m.Operators[i].Subtasks {
						s := &m.Operators[i].Subtasks[j]
						if !s.Finished {
							s.InputChannels = append(s.InputChannels, &metadata.Channel{Subtask: int32(s.Index), Offsets: []int64{0}, Length: 4, Stream: &metadata.ByteStream{Name: "x", Data: make([]byte, 8)}})
							return true
						}
					}
				}
				return false
			})
		}},
	}
}

func hasReaders(op *metadata.Operator) bool {
	for i := range op.Subtasks {
		if h := op.Subtasks[i].ManagedOperator; h != nil && slices.ContainsFunc(h.States, func(s metadata.OperatorStatePart) bool { return s.Name == "SourceReaderState" }) {
			return true
		}
	}
	return false
}

// channels changes the first in-flight handle that has a buffer.
func (k *kit) channels(one func(*metadata.Channel), merged func(*metadata.MergedChannels)) bool {
	return k.operators(func(_ *metadata.Metadata, op *metadata.Operator) bool {
		for i := range op.Subtasks {
			for _, h := range slices.Concat(op.Subtasks[i].InputChannels, op.Subtasks[i].ResultSubpartitions) {
				switch h := h.(type) {
				case *metadata.Channel:
					if len(h.Offsets) > 0 {
						one(h)
						return true
					}
				case *metadata.MergedChannels:
					if len(h.Channels) > 0 && len(h.Channels[0].Offsets) > 0 {
						merged(h)
						return true
					}
				}
			}
		}
		return false
	})
}

func keyedDamages() []damage {
	return []damage{
		{name: "subtasks: numbers swapped", do: func(k *kit) bool {
			return k.keyed(func(_ *metadata.Operator, a, b *metadata.Subtask) bool {
				a.Index, b.Index = b.Index, a.Index
				return true
			})
		}},
		{name: "subtasks: keyed state swapped", do: func(k *kit) bool {
			return k.keyed(func(_ *metadata.Operator, a, b *metadata.Subtask) bool {
				a.ManagedKeyed, b.ManagedKeyed = b.ManagedKeyed, a.ManagedKeyed
				return true
			})
		}},
		{name: "subtasks: keyed state copied", do: func(k *kit) bool {
			return k.keyed(func(_ *metadata.Operator, a, b *metadata.Subtask) bool { b.ManagedKeyed = a.ManagedKeyed; return true })
		}},
		{name: "subtasks: keyed state missing", do: func(k *kit) bool {
			return k.keyed(func(_ *metadata.Operator, _, b *metadata.Subtask) bool { b.ManagedKeyed = nil; return true })
		}},
		{name: "subtasks: one missing", do: func(k *kit) bool {
			return k.keyed(func(op *metadata.Operator, a, _ *metadata.Subtask) bool {
				op.Subtasks = slices.DeleteFunc(slices.Clone(op.Subtasks), func(s metadata.Subtask) bool { return s.Index == a.Index })
				return true
			})
		}},
		{name: "key groups: range shifted", do: func(k *kit) bool {
			return k.groups(func(_ *metadata.Operator, h *metadata.KeyGroups) bool { h.Range.First++; h.Range.Last++; return true })
		}},
		{name: "key groups: last one dropped", do: func(k *kit) bool {
			return k.groups(func(_ *metadata.Operator, h *metadata.KeyGroups) bool {
				if len(h.Offsets) < 2 {
					return false
				}
				h.Range.Last--
				h.Offsets = h.Offsets[:len(h.Offsets)-1]
				return true
			})
		}},
		{name: "key groups: two offsets swapped", do: func(k *kit) bool {
			return k.groups(func(_ *metadata.Operator, h *metadata.KeyGroups) bool {
				var with []int
				for i, o := range h.Offsets {
					if o > 0 {
						with = append(with, i)
					}
				}
				if len(with) < 2 {
					return false
				}
				i, j := with[0], with[1]
				h.Offsets[i], h.Offsets[j] = h.Offsets[j], h.Offsets[i]
				return true
			})
		}},
		{name: "key groups: moved to another", do: func(k *kit) bool {
			return k.groups(func(_ *metadata.Operator, h *metadata.KeyGroups) bool {
				for i := range h.Offsets[:len(h.Offsets)-1] {
					if h.Offsets[i] > 0 && h.Offsets[i+1] == 0 || h.Offsets[i] == 0 && h.Offsets[i+1] > 0 {
						h.Offsets[i], h.Offsets[i+1] = h.Offsets[i+1], h.Offsets[i]
						return true
					}
				}
				return false
			})
		}},
		{name: "key groups: offset beyond the end", do: func(k *kit) bool {
			return k.groups(func(_ *metadata.Operator, h *metadata.KeyGroups) bool {
				h.Offsets[len(h.Offsets)-1] = 1 << 40
				return true
			})
		}},
		{name: "key groups: offset off by one", do: func(k *kit) bool {
			return k.groups(func(_ *metadata.Operator, h *metadata.KeyGroups) bool {
				for i, o := range h.Offsets {
					if o > 0 {
						h.Offsets[i]++
						return true
					}
				}
				return false
			})
		}},
		{name: "key groups: one forgotten", value: true, do: func(k *kit) bool {
			return k.groups(func(_ *metadata.Operator, h *metadata.KeyGroups) bool {
				for i, o := range h.Offsets {
					if o > 0 && slices.Max(h.Offsets) > o {
						h.Offsets[i] = 0
						return true
					}
				}
				return false
			})
		}},
		{name: "handles: of two kinds", do: func(k *kit) bool {
			return k.keyed(func(_ *metadata.Operator, a, _ *metadata.Subtask) bool {
				h, ok := a.ManagedKeyed.(*metadata.KeyGroups)
				if !ok || h.Kind != metadata.KeyGroupsSavepoint {
					return false
				}
				h.Kind = metadata.KeyGroupsPlain
				return true
			})
		}},
		{name: "handles: one identity twice", do: func(k *kit) bool {
			return k.keyed(func(_ *metadata.Operator, a, b *metadata.Subtask) bool {
				switch x := a.ManagedKeyed.(type) {
				case *metadata.KeyGroups:
					y, ok := b.ManagedKeyed.(*metadata.KeyGroups)
					if !ok || x.HandleID == "" {
						return false
					}
					y.HandleID = x.HandleID
				case *metadata.Incremental:
					y, ok := b.ManagedKeyed.(*metadata.Incremental)
					if !ok {
						return false
					}
					y.BackendID = x.BackendID
				default:
					return false
				}
				return true
			})
		}},
	}
}

func databaseDamages() []damage {
	all := func(h *metadata.Incremental) []*metadata.NamedStream {
		var out []*metadata.NamedStream
		for i := range h.Shared {
			out = append(out, &h.Shared[i])
		}
		for i := range h.Private {
			out = append(out, &h.Private[i])
		}
		return out
	}
	named := func(h *metadata.Incremental, keep func(string) bool) *metadata.NamedStream {
		for _, f := range all(h) {
			if keep(f.LocalPath) {
				return f
			}
		}
		return nil
	}
	prefix := func(p string) func(string) bool { return func(s string) bool { return strings.HasPrefix(s, p) } }
	drop := func(keep func(string) bool) func(k *kit) bool {
		return func(k *kit) bool {
			return k.databases(func(h *metadata.Incremental) bool {
				f := named(h, keep)
				if f == nil {
					return false
				}
				f.LocalPath = "LOG"
				return true
			})
		}
	}
	return []damage{
		{name: "database: of another checkpoint", do: func(k *kit) bool {
			return k.databases(func(h *metadata.Incremental) bool { h.CheckpointID--; return true })
		}},
		{name: "database: identity", do: func(k *kit) bool {
			return k.databases(func(h *metadata.Incremental) bool { h.BackendID = "x" + h.BackendID[1:]; return true })
		}},
		{name: "database: range", do: func(k *kit) bool {
			return k.databases(func(h *metadata.Incremental) bool { h.Range.Last--; return h.Range.Len() > 0 })
		}},
		{name: "database: no CURRENT", do: drop(prefix("CURRENT"))},
		{name: "database: no MANIFEST", do: drop(prefix("MANIFEST"))},
		{name: "database: no table", do: drop(isTable)},
		{name: "database: a table twice", do: func(k *kit) bool {
			return k.databases(func(h *metadata.Incremental) bool {
				f := named(h, isTable)
				if f == nil {
					return false
				}
				h.Private = append(slices.Clone(h.Private), *f)
				return true
			})
		}},
		{name: "database: a stale table", do: func(k *kit) bool {
			return k.databases(func(h *metadata.Incremental) bool {
				f := named(h, isTable)
				if f == nil {
					return false
				}
				h.Private = append(slices.Clone(h.Private), metadata.NamedStream{LocalPath: "999999.sst", Stream: f.Stream})
				return true
			})
		}},
		{name: "database: two tables swapped", do: func(k *kit) bool {
			return k.databases(func(h *metadata.Incremental) bool {
				var tables []*metadata.NamedStream
				for _, f := range all(h) {
					if isTable(f.LocalPath) {
						tables = append(tables, f)
					}
				}
				if len(tables) < 2 {
					return false
				}
				tables[0].LocalPath, tables[1].LocalPath = tables[1].LocalPath, tables[0].LocalPath
				return true
			})
		}},
		{name: "database: another's header", value: true, do: func(k *kit) bool {
			return k.keyed(func(_ *metadata.Operator, a, b *metadata.Subtask) bool {
				x, ok := a.ManagedKeyed.(*metadata.Incremental)
				y, ok2 := b.ManagedKeyed.(*metadata.Incremental)
				if !ok || !ok2 {
					return false
				}
				x.Meta = y.Meta
				return true
			})
		}},
	}
}

func fileDamages() []damage {
	return []damage{
		{name: "file: missing", do: func(k *kit) bool { return k.file(0, func([]byte) []byte { return nil }) }},
		{name: "file: smallest missing", do: func(k *kit) bool { return k.file(-1, func([]byte) []byte { return nil }) }},
		{name: "file: empty", do: func(k *kit) bool { return k.file(0, func([]byte) []byte { return []byte{} }) }},
		{name: "file: first half", do: func(k *kit) bool { return k.file(0, func(b []byte) []byte { return b[:len(b)/2] }) }},
		{name: "file: last byte missing", do: func(k *kit) bool { return k.file(0, func(b []byte) []byte { return b[:len(b)-1] }) }},
		{name: "file: one byte more", value: true, do: func(k *kit) bool { return k.file(0, func(b []byte) []byte { return append(b, 0) }) }},
		{name: "file: zeros", do: func(k *kit) bool { return k.file(0, func(b []byte) []byte { return make([]byte, len(b)) }) }},
		{name: "file: first byte", value: true, do: func(k *kit) bool { return k.file(0, func(b []byte) []byte { return flipAt(b, 0) }) }},
		{name: "file: byte 60", value: true, do: func(k *kit) bool { return k.file(0, func(b []byte) []byte { return flipAt(b, 60) }) }},
		{name: "file: a middle byte", value: true, do: func(k *kit) bool { return k.file(0, func(b []byte) []byte { return flipAt(b, len(b)/2) }) }},
		{name: "file: last byte", value: true, do: func(k *kit) bool { return k.file(0, func(b []byte) []byte { return flipAt(b, len(b)-1) }) }},
		{name: "file: smallest, a middle byte", value: true, do: func(k *kit) bool { return k.file(-1, func(b []byte) []byte { return flipAt(b, len(b)/2) }) }},
		{name: "file: a block shifted", value: true, do: func(k *kit) bool {
			return k.file(0, func(b []byte) []byte {
				if len(b) < 600 {
					return b
				}
				copy(b[300:400], b[301:401])
				return b
			})
		}},
		{name: "file: two swapped", do: func(k *kit) bool {
			list := k.data()
			if len(list) < 2 || len(k.files[list[0]]) == len(k.files[list[1]]) {
				return false
			}
			k.files[list[0]], k.files[list[1]] = k.files[list[1]], k.files[list[0]]
			return true
		}},
		{name: "file: an older one of the same size", value: true, do: func(k *kit) bool {
			list := k.data()
			if len(list) < 2 {
				return false
			}
			stale := make([]byte, len(k.files[list[0]]))
			copy(stale, k.files[list[1]])
			return k.file(0, func([]byte) []byte { return stale })
		}},
		{name: "file: extra", do: func(k *kit) bool { k.files[k.dir+"/extra"] = []byte("x"); return true }},
		{name: "file: extra in a directory", do: func(k *kit) bool { k.files[k.dir+"/sub/extra"] = []byte("x"); return true }},
		{name: "file: recorded size", do: func(k *kit) bool { return k.streams(func(s metadata.StreamHandle) bool { return resize(s) }) }},
		{name: "path: of no file", do: func(k *kit) bool {
			return k.streams(func(s metadata.StreamHandle) bool {
				switch s := s.(type) {
				case *metadata.File:
					s.Path += "x"
				case *metadata.RelativeFile:
					s.Path += "x"
				case *metadata.Segment:
					s.Path += "x"
				default:
					return false
				}
				return true
			})
		}},
		{name: "path: out of the snapshot", do: func(k *kit) bool {
			return k.streams(func(s metadata.StreamHandle) bool {
				f, ok := s.(*metadata.RelativeFile)
				if ok {
					f.Path = "../../../../etc/passwd"
				}
				return ok
			})
		}},
		{name: "segment: beyond its file", do: func(k *kit) bool {
			return k.streams(func(s metadata.StreamHandle) bool {
				f, ok := s.(*metadata.Segment)
				if ok {
					f.Start += 1 << 30
				}
				return ok
			})
		}},
	}
}

func resize(s metadata.StreamHandle) bool {
	switch s := s.(type) {
	case *metadata.File:
		s.Length++
	case *metadata.RelativeFile:
		s.Length++
	default:
		return false
	}
	return true
}

// streams changes the first stream of state that edit accepts. The sizes of a changelog's files are not those of its handles.
func (k *kit) streams(edit func(metadata.StreamHandle) bool) bool {
	return k.meta(func(m *metadata.Metadata) bool {
		done := false
		m.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
			if _, log := h.(*metadata.Changelog); log {
				return
			}
			metadata.EachStream(h, func(s metadata.StreamHandle) { done = done || edit(s) })
		})
		return done
	})
}

func inlineDamages() []damage {
	return []damage{
		{name: "inline: first half", do: func(k *kit) bool {
			return k.inline(func(s *metadata.ByteStream) bool { s.Data = s.Data[:len(s.Data)/2]; return true })
		}},
		{name: "inline: last byte missing", do: func(k *kit) bool {
			return k.inline(func(s *metadata.ByteStream) bool { s.Data = s.Data[:len(s.Data)-1]; return true })
		}},
		{name: "inline: empty", do: func(k *kit) bool {
			return k.inline(func(s *metadata.ByteStream) bool { s.Data = nil; return true })
		}},
		{name: "inline: one byte more", value: true, do: func(k *kit) bool {
			return k.inline(func(s *metadata.ByteStream) bool { s.Data = append(s.Data, 0); return true })
		}},
		{name: "inline: first byte", do: func(k *kit) bool {
			return k.inline(func(s *metadata.ByteStream) bool { s.Data = flipAt(s.Data, 0); return true })
		}},
		{name: "inline: a middle byte", value: true, do: func(k *kit) bool {
			return k.inline(func(s *metadata.ByteStream) bool { s.Data = flipAt(s.Data, len(s.Data)/2); return true })
		}},
		{name: "inline: last byte", value: true, do: func(k *kit) bool {
			return k.inline(func(s *metadata.ByteStream) bool { s.Data = flipAt(s.Data, len(s.Data)-1); return true })
		}},
		{name: "inline: one name for two", do: func(k *kit) bool {
			return k.meta(func(m *metadata.Metadata) bool {
				var first *metadata.ByteStream
				done := false
				m.EachHandle(func(o metadata.Owner, h metadata.Handle) {
					metadata.EachStream(h, func(s metadata.StreamHandle) {
						b, ok := s.(*metadata.ByteStream)
						switch {
						case !ok || done || o.Slot == metadata.SlotCoordinator:
						case first == nil:
							first = b
						case !bytes.Equal(first.Data, b.Data):
							b.Name, done = first.Name, true
						}
					})
				})
				return done
			})
		}},
	}
}

// TestDamage spoils every fixture in every way and looks which rules find it. TARN_TABLE=1 go test -run
// TestDamage -v prints the table of damage and rule.
func TestDamage(t *testing.T) {
	list := damages()
	if len(list) < 40 {
		t.Fatalf("only %d kinds of damage", len(list))
	}
	table := newDamageTable()
	t.Run("fixtures", func(t *testing.T) {
		n := 0
		fixtures.Each(t, nil, func(t *testing.T, f *fixtures.Fixture) {
			if n++; (testing.Short() || os.Getenv("TARN_TIER") == "" && !wantTable()) && n%6 != 0 {
				t.Skip("every sixth; TARN_TIER=damage takes all")
			}
			whole := loadKit(t, f)
			before := rulesOf(whole.check(validate.Options{Deep: true, Jobs: 1}))
			seal := whole.seal()
			for _, d := range list {
				k := whole.clone()
				if !d.do(k) {
					continue
				}
				found := newRules(before, k.check(validate.Options{}))
				if len(found) == 0 || wantTable() {
					found = newRules(before, k.check(validate.Options{Deep: true, Jobs: 1}))
				}
				table.add(d.name, found)
				if len(found) == 0 && !d.value && !excused(f, d.name) {
					t.Errorf("%s: not found", d.name)
				}
				if len(found) == 0 && seal != nil && len(newRules(before, k.check(validate.Options{Deep: true, Jobs: 1, Seal: seal}))) == 0 {
					t.Errorf("%s: not found with a seal", d.name)
				}
			}
		})
	})
	for _, d := range list {
		if table.times[d.name] == 0 && (wantTable() || os.Getenv("TARN_TIER") != "") {
			t.Errorf("%s: applies to no fixture", d.name)
		}
	}
	if wantTable() {
		fmt.Print(table.text(list))
	}
}

// excused names what cannot be told apart from a sound snapshot without a seal: free-form bytes in the raw keyed slot and of unknown
// serializers; an empty set of changes in a log; the ends of merged files, which segments that are no longer used may take.
func excused(f *fixtures.Fixture, name string) bool {
	tag := func(t string) bool { return strings.Contains(f.Truth.Name, t) }
	switch name {
	case "file: zeros", "inline: first byte":
		return tag("heaptimers") || tag("changelog")
	case "file: first half", "file: last byte missing":
		return tag("filemerging")
	case "key groups: offset off by one", "inline: last byte missing":
		return tag("opaque")
	}
	return false
}

// wantTable asks for the table, and for all rules that find a damage instead of the first ones.
func wantTable() bool { return os.Getenv("TARN_TABLE") != "" }

// rulesOf counts the findings from warnings on, by rule.
func rulesOf(r *validate.Report) map[string]int {
	out := map[string]int{}
	for _, f := range r.Findings {
		if f.Severity >= validate.Warning {
			out[f.Rule] += 1 + f.More
		}
	}
	return out
}

// newRules lists the rules that find more than before.
func newRules(before map[string]int, r *validate.Report) []string {
	var out []string
	after := rulesOf(r)
	for _, rule := range slices.Sorted(maps.Keys(after)) {
		if after[rule] > before[rule] {
			out = append(out, rule)
		}
	}
	return out
}

// damageTable counts which rules found which damage.
type damageTable struct {
	mu     sync.Mutex
	times  map[string]int
	missed map[string]int
	rules  map[string]map[string]int
}

func newDamageTable() *damageTable {
	return &damageTable{times: map[string]int{}, missed: map[string]int{}, rules: map[string]map[string]int{}}
}

func (d *damageTable) add(name string, rules []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.times[name]++
	if len(rules) == 0 {
		d.missed[name]++
	}
	if d.rules[name] == nil {
		d.rules[name] = map[string]int{}
	}
	for _, r := range rules {
		d.rules[name][r]++
	}
}

// text writes the table in Markdown.
func (d *damageTable) text(list []damage) string {
	var b strings.Builder
	b.WriteString("| damage | snapshots | found by a rule | by a seal alone | rules |\n| --- | --- | --- | --- | --- |\n")
	for _, k := range list {
		var rules []string
		for _, r := range slices.Sorted(maps.Keys(d.rules[k.name])) {
			rules = append(rules, fmt.Sprintf("%s %d", r, d.rules[k.name][r]))
		}
		n := d.times[k.name]
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s |\n", k.name, n, n-d.missed[k.name], d.missed[k.name], strings.Join(rules, ", "))
	}
	return b.String()
}
