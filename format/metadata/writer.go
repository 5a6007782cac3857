package metadata

import (
	"fmt"
	"slices"
)

// Evidence is what the state files tell of the Flink that wrote them. The zero value says nothing.
type Evidence struct {
	OperatorHeader          int  // version of operator state headers (OperatorBackendSerializationProxy), 0 if none was seen
	CompressedOperatorState bool // operator state that is compressed
	WrongOperatorOffsets    bool // its offsets are those of before compression, a bug of Flink 1.18
	AsyncState              bool // states of the second state API (KEY_VALUE_V2)
}

// Writer says which Flink releases may have written a snapshot.
type Writer struct {
	From, To string   // releases such as "1.16"; equal if it can be only one
	Reasons  []string // each says what narrowed the range, most telling last
}

// String gives "1.20" or "1.16 – 1.19".
func (w Writer) String() string { return span(w.From, w.To) }

func span(from, to string) string {
	if from == to {
		return from
	}
	return from + " – " + to
}

// GuessWriter tells from the version, the kinds of handles and what the state files said which Flink wrote the snapshot. No
// file names its writer: a tool that writes old forms cannot be told from an old Flink.
func GuessWriter(m *Metadata, seen Evidence) Writer {
	l := layoutOf(m.Version)
	if l == nil {
		return Writer{}
	}
	g := guess{last: len(releases) - 1}
	g.between(l.from, l.to, "metadata version %d", m.Version)
	g.handles(m)
	g.changelogs(m)
	if m.Version == 3 && anyFinished(m) {
		g.between("1.14", "", "finished operators or subtasks")
	}
	switch {
	case seen.OperatorHeader == 5:
		g.between("", "1.17", "operator state header 5")
	case seen.OperatorHeader >= 6:
		g.between("1.18", "", "operator state header %d", seen.OperatorHeader)
	}
	if seen.CompressedOperatorState {
		g.between("1.18", "", "compressed operator state")
	}
	if seen.WrongOperatorOffsets {
		g.between("1.18", "1.18", "offsets of compressed operator state as 1.18 gets them wrong")
	}
	if seen.AsyncState {
		g.between("2.0", "", "asynchronous state")
	}
	return Writer{From: releases[g.first], To: releases[g.last], Reasons: g.reasons}
}

// guess is a range of releases that evidence makes smaller.
type guess struct {
	first, last int // indices into releases
	reasons     []string
}

// between narrows the range to two releases, "" for no bound, and notes the reason if that says something new.
func (g *guess) between(from, to, format string, args ...any) {
	first, last := 0, len(releases)-1
	if from != "" {
		first = slices.Index(releases[:], from)
	}
	if to != "" {
		last = slices.Index(releases[:], to)
	}
	reason := fmt.Sprintf(format, args...) + ": " + bounds(from, to)
	switch {
	case first <= g.first && last >= g.last: // known already
	case first > g.last || last < g.first:
		g.reasons = append(g.reasons, reason+", which contradicts the rest: was it rewritten?")
	default:
		g.first, g.last = max(g.first, first), min(g.last, last)
		g.reasons = append(g.reasons, reason)
	}
}

func bounds(from, to string) string {
	switch {
	case from == "":
		return "until " + to
	case to == "":
		return "since " + from
	}
	return span(from, to)
}

// handles narrows by the codes of all handles.
func (g *guess) handles(m *Metadata) {
	var seen [len(codes)]bool
	m.EachHandle(func(_ Owner, h Handle) { markCodes(&seen, h) })
	for code, ok := range seen {
		if ok && code != codeNull { // channel handles have no code of their own
			c := codes[code]
			g.between(c.since, c.last, "a handle of code %d (%s)", code, c.name)
		}
	}
}

// markCodes notes the codes of a handle and of those inside. A KeyGroups in the place of a stream is left out: its code says
// nothing there.
func markCodes(seen *[len(codes)]bool, h Handle) {
	seen[codeOf(h)] = true
	if c, ok := h.(*Changelog); ok {
		for _, part := range c.parts() {
			markCodes(seen, part)
		}
		return
	}
	h.eachStream(func(s StreamHandle) { seen[codeOf(s)] = true })
}

// changelogs tells Flink 1.14 from 1.15, which wrote the same codes.
func (g *guess) changelogs(m *Metadata) {
	if m.Version != 3 {
		return
	}
	var seen [len(codes)]bool
	m.EachHandle(func(_ Owner, h Handle) { markCodes(&seen, h) })
	switch {
	case m.Changelog114:
		g.between("1.14", "1.14", "changelog handles without ids")
	case seen[codeChangelog] || seen[codeMemoryLog] || seen[codeFileLog]:
		g.between("1.15", "1.15", "changelog handles with ids in metadata version 3")
	}
}

func anyFinished(m *Metadata) bool {
	return slices.ContainsFunc(m.Operators, func(o Operator) bool {
		return o.FullyFinished || slices.ContainsFunc(o.Subtasks, func(s Subtask) bool { return s.Finished })
	})
}
