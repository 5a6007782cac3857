// Package validate finds out what is wrong with a snapshot before Flink does, at restore time.
//
// A Rule is a piece of data: a name, what holds when it is kept, which failure that prevents, what to do about it, how bad a breach is, and
// how it is evaluated. Rules lists all of them. Check evaluates them over one snapshot: it recomputes what the snapshot declares, keeps
// going after the first finding, and tells for each rule whether it passed, failed, was skipped, or does not apply.
//
// Without Deep only _metadata, the sizes of files and the headers of state are read. With it every entry of the state is read and decoded,
// once, by several goroutines, in memory that does not grow with the snapshot. Findings come in an order that depends on nothing but the
// snapshot.
package validate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store"
)

// Severity says how bad a finding is.
type Severity uint8

// The severities.
const (
	Info    Severity = iota // good to know
	Warning                 // restores, and may hurt: something is lost, left over, or tied to a place
	Error                   // does not restore, or restores to something else than what was saved
)

var severityNames = [...]string{"info", "warning", "error"}

// String gives "info", "warning" or "error".
func (s Severity) String() string { return severityNames[s] }

// ParseSeverity finds a severity by its name.
func ParseSeverity(name string) (Severity, bool) {
	i := slices.Index(severityNames[:], name)
	return Severity(max(i, 0)), i >= 0
}

// Rule is one thing that holds in a sound snapshot.
type Rule struct {
	ID       string
	Doc      string // what holds
	Prevents string // the failure that a breach leads to
	Fix      string // what to do about a breach, unless the finding says something better
	Severity Severity
	Deep     bool // needs every entry, or every byte
	Policy   bool // holds only where a policy asks for it

	// One of the three evaluates the rule. check looks at what is cheap to have; with Deep it may read whole files.
	check func(r *run, report func(Finding))
	// begin gives a function that is told of every entry of one task, and one that is told that it ended.
	begin func(t *task) (entry visitor, end func())
	// trouble claims errors of reading entries.
	trouble func(e *fault.Error) bool
	// applies says whether a policy asks for the rule.
	applies func(p *Policy) bool
}

// Finding is one breach of a rule.
type Finding struct {
	Rule     string
	Severity Severity
	Place    Place
	Message  string // what is there, and what should be
	Fix      string // what to do
	More     int    // how many more findings of this rule there are in the same operator, state and file

	own bool // Severity is not the rule's
}

// Place is where a finding is. Unknown parts are empty, or fault.NoPlace.
type Place struct {
	Operator string // uid, or the operator id in hex
	Subtask  int
	KeyGroup int
	State    string
	File     string
	Offset   int64
}

// nowhere is a place of which nothing is known.
func nowhere() Place {
	return Place{Subtask: fault.NoPlace, KeyGroup: fault.NoPlace, Offset: fault.NoPlace}
}

// String names the known parts of a place.
func (p Place) String() string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if p.Operator != "" {
		add("operator %s", p.Operator)
	}
	if p.Subtask >= 0 {
		add("subtask %d", p.Subtask)
	}
	if p.KeyGroup >= 0 {
		add("key group %d", p.KeyGroup)
	}
	if p.State != "" {
		add("state %s", p.State)
	}
	if p.File != "" {
		add("file %s", p.File)
	}
	if p.Offset >= 0 {
		add("offset %d", p.Offset)
	}
	return strings.Join(parts, ", ")
}

// Outcome is what became of a rule.
type Outcome string

// The outcomes.
const (
	Passed        Outcome = "passed"
	Failed        Outcome = "failed"        // findings of severity error
	Warned        Outcome = "warned"        // at worst warnings
	Noted         Outcome = "noted"         // at worst information
	Skipped       Outcome = "skipped"       // not evaluated: Why says what it takes
	Misconfigured Outcome = "misconfigured" // the policy asks for something that makes no sense
)

// Result is what became of one rule.
type Result struct {
	Rule     *Rule
	Outcome  Outcome
	Why      string // of skipped and misconfigured rules
	Findings int    // all of them, also those that Report.Findings stands for by their More
}

// Report is what Check found.
type Report struct {
	Snapshot  string // as it was asked for
	Directory string
	Newest    bool // set by who searched a directory: the newest complete snapshot there
	Deep      bool
	Results   []Result // in the order of Rules
	Findings  []Finding
	Entries   map[string]int64 // by state, with Deep: "operator id/state/kind"
}

