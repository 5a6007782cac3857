package valuejson

import (
	"bytes"
	"hash/maphash"
)

// few is up to how many keys are compared one by one.
const few = 12

func (e *Encoder) key(s span) []byte { return e.buf[s.start:s.end] }

// twins reports whether two entries of an object have the same key: as members of an object, one would be lost.
func (e *Encoder) twins(entries []span) bool {
	if len(entries) > few {
		return e.manyTwins(entries)
	}
	for i, a := range entries {
		for _, b := range entries[:i] {
			if a.end-a.start == b.end-b.start && bytes.Equal(e.key(a), e.key(b)) {
				return true
			}
		}
	}
	return false
}

// manyTwins finds equal keys by an open hash table of positions.
func (e *Encoder) manyTwins(entries []span) bool {
	size := 1
	for size < 2*len(entries) {
		size *= 2
	}
	if cap(e.table) < size {
		if e.table == nil {
			e.seed = maphash.MakeSeed()
		}
		e.table = make([]int32, size)
	}
	table := e.table[:size]
	clear(table)
	for i, s := range entries {
		k := e.key(s)
		at := maphash.Bytes(e.seed, k) & uint64(size-1)
		for table[at] != 0 {
			if bytes.Equal(e.key(entries[table[at]-1]), k) {
				return true
			}
			at = (at + 1) & uint64(size-1)
		}
		table[at] = int32(i + 1)
	}
	return false
}

// toPairs rewrites an object that starts at start, but for its closing brace, as an array of arrays of two.
func (e *Encoder) toPairs(start int, entries []span) {
	e.tmp = append(e.tmp[:0], e.buf[start:]...)
	text := func(from, to int) []byte { return e.tmp[from-start : to-start] }
	end := len(e.buf)
	e.buf = append(e.buf[:start], '[')
	for i, s := range entries {
		valueEnd := end
		if i+1 < len(entries) {
			valueEnd = entries[i+1].start - 1
		}
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = append(e.buf, '[')
		e.buf = append(e.buf, text(s.start, s.end)...)
		e.buf = append(e.buf, ',')
		e.buf = append(e.buf, text(s.end+1, valueEnd)...)
		e.buf = append(e.buf, ']')
	}
}
