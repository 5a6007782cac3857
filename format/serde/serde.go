// Package serde turns Flink's serializer snapshots into types and codecs.
//
// Every state in a snapshot is stored with a snapshot of its serializer (org.apache.flink.api.common.typeutils.
// TypeSerializerSnapshot): what it says is enough to read the values without the job's classes. Layout, unchanged
// since Flink 1.7:
//
//	versioned  utf class of the snapshot, i4 version, body        no length: what follows an unknown class cannot be found
//	wrapped    i4 2, versioned                                    in state meta infos
//	composite  i4 911108, i4 outer version, outer body,           most bodies; version 2 and older lack the first two fields
//	           i4 1333245, i4 1, i4 n, n × versioned
//
// ReadSnapshot parses one as data (a Snapshot), which AppendSnapshot writes back to the same bytes, and Compile makes
// a Codec of it. A family of serializers is one file and one line in Builtin.
//
// Values are read in three ways, all straight from the bytes: Skip moves over one, Walk tells a Sink what it is made of,
// and Decode builds a Value, which Append writes back. Walking allocates nothing.
package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// Codec reads and writes the values of one serializer. It is immutable and safe for concurrent use; what it needs to
// remember lives in the Reader.
//
// Skip, Walk and Hash report trouble through the reader's error. Skip checks only what it needs to find the end; Walk checks all.
type Codec interface {
	// Type describes the values.
	Type() *Type
	// Skip moves over one value.
	Skip(r *binio.Reader)
	// Walk reads one value and tells s what it is made of.
	Walk(r *binio.Reader, s Sink)
	// Append writes a value. The error is of kind fault.ErrUsage when v does not fit the type.
	Append(dst []byte, v Value) ([]byte, error)
	// Hash reads one value and gives its Java hashCode. ok is false when the bytes do not define it (enums, arrays, classes
	// with a hashCode of their own): the reader's position is then of no meaning.
	Hash(r *binio.Reader) (hash int32, ok bool)
}

// Decode reads one value with c.
func Decode(c Codec, r *binio.Reader) Value {
	var b Builder
	c.Walk(r, &b)
	if r.Err() != nil {
		return nil
	}
	return b.Value()
}

// DecodeAll reads the one value that b holds; bytes left over are an error.
func DecodeAll(c Codec, b []byte) (Value, error) {
	r := binio.NewReader(b, 0)
	v := Decode(c, r)
	r.End()
	return v, r.Err()
}

// mismatch is the error for a value that a codec cannot write.
func mismatch(t *Type, v Value) error {
	return fault.New(fault.ErrUsage, "a value of kind %s", kindName(v)).WithExpected("%s", t)
}
