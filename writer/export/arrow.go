package export

import (
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// Records writes Arrow records of one schema. Close ends the output; without it, there is none.
type Records interface {
	Write(rec arrow.Record) error
	Close() error
}

// RecordFormat is one way to write records.
type RecordFormat struct {
	Name string // as on the command line
	Ext  string // of files, with the dot
	// File writes a file, Stream the form for pipes.
	File, Stream func(w io.Writer, s *arrow.Schema) (Records, error)
}

// RecordFormats lists the formats of typed columns.
func RecordFormats() []RecordFormat {
	return []RecordFormat{
		{Name: "arrow", Ext: ".arrow", File: newArrowFile, Stream: newArrowStream},
		{Name: "parquet", Ext: ".parquet", File: newParquet, Stream: newParquet},
	}
}

// RecordFormatByName finds a format of typed columns.
func RecordFormatByName(name string) (RecordFormat, bool) {
	for _, f := range RecordFormats() {
		if f.Name == name {
			return f, true
		}
	}
	return RecordFormat{}, false
}

// newArrowFile writes an Arrow IPC file (Feather version 2).
func newArrowFile(w io.Writer, s *arrow.Schema) (Records, error) {
	return ipc.NewFileWriter(&position{Writer: w}, ipc.WithSchema(s))
}

// position counts what is written: the writer of files asks where it is, but goes nowhere else.
type position struct {
	io.Writer
	n int64
}

func (p *position) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	p.n += int64(n)
	return n, err
}

// Seek tells the position.
func (p *position) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return p.n, errors.ErrUnsupported
	}
	return p.n, nil
}

// newArrowStream writes an Arrow IPC stream.
func newArrowStream(w io.Writer, s *arrow.Schema) (Records, error) {
	return ipc.NewWriter(w, ipc.WithSchema(s)), nil
}
