package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tarn-project/tarn/format/connector"
	"github.com/tarn-project/tarn/reader/overview"
)

// overview prints what an engineer asks first, on one screen where that is possible.
func (p *page) overview(v *overview.Overview, f *inspectFlags) {
	p.head(v)
	order := byBytes(v.Operators)
	if len(f.operators) == 0 {
		p.printf("\n")
		p.operators(v, order)
	}
	for _, o := range order {
		if len(o.States) > 0 || o.InFlight != nil || len(o.Connectors) > 0 || o.Bytes.Coordinator > 0 || len(f.operators) > 0 {
			p.printf("\n")
			p.operator(o, f, v.Counted)
			p.levels(o)
		}
	}
	if f.files {
		p.printf("\n")
		p.files(v)
	}
	p.notes(v)
}

func (p *page) head(v *overview.Overview) {
	kind := v.Kind
	if v.Format != "" {
		kind = v.Format + " " + kind
	}
	p.printf("%s  %s\n", p.style(1, strings.ToUpper(kind[:1])+kind[1:]), v.Directory)
	line := func(label, format string, args ...any) {
		p.printf("  %s %s\n", p.style(2, fmt.Sprintf("%-11s", label)), fmt.Sprintf(format, args...))
	}
	id := fmt.Sprintf("checkpoint id %d", v.CheckpointID)
	if v.FileTime != nil {
		id += fmt.Sprintf(", file time %s", v.FileTime.Format("2006-01-02 15:04:05 UTC"))
	}
	if v.Name != "" && !strings.EqualFold(v.Name, v.Kind) {
		id += ", " + v.Name
	}
	line("taken", "%s", id)
	line("written by", "Flink %s  %s", v.Writer.Flink, p.style(2, "("+strings.Join(v.Writer.Reasons, "; ")+")"))
	line("size", "%s", sizeLine(v))
	line("files", "%s", fileLine(v))
	if v.Move.ByCopy {
		line("movable", "by copying the directory: every file is named by relative path or inline")
	} else {
		line("movable", "not by copying alone: %s", strings.Join(v.Move.Reasons, "; "))
	}
	if len(v.MasterStates) > 0 {
		line("master", "%s", strings.Join(v.MasterStates, ", "))
	}
}

func sizeLine(v *overview.Overview) string {
	s := byteSize(v.Bytes.Total)
	var parts []string
	for _, p := range []struct {
		name string
		n    int64
	}{
		{"keyed", v.Bytes.Keyed},
		{"raw keyed", v.Bytes.RawKeyed},
		{"operator", v.Bytes.Operator},
		{"raw operator", v.Bytes.RawOperator},
		{"coordinator", v.Bytes.Coordinator},
		{"in-flight", v.Bytes.InFlight},
	} {
		if p.n > 0 {
			parts = append(parts, p.name+" "+byteSize(p.n))
		}
	}
	if len(parts) > 0 {
		s += " of state: " + strings.Join(parts, ", ")
	}
	return fmt.Sprintf("%s; _metadata %s", s, byteSize(v.MetadataBytes))
}

// readingTime says how long reading all bytes takes at least: from a network storage, and from a local disk.
func readingTime(bytes int64) string {
	at := func(rate int64) string {
		d := time.Duration(float64(bytes) / float64(rate) * float64(time.Second))
		switch {
		case d < time.Second:
			return "less than 1 s"
		case d < time.Minute:
			return fmt.Sprintf("%.1f s", d.Seconds())
		}
		return age(d)
	}
	return fmt.Sprintf("to read all %s takes %s at 100 MB/s, %s at 1 GB/s", byteSize(bytes), at(100e6), at(1e9))
}

