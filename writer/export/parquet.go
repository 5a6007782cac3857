package export

import (
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/tarn-project/tarn/writer/export/parquet"
)

// newParquet writes a Parquet file: zstd, row groups of bounded size. It needs no seeking and can go to a pipe.
func newParquet(w io.Writer, s *arrow.Schema) (Records, error) { return parquet.New(w, s) }
