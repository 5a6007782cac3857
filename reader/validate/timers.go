package validate

import (
	"strings"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader"
)

// windowContents is the state of Flink's window operator (WindowOperator, all forms).
const windowContents = "window-contents"

// queuesNeeded are states of Flink's own operators that cannot work without timers, by the beginning of their names.
var queuesNeeded = []string{windowContents, "sharedBuffer"}

// hasQueues reports whether an operator has timer queues, in managed or raw keyed state, and whether all of it could be opened.
func (r *run) hasQueues(op *reader.Operator) (queues, known bool) {
	known = true
	for _, h := range r.partsOf(op, metadata.SlotManagedKeyed, metadata.SlotRawKeyed) {
		queues = queues || h.hasKind(entry.Timer)
		known = known && h.err == nil
	}
	return queues, known
}

// needsQueues gives the state that cannot work without timers, or "".
func (r *run) needsQueues(op *reader.Operator) string {
	for _, h := range r.partsOf(op, metadata.SlotManagedKeyed) {
		for i := range h.states {
			for _, name := range queuesNeeded {
				if strings.HasPrefix(h.states[i].Name, name) && !isGlobalWindow(h.states[i].Namespace) {
					return h.states[i].Name
				}
			}
		}
	}
	return ""
}

// isGlobalWindow reports whether a namespace is the window that never ends: it needs no timer.
func isGlobalWindow(c serde.Codec) bool {
	return c != nil && strings.Contains(c.Type().Serializer, "GlobalWindow")
}

// nativeSavepoint reports whether the snapshot is a savepoint whose keyed state lies in RocksDB's own files.
func (r *run) nativeSavepoint() bool {
	if p := r.snap.Properties; !p.Savepoint || p.Format != "NATIVE" {
		return false
	}
	native := false
	r.keyedHandles(func(_ *reader.Operator, _ *metadata.Subtask, slot metadata.Slot, h metadata.KeyedHandle) {
		_, inc := h.(*metadata.Incremental)
		native = native || inc && slot == metadata.SlotManagedKeyed
	})
	return native
}

// nativeTimers finds what native RocksDB savepoints leave out: timers that the job kept on the heap.
func nativeTimers(r *run, report func(Finding)) {
	if !r.nativeSavepoint() {
		return
	}
	for _, op := range r.snap.Operators {
		keyedParts := r.partsOf(op, metadata.SlotManagedKeyed)
		if queues, known := r.hasQueues(op); queues || !known || len(keyedParts) == 0 {
			continue
		}
		if need := r.needsQueues(op); need != "" {
			f := ofOperator(op, "state %s needs timers, and there are no timer queues: they were on the heap and are lost", need)
			f.Place.State = need
			report(f)
			continue
		}
		report(ofOperator(op, "keyed state and no timer queues: if the job kept timers on the heap, they are not in this savepoint"))
	}
}

// windowTimers finds windows without timer queues in all other snapshots.
func windowTimers(r *run, report func(Finding)) {
	if r.nativeSavepoint() {
		return
	}
	for _, op := range r.snap.Operators {
		need := r.needsQueues(op)
		if queues, known := r.hasQueues(op); need == "" || queues || !known {
			continue
		}
		f := ofOperator(op, "state %s needs timers, and there are no timer queues", need)
		f.Place.State = need
		report(f)
	}
}

// timersAlone tells of operators that have nothing but timers.
func timersAlone(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		queues, state := false, false
		for _, h := range r.partsOf(op, metadata.SlotManagedKeyed, metadata.SlotRawKeyed) {
			queues = queues || h.hasKind(entry.Timer)
			state = state || h.hasKind(entry.Value, entry.List, entry.Map, entry.Reducing, entry.Aggregating)
		}
		if queues && !state {
			report(ofOperator(op, "timers and no keyed state"))
		}
	}
}

// windowsFire compares windows with timers: each window that holds something has one that ends it.
func windowsFire(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		if need := r.needsQueues(op); need != windowContents {
			continue
		}
		var windows, timers int64
		for k, t := range r.tallies {
			if k.op == op && k.name == windowContents {
				windows += t.Entries
			}
			if k.op == op && k.kind == entry.Timer {
				timers += t.Entries
			}
		}
		if queues, known := r.hasQueues(op); queues && known && windows > 0 && timers == 0 {
			f := ofOperator(op, "%d windows hold elements, and no timer will ever fire for them", windows)
			f.Place.State = windowContents
			report(f)
		}
	}
}

// tallyKey tells the states of a snapshot apart.
type tallyKey struct {
	op   *reader.Operator
	name string
	kind entry.Kind
}

// tally is what was counted of one state over all subtasks.
type tally = keyed.Tally
