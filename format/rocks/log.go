package rocks

import (
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/tarn-project/tarn/format/fault"
)

// The log format frames the records of a MANIFEST (RocksDB db/log_format.h, all versions). A file is blocks of 32 KiB; a
// record never crosses a block and is split into fragments instead.
const (
	logBlock  = 32 << 10
	logHeader = 4 + 2 + 1 // checksum, length, type
)

// The record types. 5 to 8 are 1 to 4 in a file that was reused: a log number of four bytes follows the header.
const (
	logZero   = 0
	logFull   = 1
	logFirst  = 2
	logMiddle = 3
	logLast   = 4

	logRecyclable   = 4   // added to 1–4
	logIgnorableBit = 128 // unknown types with this bit are skipped
)

// logReader gives the logical records of a log file one after another.
type logReader struct {
	f      io.ReaderAt
	name   string
	size   int64
	verify bool

	block  []byte // the current block
	at     int64  // offset of the current block
	pos    int    // next byte of block
	record []byte // a record made of fragments
	start  int64  // offset of the first fragment of the record
}

func newLogReader(f io.ReaderAt, size int64, name string, verify bool) *logReader {
	return &logReader{f: f, name: name, size: size, verify: verify, at: -logBlock, pos: logBlock}
}

// next gives the next record, valid until the call after it, or io.EOF.
func (r *logReader) next() ([]byte, error) {
	r.record = r.record[:0]
	inside := false
	for {
		typ, body, at, err := r.fragment()
		if err == io.EOF && inside {
			return nil, r.errorAt(fault.ErrTruncated, r.start, "a record whose last fragment is missing")
		}
		if err != nil {
			return nil, err
		}
		first := typ == logFull || typ == logFirst
		if first == inside {
			return nil, r.errorAt(fault.ErrCorrupt, at, "a fragment of type %d %s a record", typ, map[bool]string{true: "within", false: "outside"}[inside])
		}
		if first {
			r.start = at
		}
		if typ == logFull {
			return body, nil
		}
		inside = true
		r.record = append(r.record, body...)
		if typ == logLast {
			return r.record, nil
		}
	}
}

// fragment gives the next fragment with its type (1 to 4) and offset.
func (r *logReader) fragment() (typ byte, body []byte, at int64, err error) {
	for {
		if len(r.block)-r.pos < logHeader {
			if err := r.nextBlock(); err != nil {
				return 0, nil, 0, err
			}
			continue
		}
		at = r.at + int64(r.pos)
		header := r.block[r.pos:]
		length := int(binary.LittleEndian.Uint16(header[4:]))
		typ = header[6]
		if typ == logZero && length == 0 {
			if err := r.zeroRest(at); err != nil {
				return 0, nil, 0, err
			}
			continue
		}
		if length > len(header)-logHeader {
			return 0, nil, 0, r.errorAt(fault.ErrTruncated, at, "a fragment of %d bytes with %d left in its block", length, len(header)-logHeader)
		}
		summed := header[6 : logHeader+length]
		if r.verify {
			stored, computed := binary.LittleEndian.Uint32(header), maskCRC(crc32.Checksum(summed, castagnoli))
			if stored != computed {
				return 0, nil, 0, r.errorAt(fault.ErrCorrupt, at, "checksum %08x", computed).WithExpected("%08x, as stored", stored)
			}
		}
		r.pos += logHeader + length
		body = summed[1:]
		switch {
		case typ >= logFull && typ <= logLast:
			return typ, body, at, nil
		case typ > logLast && typ <= logLast+logRecyclable && len(body) >= 4:
			return typ - logRecyclable, body[4:], at, nil
		case typ&logIgnorableBit == 0:
			return 0, nil, 0, r.errorAt(fault.ErrUnsupported, at, "record type %d", typ)
		}
	}
}

// zeroRest accepts preallocated space: nothing but zeros up to the end of the block.
func (r *logReader) zeroRest(at int64) error {
	for _, c := range r.block[r.pos:] {
		if c != 0 {
			return r.errorAt(fault.ErrCorrupt, at, "data after an empty record")
		}
	}
	r.pos = len(r.block)
	return nil
}

// nextBlock reads the next block; what is left of the current one must be padding.
func (r *logReader) nextBlock() error {
	if rest := r.block[min(r.pos, len(r.block)):]; len(rest) > 0 && len(r.block) < logBlock {
		return r.errorAt(fault.ErrTruncated, r.at+int64(r.pos), "%d bytes where a record header of %d should be", len(rest), logHeader)
	}
	r.at += logBlock
	n := min(r.size-r.at, logBlock)
	if n <= 0 {
		r.block, r.pos = r.block[:0], 0
		return io.EOF
	}
	if r.block == nil {
		r.block = make([]byte, logBlock)
	}
	r.block, r.pos = r.block[:n], 0
	return readFull(r.f, r.name, r.block, r.at)
}

func (r *logReader) errorAt(kind error, at int64, format string, args ...any) *fault.Error {
	e := fault.New(kind, format, args...)
	e.File, e.Offset = r.name, at
	return e
}

// appendLogRecord appends one record to a log file that so far is dst.
func appendLogRecord(dst, record []byte) []byte {
	for first := true; first || len(record) > 0; first = false {
		room := logBlock - len(dst)%logBlock
		if room < logHeader {
			dst = append(dst, make([]byte, room)...)
			room = logBlock
		}
		n := min(len(record), room-logHeader)
		typ := byte(logMiddle)
		switch last := n == len(record); {
		case first && last:
			typ = logFull
		case first:
			typ = logFirst
		case last:
			typ = logLast
		}
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0, byte(n), byte(n>>8), typ)
		dst = append(dst, record[:n]...)
		binary.LittleEndian.PutUint32(dst[at:], maskCRC(crc32.Checksum(dst[at+6:], castagnoli)))
		record = record[n:]
	}
	return dst
}
