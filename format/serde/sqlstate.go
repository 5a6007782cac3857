package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/javaser"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Serializers that single SQL operators have for themselves.
//
//	SortedLongSerializer (sink)  version 3                                   i8 with its sign bit flipped
//	GlobalWindow                 version 3                                   one byte 00
//	CRowSerializer (old planner) nested: row                                 row, bool isInsert
//
// and of the sequenced multiset state of Flink 2.3 and newer:
//
//	RowDataKeySerializer   version 0: i4 n, Java object of n bytes, twice;   the row
//	                       row serializer
//	RowSqnInfoSerializer   nested: two longs                                 first and last sequence number
//	MetaSqnInfoSerializer  nested: two longs                                 highest sequence number, size
//	NodeSerializer         nested: row, long, four nullable longs            the six, one after the other

const sequenced = "org.apache.flink.table.runtime.sequencedmultisetstate.linked."

func sqlStateFamilies() []Family {
	return []Family{
		{
			Classes: []string{"org.apache.flink.table.runtime.operators.sink.SortedLongSerializer$SortedLongSerializerSnapshot"},
			Read:    readSimple, Compile: compileSortedLong,
		},
		{Classes: []string{tableWindows + "GlobalWindow$Serializer$GlobalWindowSerializerSnapshot"}, Read: readSimple, Compile: compileTableGlobalWindow},
		{
			Classes: []string{"org.apache.flink.table.runtime.types.CRowSerializerSnapshot"}, Read: composite(1, noOuter),
			Compile: compileCRow,
		},
		{Classes: []string{sequenced + "RowDataKeySerializerSnapshot"}, Read: readRowDataKey, Compile: compileView},
		{
			Classes: []string{sequenced + "RowSqnInfoSerializer$RowSqnInfoSerializerSnapshot"}, Read: composite(0, noOuter),
			Compile: compileParts([]string{"firstSqn", "lastSqn"}),
		},
		{
			Classes: []string{sequenced + "MetaSqnInfoSerializer$MetaSqnInfoSerializerSnapshot"}, Read: composite(0, noOuter),
			Compile: compileParts([]string{"highSqn", "size"}),
		},
		{
			Classes: []string{sequenced + "NodeSerializer$NodeSerializerSnapshot"}, Read: composite(0, noOuter),
			Compile: compileParts([]string{"row", "sqn", "prevSqn", "nextSqn", "nextSqnForRecord", "timestamp"}),
		},
	}
}

const signBit = -1 << 63

func compileSortedLong(s *Snapshot, _ []Codec) (Codec, error) {
	return &scalar{
		t: newType(s, KindInt64, 8), size: 8,
		walk: func(r *binio.Reader, s Sink) { s.Int(r.I64() ^ signBit) },
		put: func(dst []byte, v Value) ([]byte, bool) {
			n, ok := v.(Int)
			return binio.AppendI64(dst, int64(n)^signBit), ok
		},
		hash: func(r *binio.Reader) int32 { return keygroup.Long(r.I64() ^ signBit) },
	}, nil
}

func compileTableGlobalWindow(s *Snapshot, _ []Codec) (Codec, error) {
	t := newType(s, KindStruct, 1)
	t.Class, t.Note = tableWindows+"GlobalWindow", noteGlobal
	return &unitCodec{t: t}, nil
}

// compileCRow is a row with a change flag.
func compileCRow(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	return newProduct(newType(s, KindStruct, variable), []string{"row", "change"}, []Codec{nested[0], plain(boolScalar(), KindBool)}), nil
}

// rowDataKeyBody is the body of a RowDataKeySerializer's snapshot.
type rowDataKeyBody struct {
	functions []byte // generated equaliser and hash function
	row       *Snapshot
}

func (b *rowDataKeyBody) nested() []*Snapshot { return []*Snapshot{b.row} }

// AppendBody writes the functions as they were, and the row serializer.
func (b *rowDataKeyBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	return AppendSnapshot(append(dst, b.functions...), b.row)
}

func readRowDataKey(c *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 0 {
		unknownVersion(r, s)
		return nil
	}
	start := r.Pos()
	for _, function := range []string{"generated equaliser", "generated hash function"} {
		at := r.Offset()
		b := r.Field(function).Bytes(r.Length())
		if _, err := javaser.ParseBytes(b); r.Err() == nil && err != nil {
			r.Fail(placed(err, at))
		}
	}
	if r.Err() != nil {
		return nil
	}
	return &rowDataKeyBody{r.Since(start), c.ReadSnapshot(r)}
}
