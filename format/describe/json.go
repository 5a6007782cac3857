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

// hexJSON is the number of bytes of a raw field that the JSON form shows; its length says whether there are more.
const hexJSON = 64

// JSONPrinter is a binio.Tracer that writes a JSON object per field, one a line:
//
//	{"offset":4,"length":4,"path":"_metadata","label":"version","value":6}
//
// path is the sections around the field, joined with slashes. A value that is neither number nor text is {"$hex":"…"} with the
// first 64 bytes. Call Flush at the end.
type JSONPrinter struct {
	w    *bufio.Writer
	path []string
}

// NewJSONPrinter makes a printer that writes to w.
func NewJSONPrinter(w io.Writer) *JSONPrinter { return &JSONPrinter{w: bufio.NewWriter(w)} }

// Field writes one object.
func (p *JSONPrinter) Field(offset int64, raw []byte, label string, shape binio.Shape) {
	b := p.open(offset, raw, label)
	b = appendValue(b, raw, shape)
	b = append(b, "}\n"...)
	p.w.Write(b) // bufio keeps the error for Flush
}

// open writes an object up to its value.
func (p *JSONPrinter) open(offset int64, raw []byte, label string) []byte {
	b := fmt.Appendf(nil, `{"offset":%d,"length":%d,"path":`, offset, len(raw))
	b = appendString(b, strings.Join(p.path, "/"))
	b = append(b, `,"label":`...)
	b = appendString(b, label)
	return append(b, `,"value":`...)
}

// Leaf writes one object of a field whose value is given as JSON text; without a value, it is the bytes.
func (p *JSONPrinter) Leaf(offset int64, raw []byte, label string, value []byte) {
	b := p.open(offset, raw, label)
	if value != nil {
		b = append(b, value...)
	} else if len(raw) > 0 {
		b = appendHex(b, raw)
	} else {
		b = append(b, "null"...)
	}
	p.w.Write(append(b, "}\n"...))
}

// Enter opens a section.
func (p *JSONPrinter) Enter(_ int64, label string) { p.path = append(p.path, label) }

// Leave ends a section.
func (p *JSONPrinter) Leave(int64) { p.path = p.path[:len(p.path)-1] }

// Flush writes what is buffered and gives the first error of the writer.
func (p *JSONPrinter) Flush() error { return p.w.Flush() }

func appendValue(dst, raw []byte, shape binio.Shape) []byte {
	value, ok := Value(raw, shape)
	if !ok {
		return appendHex(dst, raw)
	}
	switch v := value.(type) {
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case string:
		return appendString(dst, v)
	}
	return append(dst, "null"...)
}

func appendHex(dst, raw []byte) []byte {
	dst = append(dst, `{"$hex":"`...)
	dst = hex.AppendEncode(dst, raw[:min(len(raw), hexJSON)])
	return append(dst, `"}`...)
}

// appendString appends a WTF-8 text as a JSON string in ASCII; unpaired surrogates stay what they are.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	binio.EachUnit(s, func(u uint16) {
		switch {
		case u == '"' || u == '\\':
			dst = append(dst, '\\', byte(u))
		case u >= 0x20 && u < 0x7F:
			dst = append(dst, byte(u))
		default:
			dst = fmt.Appendf(dst, `\u%04x`, u)
		}
	})
	return append(dst, '"')
}
