package validate

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// findings collects the breaches of one rule. It is safe for concurrent use, and what it keeps does not depend on the order in which they
// come: of those that differ only in subtask, key group and offset the first ones by place, and how many more there were.
type findings struct {
	mu    sync.Mutex
	total int
	worst Severity
	alike map[alike]*group
}

// alike is what findings have in common that one can stand for.
type alike struct {
	operator, state, file string
}

type group struct {
	kept []Finding
	more int
}

const (
	// keptAlike is how many findings of one kind are kept.
	keptAlike = 5
	// slack is how many more are held before the last ones are dropped, so that sorting is rare.
	slack = 64
)

func (f *findings) add(n Finding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.total++
	f.worst = max(f.worst, n.Severity)
	k := alike{n.Place.Operator, n.Place.State, n.Place.File}
	if f.alike == nil {
		f.alike = map[alike]*group{}
	}
	g := f.alike[k]
	if g == nil {
		g = &group{}
		f.alike[k] = g
	}
	g.kept = append(g.kept, n)
	if len(g.kept) >= keptAlike+slack {
		g.cut()
	}
}

// cut drops all but the first ones.
func (g *group) cut() {
	slices.SortFunc(g.kept, compare)
	if n := len(g.kept) - keptAlike; n > 0 {
		g.more += n
		g.kept = g.kept[:keptAlike]
	}
}

// list gives what was kept, in order.
func (f *findings) list() []Finding {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Finding
	for _, g := range f.alike {
		g.cut()
		g.kept[len(g.kept)-1].More = g.more
		out = append(out, g.kept...)
	}
	slices.SortFunc(out, compare)
	return out
}

// compare orders findings by place, then by what they say.
func compare(a, b Finding) int {
	p, q := &a.Place, &b.Place
	return cmp.Or(
		strings.Compare(p.Operator, q.Operator), strings.Compare(p.State, q.State), cmp.Compare(p.Subtask, q.Subtask), cmp.Compare(p.KeyGroup, q.KeyGroup),
		strings.Compare(p.File, q.File), cmp.Compare(p.Offset, q.Offset), cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Message, b.Message))
}
