package export

import (
	"io"
	"slices"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/valuejson"
)

// JSON lines: one object a line. A member that does not apply to an entry is absent.

type jsonOutput struct {
	opts    Options
	columns []column
	members [columns]string // the names of columns as JSON writes them
}

func newJSON(o Options) (Output, error) {
	cols, err := o.chosen()
	slices.Sort(cols)
	out := &jsonOutput{opts: o, columns: slices.Compact(cols)}
	for c, name := range columnNames {
		out.members[c] = `"` + name + `":`
	}
	return out, err
}

func (o *jsonOutput) NewRenderer() Renderer {
	return &jsonRenderer{cells: newCells(&o.opts, valuejson.JSON), columns: o.columns, members: &o.members}
}

func (o *jsonOutput) NewWriter(w io.Writer) io.WriteCloser { return plainWriter{w} }

// plainWriter is for formats whose buffers are the output.
type plainWriter struct{ io.Writer }

func (plainWriter) Close() error { return nil }

type jsonRenderer struct {
	cells
	columns []column
	members *[columns]string
	state   *entry.State // whose members are in prefix
	prefix  []byte       // the members that all entries of a state share, after the opening brace
	shared  int          // how many of the columns they are
}

func (r *jsonRenderer) Append(dst []byte, e *entry.Entry) ([]byte, error) {
	if r.state != e.State {
		r.remember(e)
	}
	start := len(dst)
	r.err = nil
	dst = append(dst, r.prefix...)
	first := len(r.prefix) == 1
	for _, col := range r.columns[r.shared:] {
		at := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst = append(dst, r.members[col]...)
		var ok bool
		if dst, ok = r.append(dst, col, e); !ok {
			dst = dst[:at]
			continue
		}
		first = false
	}
	if r.err != nil {
		return dst[:start], r.err
	}
	return append(dst, '}', '\n'), nil
}

func (r *jsonRenderer) Flush(dst []byte) ([]byte, error) { return dst, nil }

func (r *jsonRenderer) remember(e *entry.Entry) {
	r.state, r.shared = e.State, 0
	r.prefix = append(r.prefix[:0], '{')
	for _, col := range r.columns {
		if col > colKind {
			break
		}
		r.shared++
		at := len(r.prefix)
		if at > 1 {
			r.prefix = append(r.prefix, ',')
		}
		r.prefix = append(r.prefix, r.members[col]...)
		var ok bool
		if r.prefix, ok = r.append(r.prefix, col, e); !ok {
			r.prefix = r.prefix[:at]
		}
	}
}
