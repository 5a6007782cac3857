package changelog

import (
	"bytes"
	"errors"

	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/reader/backend"
)

// scanner replays key group by key group.
type scanner struct {
	s     *source
	bases []*baseScanner
	over  overlay
	parse parser
	e     entry.Entry // of the materialized part
	made  entry.Entry // by changes
	errs  []error
	told  map[int]bool // states whose changes could not be applied in this key group
}

// baseScanner scans a materialized part.
type baseScanner struct {
	backend.Scanner
	*base
	number map[*entry.State]int // of its states, here
	want   []bool
}

func newBaseScanner(b *base) *baseScanner {
	bs := &baseScanner{Scanner: b.NewScanner(), base: b, number: map[*entry.State]int{}}
	states := b.States()
	for i := range states {
		bs.number[&states[i].State] = b.ours[i]
	}
	return bs
}

// Scan implements backend.Scanner.
func (sc *scanner) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	if sc.s.unknown {
		return nil // told when the source was opened
	}
	sc.errs, sc.told = nil, map[int]bool{}
	if err := sc.replay(q); err != nil {
		return err
	}
	if sc.below(q, yield) {
		sc.emit(q, yield)
	}
	sc.over.cells = nil
	return sc.err()
}

func (sc *scanner) err() error {
	if len(sc.errs) == 1 {
		return sc.errs[0]
	}
	return errors.Join(sc.errs...)
}

func (sc *scanner) fail(err error) {
	if err != nil {
		sc.errs = append(sc.errs, err)
	}
}

// replay applies the changes of a key group.
func (sc *scanner) replay(q backend.Query) error {
	sc.over.cells = map[string]*cell{}
	for i := range sc.s.runs[q.Group] {
		r := &sc.s.runs[q.Group][i]
		if err := r.each(func(b []byte) { sc.change(b, r.ids, q) }); err != nil {
			return fault.At(err, fault.Place{KeyGroup: q.Group, Subtask: fault.NoPlace})
		}
	}
	return nil
}

// change applies one change. One that cannot be read is told once for each state.
func (sc *scanner) change(b []byte, ids map[int16]int, q backend.Query) {
	c, err := changelog.DecodeChange(b, 0)
	if err != nil {
		sc.fail(fault.At(reason(err, c.Op), fault.Place{KeyGroup: q.Group, Subtask: fault.NoPlace}))
		return
	}
	state, ok := ids[c.State]
	if !ok {
		e := fault.New(fault.ErrCorrupt, "a change of state number %d, which no metadata names", c.State)
		e.KeyGroup = q.Group
		sc.fail(e)
		return
	}
	p := &sc.parse
	p.begin(&sc.s.states[state], c)
	scoped := p.err() == nil && p.st.Kind != entry.Timer
	p.payload(c.Op)
	if err := p.err(); err != nil {
		if !sc.told[state] {
			sc.told[state] = true
			sc.fail(sc.s.place(reason(err, c.Op), state, q.Group))
		}
		if scoped {
			sc.over.blind(sc.s.slots[state], state, p.key, p.ns)
		}
		return
	}
	sc.over.apply(sc.s.slots[state], state, c.Op, p)
}

// below gives what the changes left of the materialized part. more is false when yield had enough.
func (sc *scanner) below(q backend.Query, yield func(*entry.Entry) bool) (more bool) {
	more = true
	for _, b := range sc.bases {
		if !more || !b.Groups().Contains(q.Group) {
			continue
		}
		bq := backend.Query{Group: q.Group, Want: b.wants(q.Want), Key: q.Key}
		sc.fail(b.Scan(bq, func(e *entry.Entry) bool {
			state := b.number[e.State]
			sc.e = *e // the base may go on with what it gave
			if sc.e.State = &sc.s.states[state].State; sc.left(state, &sc.e) {
				more = yield(&sc.e)
			}
			return more
		}))
	}
	return more
}

func (b *baseScanner) wants(want []bool) []bool {
	if want == nil {
		return nil
	}
	b.want = b.want[:0]
	for _, n := range b.ours {
		b.want = append(b.want, want[n])
	}
	return b.want
}

// left reports whether an entry of the materialized part is still as it was. What is needed for later is kept.
func (sc *scanner) left(state int, e *entry.Entry) bool {
	if len(sc.over.cells) == 0 || e.Unsplit {
		return true
	}
	ns := e.Namespace
	if e.State.Void {
		ns = void
	}
	c := sc.over.find(sc.s.slots[state], e.Key, ns, e.Timestamp, false)
	if c == nil {
		return true
	}
	switch e.State.Kind {
	case entry.List:
		for _, el := range e.Elements {
			c.held = append(c.held, bytes.Clone(el))
		}
	case entry.Map:
		_, changed := c.items[string(e.UserKey)]
		return !c.fresh && !changed
	default:
		return !c.fresh
	}
	return false
}

