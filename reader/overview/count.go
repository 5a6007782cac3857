package overview

import (
	"errors"
	"math"
	"sync"
	"time"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
)

// count adds entries and bytes to the states, and the span of last-access times to those with TTL.
func (m *maker) count() {
	m.out.Counted = true
	var mu sync.Mutex
	tallies := map[stateKey]*keyed.Tally{}
	spans := map[stateKey]*span{}
	ttl := false
	sel := Countable(m.o.Operator)
	err := m.snap.Scan(m.ctx, sel, m.o.Jobs, func(_ int, t *reader.Task) error {
		tally := t.Count()
		mu.Lock()
		defer mu.Unlock()
		for i := range tally {
			st := &t.Source.States()[i].State
			ttl = ttl || st.TTL && tally[i].Entries > 0
			sum := tallies[keyOf(st)]
			if sum == nil {
				sum = &keyed.Tally{}
				tallies[keyOf(st)] = sum
			}
			sum.Entries += tally[i].Entries
			sum.Bytes += tally[i].Bytes
		}
		if m.o.Progress != nil {
			m.o.Progress(t.Bytes())
		}
		return nil
	})
	m.uncounted(err)
	if ttl {
		sel.State = func(s *entry.State) bool { return s.TTL }
		m.uncounted(m.snap.Scan(m.ctx, sel, m.o.Jobs, func(_ int, t *reader.Task) error {
			local := map[*entry.State]*span{}
			t.Each(func(e *entry.Entry) bool { return m.measure(t.Part.Operator, local, e) })
			mu.Lock()
			defer mu.Unlock()
			for st, sp := range local {
				merge(spans, keyOf(st), sp)
			}
			return nil
		}))
	}
	m.fill(tallies, spans)
}

// Countable selects what is counted: keyed and operator state, raw or not.
func Countable(operator func(*reader.Operator) bool) reader.Selection {
	return reader.Selection{Operator: operator, Part: countable}
}

func countable(p reader.Part) bool {
	return p.Slot == metadata.SlotManagedKeyed || p.Slot == metadata.SlotRawKeyed || p.Slot == metadata.SlotManagedOperator || p.Slot == metadata.SlotRawOperator
}

// uncounted takes what counting could not read. The states concerned are marked. What no rule is known for is a problem only if counting
// was asked for: the rest of the overview does not need it.
func (m *maker) uncounted(err error) {
	list := []error{err}
	if pe, ok := err.(*reader.PartialError); ok {
		list = pe.Problems
	}
	for _, p := range list {
		var e *fault.Error
		if errors.As(p, &e) {
			m.markIncomplete(e)
		}
		if m.o.CountUpTo >= 0 && errors.Is(p, fault.ErrUnsupported) {
			m.unknown = true
			continue
		}
		m.problem(p)
	}
}

// markIncomplete marks the states whose entries an error may hide: an error in a key group hides what follows in it.
func (m *maker) markIncomplete(e *fault.Error) {
	for i := range m.out.Operators {
		o := &m.out.Operators[i]
		if o.Label() != e.Operator {
			continue
		}
		for j := range o.States {
			s := &o.States[j]
			k, _ := entry.ParseKind(s.Kind)
			if s.Name == e.State || k.Keyed() && (e.KeyGroup >= 0 || e.State == "") {
				s.Incomplete = true
			}
		}
	}
}

// problem adds the pieces of a partial error that are new.
func (m *maker) problem(err error) {
	if err == nil {
		return
	}
	known := map[string]bool{}
	for _, p := range m.problems.List() {
		known[p.Error()] = true
	}
	list := []error{err}
	if pe, ok := err.(*reader.PartialError); ok {
		list = pe.Problems
	}
	for _, p := range list {
		if !known[p.Error()] {
			known[p.Error()] = true
			m.problems.Add(p)
		}
	}
}

// span is the range of last-access times, in milliseconds, and how many values were not accessed for longer than they are kept.
type span struct {
	first, last    int64
	limit          int64 // values accessed before have expired
	total, expired int64
}

func (s *span) add(o *span) {
	s.first, s.last = min(s.first, o.first), max(s.last, o.last)
	s.total, s.expired = s.total+o.total, s.expired+o.expired
}

func (s *span) access(t int64) {
	s.first, s.last = min(s.first, t), max(s.last, t)
	s.total++
	if t < s.limit {
		s.expired++
	}
}

// expiry gives the time before which the last access of a value of a state must be for it to have expired when the snapshot was taken. Without a
// hint of its TTL there is none.
func (m *maker) expiry(op *reader.Operator, state string) int64 {
	d, ok := op.TTL(state)
	if !ok || m.out.FileTime == nil {
		return math.MinInt64
	}
	return m.out.FileTime.Add(-d).UnixMilli()
}

func (m *maker) measure(op *reader.Operator, spans map[*entry.State]*span, e *entry.Entry) bool {
	one := func(value []byte) {
		if t, ok := entry.TTLTime(value); ok {
			s := spans[e.State]
			if s == nil {
				s = &span{first: t, last: t, limit: m.expiry(op, e.State.Name)}
				spans[e.State] = s
			}
			s.access(t)
		}
	}
	switch {
	case e.NullValue || e.Unsplit:
	case e.State.Kind == entry.List: // Elements of other kinds are nobody's
		for _, el := range e.Elements {
			one(el)
		}
	default:
		one(e.Value)
	}
	return true
}

func merge(spans map[stateKey]*span, k stateKey, sp *span) {
	if s := spans[k]; s != nil {
		s.add(sp)
		return
	}
	spans[k] = sp
}

func (m *maker) fill(tallies map[stateKey]*keyed.Tally, spans map[stateKey]*span) {
	for i := range m.out.Operators {
		o := &m.out.Operators[i]
		for j := range o.States {
			s := &o.States[j]
			k := stateKey{operator: o.ID, name: s.Name, kind: s.Kind}
			if t := tallies[k]; t != nil {
				s.Entries, s.Bytes = &t.Entries, &t.Bytes
			}
			if sp := spans[k]; sp != nil {
				s.OldestTTL, s.NewestTTL = timeOf(sp.first), timeOf(sp.last)
				if sp.limit != math.MinInt64 {
					s.Expired, s.Timed = &sp.expired, &sp.total
				}
			}
		}
	}
}

// timeOf gives a last-access time; nil if it is none that a calendar has: damaged bytes, or a job with a clock of its own.
func timeOf(ms int64) *time.Time {
	t := time.UnixMilli(ms).UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return nil
	}
	return &t
}
