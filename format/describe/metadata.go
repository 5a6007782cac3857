package describe

import (
	"io"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/metadata"
)

// Metadata writes the annotated dump of a `_metadata` file to w. Of a file that does not decode it writes what was read, and gives
// the error.
func Metadata(w io.Writer, b []byte) error { return dump(NewPrinter(w), b) }

// MetadataJSON is Metadata with a JSON object per field.
func MetadataJSON(w io.Writer, b []byte) error { return dump(NewJSONPrinter(w), b) }

type printer interface {
	binio.Tracer
	// Leaf is Field with a value that is given as JSON text, or nil.
	Leaf(offset int64, raw []byte, label string, value []byte)
	Flush() error
}

func dump(p printer, b []byte) error {
	_, err := metadata.DecodeTraced(b, p)
	if flushed := p.Flush(); flushed != nil {
		return flushed
	}
	return err
}
