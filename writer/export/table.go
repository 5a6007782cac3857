package export

import (
	"bytes"
	"io"
	"slices"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/valuejson"
)

// A table for people: aligned columns, one line a row. Workers render cells, parted by control characters that no cell holds, and the
// writer lays them out: it sets the widths by the first rows and keeps to them, so that rows flow as they come.

const (
	cellEnd = 0x1F
	rowEnd  = 0x1E
)

type tableOutput struct {
	opts    Options
	columns []column
}

func newTable(o Options) (Output, error) {
	cols, err := o.chosen()
	if len(o.Columns) == 0 { // one column names the operator, by its uid if it is known
		cols = slices.DeleteFunc(cols, func(c column) bool { return c == colOperatorID })
	}
	return &tableOutput{o, cols}, err
}

func (o *tableOutput) NewRenderer() Renderer {
	return &tableRenderer{newCells(&o.opts, valuejson.Brief), o.columns, len(o.opts.Columns) == 0}
}

func (o *tableOutput) NewWriter(w io.Writer) io.WriteCloser {
	return &tableWriter{w: w, opts: o.opts, columns: o.columns}
}

type tableRenderer struct {
	cells
	columns   []column
	shortenID bool // an operator without a known uid is named by the beginning of its id
}

func (r *tableRenderer) Append(dst []byte, e *entry.Entry) ([]byte, error) {
	start := len(dst)
	r.err = nil
	for _, col := range r.columns {
		var ok bool
		if dst, ok = r.append(dst, col, e); !ok && col == colUID && r.shortenID {
			dst = append(dst, e.State.OperatorID[:min(8, len(e.State.OperatorID))]...)
		}
		dst = append(dst, cellEnd)
	}
	if r.err != nil {
		return dst[:start], r.err
	}
	return append(dst, rowEnd), nil
}

func (r *tableRenderer) Flush(dst []byte) ([]byte, error) { return dst, nil }

// sampleRows is how many rows are held back to find the widths of columns.
const sampleRows = 100

// tableWriter lays out rows. It shows the columns that the sample uses; a later row that uses another one starts a new table below.
type tableWriter struct {
	w       io.Writer
	opts    Options
	columns []column
	rest    []byte     // the beginning of a row whose end is still to come
	sample  [][][]byte // rows held back
	shown   []bool     // by position in columns; nil while a sample is collected
	width   []int
	tables  int
	out     []byte
	row     [][]byte
}

func (t *tableWriter) Write(b []byte) (int, error) {
	n := len(b)
	if len(t.rest) > 0 {
		b = append(t.rest, b...)
		t.rest = nil
	}
	for {
		row, after, whole := bytes.Cut(b, []byte{rowEnd})
		if !whole {
			break
		}
		t.take(row)
		b = after
	}
	if len(b) > 0 {
		t.rest = append(t.rest, b...)
	}
	return n, t.flush()
}

// Close writes the rows that are still held back.
func (t *tableWriter) Close() error {
	t.layout()
	return t.flush()
}

func (t *tableWriter) flush() error {
	if len(t.out) == 0 {
		return nil
	}
	_, err := t.w.Write(t.out)
	t.out = t.out[:0]
	return err
}

func (t *tableWriter) take(row []byte) {
	t.row = t.row[:0]
	for len(row) > 0 {
		cell, after, _ := bytes.Cut(row, []byte{cellEnd})
		t.row = append(t.row, cell)
		row = after
	}
	if t.shown != nil && t.fits(t.row) {
		t.line(t.row)
		return
	}
	t.shown = nil
	t.sample = append(t.sample, clone(t.row))
	if len(t.sample) >= sampleRows {
		t.layout()
	}
}

func clone(row [][]byte) [][]byte {
	out := make([][]byte, len(row))
	for i, c := range row {
		out[i] = bytes.Clone(c)
	}
	return out
}

// fits reports whether every cell that holds something has its column.
func (t *tableWriter) fits(row [][]byte) bool {
	for i, c := range row {
		if len(c) > 0 && !t.shown[i] {
			return false
		}
	}
	return true
}

// layout fixes the columns by the sample and writes it.
func (t *tableWriter) layout() {
	if len(t.sample) == 0 {
		return
	}
	t.shown = make([]bool, len(t.columns))
	t.width = make([]int, len(t.columns))
	for _, row := range t.sample {
		for i, c := range row {
			if len(c) > 0 {
				t.shown[i] = true
				t.width[i] = max(t.width[i], cellWidth(c))
			}
		}
	}
	head := make([][]byte, len(t.columns))
	for i, c := range t.columns {
		head[i] = []byte(t.title(c))
		t.width[i] = max(t.width[i], len(head[i]))
	}
	t.shrink()
	if t.tables > 0 {
		t.out = append(t.out, '\n')
	}
	t.tables++
	t.header(head)
	for _, row := range t.sample {
		t.line(row)
	}
	t.sample = nil
}

func (t *tableWriter) title(c column) string {
	if c == colUID && len(t.opts.Columns) == 0 {
		return "operator"
	}
	return columnNames[c]
}

func (t *tableWriter) header(head [][]byte) {
	if t.opts.Color {
		t.out = append(t.out, "\x1b[1m"...)
	}
	t.line(head)
	if t.opts.Color {
		t.out = append(t.out[:len(t.out)-1], "\x1b[0m\n"...)
	}
}

const (
	gap      = 2 // between columns
	minWidth = 6 // no column is made narrower
)

// shrink makes the widest columns narrower until a line fits.
func (t *tableWriter) shrink() {
	if t.opts.Width <= 0 {
		return
	}
	widest, total := 0, -gap
	for i, w := range t.width {
		if t.shown[i] {
			total += w + gap
			widest = max(widest, w)
		}
	}
	for limit := widest - 1; total > t.opts.Width && limit >= minWidth; limit-- {
		for i, w := range t.width {
			if t.shown[i] && w > limit {
				t.width[i] = limit
				total--
			}
		}
	}
}

func (t *tableWriter) line(row [][]byte) {
	start, pad := len(t.out), 0
	for i, c := range row {
		if !t.shown[i] {
			continue
		}
		if len(t.out) > start || pad > 0 {
			pad += gap
		}
		limit := t.width[i]
		if t.opts.Width <= 0 {
			limit = max(limit, len(c))
		}
		cell, w := fit(c, limit)
		left := max(0, t.width[i]-w)
		if t.columns[i] == colSubtask || t.columns[i] == colKeyGroup {
			pad, left = pad+left, 0
		}
		if len(cell) > 0 {
			t.out = append(t.out, bytes.Repeat([]byte{' '}, pad)...)
			pad = 0
		}
		t.out = append(t.out, cell...)
		if len(cell) < len(c) {
			t.out = append(t.out, "…"...)
		}
		pad += left
	}
	t.out = append(t.out, '\n')
}