// void is how the void namespace is written.
var void = []byte{0}

// emit gives what the changes made.
func (sc *scanner) emit(q backend.Query, yield func(*entry.Entry) bool) {
	lost, blind := map[int]int{}, map[int]int{}
	for _, c := range sc.over.sorted() {
		if (q.Want != nil && !q.Want[c.state]) || (q.Key != nil && !bytes.Equal(q.Key, c.key)) {
			continue
		}
		if c.lost || (sc.s.baseless && !c.fresh) {
			lost[c.state]++
			continue
		}
		if c.blind {
			blind[c.state]++
			continue
		}
		if !sc.cell(c, q.Group, yield) {
			break
		}
	}
	for state, n := range lost {
		sc.fail(sc.s.place(sc.lostError(n), state, q.Group))
	}
	for state, n := range blind {
		sc.fail(sc.s.place(fault.New(fault.ErrUnsupported, "the state of %d keys and namespaces was changed in a way that cannot be taken apart; nothing older is shown", n), state, q.Group))
	}
}

func (sc *scanner) lostError(n int) error {
	if sc.s.baseless {
		return fault.New(fault.ErrMissing, "the values of %d keys lack the materialized part that their changes are based on", n)
	}
	return fault.New(fault.ErrUnsupported, "the values of %d keys and namespaces come from merged windows, and only the job's reduce or aggregate function can make them", n).
		WithHint("a savepoint holds the values themselves, and so does the next materialization")
}

// cell gives the entries of one cell.
func (sc *scanner) cell(c *cell, group int, yield func(*entry.Entry) bool) (more bool) {
	st := &sc.s.states[c.state]
	e := &sc.made
	*e = entry.Entry{State: &st.State, KeyGroup: group, Key: c.key, Namespace: c.ns, Timestamp: c.time, Elements: e.Elements[:0]}
	if st.Void {
		e.Namespace = nil
	}
	switch st.Kind {
	case entry.List:
		if c.appendTo(e); len(e.Elements) == 0 {
			return true
		}
	case entry.Map:
		return c.entries(e, yield)
	default:
		if !c.set {
			return true
		}
		e.Value = c.value
	}
	return yield(e)
}

// appendTo puts a list together.
func (c *cell) appendTo(e *entry.Entry) {
	for _, p := range c.parts {
		if p.below != nil {
			e.Elements = append(e.Elements, p.below.held...)
		} else {
			e.Elements = append(e.Elements, p.element)
		}
	}
}

func (c *cell) entries(e *entry.Entry, yield func(*entry.Entry) bool) (more bool) {
	for _, key := range c.order {
		item := c.items[key]
		if item.removed {
			continue
		}
		e.UserKey, e.Value, e.NullValue = item.key, item.value, item.null
		if !yield(e) {
			return false
		}
	}
	return true
}

// Count implements backend.Scanner. Key groups without changes are counted as their layout counts them.
func (sc *scanner) Count(group int, tally []keyed.Tally) error {
	if sc.s.unknown {
		return nil
	}
	if len(sc.s.runs[group]) > 0 {
		return sc.countChanged(group, tally)
	}
	sc.errs = nil
	for _, b := range sc.bases {
		if !b.Groups().Contains(group) {
			continue
		}
		part := make([]keyed.Tally, len(b.ours))
		sc.fail(b.Count(group, part))
		for i, n := range b.ours {
			tally[n].Entries += part[i].Entries
			tally[n].Bytes += part[i].Bytes
		}
	}
	return sc.err()
}

func (sc *scanner) countChanged(group int, tally []keyed.Tally) error {
	number := map[*entry.State]int{}
	for i := range sc.s.states {
		number[&sc.s.states[i].State] = i
	}
	return sc.Scan(backend.Query{Group: group}, func(e *entry.Entry) bool {
		t := &tally[number[e.State]]
		t.Entries++
		t.Bytes += int64(len(e.Key) + len(e.Namespace) + len(e.UserKey) + len(e.Value))
		for _, el := range e.Elements {
			t.Bytes += int64(len(el))
		}
		if e.State.Kind == entry.Timer {
			t.Bytes += 8
		}
		return true
	})
}

// Close implements backend.Scanner.
func (sc *scanner) Close() error {
	var errs []error
	for _, b := range sc.bases {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}
