// Package describe prints what every byte of a file means: offset, bytes, place and value. It knows no format but how to recognise it:
// decoders tell it what they read (binio.Tracer, keyed.Visitor, serde.Sink), so that the dump and the decoder cannot disagree.
package describe

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/binio"
)

// Value gives what the bytes of a field say: an int64 or a string. ok is false where they are no more than bytes.
func Value(raw []byte, shape binio.Shape) (value any, ok bool) {
	r := binio.NewReader(raw, 0)
	switch {
	case shape == binio.ShapeText:
		value = r.UTF()
	case shape == binio.ShapeString:
		text, null := r.String()
		if null {
			return nil, r.Err() == nil
		}
		value = string(text)
	case len(raw) == 1:
		value = int64(r.U8())
	case len(raw) == 2:
		value = int64(r.U16())
	case len(raw) == 4:
		value = int64(r.I32())
	case len(raw) == 8:
		value = r.I64()
	default:
		return nil, false
	}
	return value, r.Err() == nil && r.Len() == 0
}

const (
	hexShown  = 12  // bytes that fit into the column
	hexBegin  = 8   // bytes that are shown of more
	idLength  = 32  // up to so many bytes are shown in full as the value
	textShown = 160 // bytes of a text that are shown
)

// Printer is a binio.Tracer that writes a line per field: offset in hex, bytes (the first of many), label and value. What
// lies in a section stands further to the right. Call Flush at the end.
type Printer struct {
	w     *bufio.Writer
	depth int
}

// NewPrinter makes a printer that writes to w.
func NewPrinter(w io.Writer) *Printer { return &Printer{w: bufio.NewWriter(w)} }

// Field writes one line.
func (p *Printer) Field(offset int64, raw []byte, label string, shape binio.Shape) {
	p.line(offset, hexColumn(raw), label+" = "+valueText(raw, shape))
}

// Leaf writes one line of a field whose value is given as JSON text; without a value, the bytes are all.
func (p *Printer) Leaf(offset int64, raw []byte, label string, value []byte) {
	if value != nil {
		label += " = " + cutText(value)
	} else if len(raw) > hexShown {
		label += ", " + strconv.Itoa(len(raw)) + " bytes"
	}
	p.line(offset, hexColumn(raw), label)
}

func cutText(b []byte) string {
	if len(b) <= textShown {
		return string(b)
	}
	return strings.ToValidUTF8(string(b[:textShown]), "") + "…"
}

// Enter writes the name of a section.
func (p *Printer) Enter(offset int64, label string) {
	p.line(offset, "", label)
	p.depth++
}

// Leave ends a section.
func (p *Printer) Leave(int64) { p.depth-- }

// Flush writes what is buffered and gives the first error of the writer.
func (p *Printer) Flush() error { return p.w.Flush() }

func (p *Printer) line(offset int64, hex, text string) {
	fmt.Fprintf(p.w, "%08x  %-35s  %s%s\n", offset, hex, strings.Repeat("  ", p.depth), text)
}

func hexColumn(raw []byte) string {
	if len(raw) <= hexShown {
		return fmt.Sprintf("% x", raw)
	}
	return fmt.Sprintf("% x … +%d", raw[:hexBegin], len(raw)-hexBegin)
}

func valueText(raw []byte, shape binio.Shape) string {
	value, ok := Value(raw, shape)
	switch v := value.(type) {
	case nil:
		if ok {
			return "null"
		}
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		if ok {
			return quote(v)
		}
	}
	if len(raw) <= idLength {
		return hex.EncodeToString(raw)
	}
	return strconv.Itoa(len(raw)) + " bytes"
}

func quote(s string) string {
	if len(s) <= textShown {
		return strconv.Quote(s)
	}
	return strconv.Quote(s[:textShown]) + "…"
}
