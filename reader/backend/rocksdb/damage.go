package rocksdb

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/rocks"
)

// damages remembers what could not be read, so that each piece is told once, however often scans come across it, and only to those
// who read a key group that it costs.
type damages struct {
	mu   sync.Mutex
	list []*damage
}

type damage struct {
	state  int
	table  uint64
	offset int64
	groups keygroup.Range
	err    error
	told   bool
}

// damaged takes down what a scan came across.
func (s *source) damaged(state int, d rocks.Damage) {
	groups := s.groupsOf(d.Lower, d.Upper)
	if groups.Len() == 0 {
		return // outside of the handle's key groups
	}
	n := &damage{state: state, table: d.Table.Number, offset: fault.NoPlace, groups: groups, err: d.Err}
	var e *fault.Error
	if errors.As(d.Err, &e) {
		n.offset = e.Offset
		told := *e
		if h, ok := s.dir.streams[d.Table.Name()]; !ok || told.File == d.Table.Name() || told.File == "" {
			told.File = s.dir.physical(d.Table.Name())
		} else if told.File == s.dir.env.Name(h) {
			told.File += " (" + d.Table.Name() + ")"
		}
		told.State = s.states[state].Name
		told.Found += fmt.Sprintf("; it may hold entries of key groups %v, keys %s", groups, keys(d.Lower, d.Upper))
		n.err = &told
	}
	s.damage.add(n)
}

// keys names a range of composite keys.
func keys(lower, upper []byte) string {
	return keyText(lower, "the first") + " to " + keyText(upper, "the last")
}

func keyText(key []byte, open string) string {
	const longest = 24
	switch {
	case key == nil:
		return open
	case len(key) > longest:
		return fmt.Sprintf("%x…", key[:longest])
	}
	return fmt.Sprintf("%x", key)
}

func (l *damages) add(n *damage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range l.list {
		if d.state == n.state && d.table == n.table && d.offset == n.offset {
			return
		}
	}
	l.list = append(l.list, n)
}

// pending gives the damage of a state that matters to a key group and was not told before.
func (l *damages) pending(state, group int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all problems
	for _, d := range l.list {
		if d.state == state && !d.told && d.groups.Contains(group) {
			d.told = true
			all.add(d.err)
		}
	}
	return all.err()
}
