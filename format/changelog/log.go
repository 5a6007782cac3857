package changelog

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"sort"
	"sync"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
)

// Log is a file of change sets. It is safe for concurrent use. Positions count the bytes behind the first one, uncompressed.
type Log struct {
	Compressed bool

	src  io.ReaderAt
	size int64

	mu     sync.Mutex
	chunks []chunk // those that were come across, ascending
}

// chunk is where a compressed chunk begins.
type chunk struct{ pos, at int64 }

// OpenLog reads the first byte of a file of size bytes.
func OpenLog(src io.ReaderAt, size int64) (*Log, error) {
	var flag [1]byte
	if n, err := src.ReadAt(flag[:], 0); n < 1 {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		e := fault.New(fault.ErrTruncated, "an empty file").WithExpected("a changelog")
		e.Offset = 0
		return nil, e
	}
	if flag[0] > 1 {
		return nil, fault.Corrupt(0, "%d", flag[0]).WithExpected("0 or 1, whether the changelog is compressed")
	}
	return &Log{Compressed: flag[0] == 1, src: src, size: size, chunks: []chunk{{0, 1}}}, nil
}

// Run is the changes of one key group in one change set: N of them in Len bytes at Pos, each with its length in front.
type Run struct {
	KeyGroup int
	Pos, Len int64
	N        int
}

// Index reads the change set at a position and tells where the changes of each key group are. Metadata is given as it is.
func (l *Log) Index(pos int64) (meta [][]byte, runs []Run, err error) {
	c, err := l.cursor(pos)
	if err != nil {
		return nil, nil, err
	}
	first := true
	for n := c.i32(); n != 0 && c.err == nil; n-- {
		changes, group := c.i32(), int(c.i32())
		if c.err == nil && (n < 0 || changes < 0 || !groupAllowed(group, first)) {
			c.err = fault.New(fault.ErrCorrupt, "%d changes of key group %d in a change set with %d key groups to come", changes, group, n)
		}
		first = false
		run := Run{KeyGroup: group, Pos: c.pos, N: int(changes)}
		for ; changes > 0 && c.err == nil; changes-- {
			b := c.change(group == MetaGroup)
			if group == MetaGroup {
				meta = append(meta, b)
			}
		}
		if run.Len = c.pos - run.Pos; group != MetaGroup {
			runs = append(runs, run)
		}
	}
	if c.err != nil {
		return nil, nil, c.place()
	}
	return meta, runs, nil
}

// Read gives the bytes of a run that Index found.
func (l *Log) Read(run Run) ([]byte, error) {
	c, err := l.cursor(run.Pos)
	if err != nil {
		return nil, err
	}
	b := c.bytes(run.Len)
	if c.err != nil {
		return nil, c.place()
	}
	return b, nil
}

// cursor reads on from a position.
type cursor struct {
	l      *Log
	r      *bufio.Reader
	chunks *chunkReader // if compressed
	pos    int64
	err    error
}

const bufferSize = 64 << 10

func (l *Log) cursor(pos int64) (*cursor, error) {
	if pos < 0 || (!l.Compressed && pos > l.size-1) {
		return nil, fault.Corrupt(pos, "a change set begins here, the file has %d bytes", l.size)
	}
	c := &cursor{l: l, pos: pos}
	if !l.Compressed {
		c.r = bufio.NewReaderSize(io.NewSectionReader(l.src, pos+1, l.size-1-pos), bufferSize)
		return c, nil
	}
	from := l.before(pos)
	c.chunks = &chunkReader{l: l, pos: from.pos}
	c.chunks.r.ResetAt(l.src, from.at, l.size-from.at)
	c.r = bufio.NewReaderSize(c.chunks, bufferSize)
	c.pos = from.pos
	c.skip(pos - from.pos)
	if c.err != nil {
		return nil, c.place()
	}
	return c, nil
}

// before gives the last known chunk that begins at or before a position.
func (l *Log) before(pos int64) chunk {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := sort.Search(len(l.chunks), func(i int) bool { return l.chunks[i].pos > pos })
	return l.chunks[i-1]
}

func (l *Log) met(c chunk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.pos > l.chunks[len(l.chunks)-1].pos {
		l.chunks = append(l.chunks, c)
	}
}

// chunkReader decompresses and remembers where chunks begin, so that the next reader need not start at the front.
type chunkReader struct {
	l   *Log
	r   frame.Reader
	pos int64
}

// Read implements io.Reader.
func (c *chunkReader) Read(p []byte) (int, error) {
	if c.r.Buffered() == 0 {
		c.l.met(chunk{c.pos, c.r.Offset()})
	}
	n, err := c.r.Read(p)
	c.pos += int64(n)
	return n, err
}

// place adds the offset in the file to the error: of the chunk if the file is compressed.
func (c *cursor) place() error {
	var e *fault.Error
	if errors.Is(c.err, io.EOF) || errors.Is(c.err, io.ErrUnexpectedEOF) {
		e = fault.New(fault.ErrTruncated, "the file ends within a change set")
	} else if !errors.As(c.err, &e) {
		return c.err
	}
	placed := *e
	if placed.Offset < 0 {
		placed.Offset = c.pos + 1
		if c.chunks != nil {
			placed.Offset = c.chunks.r.ChunkOffset()
		}
	}
	return &placed
}

func (c *cursor) i32() int32 {
	if c.err != nil {
		return 0
	}
	b, err := c.r.Peek(4)
	if len(b) < 4 {
		c.err = err
		return 0
	}
	v := int32(binary.BigEndian.Uint32(b))
	_, _ = c.r.Discard(4)
	c.pos += 4
	return v
}

// change moves over a change; its bytes are given if they are wanted.
func (c *cursor) change(want bool) []byte {
	n := c.i32()
	if c.err == nil && n < 0 {
		c.err = fault.New(fault.ErrCorrupt, "a change of %d bytes", n)
	}
	if want {
		return c.bytes(int64(n))
	}
	c.skip(int64(n))
	return nil
}

func (c *cursor) skip(n int64) {
	const most = 1 << 30
	for n > 0 && c.err == nil {
		done, err := c.r.Discard(int(min(n, most)))
		c.pos += int64(done)
		n -= int64(done)
		c.err = err
	}
}

// bytes reads n bytes; memory grows as they arrive.
func (c *cursor) bytes(n int64) []byte {
	if c.err != nil {
		return nil
	}
	var b bytes.Buffer
	done, err := io.CopyN(&b, c.r, n)
	c.pos += done
	c.err = err
	return b.Bytes()
}
