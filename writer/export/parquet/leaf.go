package parquet

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// leaf is one column of Parquet: it takes Arrow values apart into levels and plain values, page by page.
type leaf struct {
	column int // of the record
	steps  []step
	path   []string
	typ    arrow.DataType
	phys   int
	length int // of fixed-length values
	maxDef int
	maxRep int
	dict   bool // values are indices into a dictionary

	// the page at hand
	def, rep []uint8
	values   []byte
	bits     int // of booleans: how many values there are
	index    []uint32

	// the column chunk at hand
	pages      []byte // finished, headers included
	plainBytes int64  // of the pages before compression, headers included
	count      int64  // values, nulls included
	paged      int64  // of these, those in finished pages
	nulls      int64
	stats      stats
	symbols    *array.String
	tmp        []byte
	packed     []byte
	head       compact
}

// stats are the smallest and largest value of a chunk.
type stats struct {
	any      bool
	off      bool // a value was too long to be kept
	min, max int64
	lo, hi   []byte
}

// maxStats is the size of the longest text that is kept as smallest or largest.
const maxStats = 128

// take appends the rows from lo to hi.
func (l *leaf) take(a arrow.Array, lo, hi int) { l.walk(l.steps, a, lo, hi, 0, 0, 0) }

// walk appends the values from lo to hi of an array. def is the definition level above; the first value repeats at level first, the
// others at level rest.
func (l *leaf) walk(steps []step, a arrow.Array, lo, hi int, def, first, rest uint8) {
	if lo >= hi {
		return
	}
	s := &steps[0]
	if !s.optional || a.NullN() == 0 {
		if s.optional {
			def++
		}
		l.valid(steps, a, lo, hi, def, first, rest)
		return
	}
	if a.NullN() == a.Len() {
		l.nothing(hi-lo, def, first, rest)
		return
	}
	for i := lo; i < hi; {
		j, null := i+1, a.IsNull(i)
		for j < hi && a.IsNull(j) == null {
			j++
		}
		if null {
			l.nothing(j-i, def, first, rest)
		} else {
			l.valid(steps, a, i, j, def+1, first, rest)
		}
		i, first = j, rest
	}
}

// nothing appends n values that are absent at a definition level.
func (l *leaf) nothing(n int, def, first, rest uint8) {
	l.levels(n, def, first, rest)
	l.nulls += int64(n)
}

func (l *leaf) levels(n int, def, first, rest uint8) {
	if l.maxDef > 0 {
		l.def = appendN(l.def, def, n)
	}
	if l.maxRep > 0 {
		l.rep = append(l.rep, first)
		l.rep = appendN(l.rep, rest, n-1)
	}
	l.count += int64(n)
}

func appendN(dst []uint8, v uint8, n int) []uint8 {
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	for i := range dst[at:] {
		dst[at+i] = v
	}
	return dst
}

// valid appends values none of which is null.
func (l *leaf) valid(steps []step, a arrow.Array, lo, hi int, def, first, rest uint8) {
	switch s := &steps[0]; s.kind {
	case stepStruct:
		l.walk(steps[1:], a.(*array.Struct).Field(s.field), lo, hi, def, first, rest)
	case stepList:
		x := a.(*array.List)
		l.lists(steps[1:], x.ListValues(), x.Offsets()[x.Offset():], lo, hi, def, first, rest)
	case stepMapKey:
		x := a.(*array.Map)
		l.lists(steps[1:], x.Keys(), x.Offsets()[x.Offset():], lo, hi, def, first, rest)
	case stepMapValue:
		x := a.(*array.Map)
		l.lists(steps[1:], x.Items(), x.Offsets()[x.Offset():], lo, hi, def, first, rest)
	default:
		l.levels(hi-lo, def, first, rest)
		l.leaves(a, lo, hi)
	}
}

