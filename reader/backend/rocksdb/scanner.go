package rocksdb

import (
	"bytes"
	"errors"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/rocks"
	"github.com/tarn-project/tarn/reader/backend"
)

// scanner reads key groups state by state.
type scanner struct {
	s       *source
	split   *keyed.Splitter
	cursors []cursor // by state
	pieces  [][]byte
	got     rocks.Entry
}

// cursor is a scan of a column family that goes on from key group to key group, as long as they are asked for in order.
type cursor struct {
	scan *rocks.Scanner
	next int  // the key group it goes on with
	have bool // it stands at an entry
}

func (c *cursor) close() {
	if c.scan != nil {
		c.scan.Close()
	}
	*c = cursor{}
}

// Scan implements backend.Scanner.
func (sc *scanner) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	var problems problems
	for i := range sc.cursors {
		if sc.s.families[i] == nil || (q.Want != nil && !q.Want[i]) {
			continue
		}
		more, err := sc.state(i, q, yield)
		problems.add(err)
		problems.add(sc.s.damage.pending(i, q.Group))
		if !more {
			break
		}
	}
	return problems.err()
}

// state reads the entries of one state.
func (sc *scanner) state(i int, q backend.Query, yield func(*entry.Entry) bool) (more bool, err error) {
	st := &sc.s.states[i]
	if q.Key == nil {
		return sc.group(i, q.Group, sc.yielding(st, yield))
	}
	wanted := func(e *entry.Entry) bool { return !bytes.Equal(e.Key, q.Key) || yield(e) }
	prefix, whole, ok := keyed.AppendKeyPrefix(nil, st, q.Group, sc.s.max, q.Key)
	switch {
	case !ok:
		return sc.group(i, q.Group, sc.yielding(st, wanted))
	case whole:
		return sc.get(i, prefix, sc.yielding(st, wanted))
	}
	return sc.prefixed(i, prefix, sc.yielding(st, wanted))
}

// visit takes one key with the pieces of its value.
type visit func(key []byte, pieces [][]byte) (more bool, err error)

// yielding splits what it is given. Entries of a state whose description makes no sense come with what is wrong with it.
func (sc *scanner) yielding(st *backend.State, yield func(*entry.Entry) bool) visit {
	return func(key []byte, pieces [][]byte) (bool, error) {
		e, err := sc.split.Split(st, key, pieces...)
		if err != nil {
			return true, err
		}
		return yield(e), st.Err
	}
}

// group visits the entries of a key group. An entry that cannot be split does not end it: the next one has its own frame.
func (sc *scanner) group(i, group int, do visit) (more bool, err error) {
	c := &sc.cursors[i]
	if c.scan == nil || c.next != group {
		sc.seek(i, group)
	}
	var first error
	for c.have {
		g, ok := sc.split.Group(c.scan.Key())
		if ok && g > group {
			break
		}
		more, err := do(c.scan.Key(), sc.value(c.scan))
		if err != nil && first == nil {
			first = sc.place(err, i, group)
		}
		if !more {
			c.close()
			return false, first
		}
		c.have = c.scan.Next()
	}
	c.next = group + 1
	if err := c.scan.Err(); err != nil {
		c.close()
		return true, sc.s.dir.place(err)
	}
	return true, first
}

// seek begins a scan at a key group, up to the last one of the handle: what lies outside belongs to other subtasks, and stays in the
// tables after a rescale until RocksDB compacts them.
func (sc *scanner) seek(i, group int) {
	c := &sc.cursors[i]
	c.close()
	c.scan = sc.s.scan(i, keyed.AppendGroupPrefix(nil, group, sc.s.max), keyed.AppendGroupPrefix(nil, sc.s.h.Range.Last+1, sc.s.max))
	c.have = c.scan.Next()
}

// scan begins a scan of a state's column family.
func (s *source) scan(i int, lower, upper []byte) *rocks.Scanner {
	return s.db.Scan(s.families[i], rocks.ScanConfig{Lower: lower, Upper: upper, OnDamage: func(d rocks.Damage) error {
		s.damaged(i, d)
		return nil
	}})
}

// prefixed visits the entries whose keys begin with prefix.
func (sc *scanner) prefixed(i int, prefix []byte, do visit) (more bool, err error) {
	scan := sc.s.scan(i, prefix, after(prefix))
	defer scan.Close()
	for scan.Next() {
		more, e := do(scan.Key(), sc.value(scan))
		if err == nil && e != nil {
			group, _ := sc.split.Group(prefix)
			err = sc.place(e, i, group)
		}
		if !more {
			return false, err
		}
	}
	if err == nil {
		err = sc.s.dir.place(scan.Err())
	}
	return true, err
}

// after is the first key that does not begin with prefix, nil if there is none.
func after(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for n := len(end) - 1; n >= 0; n-- {
		if end[n]++; end[n] != 0 {
			return end[:n+1]
		}
	}
	return nil
}

// get visits the entry of one key.
func (sc *scanner) get(i int, key []byte, do visit) (more bool, err error) {
	found, err := sc.s.db.Get(sc.s.families[i], key, &sc.got)
	if err != nil {
		return true, sc.place(sc.s.dir.place(err), i, fault.NoPlace)
	}
	if !found {
		return true, nil
	}
	return do(key, sc.value(&sc.got))
}

// folded is a value with the operands merged on top of it.
type folded interface {
	HasValue() bool
	Value() []byte
	Operands() [][]byte
}

// value gives the pieces of a value, oldest first.
func (sc *scanner) value(f folded) [][]byte {
	sc.pieces = sc.pieces[:0]
	if f.HasValue() {
		sc.pieces = append(sc.pieces, f.Value())
	}
	sc.pieces = append(sc.pieces, f.Operands()...)
	return sc.pieces
}

func (sc *scanner) place(err error, state, group int) error {
	return fault.At(err, fault.Place{State: sc.s.states[state].Name, KeyGroup: group, Subtask: fault.NoPlace})
}

// Count implements backend.Scanner.
func (sc *scanner) Count(group int, tally []keyed.Tally) error {
	var problems problems
	for i := range sc.cursors {
		if sc.s.families[i] == nil {
			continue
		}
		t := &tally[i]
		_, err := sc.group(i, group, func(key []byte, pieces [][]byte) (bool, error) {
			t.Entries++
			t.Bytes += int64(len(key)+len(pieces)) - 1 // pieces are joined by one byte
			for _, p := range pieces {
				t.Bytes += int64(len(p))
			}
			return true, nil
		})
		problems.add(err)
		problems.add(sc.s.damage.pending(i, group))
	}
	return problems.err()
}

// Close implements backend.Scanner.
func (sc *scanner) Close() error {
	for i := range sc.cursors {
		sc.cursors[i].close()
	}
	return nil
}

// problems collects errors; most of the time there are none.
type problems []error

func (p *problems) add(err error) {
	if err != nil {
		*p = append(*p, err)
	}
}

func (p problems) err() error {
	if len(p) == 1 {
		return p[0]
	}
	return errors.Join(p...)
}
