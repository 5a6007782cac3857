// Package versioned reads and writes the envelopes in which sources, sinks and coordinators keep their state: bytes of which Flink
// knows a version, and only the connector the meaning (SimpleVersionedSerialization, Flink 1.11 … 2.3).
//
//	value        i4 version, i4 n, n bytes
//	list         i4 version, i4 count, count × (i4 n, n bytes)          one version for all
//	coordinator  i4 serde version, i4 version, i4 n, n bytes, more      SourceCoordinatorSerdeUtils; see Coordinator
//
// Where they stand:
//
//	value        each element of the list states SourceReaderState (a split), writer_raw_states and streaming_committer_raw_states
//	             (sinks), whose serializer is that of byte arrays
//	coordinator  the coordinator state of an operator that is a source. Other operators have coordinators with bytes of their own,
//	             and a snapshot does not say which is which
package versioned

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// Value is bytes with the version of the serializer that wrote them.
type Value struct {
	Version int32
	Data    []byte // aliases what was read
}

// Read reads a value.
func Read(r *binio.Reader) Value {
	v := Value{Version: r.Field("version").I32()}
	n := r.Field("number of bytes").Length()
	v.Data = r.Field("versioned bytes").Bytes(n)
	return v
}

// Parse reads the one value that b holds.
func Parse(b []byte, base int64) (Value, error) {
	r := binio.NewReader(b, base)
	v := Read(r)
	r.End()
	return v, r.Err()
}

// Append writes a value.
func Append(dst []byte, v Value) []byte {
	dst = binio.AppendI32(dst, v.Version)
	dst = binio.AppendI32(dst, int32(len(v.Data)))
	return append(dst, v.Data...)
}

// List is several values that one serializer wrote.
type List struct {
	Version int32
	Items   [][]byte // alias what was read
}

// ReadList reads a list.
func ReadList(r *binio.Reader) List {
	l := List{Version: r.Field("version").I32()}
	n := r.Field("number of items").Count(4)
	for i := 0; i < n && r.Err() == nil; i++ {
		size := r.Field("number of bytes").Length()
		l.Items = append(l.Items, r.Field("item").Bytes(size))
	}
	return l
}

// AppendList writes a list.
func AppendList(dst []byte, l List) []byte {
	dst = binio.AppendI32(dst, l.Version)
	dst = binio.AppendI32(dst, int32(len(l.Items)))
	for _, b := range l.Items {
		dst = binio.AppendI32(dst, int32(len(b)))
		dst = append(dst, b...)
	}
	return dst
}

// Coordinator is the state of a source's coordinator.
type Coordinator struct {
	// Serde is the version of the envelope: 0 in Flink 1.12, 1 since 1.13.
	Serde int32
	// Enumerator is what the source's split enumerator stored.
	Enumerator Value
	// Rest is what follows: in version 0 the splits that were assigned since the last checkpoint, else nothing so far as known.
	Rest []byte
}

// maxSerde is the highest known version of a coordinator's envelope.
const maxSerde = 1

// ParseCoordinator reads a coordinator's state. Bytes that are no such envelope, which those of other coordinators than a source's
// usually are not, are an error.
func ParseCoordinator(b []byte, base int64) (Coordinator, error) {
	r := binio.NewReader(b, base)
	c := Coordinator{Serde: r.Field("coordinator version").I32()}
	if r.Err() == nil && (c.Serde < 0 || c.Serde > maxSerde) {
		r.Fail(fault.Unsupported(base, "coordinator state of version %d", c.Serde).WithExpected("0 to %d, if it is a source's", maxSerde))
	}
	c.Enumerator = Read(r)
	c.Rest = r.Field("rest").Bytes(r.Len())
	return c, r.Err()
}

// AppendCoordinator writes a coordinator's state.
func AppendCoordinator(dst []byte, c Coordinator) []byte {
	dst = binio.AppendI32(dst, c.Serde)
	return append(Append(dst, c.Enumerator), c.Rest...)
}