// lists appends what lists hold. The level at which elements repeat is one above that of the list itself.
func (l *leaf) lists(steps []step, elems arrow.Array, offsets []int32, lo, hi int, def, first, rest uint8) {
	inner := l.innerLevel(steps)
	for i := lo; i < hi; i++ {
		from, to := int(offsets[i]), int(offsets[i+1])
		if from == to {
			l.nothing(1, def, first, rest)
		} else {
			l.walk(steps, elems, from, to, def+1, first, inner)
		}
		first = rest
	}
}

// innerLevel is the repetition level of the elements of a list whose steps follow: the deepest level less those of the lists inside.
func (l *leaf) innerLevel(steps []step) uint8 {
	n := l.maxRep
	for _, s := range steps {
		if s.kind == stepList || s.kind == stepMapKey || s.kind == stepMapValue {
			n--
		}
	}
	return uint8(n)
}

// leaves appends plain values.
func (l *leaf) leaves(a arrow.Array, lo, hi int) {
	data := a.Data()
	lo, hi = lo+data.Offset(), hi+data.Offset()
	switch l.typ.(type) {
	case *arrow.NullType:
		return
	case *arrow.DictionaryType:
		l.indices(a.(*array.Dictionary), lo, hi)
		return
	case *arrow.StringType, *arrow.BinaryType:
		l.text(data, lo, hi)
		return
	case *arrow.BooleanType:
		l.booleans(data.Buffers()[1].Bytes(), lo, hi)
		return
	}
	b := data.Buffers()[1].Bytes()
	switch l.typ.(type) {
	case *arrow.Int8Type:
		for _, v := range b[lo:hi] {
			l.values = binary.LittleEndian.AppendUint32(l.values, uint32(int8(v)))
			l.stats.number(int64(int8(v)))
		}
	case *arrow.Int16Type:
		for i := lo; i < hi; i++ {
			v := int16(binary.LittleEndian.Uint16(b[2*i:]))
			l.values = binary.LittleEndian.AppendUint32(l.values, uint32(v))
			l.stats.number(int64(v))
		}
	case *arrow.Int32Type, *arrow.Date32Type:
		l.values = append(l.values, b[4*lo:4*hi]...)
		for i := lo; i < hi; i++ {
			l.stats.number(int64(int32(binary.LittleEndian.Uint32(b[4*i:]))))
		}
	case *arrow.Float32Type:
		l.values = append(l.values, b[4*lo:4*hi]...)
	case *arrow.Int64Type, *arrow.Time64Type, *arrow.TimestampType:
		l.values = append(l.values, b[8*lo:8*hi]...)
		for i := lo; i < hi; i++ {
			l.stats.number(int64(binary.LittleEndian.Uint64(b[8*i:])))
		}
	case *arrow.Float64Type:
		l.values = append(l.values, b[8*lo:8*hi]...)
	default: // decimals are big-endian
		for i := lo; i < hi; i++ {
			at := len(l.values)
			l.values = append(l.values, b[l.length*i:l.length*(i+1)]...)
			slices.Reverse(l.values[at:])
		}
	}
}

func (l *leaf) text(data arrow.ArrayData, lo, hi int) {
	offsets := arrow.Int32Traits.CastFromBytes(data.Buffers()[1].Bytes())
	b := data.Buffers()[2].Bytes()
	l.values = slices.Grow(l.values, int(offsets[hi]-offsets[lo])+4*(hi-lo))
	for i := lo; i < hi; i++ {
		v := b[offsets[i]:offsets[i+1]]
		l.values = binary.LittleEndian.AppendUint32(l.values, uint32(len(v)))
		l.values = append(l.values, v...)
		l.stats.text(v)
	}
}

func (l *leaf) booleans(b []byte, lo, hi int) {
	for i := lo; i < hi; i++ {
		if l.bits&7 == 0 {
			l.values = append(l.values, 0)
		}
		if bitutil.BitIsSet(b, i) {
			l.values[l.bits>>3] |= 1 << (l.bits & 7)
		}
		l.bits++
	}
}

