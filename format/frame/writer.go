package frame

import (
	"encoding/binary"
	"io"
)

// maxRatio is the highest compressed / raw size at which a block is written compressed
// (SnappyFramedOutputStream.DEFAULT_MIN_COMPRESSION_RATIO).
const maxRatio = 0.85

// AppendHeader appends a stream identifier.
func AppendHeader(dst []byte) []byte { return append(dst, identifier...) }

// Encoder makes the bytes that Flink would write. It keeps memory between calls and is not safe for concurrent use.
type Encoder struct {
	Rule  Rule
	table []uint16
}

// AppendChunk appends one chunk with a block of 1 to BlockSize bytes. An empty block appends nothing.
func (e *Encoder) AppendChunk(dst, block []byte) []byte {
	if len(block) == 0 {
		return dst
	}
	at := len(dst)
	dst = append(dst, kindCompressed, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, checksum(block))
	start := len(dst)
	dst = e.appendBlock(dst, block)
	if float64(len(dst)-start)/float64(len(block)) > maxRatio {
		dst = append(dst[:start], block...)
		dst[at] = kindStored
	}
	n := len(dst) - at - chunkHeader
	dst[at+1], dst[at+2], dst[at+3] = byte(n), byte(n>>8), byte(n>>16)
	return dst
}

// AppendChunks appends content of any size in chunks of BlockSize bytes.
func (e *Encoder) AppendChunks(dst, content []byte) []byte {
	for len(content) > 0 {
		n := min(BlockSize, len(content))
		dst = e.AppendChunk(dst, content[:n])
		content = content[n:]
	}
	return dst
}

// AppendStream appends a whole stream, identifier included.
func (e *Encoder) AppendStream(dst, content []byte) []byte {
	return e.AppendChunks(AppendHeader(dst), content)
}

// Writer compresses what is written to it (SnappyFramedOutputStream). Errors are those of the destination.
type Writer struct {
	enc     Encoder
	dst     io.Writer
	block   []byte // content that is not in a chunk yet
	out     []byte
	written int64
	started bool
	err     error
}

// NewWriter makes a writer of one stream to dst.
func NewWriter(dst io.Writer, rule Rule) *Writer {
	return &Writer{enc: Encoder{Rule: rule}, dst: dst, block: make([]byte, 0, BlockSize)}
}

// Reset begins another stream, to dst, with the memory of this one.
func (w *Writer) Reset(dst io.Writer) {
	w.dst, w.block, w.out, w.written, w.started, w.err = dst, w.block[:0], w.out[:0], 0, false, nil
}

// Written is the number of bytes, identifier included, that went to the destination: after Flush, where the next chunk begins.
func (w *Writer) Written() int64 { return w.written }

// Write takes content; a chunk is written whenever there are BlockSize bytes of it.
func (w *Writer) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 && w.err == nil {
		n := min(len(p), BlockSize-len(w.block))
		w.block = append(w.block, p[:n]...)
		p = p[n:]
		if len(w.block) == BlockSize {
			w.emit()
		}
	}
	return total - len(p), w.err
}

// Flush writes what was taken so far as a chunk of its own, and the identifier if nothing was written before.
func (w *Writer) Flush() error {
	w.emit()
	return w.err
}

func (w *Writer) emit() {
	w.out = w.out[:0]
	if !w.started {
		w.out = AppendHeader(w.out)
		w.started = true
	}
	w.out = w.enc.AppendChunk(w.out, w.block)
	w.block = w.block[:0]
	if w.err != nil || len(w.out) == 0 {
		return
	}
	n, err := w.dst.Write(w.out)
	w.written += int64(n)
	w.err = err
}
