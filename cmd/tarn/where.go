package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/where"
)

// where adds an expression to a selection. It is checked against every selected state before any entry is read. States that it does not
// fit are left out, with a word, if it fits others.
func (a *app) where(c *cobra.Command, snap *reader.Snapshot, sel *reader.Selection, text string) error {
	if !c.Flags().Changed("where") {
		return nil
	}
	x, err := where.Parse(text)
	if err != nil {
		return err
	}
	w := &whereRun{expr: x, before: sel.State, filters: map[string]*where.Filter{}, misfits: map[string]error{}}
	w.look(c.Context(), snap, sel)
	if err := c.Context().Err(); err != nil {
		return err
	}
	if len(w.filters) == 0 && len(w.misfits) > 0 {
		return w.refuse()
	}
	a.leftOut(w)
	sel.State = w.fits
	sel.Filter = func() func(*entry.Entry) bool { return w.matcher(snap) }
	return nil
}

// whereRun is an expression and what came of it for each state. Subtasks share what has the same types.
type whereRun struct {
	expr   *where.Expr
	before func(*entry.State) bool

	mu      sync.Mutex
	filters map[string]*where.Filter
	misfits map[string]error
	names   []string // of misfits, in their order
}

// look goes through the states of all selected parts. What cannot be opened is the scan's to report.
func (w *whereRun) look(ctx context.Context, snap *reader.Snapshot, sel *reader.Selection) {
	for _, op := range snap.Operators {
		if sel.Operator != nil && !sel.Operator(op) {
			continue
		}
		for _, p := range op.Parts() {
			if ctx.Err() != nil || sel.Part != nil && !sel.Part(p) {
				continue
			}
			src, _ := p.Open(ctx)
			if src == nil {
				continue
			}
			for i := range src.States() {
				w.fits(&src.States()[i].State)
			}
			src.Close()
		}
	}
}

// fits reports whether a state is wanted and the expression is right for it.
func (w *whereRun) fits(s *entry.State) bool {
	return (w.before == nil || w.before(s)) && w.filter(s) != nil
}

func (w *whereRun) filter(s *entry.State) *where.Filter {
	key := signature(s)
	w.mu.Lock()
	defer w.mu.Unlock()
	if f, ok := w.filters[key]; ok {
		return f
	}
	if w.misfits[key] != nil {
		return nil
	}
	f, err := w.expr.For(s)
	if err != nil {
		w.misfits[key] = err
		w.names = append(w.names, key)
		return nil
	}
	w.filters[key] = f
	return f
}

// signature says what an expression can see of a state.
func signature(s *entry.State) string {
	var b strings.Builder
	label := s.UID
	if label == "" {
		label = s.OperatorID
	}
	b.WriteString(label + "/" + s.Name + "\x00" + s.Kind.String())
	for _, c := range []serde.Codec{s.Key, s.Namespace, s.UserKey, s.Value} {
		b.WriteByte(0)
		if c != nil {
			b.WriteString(c.Type().String())
		}
	}
	return b.String()
}

// refuse is the error of an expression that fits no state: that of the only one, or of each.
func (w *whereRun) refuse() error {
	first := w.misfits[w.names[0]]
	same := !slices.ContainsFunc(w.names, func(n string) bool { return w.misfits[n].Error() != first.Error() })
	if same {
		return first
	}
	var lines []string
	for _, n := range w.names[:min(len(w.names), 8)] {
		lines = append(lines, "state "+nameIn(n)+": "+strings.TrimPrefix(w.misfits[n].Error(), fault.ErrUsage.Error()+": "))
	}
	if more := len(w.names) - len(lines); more > 0 {
		lines = append(lines, plural(more, "more state"))
	}
	return usage("--where fits no state: %s", strings.Join(lines, "; "))
}

// leftOut says which states the expression does not fit; with --verbose why.
func (a *app) leftOut(w *whereRun) {
	var names []string
	for _, n := range w.names {
		if names = append(names, nameIn(n)); a.verbose {
			a.info("left out %s: %s", nameIn(n), strings.TrimPrefix(w.misfits[n].Error(), fault.ErrUsage.Error()+": "))
		}
	}
	if len(names) > 0 && !a.verbose {
		a.info("--where does not fit %s and leaves out what they hold: %s", plural(len(names), "state"), strings.Join(names, ", "))
	}
}

// nameIn gives operator and state of a signature.
func nameIn(signature string) string {
	name, _, _ := strings.Cut(signature, "\x00")
	return name
}

// matcher makes the function that tells which entries match, for one task.
func (w *whereRun) matcher(snap *reader.Snapshot) func(*entry.Entry) bool {
	matchers := map[*entry.State]*where.Matcher{}
	var state *entry.State
	var m *where.Matcher
	return func(e *entry.Entry) bool {
		if e.State != state {
			state = e.State
			if m = matchers[state]; m == nil {
				m = w.filter(state).NewMatcher()
				matchers[state] = m
			}
		}
		ok, err := m.Match(e)
		if err != nil {
			snap.Misread(e, err)
		}
		return ok
	}
}