func (l *leaf) indices(a *array.Dictionary, lo, hi int) {
	l.symbols = a.Dictionary().(*array.String)
	b := a.Data().Buffers()[1].Bytes()
	narrow := a.DataType().(*arrow.DictionaryType).IndexType.ID() == arrow.INT8
	for i := lo; i < hi; i++ {
		v := uint32(b[i])
		if !narrow {
			v = binary.LittleEndian.Uint32(b[4*i:])
		}
		l.index = append(l.index, v)
	}
}

func (s *stats) number(v int64) {
	if !s.any {
		s.any, s.min, s.max = true, v, v
	}
	s.min, s.max = min(s.min, v), max(s.max, v)
}

func (s *stats) text(v []byte) {
	switch {
	case s.off:
	case len(v) > maxStats:
		s.off = true
	case !s.any:
		s.any = true
		s.lo, s.hi = append(s.lo[:0], v...), append(s.hi[:0], v...)
	case bytes.Compare(v, s.lo) < 0:
		s.lo = append(s.lo[:0], v...)
	case bytes.Compare(v, s.hi) > 0:
		s.hi = append(s.hi[:0], v...)
	}
}

// pageBytes is about how much a page holds before compression.
const pageBytes = 1 << 20

func (l *leaf) size() int { return len(l.values) + len(l.def) + len(l.rep) + 4*len(l.index) }

// flush ends the page at hand.
func (l *leaf) flush(count int) {
	if count == 0 {
		return
	}
	l.tmp = l.tmp[:0]
	if l.maxRep > 0 {
		l.tmp = appendLevels(l.tmp, l.rep, l.maxRep)
	}
	if l.maxDef > 0 {
		l.tmp = appendLevels(l.tmp, l.def, l.maxDef)
	}
	encoding := int32(encodingPlain)
	if l.dict {
		encoding = encodingDict
		width := l.indexWidth()
		l.tmp = appendHybrid(append(l.tmp, byte(width)), l.index, width)
	} else {
		l.tmp = append(l.tmp, l.values...)
	}
	l.page(l.tmp, func(c *compact) {
		c.structure(5)
		c.i32(1, int32(count))
		c.i32(2, encoding)
		c.i32(3, encodingRLE)
		c.i32(4, encodingRLE)
		c.end()
	}, pageData)
	l.def, l.rep, l.values, l.index, l.bits = l.def[:0], l.rep[:0], l.values[:0], l.index[:0], 0
}

func (l *leaf) indexWidth() int {
	if l.symbols == nil {
		return 1
	}
	return max(1, widthOf(l.symbols.Len()-1))
}

func appendLevels(dst []byte, v []uint8, most int) []byte {
	at := len(dst)
	dst = appendHybrid(append(dst, 0, 0, 0, 0), v, widthOf(most))
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// page compresses a page and appends it to the chunk.
func (l *leaf) page(body []byte, header func(*compact), typ int32) {
	l.packed = zstdEncoder().EncodeAll(body, l.packed[:0])
	c := &l.head
	c.b, c.last = c.b[:0], c.last[:0]
	c.begin()
	c.i32(1, typ)
	c.i32(2, int32(len(body)))
	c.i32(3, int32(len(l.packed)))
	header(c)
	c.end()
	l.pages = append(append(l.pages, c.b...), l.packed...)
	l.plainBytes += int64(len(c.b) + len(body))
}

// dictionary gives the page of the chunk's dictionary, which stands before the others.
func (l *leaf) dictionary() []byte {
	var body []byte
	n := 0
	if l.symbols != nil {
		n = l.symbols.Len()
		for i := range n {
			v := l.symbols.Value(i)
			body = append(binary.LittleEndian.AppendUint32(body, uint32(len(v))), v...)
		}
	}
	data := l.pages
	l.pages = nil
	l.page(body, func(c *compact) {
		c.structure(7)
		c.i32(1, int32(n))
		c.i32(2, encodingPlain)
		c.end()
	}, pageDict)
	page := l.pages
	l.pages = data
	return page
}
