package changelog

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/entry"
)

// overlay is what the changes of a key group come to: what they say of each key and namespace, on top of the materialized part.
type overlay struct {
	cells map[string]*cell
	name  []byte // for looking up without allocating
}

// cell is one key and namespace of a state, or one timer.
type cell struct {
	name  string
	state int // that wrote last
	key   []byte
	ns    []byte
	time  int64

	fresh bool // nothing of the materialized part is left in it

	set   bool // value kinds: there is a value; timers: it is there
	value []byte
	lost  bool // value kinds: there is one, which only the job's function can make
	blind bool // a change could not be taken apart: what is here is not known

	parts []part // of a list
	held  [][]byte
	order []string // of map entries
	items map[string]mapEntry
}

// part is a piece of a list: an element, or all that the materialized part holds of a cell.
type part struct {
	element []byte
	below   *cell
}

// find gives the cell of a key and namespace; it makes one if make is set. time is that of a timer.
func (o *overlay) find(slot int, key, ns []byte, time int64, create bool) *cell {
	b := binary.BigEndian.AppendUint16(o.name[:0], uint16(slot))
	b = binary.BigEndian.AppendUint64(b, uint64(time))
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(key))), key...)
	o.name = append(b, ns...)
	c := o.cells[string(o.name)]
	if c == nil && create {
		c = &cell{name: string(o.name), key: key, ns: ns, time: time}
		c.parts = []part{{below: c}}
		o.cells[c.name] = c
	}
	return c
}

// clear empties a cell.
func (c *cell) clear() {
	*c = cell{name: c.name, state: c.state, key: c.key, ns: c.ns, time: c.time, held: c.held, fresh: true}
}

// apply takes a change that p has read.
func (o *overlay) apply(slot, state int, op changelog.Op, p *parser) {
	if p.st.Kind == entry.Timer {
		for _, t := range p.timers {
			c := o.find(slot, t.key, t.ns, t.time, true)
			c.state, c.set, c.fresh = state, op == changelog.AddElement, true
		}
		return
	}
	c := o.find(slot, p.key, p.ns, 0, true)
	c.state = state
	if op == changelog.Clear || op == changelog.Set || op == changelog.SetInternal {
		c.clear()
	}
	switch {
	case op == changelog.Clear:
	case op == changelog.MergeNamespaces:
		o.merge(slot, c, p)
	case p.st.Kind == entry.List:
		for _, e := range p.elements {
			c.parts = append(c.parts, part{element: e})
		}
	case p.st.Kind == entry.Map:
		c.put(p.entries)
	default:
		c.set, c.value = true, p.value
	}
}

// blind notes that a change of a key and namespace could not be taken apart: what was there before must not be taken for what is
// there now.
func (o *overlay) blind(slot, state int, key, ns []byte) {
	c := o.find(slot, key, ns, 0, true)
	c.clear()
	c.state, c.blind = state, true
}

func (c *cell) put(entries []mapEntry) {
	if c.items == nil {
		c.items = map[string]mapEntry{}
	}
	for _, e := range entries {
		if _, ok := c.items[string(e.key)]; !ok {
			c.order = append(c.order, string(e.key))
		}
		c.items[string(e.key)] = e
	}
}

// merge moves the sources' content to the target, as merging windows do. Lists are put together; of other kinds the job's function makes
// one value of several, which nothing here can do.
func (o *overlay) merge(slot int, target *cell, p *parser) {
	for _, ns := range p.sources {
		source := o.find(slot, p.key, ns, 0, true)
		if source == target {
			continue
		}
		source.state = target.state
		if p.st.Kind == entry.List {
			target.blind = target.blind || source.blind
			target.parts = append(slices.Clip(target.parts), source.parts...)
		} else {
			target.absorb(source)
		}
		source.clear()
	}
}

// absorb adds a source's value to the target's: whichever is the only one is the result.
func (c *cell) absorb(source *cell) {
	switch {
	case source.absent():
	case c.absent():
		c.fresh, c.set, c.value, c.lost, c.blind = true, source.set, source.value, source.lost || !source.fresh, source.blind
	default:
		c.fresh, c.set, c.value, c.lost = true, false, nil, true
	}
}

// absent reports whether a cell is known to hold no value.
func (c *cell) absent() bool { return c.fresh && !c.set && !c.lost && !c.blind }

// sorted gives the cells by state, key and namespace.
func (o *overlay) sorted() []*cell {
	all := make([]*cell, 0, len(o.cells))
	for _, c := range o.cells {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *cell) int { return strings.Compare(a.name, b.name) })
	return all
}
