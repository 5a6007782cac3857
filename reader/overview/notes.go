package overview

import (
	"fmt"
	"slices"
	"strings"
)

// notes says what is easy to overlook and expensive to find out at restore.
func (m *maker) notes() {
	m.noteNames()
	m.noteForm()
	if m.out.Bytes.InFlight > 0 {
		m.note("in-flight data of an unaligned checkpoint (%d%% of it; such are in exactly-once mode) ties it to this job graph: take a savepoint or an aligned checkpoint to change the job", 100*m.out.Bytes.InFlight/max(1, m.out.Bytes.Total))
	}
	if m.unknown {
		m.note("some entries are not counted, since no rule is known for their bytes: --count says which")
	}
	switch n := m.out.Files.Moved; {
	case n == 1:
		m.note("one file is not where _metadata says; it was found under %s", m.snap.Base())
	case n > 1:
		m.note("%d files are not where _metadata says; they were found under %s", n, m.snap.Base())
	}
}

func (m *maker) note(format string, args ...any) {
	m.out.Notes = append(m.out.Notes, fmt.Sprintf(format, args...))
}

func (m *maker) noteNames() {
	unknown := 0
	for i := range m.out.Operators {
		o := &m.out.Operators[i]
		if o.UID == "" && o.Bytes.Total > 0 {
			unknown++
		}
		if o.FullyFinished {
			m.out.FullyFinished++
		}
	}
	switch {
	case unknown == 0:
	case m.out.MetadataVersion < 5:
		m.note("%d operators with state are known by id alone: metadata before version 5 holds no uids (--uids FILE names them)", unknown)
	default:
		m.note("%d operators with state have no uid: a changed job graph may not find their state", unknown)
	}
}

// noteForm says what the form of the snapshot means for a restore.
func (m *maker) noteForm() {
	out := m.out
	switch p := m.snap.Properties; {
	case p.Savepoint && p.PostAction == "TERMINATE":
		m.note("taken by stopping the job with drain: the maximum watermark was sent and timers fired, so that it is an end and not a place to go on from")
	case p.Savepoint && p.PostAction == "SUSPEND":
		m.note("taken by stopping the job")
	}
	if out.Kind != "savepoint" {
		return
	}
	if !m.snap.Properties.Known && m.noTimersLeft() {
		m.note("all queues of event-time timers are empty: the job uses none now, or it was stopped with drain, which snapshots of this version do not say")
	}
	if out.MetadataVersion <= 3 && !m.hasSavepointHandle() && out.Bytes.Keyed > 0 {
		backend := "HashMap"
		if out.Format == "canonical" {
			backend = "RocksDB"
		}
		m.note("a savepoint in the form before Flink 1.13: only the %s backend restores it; to change the backend, restore it with 1.13 or newer and take another", backend)
	}
	if out.Format == "native" && m.native {
		m.missingTimers()
	}
	if out.Bytes.InFlight > 0 {
		m.note("a savepoint with in-flight data: Flink does not make such")
	}
}

// noTimersLeft reports whether there are queues of event-time timers, all of them counted and none with a timer in it.
func (m *maker) noTimersLeft() bool {
	queues := 0
	for i := range m.out.Operators {
		for _, s := range m.out.Operators[i].States {
			if s.Kind != "timer" || !strings.HasPrefix(s.Name, "_timer_state/event_") {
				continue
			}
			if queues++; s.Incomplete || s.Entries != nil && *s.Entries > 0 {
				return false
			}
		}
	}
	return m.out.Counted && queues > 0
}

// missingTimers warns of native RocksDB savepoints, which hold no timers if the job kept them on the heap.
func (m *maker) missingTimers() {
	for i := range m.out.Operators {
		o := &m.out.Operators[i]
		if o.Bytes.Keyed == 0 || slices.ContainsFunc(o.States, func(s State) bool { return s.Kind == "timer" }) {
			continue
		}
		m.note("operator %s has keyed state and no timer queues: a native savepoint of a RocksDB job with heap timers holds no timers at all; take a canonical one if the job uses timers", o.Label())
	}
}

// taskOwned reports whether a file belongs to tasks rather than to the snapshot: write-ahead logs, changelog and merged files.
func taskOwned(path string) bool { return strings.Contains("/"+path, "/taskowned/") }