// Count adds up the findings of a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Severity == s {
			n += 1 + r.Findings[i].More
		}
	}
	return n
}

// Worst is the highest severity among the findings; ok is false if there are none.
func (r *Report) Worst() (worst Severity, ok bool) {
	for i := range r.Findings {
		worst, ok = max(worst, r.Findings[i].Severity), true
	}
	return worst, ok
}

// Options say how far to look.
type Options struct {
	Deep   bool
	Jobs   int // goroutines that read entries
	Policy *Policy
	Seal   *Seal  // what the snapshot was when it was sealed, or nil
	Limits Limits // zero fields stand for Flink's
	// Progress, if not nil, is told how many bytes of state were read.
	Progress func(bytes int64)
	// Begin, if not nil, is told how many bytes of state will be read.
	Begin func(bytes int64)
}

// Limits are the sizes from which on Flink fails.
type Limits struct {
	Value  int64 // bytes of one key, value or list: Java arrays end at 2³¹ − 1
	Inline int64 // bytes of one state in _metadata: 5 MiB, the default of JobManager storage
}

func (l Limits) orFlinks() Limits {
	if l.Value == 0 {
		l.Value = 1<<31 - 1
	}
	if l.Inline == 0 {
		l.Inline = 5 << 20
	}
	return l
}

// Check evaluates all rules over the snapshot that name leads to. What is wrong with it is in the report; the error says that there is no
// snapshot to look at, or that ctx ended.
func Check(ctx context.Context, st store.Store, name string, ro reader.Options, o Options) (*Report, error) {
	ro.NoVerify = false
	snap, err := reader.Open(ctx, st, name, ro)
	if err != nil {
		return unreadable(name, err, o)
	}
	o.Limits = o.Limits.orFlinks()
	r := &run{ctx: ctx, st: st, snap: snap, options: ro, o: o, found: map[string]*findings{}}
	r.rules()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.report(), nil
}

// unreadable is the report of a snapshot whose _metadata cannot be read.
func unreadable(name string, err error, o Options) (*Report, error) {
	var e *fault.Error
	if !errors.As(err, &e) || !(errors.Is(err, fault.ErrCorrupt) || errors.Is(err, fault.ErrUnsupported)) {
		return nil, err
	}
	return single(&Report{Snapshot: name, Directory: store.Dir(e.File), Deep: o.Deep}, ruleMetadata, findingOf(e), "_metadata cannot be read"), nil
}

// UnfinishedReport is the report of a directory that was to become a snapshot and has no _metadata.
func UnfinishedReport(dir, why string) *Report {
	f := Finding{Place: nowhere(), Message: why}
	f.Place.File = dir
	return single(&Report{Snapshot: dir, Directory: dir}, ruleUnfinished, f, "there is no _metadata")
}

// single fills a report with the finding of one rule. All other rules are skipped.
func single(rep *Report, id string, f Finding, why string) *Report {
	for _, rule := range Rules() {
		res := Result{Rule: rule, Outcome: Skipped, Why: why}
		if rule.ID == id {
			f.Rule, f.Severity = rule.ID, rule.Severity
			if f.Fix == "" {
				f.Fix = rule.Fix
			}
			rep.Findings = []Finding{f}
			res = Result{Rule: rule, Outcome: Warned, Findings: 1}
			if f.Severity == Error {
				res.Outcome = Failed
			}
		}
		rep.Results = append(rep.Results, res)
	}
	return rep
}

// findingOf turns an error into a finding: the place apart from what is said.
func findingOf(err error) Finding {
	f := Finding{Place: nowhere()}
	var e *fault.Error
	if !errors.As(err, &e) {
		f.Message = err.Error()
		return f
	}
	f.Place = Place{Operator: e.Operator, Subtask: e.Subtask, KeyGroup: e.KeyGroup, State: e.State, File: e.File, Offset: e.Offset}
	f.Fix = e.Hint
	told := *e
	told.Operator, told.Subtask, told.KeyGroup, told.State, told.File, told.Offset, told.Hint = "", fault.NoPlace, fault.NoPlace, "", "", fault.NoPlace, ""
	f.Message = told.Error()
	return f
}
