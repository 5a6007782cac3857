package validate

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
)

// keyedHandles calls do with each keyed handle of a slot.
func (r *run) keyedHandles(do func(op *reader.Operator, s *metadata.Subtask, slot metadata.Slot, h metadata.KeyedHandle)) {
	for _, op := range r.snap.Operators {
		for i := range op.Meta.Subtasks {
			s := &op.Meta.Subtasks[i]
			if s.ManagedKeyed != nil {
				do(op, s, metadata.SlotManagedKeyed, s.ManagedKeyed)
			}
			if s.RawKeyed != nil {
				do(op, s, metadata.SlotRawKeyed, s.RawKeyed)
			}
		}
	}
}

// ofSubtask is a finding that concerns a subtask.
func ofSubtask(op *reader.Operator, s *metadata.Subtask, format string, args ...any) Finding {
	f := ofOperator(op, format, args...)
	f.Place.Subtask = s.Index
	return f
}

// keyedRanges compares the key groups of every subtask with those that Flink gives it.
func keyedRanges(r *run, report func(Finding)) {
	r.keyedHandles(func(op *reader.Operator, s *metadata.Subtask, slot metadata.Slot, h metadata.KeyedHandle) {
		m := op.Meta
		if s.Index < 0 || s.Index >= m.Parallelism || m.Parallelism > m.MaxParallelism {
			return // _metadata is not read then
		}
		got, want := h.KeyGroupRange(), keygroup.ForSubtask(s.Index, m.Parallelism, m.MaxParallelism)
		if got != want && got.Len() > 0 {
			report(ofSubtask(op, s, "%s of key groups %s, expected %s", slot, got, want))
		}
		if got.Len() == 0 {
			report(ofSubtask(op, s, "%s without key groups, expected %s", slot, want))
		}
		nested(h, func(k metadata.KeyedHandle) {
			if in := k.KeyGroupRange(); in.Intersect(got) != in && in.Len() > 0 {
				if _, log := k.(*metadata.FileLog); log || in.Intersect(got).Len() == 0 {
					report(ofSubtask(op, s, "%s of key groups %s inside a handle of %s", metadata.KindOf(k), in, got))
				}
			}
		})
	})
}

// nested calls do with the handles inside a changelog.
func nested(h metadata.KeyedHandle, do func(metadata.KeyedHandle)) {
	c, ok := h.(*metadata.Changelog)
	if !ok {
		return
	}
	for _, list := range [][]metadata.KeyedHandle{c.Materialized, c.NonMaterialized} {
		for _, k := range list {
			if k != nil {
				do(k)
				nested(k, do)
			}
		}
	}
}

// keyedComplete looks for subtasks without keyed state beside others that have some.
func keyedComplete(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		m := op.Meta
		with := map[int]bool{}
		finished := map[int]bool{}
		for i := range m.Subtasks {
			with[m.Subtasks[i].Index] = m.Subtasks[i].ManagedKeyed != nil
			finished[m.Subtasks[i].Index] = m.Subtasks[i].Finished
		}
		any := false
		for _, has := range with {
			any = any || has
		}
		if !any || m.Parallelism > m.MaxParallelism {
			continue
		}
		for i := range min(m.Parallelism, keygroup.MaxParallelism) {
			if !with[i] && !finished[i] {
				f := ofOperator(op, "no keyed state of key groups %s, while other subtasks have some", keygroup.ForSubtask(i, m.Parallelism, m.MaxParallelism))
				f.Place.Subtask = i
				report(f)
			}
		}
	}
}

// keyGroupOffsets checks that key groups follow one another in their stream.
func keyGroupOffsets(r *run, report func(Finding)) {
	check := func(op *reader.Operator, s *metadata.Subtask, slot metadata.Slot, h *metadata.KeyGroups) {
		if len(h.Offsets) != h.Range.Len() {
			report(ofSubtask(op, s, "%d offsets of %d key groups", len(h.Offsets), h.Range.Len()))
			return
		}
		before := int64(-1)
		raw := slot == metadata.SlotRawKeyed
		for i, o := range h.Offsets {
			empty := o == 0 && !raw || o == -1 && raw
			if empty {
				continue
			}
			f := ofSubtask(op, s, "")
			f.Place.KeyGroup = h.Range.First + i
			switch size := h.Stream.Size(); {
			case o < 0 || o > size || o == size && !raw:
				f.Message = fmt.Sprintf("begins at byte %d of %d", o, size)
				report(f)
			case o <= before && !(raw && o == before):
				f.Message = fmt.Sprintf("begins at byte %d, not after the key group before it at %d", o, before)
				report(f)
			}
			before = o
		}
	}
	r.forgotten(report)
	r.keyedHandles(func(op *reader.Operator, s *metadata.Subtask, slot metadata.Slot, h metadata.KeyedHandle) {
		if k, ok := h.(*metadata.KeyGroups); ok && k.Stream != nil {
			check(op, s, slot, k)
		}
		nested(h, func(n metadata.KeyedHandle) {
			if k, ok := n.(*metadata.KeyGroups); ok && k.Stream != nil {
				check(op, s, slot, k)
			}
		})
	})
}

