package keyed

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// HeaderVersion is the only version of KeyedBackendSerializationProxy since Flink 1.8.
const HeaderVersion = 6

// Header is the head of a keyed stream, and all of the meta stream of a native RocksDB snapshot.
type Header struct {
	Version    int32
	Compressed bool
	Key        *serde.Snapshot
	States     []statemeta.Info
}

// ReadHeader parses b, which must hold the header and nothing else; base is the absolute offset of b. Unknown serializer
// snapshots are sized by serde's Resolve.
func ReadHeader(c *serde.Context, b []byte, base int64) (*Header, error) {
	var h *Header
	err := c.Resolve(b, base, func(r *binio.Reader) { h = DecodeHeader(c, r) })
	if err != nil {
		return h, err
	}
	return h, nil
}

// DecodeHeader reads a header at the reader's position. After an error the header holds the states that were read before it.
func DecodeHeader(c *serde.Context, r *binio.Reader) *Header {
	h := &Header{Version: r.Field("keyed state header version").I32()}
	if r.Err() == nil && h.Version != HeaderVersion {
		refuseVersion(r, h.Version)
		return h
	}
	h.Compressed = r.Field("compressed").Bool()
	r.Section("key serializer")
	h.Key = c.ReadWrapped(r)
	r.EndSection()
	h.States = statemeta.ReadAll(c, r, "number of states")
	return h
}

func refuseVersion(r *binio.Reader, v int32) {
	e := fault.Corrupt(r.Offset()-4, "%d", v).WithExpected("%d", HeaderVersion)
	if v >= 1 && v < HeaderVersion {
		e.Kind = fault.ErrUnsupported
		e.Hint = "written by Flink 1.7 or older: restore it with Flink 1.8 … 1.16 and take a new savepoint"
	}
	r.Fail(e)
}

// Append writes the header.
func (h *Header) Append(dst []byte) ([]byte, error) {
	dst = binio.AppendI32(dst, h.Version)
	dst = binio.AppendBool(dst, h.Compressed)
	dst, err := serde.AppendWrapped(dst, h.Key)
	if err != nil {
		return dst, err
	}
	return statemeta.AppendAll(dst, h.States)
}
