package describe

import (
	"io"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
)

// Any writes the annotated dump of a file of a snapshot to w, whatever kind it is. What is no file that is known is an error of kind
// fault.ErrUnsupported.
func Any(w io.Writer, b []byte) error { return anyFile(NewPrinter(w), b) }

// AnyJSON is Any with a JSON object per field.
func AnyJSON(w io.Writer, b []byte) error { return anyFile(NewJSONPrinter(w), b) }

func anyFile(p printer, b []byte) error {
	if metadata.IsMetadata(b) {
		return dump(p, b)
	}
	return fault.New(fault.ErrUnsupported, "no kind of snapshot file that is known").WithExpected("_metadata")
}
