package changelog

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/javaser"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// Op is what a change does (StateChangeOperation).
type Op uint8

// The operations. All but Metadata are of one key and namespace, or of a timer queue.
const (
	Clear           Op = 0
	Set             Op = 1 // the value, or all elements of a list
	SetInternal     Op = 2 // the same by way of the internal API: accumulators
	Add             Op = 3 // elements to a list, entries to a map
	MergeNamespaces Op = 4
	AddElement      Op = 5 // to a list, or timers to a queue
	PutElement      Op = 6 // ADD_OR_UPDATE_ELEMENT: of a map
	RemoveElement   Op = 7 // of a map or a queue
	Meta            Op = 8
)

var opNames = [...]string{
	"CLEAR", "SET", "SET_INTERNAL", "ADD", "MERGE_NS", "ADD_ELEMENT", "ADD_OR_UPDATE_ELEMENT", "REMOVE_ELEMENT", "METADATA",
}

// String gives Flink's name of the operation.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "unknown operation"
}

// oldMeta is the code of METADATA in Flink 1.14, which had one operation more and named states in every change.
const oldMeta = 9

// Change is one change of data.
type Change struct {
	Op      Op
	State   int16  // the number that metadata gave the state
	Payload []byte // key and namespace, but for timer queues, then what the operation needs
}

// DecodeChange reads a change of a key group. The payload aliases b, whose first byte has the absolute offset base.
func DecodeChange(b []byte, base int64) (Change, error) {
	r := binio.NewReader(b, base)
	c := Change{Op: Op(r.Field("operation").U8()), State: r.Field("state").I16()}
	c.Payload = r.Bytes(r.Len())
	if r.Err() == nil && c.Op >= Meta {
		r.Fail(fault.Corrupt(base, "operation %d", c.Op).WithExpected("0 to %d", Meta-1))
	}
	return c, r.Err()
}

// Append writes the change.
func (c Change) Append(dst []byte) []byte {
	return append(binio.AppendI16(append(dst, byte(c.Op)), c.State), c.Payload...)
}

// Kinds of states in metadata (StateMetaInfoSnapshot.BackendStateType, by its code).
const (
	KindKeyValue      = 0
	KindPriorityQueue = 3
)

// metaVersion is the version of state descriptions since Flink 1.11. Version 6 has the same bytes.
const metaVersion = 7

// Metadata registers a state: from here on changes call it by its number.
type Metadata struct {
	Version int32
	Info    statemeta.Info
	TTL     []byte // a Java-serialized StateTtlConfig; nil without TTL
	Default []byte // the default value as the state's serializer writes it; nil without
	State   int16
	Kind    uint8 // KindKeyValue or KindPriorityQueue
}

// DecodeMetadata reads a change of the group of metadata. TTL and Default alias b. An unknown serializer in it is sized by
// what must follow.
func DecodeMetadata(c *serde.Context, b []byte, base int64) (*Metadata, error) {
	var m *Metadata
	err := c.Resolve(b, base, func(r *binio.Reader) { m = decodeMetadata(c, r) })
	if err != nil {
		return nil, err
	}
	return m, nil
}

func decodeMetadata(c *serde.Context, r *binio.Reader) *Metadata {
	m := &Metadata{}
	at := r.Offset()
	switch op := r.Field("operation").U8(); {
	case r.Err() != nil:
		return m
	case op == oldMeta:
		r.Fail(fault.Unsupported(at, "changes as Flink 1.14 logged them, where the changelog was unfinished").
			WithHint("restore with Flink 1.14 and take a savepoint"))
	case Op(op) != Meta:
		r.Fail(fault.Corrupt(at, "operation %d among metadata", op).WithExpected("%d", Meta))
	}
	m.Version = r.Field("version of the state's description").I32()
	if r.Err() == nil && m.Version != metaVersion && m.Version != metaVersion-1 {
		r.Fail(fault.Unsupported(r.Offset()-4, "state description of version %d", m.Version).WithExpected("%d", metaVersion))
	}
	m.Info = statemeta.Read(c, r)
	if m.Info.Type == statemeta.KeyValue {
		m.decodeDefaults(c, r)
	}
	m.State = r.Field("number of the state").I16()
	m.Kind = r.Field("kind of the state").U8()
	if r.Err() == nil && (m.Kind == KindPriorityQueue) != (m.Info.Type == statemeta.PriorityQueue) {
		r.Corrupt("kind %d of a state described as %v", m.Kind, m.Info.Type)
	}
	return m
}

// decodeDefaults reads what a state's descriptor says beside its serializers.
func (m *Metadata) decodeDefaults(c *serde.Context, r *binio.Reader) {
	if r.Field("has TTL").Bool() {
		from := r.Pos()
		javaser.Parse(r)
		m.TTL = r.Since(from)
	}
	if !r.Field("has default value").Bool() || r.Err() != nil {
		return
	}
	snap := m.Info.Serializer(statemeta.SerializerValue)
	if snap == nil {
		r.Corrupt("a default value without a serializer")
		return
	}
	codec, err := c.Families.Compile(snap)
	if err != nil {
		r.FailWith(err)
		return
	}
	from := r.Pos()
	if codec.Type().Opaque {
		const tail = 3 // the state's number and kind
		if r.Len() < tail {
			r.Skip(tail)
			return
		}
		r.Skip(r.Len() - tail)
	} else {
		codec.Skip(r)
	}
	m.Default = r.Since(from)
}

// Append writes the change. TTL and Default are written as they are.
func (m *Metadata) Append(dst []byte) ([]byte, error) {
	dst = binio.AppendI32(append(dst, byte(Meta)), m.Version)
	dst, err := statemeta.Append(dst, &m.Info)
	if err != nil {
		return dst, err
	}
	if m.Info.Type == statemeta.KeyValue {
		dst = append(binio.AppendBool(dst, m.TTL != nil), m.TTL...)
		dst = append(binio.AppendBool(dst, m.Default != nil), m.Default...)
	}
	return append(binio.AppendI16(dst, m.State), m.Kind), nil
}
