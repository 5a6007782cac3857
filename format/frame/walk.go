package frame

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// Walk reads the chunks of a stream, or of several in a row, field by field for annotated dumps. It looks at neither blocks
// nor checksums.
func Walk(r *binio.Reader) {
	for r.Err() == nil && r.Len() > 0 {
		at := r.Offset()
		if IsHeader(r.Rest()) {
			r.Field("snappy stream identifier").Bytes(HeaderSize)
			continue
		}
		r.Section("snappy chunk")
		kind := r.Field("chunk kind").U8()
		b := r.Field("chunk length, little-endian").Bytes(chunkHeader - 1)
		if r.Err() == nil {
			walkBody(r, at, kind, int(b[0])|int(b[1])<<8|int(b[2])<<16)
		}
		r.EndSection()
	}
}

func walkBody(r *binio.Reader, at int64, kind byte, n int) {
	switch {
	case kind > kindStored && kind < kindSkippable || kind == kindIdentifier:
		r.Fail(fault.Corrupt(at, "chunk of kind %#02x", kind).WithExpected("a chunk of the snappy framing format"))
	case kind > kindStored:
		r.Field("padding").Bytes(n)
	case n < minData || n > maxData:
		r.Fail(fault.Corrupt(at, "data chunk of %d bytes", n).WithExpected("%d to %d", minData, maxData))
	default:
		r.Field("masked checksum, little-endian").Bytes(checksumSize)
		label := "compressed block"
		if kind == kindStored {
			label = "stored block"
		}
		r.Field(label).Bytes(n - checksumSize)
	}
}
