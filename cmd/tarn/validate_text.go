package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tarn-project/tarn/reader/validate"
)

// textReports writes reports for people.
type textReports struct {
	page    *page
	verbose bool
	n       int
}

func (t *textReports) report(r *validate.Report) error {
	p := t.page
	if t.n++; t.n > 1 {
		p.printf("\n")
	}
	p.printf("%s", p.style(1, r.Snapshot))
	if r.Newest {
		p.printf("  (newest complete)")
	}
	p.printf("\n")
	list := slices.Clone(r.Findings)
	slices.SortStableFunc(list, func(a, b validate.Finding) int { return int(b.Severity) - int(a.Severity) })
	fixed := map[string]bool{}
	for i := range list {
		t.finding(&list[i], fixed)
	}
	t.tally(r)
	return p.err
}

// finding prints one. What to do is told once for each rule.
func (t *textReports) finding(f *validate.Finding, told map[string]bool) {
	p := t.page
	where := f.Place.String()
	if where != "" {
		where = ": " + where
	}
	p.printf("  %s %s%s\n", p.style(color(f.Severity), fmt.Sprintf("%-7s", f.Severity)), p.style(1, f.Rule), where)
	p.printf("          %s\n", f.Message)
	if f.More > 0 {
		p.printf("          and %d more like this\n", f.More)
	}
	if fix := f.Rule + f.Fix; f.Fix != "" && !told[fix] {
		told[fix] = true
		p.printf("          → %s\n", f.Fix)
	}
}

func color(s validate.Severity) int {
	switch s {
	case validate.Error:
		return 31
	case validate.Warning:
		return 33
	}
	return 2
}

// tally prints how many findings and rules there were.
func (t *textReports) tally(r *validate.Report) {
	p := t.page
	outcomes := map[validate.Outcome]int{}
	deep := 0
	for _, res := range r.Results {
		outcomes[res.Outcome]++
		if res.Outcome == validate.Skipped && res.Rule.Deep && !r.Deep {
			deep++
		}
		if res.Outcome == validate.Misconfigured || t.verbose && res.Outcome == validate.Skipped {
			p.printf("  %-7s %s: %s\n", res.Outcome, res.Rule.ID, res.Why)
		}
	}
	var rules []string
	for _, o := range []validate.Outcome{validate.Passed, validate.Failed, validate.Warned, validate.Noted, validate.Misconfigured} {
		if n := outcomes[o]; n > 0 {
			rules = append(rules, fmt.Sprintf("%d %s", n, o))
		}
	}
	if n := outcomes[validate.Skipped]; n > 0 {
		s := fmt.Sprintf("%d skipped", n)
		if deep > 0 {
			s += fmt.Sprintf(" (%d need --deep)", deep)
		}
		rules = append(rules, s)
	}
	p.printf("  %s, %s, %d info; rules: %s\n", plural(r.Count(validate.Error), "error"), plural(r.Count(validate.Warning), "warning"), r.Count(validate.Info), strings.Join(rules, ", "))
}

func (t *textReports) end() error { return t.page.err }
