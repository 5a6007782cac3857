// Package export turns entries of state into rows of a format: JSON lines, CSV, a table for people.
//
// A run has one Output. Workers render entries in parallel, each with a Renderer of its own, into buffers; whoever puts the buffers in
// order writes them to the Output's Writer:
//
//	out, err := export.ByName("json")
//	o, err := out.New(export.Options{Raw: true})
//	r := o.NewRenderer()                   // in each worker
//	buf, err = r.Append(buf[:0], e)        // for each entry
//	buf, err = r.Flush(buf)                // when the buffer is handed on
//	w := o.NewWriter(os.Stdout)            // in one place
//	w.Write(buf); …; w.Close()
//
// A row has the same columns, in the same order, whatever the format: see Columns.
package export

import (
	"io"
	"strings"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
)

// Format is one way to write rows.
type Format struct {
	Name string // as on the command line
	Doc  string // what it is, in a line
	// New starts a run. The error is of kind fault.ErrUsage where options make no sense.
	New func(Options) (Output, error)
}

// Formats lists all formats.
func Formats() []Format {
	return []Format{
		{Name: "json", Doc: "one JSON object a line", New: newJSON},
		{Name: "csv", Doc: "comma-separated values (RFC 4180) with a header; composite values as JSON", New: newCSV},
		{Name: "table", Doc: "aligned columns for people", New: newTable},
	}
}

// ByName finds a format.
func ByName(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fault.New(fault.ErrUsage, "format %q", name).WithExpected("%s", strings.Join(names, ", "))
}

// Options say what rows hold. The zero value gives every column of decoded values.
type Options struct {
	// Raw adds the columns keyHex, nsHex, mapKeyHex and valueHex: the bytes of each part's serializer.
	Raw bool
	// Meaning adds the column meaning: what the state of a source, sink or coordinator says.
	Meaning bool
	// Columns names the columns to show; empty means all. JSON lines and CSV keep the order of Columns(), tables the one given here.
	Columns []string
	// Width is how many cells of a terminal a line of a table may take; 0 means any.
	Width int
	// Color lets tables set their header apart with terminal attributes.
	Color bool
	// OnError is told of every part of an entry that contradicts its serializer; the row shows that part as {"$raw":…}. It is called by
	// several workers at once. Without it the first such part ends the run: Append returns the error.
	OnError func(*entry.Entry, error)
}

// Output is one run of a format. NewRenderer may be called by several workers at once.
type Output interface {
	// NewRenderer makes the renderer of one worker.
	NewRenderer() Renderer
	// NewWriter writes to w. There is one for a run.
	NewWriter(w io.Writer) io.WriteCloser
}

// Renderer appends entries to a buffer. What it appends is for the Writer of the same Output. It is not safe for concurrent use.
type Renderer interface {
	// Append appends one entry, of which it keeps nothing. On an error dst comes back as it was.
	Append(dst []byte, e *entry.Entry) ([]byte, error)
	// Flush appends what the renderer still holds. Buffers are handed to the Writer after a Flush only.
	Flush(dst []byte) ([]byte, error)
}
