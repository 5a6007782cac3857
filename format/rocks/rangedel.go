package rocks

import (
	"bytes"
	"slices"
	"sort"
)

// tombstone is a range deletion: it hides entries with start <= user key < end and a lower sequence number.
type tombstone struct {
	start, end []byte
	seq        uint64
}

// bounded is a tombstone cut to the bounds of its file. A file's bounds are internal keys, and the same user key can
// stand in two neighbouring files, so at the bounds only some versions of a key are covered: those with a trailer
// of at most maxTrailer at first and of more than minTrailer at last. An exclusive end has minTrailer = noVersions.
type bounded struct {
	first, last            []byte
	maxTrailer, minTrailer uint64
	seq                    uint64
}

const (
	allVersions = ^uint64(0)
	noVersions  = ^uint64(0)
)

// cut cuts a tombstone to its file's bounds. ok is false if nothing is left.
func (d tombstone) cut(meta *TableFile) (b bounded, ok bool) {
	b = bounded{first: d.start, last: d.end, maxTrailer: allVersions, minTrailer: noVersions, seq: d.seq}
	if meta == nil {
		return b, bytes.Compare(d.start, d.end) < 0
	}
	if bytes.Compare(meta.Smallest.User(), d.start) >= 0 {
		b.first = meta.Smallest.User()
		b.maxTrailer = trailerOf(meta.Smallest.Seq(), kindMax)
	}
	if bytes.Compare(meta.Largest.User(), d.end) < 0 {
		b.last, b.minTrailer = meta.Largest.User(), lastCovered(meta.Largest)
	}
	c := bytes.Compare(b.first, b.last)
	return b, c < 0 || (c == 0 && b.minTrailer < b.maxTrailer)
}

// lastCovered gives the trailer above which versions of a file's largest user key are covered.
func lastCovered(largest InternalKey) uint64 {
	switch seq := largest.Seq(); {
	case largest.Kind() == KindRangeDelete && seq == MaxSequence:
		return noVersions // the bound is the end of a range deletion, not an entry
	case seq == 0:
		return largest.trailer()
	default:
		return trailerOf(seq-1, kindMax)
	}
}

// rangeDels answers for a sorted sequence of keys by which sequence number they are covered. Between two neighbouring
// bounds that is one number (gap); at a bound it is another (at), and possibly one that depends on the version (edge).
type rangeDels struct {
	bounds [][]byte
	gap    []uint64 // in (bounds[i], bounds[i+1])
	at     []uint64
	edges  map[int][]edge
}

// edge covers those versions of one key whose trailer lies in (above, upTo].
type edge struct{ above, upTo, seq uint64 }

func newRangeDels(all []bounded) *rangeDels {
	if len(all) == 0 {
		return nil
	}
	d := &rangeDels{edges: map[int][]edge{}}
	for _, b := range all {
		d.bounds = append(d.bounds, b.first, b.last)
	}
	slices.SortFunc(d.bounds, bytes.Compare)
	d.bounds = slices.CompactFunc(d.bounds, bytes.Equal)
	d.gap, d.at = make([]uint64, len(d.bounds)), make([]uint64, len(d.bounds))
	// Highest first, so that each place is filled once: next skips what is filled.
	slices.SortFunc(all, func(a, b bounded) int { return compareUint(b.seq, a.seq) })
	gaps, ats := newFiller(d.gap), newFiller(d.at)
	for _, b := range all {
		i, j := d.find(b.first), d.find(b.last)
		gaps.fill(i, j, b.seq)
		ats.fill(i+1, j, b.seq)
		switch {
		case i == j:
			d.addEdge(i, edge{b.minTrailer, b.maxTrailer, b.seq})
			continue
		case b.maxTrailer == allVersions:
			ats.fill(i, i+1, b.seq)
		default:
			d.addEdge(i, edge{0, b.maxTrailer, b.seq})
		}
		if b.minTrailer != noVersions {
			d.addEdge(j, edge{b.minTrailer, allVersions, b.seq})
		}
	}
	return d
}

// addEdge adds an edge unless one with the same limits and a higher number is there; those come first.
func (d *rangeDels) addEdge(i int, e edge) {
	for _, have := range d.edges[i] {
		if have.above <= e.above && have.upTo >= e.upTo {
			return
		}
	}
	d.edges[i] = append(d.edges[i], e)
}

// find gives the index of the last bound that is not greater than key, or -1.
func (d *rangeDels) find(key []byte) int {
	return sort.Search(len(d.bounds), func(i int) bool { return bytes.Compare(d.bounds[i], key) > 0 }) - 1
}

// hides reports whether the entry is covered by a range deletion. i is where find puts its key.
func (d *rangeDels) hides(i int, key []byte, trailer uint64) bool {
	if i < 0 {
		return false
	}
	seq := trailer >> 8
	if !bytes.Equal(d.bounds[i], key) {
		return seq < d.gap[i]
	}
	if seq < d.at[i] {
		return true
	}
	for _, e := range d.edges[i] {
		if seq < e.seq && trailer > e.above && trailer <= e.upTo {
			return true
		}
	}
	return false
}

// filler fills ranges of a slice, each element once, in almost constant time per element.
type filler struct {
	dst  []uint64
	next []int // the first unfilled element at or after i
}

func newFiller(dst []uint64) *filler {
	f := &filler{dst: dst, next: make([]int, len(dst)+1)}
	for i := range f.next {
		f.next[i] = i
	}
	return f
}

func (f *filler) free(i int) int {
	for f.next[i] != i {
		f.next[i] = f.next[f.next[i]]
		i = f.next[i]
	}
	return i
}

func (f *filler) fill(from, to int, v uint64) {
	for i := f.free(min(from, len(f.dst))); i < to; i = f.free(i) {
		f.dst[i] = v
		f.next[i] = i + 1
	}
}
