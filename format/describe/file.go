package describe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
)

// Options say how a file is described.
type Options struct {
	JSON     bool // an object for each field, one a line
	Limit    int  // entries that are printed; 0 prints all
	Metadata bool // the file is a _metadata, however it begins
}

// File writes the annotated dump of a file of a snapshot to w. What kind of file it is, its content says:
//
//	_metadata
//	keyed state, canonical or heap, and the meta stream of native snapshots
//	operator state
//	raw keyed timers
//	in-flight data
//	RocksDB's table, MANIFEST, CURRENT and OPTIONS files
//
// State streams are read as their length allows, not into memory. A damaged file is described up to the damage, which is the error. What is
// no file that is known is an error of kind fault.ErrUnsupported.
func File(w io.Writer, src io.ReaderAt, size int64, o Options) error {
	f := &file{src: src, size: size, isMetadata: o.Metadata, p: NewPrinter(w)}
	if o.JSON {
		f.p = NewJSONPrinter(w)
	}
	f.v = visitor{printer: f.p, left: o.Limit}
	if o.Limit <= 0 {
		f.v.left = -1
	}
	describe, err := f.recognise()
	if err == nil {
		err = describe(f)
	}
	if f.v.cut {
		f.p.Leaf(size, nil, "more entries follow; the limit was reached", nil)
	}
	if flushed := f.p.Flush(); flushed != nil {
		return flushed
	}
	return err
}

// file is what is being described.
type file struct {
	src        io.ReaderAt
	size       int64
	isMetadata bool
	p          printer
	v          visitor
}

const (
	// maxHeader is how much of a file is looked at for a header that cannot be read.
	maxHeader = 4 << 20
	// headSize is how much of a file is looked at to recognise it.
	headSize = 64 << 10
	// maxWhole bounds files that are read whole.
	maxWhole = 1 << 30
)

// recognise finds out what a file is.
func (f *file) recognise() (func(*file) error, error) {
	head, err := f.bytes(0, min(f.size, headSize))
	if err != nil {
		return nil, err
	}
	if len(head) == 0 {
		return nil, fault.New(fault.ErrTruncated, "an empty file").WithExpected("a file of a snapshot")
	}
	for _, k := range []struct {
		is func(f *file, head []byte) bool
		do func(*file) error
	}{
		{func(f *file, b []byte) bool { return f.isMetadata || metadata.IsMetadata(b) }, (*file).metadata},
		{isTable, (*file).table},
		{isCurrent, (*file).current},
		{isOptions, (*file).options},
		{func(_ *file, b []byte) bool { return keyed.IsRawTimers(b) }, (*file).rawTimers},
		{isKeyed, (*file).keyedStream},
		{isOperator, (*file).operatorStream},
		{isManifest, (*file).manifest},
		{isChannel, (*file).channelStream},
	} {
		if k.is(f, head) {
			return k.do, nil
		}
	}
	return nil, fault.New(fault.ErrUnsupported, "a file that begins with % x", head[:min(len(head), 16)]).
		WithExpected("_metadata, keyed or operator state, raw keyed timers, in-flight data, or a RocksDB file").
		WithHint("raw state of user code, changelogs and files merged of several have no beginning that says what they are")
}

func (f *file) metadata() error {
	if f.size > maxWhole {
		return fault.New(fault.ErrUnsupported, "a _metadata file of %d bytes", f.size)
	}
	b, err := f.bytes(0, f.size)
	if err != nil {
		return err
	}
	_, err = metadata.DecodeTraced(b, f.p)
	return err
}

// isKeyed: i4 version 1 … 6, bool compressed, i4 2, then the name of a class.
func isKeyed(_ *file, b []byte) bool {
	if len(b) < 12 || binary.BigEndian.Uint32(b) != keyed.HeaderVersion || b[4] > 1 || binary.BigEndian.Uint32(b[5:]) != 2 {
		return false
	}
	r := binio.NewReader(b[9:], 0)
	name := r.UTF()
	return r.Err() == nil && bytes.ContainsRune([]byte(name), '.') || errors.Is(r.Err(), fault.ErrTruncated)
}

// isOperator reports whether the head of an operator state stream stands here.
func isOperator(_ *file, b []byte) bool {
	r := binio.NewReader(b, 0)
	traceOperator(serde.NewContext(nil), r)
	if v := binio.NewReader(b, 0).I32(); v < 1 || v > 16 {
		return false
	}
	return r.Err() == nil || errors.Is(r.Err(), fault.ErrUnsupported) || errors.Is(r.Err(), fault.ErrTruncated)
}
