package export

import (
	"bytes"
	"io"
	"slices"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/valuejson"
)

// CSV as RFC 4180 has it: CRLF ends a line, a header names the columns. A single value stands as it is and a composite as JSON text.
// What does not apply and what is null is an empty field; an empty string is "".

type csvOutput struct {
	opts    Options
	columns []column
}

func newCSV(o Options) (Output, error) {
	cols, err := o.chosen()
	slices.Sort(cols)
	return &csvOutput{o, slices.Compact(cols)}, err
}

func (o *csvOutput) NewRenderer() Renderer {
	return &csvRenderer{cells: newCells(&o.opts, valuejson.Plain), columns: o.columns}
}

func (o *csvOutput) NewWriter(w io.Writer) io.WriteCloser {
	var head []byte
	for i, c := range o.columns {
		if i > 0 {
			head = append(head, ',')
		}
		head = append(head, columnNames[c]...)
	}
	return &headedWriter{w: w, head: append(head, '\r', '\n')}
}

// headedWriter writes a header before all else, also when nothing follows.
type headedWriter struct {
	w    io.Writer
	head []byte
}

func (h *headedWriter) Write(b []byte) (int, error) {
	if err := h.Close(); err != nil {
		return 0, err
	}
	return h.w.Write(b)
}

func (h *headedWriter) Close() error {
	if h.head == nil {
		return nil
	}
	_, err := h.w.Write(h.head)
	h.head = nil
	return err
}

type csvRenderer struct {
	cells
	columns []column
	tmp     []byte
}

func (r *csvRenderer) Append(dst []byte, e *entry.Entry) ([]byte, error) {
	start := len(dst)
	r.err = nil
	for i, col := range r.columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		at := len(dst)
		var ok bool
		if dst, ok = r.append(dst, col, e); ok {
			dst = r.quote(dst, at, r.isValue(col) && r.enc.IsNull())
		}
	}
	if r.err != nil {
		return dst[:start], r.err
	}
	return append(dst, '\r', '\n'), nil
}

func (r *csvRenderer) isValue(col column) bool { return col >= colKey && col <= colValue }

// quote puts the field that starts at at between quotes if it needs them.
func (r *csvRenderer) quote(dst []byte, at int, null bool) []byte {
	field := dst[at:]
	if len(field) == 0 {
		if null {
			return dst
		}
		return append(dst, '"', '"')
	}
	if !needsQuotes(field) {
		return dst
	}
	r.tmp = append(r.tmp[:0], field...)
	dst = append(dst[:at], '"')
	for rest := r.tmp; ; {
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			return append(append(dst, rest...), '"')
		}
		dst = append(append(dst, rest[:i+1]...), '"')
		rest = rest[i+1:]
	}
}

// needsQuotes reports whether a field holds what would end it, or spaces at an end, which some readers drop.
func needsQuotes(field []byte) bool {
	for _, c := range field {
		if c == ',' || c == '"' || c == '\r' || c == '\n' {
			return true
		}
	}
	return field[0] == ' ' || field[len(field)-1] == ' '
}

func (r *csvRenderer) Flush(dst []byte) ([]byte, error) { return dst, nil }
