package rowdata

import "encoding/binary"

// Writer appends a row or an array to a slice, in the way of Flink's BinaryRowWriter and BinaryArrayWriter: parts of the variable part in
// the order of the fields, unused bytes zero.
type Writer struct {
	Out   []byte // what was there before, and the section
	start int    // of the section
	nulls int    // position of the first null bit, in bits
	first int    // of the first field, from start
	width int
}

// NewRow starts a row of n fields.
func NewRow(dst []byte, n int, kind byte) Writer {
	w := Writer{start: len(dst), nulls: 8, first: RowHeader(n), width: 8}
	w.Out = zeros(dst, w.first+8*n)
	w.Out[w.start] = kind
	return w
}

// NewArray starts an array of n elements of the given width.
func NewArray(dst []byte, n, width int) Writer {
	w := Writer{start: len(dst), nulls: 32, first: ArrayHeader(n), width: width}
	w.Out = zeros(dst, (w.first+n*width+7)/8*8)
	binary.LittleEndian.PutUint32(w.Out[w.start:], uint32(n))
	return w
}

func zeros(dst []byte, n int) []byte { return append(dst, make([]byte, n)...) }

// Null makes field i null.
func (w *Writer) Null(i int) {
	b := w.nulls + i
	w.Out[w.start+b/8] |= 1 << (b % 8)
}

func (w *Writer) field(i int) []byte { return w.Out[w.start+w.first+i*w.width:] }

// Number writes the low bytes of v into field i.
func (w *Writer) Number(i int, v uint64, size int) {
	f := w.field(i)
	for k := range size {
		f[k] = byte(v >> (8 * k))
	}
}

func (w *Writer) word(i int, high, low int) {
	binary.LittleEndian.PutUint64(w.field(i), uint64(high)<<32|uint64(uint32(low)))
}

// Text writes character or binary data into field i.
func (w *Writer) Text(i int, b []byte) {
	if len(b) > InlineMax {
		w.Part(i, b)
		return
	}
	f := w.field(i)
	copy(f, b)
	f[7] = 0x80 | byte(len(b))
}

// Part writes b into the variable part.
func (w *Writer) Part(i int, b []byte) {
	at := w.Begin()
	w.Out = append(w.Out, b...)
	w.End(i, at)
}

// Begin gives the position where a part of the variable part may be appended to Out; End completes it.
func (w *Writer) Begin() int { return len(w.Out) }

// End fills up the part of field i that began at a position.
func (w *Writer) End(i, at int) {
	w.word(i, at-w.start, len(w.Out)-at)
	w.Out = zeros(w.Out, (8-(len(w.Out)-at)%8)%8)
}

// Decimal writes the two's complement of a DECIMAL of more than CompactDecimal digits.
func (w *Writer) Decimal(i int, b []byte) {
	at := len(w.Out)
	w.Out = zeros(w.Out, DecimalBytes)
	copy(w.Out[at:], b)
	w.word(i, at-w.start, len(b))
}

// Timestamp writes a TIMESTAMP of more than CompactTimestamp digits.
func (w *Writer) Timestamp(i int, millis int64, nanos uint32) {
	w.word(i, len(w.Out)-w.start, int(nanos))
	w.Out = binary.LittleEndian.AppendUint64(w.Out, uint64(millis))
}
