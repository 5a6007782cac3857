package rocks

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/tarn-project/tarn/format/fault"
)

// Compression is how a block is compressed, the byte after its content (CompressionType in RocksDB's
// compression_type.h).
type Compression uint8

// The compressions.
const (
	CompressionNone   Compression = 0
	CompressionSnappy Compression = 1 // raw block; its own varint length in front
	CompressionZlib   Compression = 2 // raw deflate
	CompressionBZip2  Compression = 3
	CompressionLZ4    Compression = 4 // raw block
	CompressionLZ4HC  Compression = 5 // the same format
	CompressionXpress Compression = 6 // Windows only
	CompressionZSTD   Compression = 7

	compressionZSTDNotFinal Compression = 0x40 // what ZSTD was called before 4.13
)

func (c Compression) String() string {
	names := [...]string{"none", "Snappy", "zlib", "bzip2", "LZ4", "LZ4HC", "XPRESS", "ZSTD"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("compression %d", uint8(c))
}

// The most that one compressed byte can become, so that a length is refused before memory is taken for it.
const (
	snappyRatio = 64
	lz4Ratio    = 256
	zlibRatio   = 1032
	// zstd and bzip2 can say an enormous run in a few bytes. Blocks up to freeOutput are believed, above it only this ratio.
	otherRatio = 256
	freeOutput = 64 << 20
)

// decompressor turns stored blocks into plain ones. It keeps the state of the algorithms that have some.
type decompressor struct {
	flate io.ReadCloser
	zstd  *zstd.Decoder
	dict  []byte // of the zstd decoder
	in    bytes.Reader
}

var (
	errLength = errors.New("the length does not fit the compressed data")
	errDict   = errors.New("unusable compression dictionary")
)

// decompress gives the plain content of a block. dst is memory to use, the result may be elsewhere.
func (d *decompressor) decompress(dst, src []byte, c Compression, version uint32, dict []byte) ([]byte, error) {
	if c == CompressionSnappy {
		n, err := snappy.DecodedLen(src)
		if err != nil {
			return nil, err
		}
		if n > snappyRatio*len(src) {
			return nil, errLength
		}
		return snappy.Decode(grow(dst, n), src)
	}
	plain, body, err := splitLength(src, c, version)
	if err != nil {
		return nil, err
	}
	switch c {
	case CompressionZlib:
		return d.inflate(dst, body, plain, dict)
	case CompressionBZip2:
		d.in.Reset(body)
		return readAll(dst, bzip2.NewReader(&d.in), plain, outputLimit(len(body), otherRatio))
	case CompressionLZ4, CompressionLZ4HC:
		return unlz4(dst, body, plain, dict)
	case CompressionZSTD, compressionZSTDNotFinal:
		return d.unzstd(dst, body, plain, dict)
	}
	return nil, fault.New(fault.ErrUnsupported, "%s", c)
}

// unknownLength is the plain length where the format does not say it.
const unknownLength = -1

// splitLength takes the plain length off the front. From version 2 on it is a varint; before, LZ4 has eight bytes and zlib
// and bzip2 have nothing. ZSTD has always had the varint.
func splitLength(src []byte, c Compression, version uint32) (plain int, body []byte, err error) {
	isZSTD := c == CompressionZSTD || c == compressionZSTDNotFinal
	switch {
	case c > CompressionZSTD && !isZSTD, c == CompressionXpress:
		return 0, nil, fault.New(fault.ErrUnsupported, "%s", c).WithHint("only RocksDB on Windows writes and reads it; compact the store with another compression")
	case version >= 2 || isZSTD:
		v, n := uvarint(src)
		if n <= 0 || v > 1<<32-1 {
			return 0, nil, errLength
		}
		return int(v), src[n:], nil
	case c == CompressionLZ4 || c == CompressionLZ4HC:
		if len(src) < 8 {
			return 0, nil, errLength
		}
		return int(min(binary.LittleEndian.Uint64(src), 1<<32)), src[8:], nil
	}
	return unknownLength, src, nil
}

func outputLimit(compressed, ratio int) int { return max(freeOutput, ratio*compressed) }

func (d *decompressor) inflate(dst, body []byte, plain int, dict []byte) ([]byte, error) {
	d.in.Reset(body)
	if d.flate == nil {
		d.flate = flate.NewReaderDict(&d.in, dict)
	} else if err := d.flate.(flate.Resetter).Reset(&d.in, dict); err != nil {
		return nil, err
	}
	return readAll(dst, d.flate, plain, zlibRatio*len(body)+64)
}

func unlz4(dst, body []byte, plain int, dict []byte) ([]byte, error) {
	if plain == 0 || plain > lz4Ratio*len(body)+64 { // no block is empty, and the decoder does not take empty memory
		return nil, errLength
	}
	dst = grow(dst, plain)
	n, err := lz4.UncompressBlockWithDict(body, dst, dict)
	if err == nil && n != plain {
		err = errLength
	}
	return dst[:max(n, 0)], err
}

func (d *decompressor) unzstd(dst, body []byte, plain int, dict []byte) ([]byte, error) {
	if plain > outputLimit(len(body), otherRatio) {
		return nil, errLength
	}
	if err := d.zstdDecoder(dict); err != nil {
		return nil, err
	}
	for size := min(plain, 1<<20+64*len(body)); ; size = min(plain, 4*size) {
		out, err := d.zstd.DecodeAll(body, grow(dst, size)[:0:size])
		switch {
		case errors.Is(err, zstd.ErrDecoderSizeExceeded) && size < plain:
			continue
		case err != nil:
			return nil, err
		case len(out) != plain:
			return nil, errLength
		}
		return out, nil
	}
}

// zstdMagicDict starts a trained dictionary; anything else is raw content.
var zstdMagicDict = []byte{0x37, 0xa4, 0x30, 0xec}

func (d *decompressor) zstdDecoder(dict []byte) error {
	if d.zstd != nil && bytes.Equal(d.dict, dict) {
		return nil
	}
	opts := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(1 << 32)}
	switch {
	case bytes.HasPrefix(dict, zstdMagicDict):
		opts = append(opts, zstd.WithDecoderDicts(dict))
	case len(dict) > 0:
		opts = append(opts, zstd.WithDecoderDictRaw(0, dict))
	}
	z, err := zstd.NewReader(nil, opts...)
	if err != nil {
		return errors.Join(errDict, err)
	}
	d.zstd, d.dict = z, dict
	return nil
}

// readAll reads r to its end: plain bytes, if that is known, and at most limit.
func readAll(dst []byte, r io.Reader, plain, limit int) ([]byte, error) {
	if plain > limit {
		return nil, errLength
	}
	dst = dst[:0]
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(dst) > limit || (plain >= 0 && len(dst) > plain) {
			return nil, errLength
		}
	}
	if plain >= 0 && len(dst) != plain {
		return nil, errLength
	}
	return dst, nil
}

// grow gives memory of n bytes, dst's own if it is enough.
func grow(dst []byte, n int) []byte {
	if cap(dst) < n {
		return make([]byte, n, n+n/4)
	}
	return dst[:n]
}
