package opstate

import (
	"errors"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// Versions of the header. Older ones (1: Flink 1.2, 2: 1.3 and 1.4, 3: 1.5, 4: 1.6) hold serializers as Java objects.
const (
	VersionPlain      = 5 // Flink 1.7 … 1.17
	VersionCompressed = 6 // since Flink 1.18
)

// Header is the head of a managed stream (OperatorBackendSerializationProxy).
type Header struct {
	Version    int32
	Compressed bool             // version 6
	Lists      []statemeta.Info // split and union
	Broadcast  []statemeta.Info
}

// ReadHeader reads the header that b, which begins at the absolute offset base, consists of. Identifiers of snappy streams may
// follow it. Knowing the end lets it get over serializers that it does not know.
//
// When it cannot, the error is of kind fault.ErrUnsupported and the header holds what stands before the trouble; the last state of
// it may lack its serializers.
func ReadHeader(c *serde.Context, b []byte, base int64) (*Header, error) {
	var h Header
	if v := binio.NewReader(b, base).I32(); v >= VersionCompressed {
		for frame.IsHeader(b[max(0, len(b)-frame.HeaderSize):]) {
			b = b[:len(b)-frame.HeaderSize]
		}
	}
	err := c.Resolve(b, base, func(r *binio.Reader) {
		if got := DecodeHeader(c, r); r.Err() == nil {
			h = *got
		}
	})
	if err == nil {
		return &h, nil
	}
	if !errors.Is(err, fault.ErrUnsupported) {
		return nil, err
	}
	return DecodeHeader(c, binio.NewReader(b, base)).known(), err
}

// DecodeHeader reads a header field by field. Trouble, an unknown serializer among it, is the reader's error.
func DecodeHeader(c *serde.Context, r *binio.Reader) *Header {
	r.Section("operator state header")
	defer r.EndSection()
	h := &Header{}
	at := r.Offset()
	h.Version = r.Field("version").I32()
	switch v := h.Version; {
	case r.Err() != nil:
		return h
	case v < 1:
		r.Fail(fault.Corrupt(at, "version %d", v).WithExpected("%d or %d", VersionPlain, VersionCompressed))
	case v < VersionPlain:
		r.Fail(fault.Unsupported(at, "version %d, of Flink 1.6 or older, with serializers as Java objects", v).
			WithHint("restore it with Flink 1.8 … 1.16 and take a new savepoint"))
	case v > VersionCompressed:
		r.Fail(fault.Unsupported(at, "version %d", v).WithExpected("at most %d", VersionCompressed).
			WithHint("it may be of a Flink newer than 2.3"))
	}
	if h.Version >= VersionCompressed {
		h.Compressed = r.Field("compressed").Bool()
	}
	h.Lists = statemeta.ReadAll(c, r, "number of list states")
	h.Broadcast = statemeta.ReadAll(c, r, "number of broadcast states")
	return h
}

// known takes the serializers from the state that could not be read whole.
func (h *Header) known() *Header {
	last := h.Lists
	if len(h.Broadcast) > 0 {
		last = h.Broadcast
	}
	if len(last) > 0 {
		last[len(last)-1].Serializers = nil
	}
	return h
}

// Append writes the header. The error is of kind fault.ErrUsage when its version cannot hold what it has.
func (h *Header) Append(dst []byte) ([]byte, error) {
	if h.Version != VersionPlain && h.Version != VersionCompressed {
		return dst, fault.New(fault.ErrUsage, "operator state header of version %d", h.Version)
	}
	if h.Compressed && h.Version < VersionCompressed {
		return dst, fault.New(fault.ErrUsage, "compressed operator state in version %d, for Flink 1.17 and older", h.Version)
	}
	dst = binio.AppendI32(dst, h.Version)
	if h.Version >= VersionCompressed {
		dst = binio.AppendBool(dst, h.Compressed)
	}
	dst, err := statemeta.AppendAll(dst, h.Lists)
	if err != nil {
		return dst, err
	}
	return statemeta.AppendAll(dst, h.Broadcast)
}
