package rocks

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/tarn-project/tarn/format/fault"
)

// TestHostileLengths: a block that claims to be large costs an error, not memory.
func TestHostileLengths(t *testing.T) {
	huge := binary.AppendUvarint(nil, 1<<32-1)
	body := bytes.Repeat([]byte{1}, 100)
	for _, c := range []Compression{CompressionSnappy, CompressionZlib, CompressionBZip2, CompressionLZ4, CompressionLZ4HC, CompressionZSTD} {
		for _, version := range []uint32{0, 2, 6} {
			src := append(bytes.Clone(huge), body...)
			if version < 2 && (c == CompressionLZ4 || c == CompressionLZ4HC) {
				src = append(binary.LittleEndian.AppendUint64(nil, 1<<40), body...)
			}
			var d decompressor
			out, err := d.decompress(nil, src, c, version, nil)
			if err == nil || cap(out) > 1<<20 {
				t.Errorf("%s, version %d: %d bytes, error %v", c, version, cap(out), err)
			}
		}
	}
}

// TestBombs: data that really does become far more than a block is.
func TestBombs(t *testing.T) {
	plain := make([]byte, freeOutput+1)
	z, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	bomb := z.EncodeAll(plain, binary.AppendUvarint(nil, uint64(len(plain))))
	var d decompressor
	if _, err := d.decompress(nil, bomb, CompressionZSTD, 2, nil); !errors.Is(err, errLength) {
		t.Errorf("ZSTD: %v", err)
	}
	small := plain[:1<<20]
	out, err := d.decompress(nil, z.EncodeAll(small, binary.AppendUvarint(nil, uint64(len(small)))), CompressionZSTD, 2, nil)
	if err != nil || !bytes.Equal(out, small) {
		t.Errorf("ZSTD, a block of zeros: %d bytes, %v", len(out), err)
	}
}

// TestWrongLengths: the length in front must be the length that comes out.
func TestWrongLengths(t *testing.T) {
	plain := bytes.Repeat([]byte("tarn reads tables "), 100)
	var deflated bytes.Buffer
	w, _ := flate.NewWriter(&deflated, 5)
	w.Write(plain)
	w.Close()
	z, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	packed := make([]byte, lz4.CompressBlockBound(len(plain)))
	n, err := lz4.CompressBlock(plain, packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	for c, body := range map[Compression][]byte{
		CompressionZlib: deflated.Bytes(),
		CompressionZSTD: z.EncodeAll(plain, nil),
		CompressionLZ4:  packed[:n],
	} {
		for _, off := range []int{-100, -1, 0, 1, 100} {
			var d decompressor
			src := append(binary.AppendUvarint(nil, uint64(len(plain)+off)), body...)
			out, err := d.decompress(nil, src, c, 2, nil)
			if off == 0 && (err != nil || !bytes.Equal(out, plain)) || off != 0 && err == nil {
				t.Errorf("%s with a length wrong by %d: %d bytes, %v", c, off, len(out), err)
			}
		}
	}
	if _, err := new(decompressor).decompress(nil, snappy.Encode(nil, plain)[:50], CompressionSnappy, 2, nil); err == nil {
		t.Error("Snappy data that is cut off is accepted")
	}
}

func TestUnsupportedCompression(t *testing.T) {
	for _, c := range []Compression{CompressionXpress, 8, 77} {
		_, err := new(decompressor).decompress(nil, []byte{1, 2, 3}, c, 2, nil)
		if !errors.Is(err, fault.ErrUnsupported) || !strings.Contains(err.Error(), c.String()) {
			t.Errorf("%s: %v", c, err)
		}
	}
}