func fileLine(v *overview.Overview) string {
	f := v.Files
	if f.Total == 0 {
		return "none: all state is inline in _metadata"
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{f.Relative, "by relative path"},
		{f.Absolute, "by absolute path"},
		{f.Moved, "found under the snapshot's own tree"},
		{f.Mapped, "by --map"},
		{f.Missing, "NOT FOUND"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	s := strings.Join(parts, ", ")
	if v.Bytes.Inline > 0 {
		s += fmt.Sprintf("; %s inline in _metadata", byteSize(v.Bytes.Inline))
	}
	return s
}

// byBytes orders operators by size, the largest first.
func byBytes(list []overview.Operator) []*overview.Operator {
	out := make([]*overview.Operator, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	slices.SortStableFunc(out, func(a, b *overview.Operator) int { return cmp.Compare(b.Bytes.Total, a.Bytes.Total) })
	return out
}

// operators prints the table of all operators.
func (p *page) operators(v *overview.Overview, order []*overview.Operator) {
	rows := [][]string{{"OPERATOR", "ID", "PAR", "MAX PAR", "STATES", "SIZE", "", "NAME"}}
	for _, o := range order {
		label := o.UID
		if label == "" {
			label = "-"
		}
		rows = append(rows, []string{
			label, o.ID, fmt.Sprint(o.Parallelism), fmt.Sprint(o.MaxParallelism), stateCount(o), byteSize(o.Bytes.Total),
			bar(o.Bytes.Total, v.Bytes.Total), o.Name,
		})
	}
	p.table("", "llrrrrll", rows)
}

func stateCount(o *overview.Operator) string {
	switch {
	case o.FullyFinished:
		return "finished"
	case len(o.FinishedSubtasks) > 0:
		return fmt.Sprintf("%d (%d of %d finished)", len(o.States), len(o.FinishedSubtasks), o.Parallelism)
	}
	return fmt.Sprint(len(o.States))
}

// operator prints one operator with its states.
func (p *page) operator(o *overview.Operator, f *inspectFlags, counted bool) {
	title := o.Label()
	if o.Name != "" && o.Name != title {
		title += "  " + o.Name
	}
	p.printf("%s\n", p.style(1, title))
	p.printf("  %s\n", strings.Join(operatorFacts(o), ", "))
	if len(f.operators) > 0 && o.InFlight != nil {
		p.channels(o.InFlight)
	}
	defer p.connectors(o.Connectors)
	if len(o.States) == 0 {
		return
	}
	head := []string{"STATE", "KIND", "TYPE"}
	right := "lll"
	if counted {
		head, right = []string{"STATE", "KIND", "ENTRIES", "BYTES", "TYPE"}, "llrrl"
	}
	rows := [][]string{head}
	states := largestFirst(o.States, counted)
	for _, s := range states {
		row := []string{s.Name, s.Kind}
		if counted {
			row = append(row, count(s.Entries, s.Incomplete), size(s.Bytes, s.Incomplete))
		}
		rows = append(rows, append(row, typeText(s)))
	}
	p.table("  ", right, rows)
	p.ages(states)
	if f.types {
		for i := range o.States {
			p.types(&o.States[i])
		}
	}
}

// connectors prints what sources and sinks say of where they are.
func (p *page) connectors(list []overview.ConnectorState) {
	titles := map[connector.Kind]string{
		connector.Split: "splits", connector.Enumerator: "enumerator", connector.Writer: "writers", connector.Committer: "to commit",
	}
	for _, c := range list {
		title := titles[c.Kind]
		if c.Connector != "" && c.Connector != "sink" {
			title += " (" + c.Connector + ")"
		}
		p.printf("  %s\n", p.style(2, title))
		shown := 0
		for _, i := range c.Items {
			for _, l := range i.Lines {
				if i.Subtask >= 0 {
					l = fmt.Sprintf("subtask %d  %s", i.Subtask, l)
				}
				p.printf("    %s\n", l)
				shown++
			}
		}
		if more := c.Lines - shown; more > 0 {
			p.printf("    … and %d more\n", more)
		}
	}
}

// largestFirst orders states by what they hold, if that was counted; equal ones and all others stay as in the file.
func largestFirst(list []overview.State, counted bool) []*overview.State {
	out := make([]*overview.State, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	held := func(s *overview.State) int64 {
		if s.Bytes == nil {
			return 0
		}
		return *s.Bytes
	}
	if counted {
		slices.SortStableFunc(out, func(a, b *overview.State) int { return cmp.Compare(held(b), held(a)) })
	}
	return out
}

func operatorFacts(o *overview.Operator) []string {
	facts := []string{byteSize(o.Bytes.Total)}
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	if len(o.Layouts) > 0 {
		add("keyed state %s in %s layout", byteSize(o.Bytes.Keyed), strings.Join(o.Layouts, " and "))
	}
	if o.Compressed {
		add("snappy")
	}
	if k := keyGroups(o); k != "" {
		add("key groups %s", k)
	}
	if o.Bytes.RawKeyed > 0 {
		add("raw keyed state %s", byteSize(o.Bytes.RawKeyed))
	}
	if o.Bytes.Operator > 0 {
		add("operator state %s", byteSize(o.Bytes.Operator))
	}
	if o.Bytes.Coordinator > 0 {
		add("coordinator state %s", byteSize(o.Bytes.Coordinator))
	}
	if fl := o.InFlight; fl != nil {
		add("in flight %s in %d buffers of %d input channels and %d result subpartitions", byteSize(fl.InputBytes+fl.ResultBytes), fl.Buffers, fl.InputChannels, fl.ResultSubpartitions)
	}
	if len(o.FinishedSubtasks) > 0 {
		add("finished subtasks %v", o.FinishedSubtasks)
	}
	return facts
}

// keyGroups lists the ranges of up to four subtasks.
func keyGroups(o *overview.Operator) string {
	var parts []string
	for _, s := range o.Subtasks {
		if s.KeyGroups == "" {
			continue
		}
		if len(parts) == 4 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%d:%s", s.Index, s.KeyGroups))
	}
	return strings.Join(parts, " ")
}

// count gives a number of entries: "≥ 3" and "?" say that not all could be read, and none.
func count(n *int64, incomplete bool) string {
	return atLeast(n, incomplete, func(n int64) string { return fmt.Sprint(n) })
}

func size(n *int64, incomplete bool) string { return atLeast(n, incomplete, byteSize) }

func atLeast(n *int64, incomplete bool, text func(int64) string) string {
	switch {
	case incomplete && (n == nil || *n == 0):
		return "?"
	case incomplete:
		return "≥ " + text(*n)
	case n == nil:
		return text(0)
	}
	return text(*n)
}

// typeText gives a state's types as "key → value", with the namespace and TTL if there are any.
func typeText(s *overview.State) string {
	var b strings.Builder
	if s.Types.Key != "" {
		b.WriteString(s.Types.Key)
		if s.Types.Namespace != "" {
			b.WriteString(" @ " + s.Types.Namespace)
		}
		if s.Types.UserKey != "" || s.Types.Value != "" {
			b.WriteString(" → ")
		}
	}
	switch {
	case s.Types.UserKey != "":
		b.WriteString("map<" + s.Types.UserKey + ", " + s.Types.Value + ">")
	case s.Kind == "list":
		b.WriteString("list<" + s.Types.Value + ">")
	default:
		b.WriteString(s.Types.Value)
	}
	if s.Role != "" {
		b.WriteString("  (" + s.Role + ")")
	}
	if s.Differs {
		b.WriteString("  [differs between subtasks]")
	}
	return b.String()
}

// ages prints when the values of states with TTL were last accessed: the oldest and the newest.
func (p *page) ages(states []*overview.State) {
	rows := [][]string{{"TTL STATE", "OLDEST ACCESS (UTC)", "NEWEST ACCESS (UTC)"}}
	expired := slices.ContainsFunc(states, func(s *overview.State) bool { return s.Expired != nil })
	if expired {
		rows[0] = append(rows[0], "EXPIRED")
	}
	for _, s := range states {
		if s.OldestTTL != nil && s.NewestTTL != nil {
			row := []string{s.Name, s.OldestTTL.Format(time.DateTime), s.NewestTTL.Format(time.DateTime)}
			if s.Expired != nil && *s.Timed > 0 {
				row = append(row, fmt.Sprintf("%d of %d (%d %%)", *s.Expired, *s.Timed, 100**s.Expired / *s.Timed))
			}
			rows = append(rows, row)
		}
	}
	if len(rows) > 1 {
		p.table("  ", "llll", rows)
	}
}

// types prints the tree of a state's types.
func (p *page) types(s *overview.State) {
	p.printf("    %s\n", p.style(1, s.Name))
	for _, part := range s.Tree {
		p.tree("      ", part.Part, part.Type)
	}
}

func (p *page) tree(indent, name string, t *overview.TypeNode) {
	text := t.Type
	if t.Class != "" {
		text += " " + t.Class
	}
	p.printf("%s%s: %s  %s\n", indent, name, text, p.style(2, fmt.Sprintf("%s v%d", t.Serializer, t.Version)))
	for _, c := range t.Parts {
		p.tree(indent+"  ", c.Part, c.Type)
	}
}

// files lists the files of the snapshot.
func (p *page) files(v *overview.Overview) {
	rows := [][]string{{"FILE", "SIZE", "FOUND", "REFERRED TO BY"}}
	for _, f := range v.FileList {
		name := f.Name
		if name == "" {
			name = f.Written
		}
		rows = append(append(rows, []string{name, byteSize(f.Bytes), f.How, strings.Join(f.Users, "; ")}), partRows(f.Parts)...)
	}
	for _, f := range v.InlineList {
		rows = append(append(rows, []string{"(in _metadata)", byteSize(f.Bytes), f.How, strings.Join(f.Users, "; ")}), partRows(f.Parts)...)
	}
	p.table("", "lrll", rows)
}

// levels shows the shape of an operator's native state, and how much of it waits for compaction.
func (p *page) levels(o *overview.Operator) {
	if len(o.Levels) == 0 {
		return
	}
	entries := map[string]*int64{}
	for _, s := range o.States {
		entries[s.Name] = s.Entries
	}
	rows := [][]string{{"STATE", "LEVEL", "TABLES", "SIZE", "RECORDS", "DELETIONS", "OPERANDS", "ENTRIES"}}
	last := ""
	for _, l := range o.Levels {
		visible := ""
		if n := entries[l.State]; n != nil && l.State != last {
			visible = fmt.Sprint(*n)
		}
		last = l.State
		rows = append(rows, []string{l.State, fmt.Sprint(l.Level), fmt.Sprint(l.Tables), byteSize(l.Bytes), fmt.Sprint(l.Records), fmt.Sprint(l.Deletions), fmt.Sprint(l.MergeOperands), visible})
	}
	p.table("  ", "lrrrrrrr", rows)
}

// partRows says what native state uses a file for.
func partRows(parts []overview.FilePart) [][]string {
	var rows [][]string
	for _, f := range parts {
		what := f.Role
		if t := f.Table; t != nil && t.Level != nil {
			what += fmt.Sprintf(", level %d of %s, key groups %s, %s", *t.Level, t.State, t.KeyGroups, plural(int(t.Entries), "record"))
		} else if t != nil {
			what += ", not in use"
		}
		name := f.Logical
		if name == "" {
			name = "states"
		}
		rows = append(rows, []string{"  " + name, byteSize(f.Bytes), "", what})
	}
	return rows
}

// channels lists the in-flight data of an operator, channel by channel.
func (p *page) channels(f *overview.InFlight) {
	rows := [][]string{{"IN FLIGHT", "SUBTASK", "BUFFERS", "BYTES"}}
	for _, c := range f.Channels {
		name := fmt.Sprintf("input gate %d channel %d", c.Gate, c.Index)
		if c.Output {
			name = fmt.Sprintf("result partition %d subpartition %d", c.Gate, c.Index)
		}
		rows = append(rows, []string{name, fmt.Sprint(c.Subtask), fmt.Sprint(c.Buffers), byteSize(c.Bytes)})
	}
	p.table("  ", "lrrr", rows)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (p *page) notes(v *overview.Overview) {
	if len(v.Notes)+len(v.Problems) == 0 {
		return
	}
	p.printf("\n")
	for _, n := range v.Notes {
		p.printf("%s %s\n", p.style(33, "note:"), n)
	}
	if n := len(v.Problems); n > 0 {
		p.printf("%s %s could not be read; standard error says why\n", p.style(31, "problem:"), plural(n, "piece"))
	}
}