// forgotten looks for bytes between the header of a stream and its first key group: those of a key group that no offset leads to.
func (r *run) forgotten(report func(Finding)) {
	for i := range r.headers {
		h := &r.headers[i]
		k, ok := h.part.Handle.(*metadata.KeyGroups)
		if !ok || h.length == 0 || h.part.Slot != metadata.SlotManagedKeyed {
			continue
		}
		first := int64(0)
		for _, o := range k.Offsets {
			if o > 0 && (first == 0 || o < first) {
				first = o
			}
		}
		if first > h.length {
			f := Finding{Place: h.place(), Message: fmt.Sprintf("%d bytes between the header and the first key group that no key group has", first-h.length)}
			f.Severity, f.own = Warning, true
			report(f)
		}
	}
}

// oneKind looks for operators whose subtasks store keyed state in different ways.
func oneKind(r *run, report func(Finding)) {
	first := map[*reader.Operator]string{}
	r.keyedHandles(func(op *reader.Operator, s *metadata.Subtask, slot metadata.Slot, h metadata.KeyedHandle) {
		if slot != metadata.SlotManagedKeyed {
			return
		}
		kind := metadata.KindOf(h)
		if before, ok := first[op]; ok && before != kind {
			report(ofSubtask(op, s, "%s, while an earlier subtask has %s", kind, before))
			return
		}
		first[op] = kind
	})
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// handleIDs looks for identities that Flink would take for one, or that are none.
func handleIDs(r *run, report func(Finding)) {
	seen := map[string]bool{}
	one := func(op *reader.Operator, s *metadata.Subtask, h metadata.KeyedHandle) {
		id := ""
		switch h := h.(type) {
		case *metadata.KeyGroups:
			id = h.HandleID
		case *metadata.Incremental:
			id = h.HandleID
			if !uuid.MatchString(h.BackendID) {
				report(ofSubtask(op, s, "the backend's identity %q is no UUID", h.BackendID))
			}
		case *metadata.Changelog:
			id = h.HandleID
		}
		if id == "" {
			return
		}
		if !uuid.MatchString(strings.ToLower(id)) {
			report(ofSubtask(op, s, "the handle's identity %q is no UUID", id))
		}
		if seen[id] {
			report(ofSubtask(op, s, "the handle's identity %s is that of another handle, too", id))
		}
		seen[id] = true
	}
	r.keyedHandles(func(op *reader.Operator, s *metadata.Subtask, _ metadata.Slot, h metadata.KeyedHandle) {
		one(op, s, h)
		nested(h, func(k metadata.KeyedHandle) { one(op, s, k) })
	})
}

// databaseFiles looks for databases that two subtasks or two entries of one list share.
func databaseFiles(r *run, report func(Finding)) {
	owner := map[string]string{}
	r.keyedHandles(func(op *reader.Operator, s *metadata.Subtask, _ metadata.Slot, h metadata.KeyedHandle) {
		inc, ok := h.(*metadata.Incremental)
		if !ok {
			return
		}
		me := fmt.Sprintf("%s[%d]", op.ID, s.Index)
		if other, ok := owner[inc.BackendID]; ok {
			report(ofSubtask(op, s, "the backend's identity %s is also that of %s", inc.BackendID, other))
		}
		owner[inc.BackendID] = me
		names := map[string]bool{}
		for _, list := range [][]metadata.NamedStream{inc.Shared, inc.Private} {
			for _, f := range list {
				if names[f.LocalPath] {
					report(ofSubtask(op, s, "the database has two files of the name %s", f.LocalPath))
				}
				names[f.LocalPath] = true
			}
		}
	})
}
