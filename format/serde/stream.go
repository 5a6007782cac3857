package serde

import (
	"github.com/tarn-project/tarn/format/binio"
)

// What operators of the DataStream API keep in state.
//
//	StreamElementSerializer    u1 tag; 0 record: i8 timestamp, value; 1 record without timestamp: value; 2 watermark: i8;
//	                           3 latency marker: i8 marked time, i8 lower and i8 upper half of the operator id, i4 subtask;
//	                           4 watermark status: i4; since 1.19: 5 record attributes: bool backlog; 6 watermark of a
//	                           subpartition: i4 subpartition, i8
//	BufferEntrySerializer      (interval join) bool hasBeenJoined, element
//	StateSerializer            (TwoPhaseCommitSinkFunction) pending transaction { transaction, i8 start }, with a bool before it
//	                           that says whether there is one if the snapshot says so (outer version 3 always, 4 by a bool);
//	                           i4 n, n × { transaction, i8 start }; bool hasContext, [context]

const streaming = "org.apache.flink.streaming."

func streamFamilies() []Family {
	sink := streaming + "api.functions.sink."
	return []Family{{
		Classes: []string{streaming + "runtime.streamrecord.StreamElementSerializer$StreamElementSerializerSnapshot"},
		Read:    composite(2, noOuter),
		Compile: compileStreamElement,
	}, {
		Classes: []string{streaming + "api.operators.co.IntervalJoinOperator$BufferEntrySerializerSnapshot"},
		Read:    composite(2, noOuter),
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			if err := arity(s, nested, 1); err != nil {
				return nil, err
			}
			return newProduct(newType(s, KindStruct, variable), []string{"hasBeenJoined", "element"}, []Codec{plain(boolScalar(), KindBool), nested[0]}), nil
		},
	}, {
		Classes: []string{
			sink + "TwoPhaseCommitSinkFunction$StateSerializerSnapshot",
			sink + "legacy.TwoPhaseCommitSinkFunction$StateSerializerSnapshot", // 2.0
		},
		Read: composite(4, func(r *binio.Reader, version int32) {
			if version >= 4 {
				outerBool(r, version)
			}
		}),
		Compile: compileTwoPhaseCommit,
	}}
}

// plain makes a codec of a scalar that no snapshot stands for.
func plain(c scalar, k Kind) Codec {
	c.t = &Type{Kind: k, Length: c.size}
	return &c
}

func plainInt() Codec  { return plain(intScalar(4), KindInt32) }
func plainLong() Codec { return plain(intScalar(8), KindInt64) }

func compileStreamElement(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	group := func(names []string, parts ...Codec) Codec {
		return newProduct(&Type{Kind: KindStruct, Length: variable}, names, parts)
	}
	names := []string{"timestamped", "record", "watermark", "latencyMarker", "watermarkStatus", "recordAttributes", "internalWatermark"}
	parts := []Codec{
		group([]string{"timestamp", "value"}, plainLong(), nested[0]),
		nested[0],
		plainLong(),
		group([]string{"markedTime", "operatorIdLower", "operatorIdUpper", "subtask"}, plainLong(), plainLong(), plainLong(), plainInt()),
		plainInt(),
		plain(boolScalar(), KindBool),
		group([]string{"subpartition", "timestamp"}, plainInt(), plainLong()),
	}
	return newUnion(newType(s, KindUnion, variable), []byte{0, 1, 2, 3, 4, 5, 6}, names, parts), nil
}

func compileTwoPhaseCommit(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 2); err != nil {
		return nil, err
	}
	transaction := newProduct(&Type{Kind: KindStruct, Length: variable}, []string{"transaction", "startTime"}, []Codec{nested[0], plainLong()})
	var pending Codec = transaction
	if v := s.Body.(*Composite).OuterVersion; v == 3 || (v >= 4 && outerReader(s).Bool()) {
		pending = newOptional(transaction)
	}
	commits := newList(&Type{Kind: KindList, Length: variable, Args: []*Type{transaction.t}, Opaque: transaction.t.Opaque}, transaction)
	return newProduct(newType(s, KindStruct, variable), []string{"pendingTransaction", "pendingCommitTransactions", "context"}, []Codec{
		pending,
		&commits,
		newOptional(nested[1]),
	}), nil
}

// optionalCodec is bool isPresent, [value].
type optionalCodec struct {
	t     *Type
	value Codec
}

func newOptional(c Codec) *optionalCodec {
	t := *c.Type()
	t.Nullable, t.Length = true, variable
	return &optionalCodec{&t, lastBehindFlag(c)}
}

func (c *optionalCodec) Type() *Type                  { return c.t }
func (c *optionalCodec) nullAt(b []byte) int          { return startsWith(b, "\x00") }
func (c *optionalCodec) Skip(r *binio.Reader)         { skipFlagged(r, c.value, true) }
func (c *optionalCodec) Walk(r *binio.Reader, s Sink) { walkFlagged(r, s, c.value, true) }
func (c *optionalCodec) Append(dst []byte, v Value) ([]byte, error) {
	return appendFlagged(dst, c.value, v, true)
}
func (c *optionalCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }
