package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	apache "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// write gives a record of JSON rows as a Parquet file.
func write(t testing.TB, s *arrow.Schema, rows string, times int) []byte {
	t.Helper()
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := New(&b, s)
	if err != nil {
		t.Fatal(err)
	}
	for range times {
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, b []byte) *file.Reader {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// column reads a whole column of a row group with Arrow's reader.
func column(t testing.TB, r *file.Reader, group, i int) (values []any, def, rep []int16) {
	t.Helper()
	c, err := r.RowGroup(group).Column(i)
	if err != nil {
		t.Fatal(err)
	}
	n := int64(1 << 16)
	def, rep = make([]int16, n), make([]int16, n)
	var total int64
	var read int
	take := func(get func(i int) any) {
		for i := range read {
			values = append(values, get(i))
		}
	}
	switch c := c.(type) {
	case *file.Int32ColumnChunkReader:
		v := make([]int32, n)
		total, read, err = c.ReadBatch(n, v, def, rep)
		take(func(i int) any { return v[i] })
	case *file.Int64ColumnChunkReader:
		v := make([]int64, n)
		total, read, err = c.ReadBatch(n, v, def, rep)
		take(func(i int) any { return v[i] })
	case *file.Float64ColumnChunkReader:
		v := make([]float64, n)
		total, read, err = c.ReadBatch(n, v, def, rep)
		take(func(i int) any { return v[i] })
	case *file.BooleanColumnChunkReader:
		v := make([]bool, n)
		total, read, err = c.ReadBatch(n, v, def, rep)
		take(func(i int) any { return v[i] })
	case *file.ByteArrayColumnChunkReader:
		v := make([]apache.ByteArray, n)
		total, read, err = c.ReadBatch(n, v, def, rep)
		take(func(i int) any { return string(v[i]) })
	case *file.FixedLenByteArrayColumnChunkReader:
		v := make([]apache.FixedLenByteArray, n)
		total, read, err = c.ReadBatch(n, v, def, rep)
		take(func(i int) any {
			return decimal128.New(int64(binary.BigEndian.Uint64(v[i])), binary.BigEndian.Uint64(v[i][8:])).ToString(2)
		})
	default:
		t.Fatalf("%T", c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return values, def[:total], rep[:total]
}

// TestLevels: what the format's own definition says for nested values.
func TestLevels(t *testing.T) {
	list := func(of arrow.DataType) arrow.DataType {
		return arrow.ListOfField(arrow.Field{Name: "element", Type: of, Nullable: true})
	}
	for _, c := range []struct {
		typ      arrow.DataType
		rows     string
		column   int
		want     []any
		def, rep []int16
	}{
		{arrow.PrimitiveTypes.Int64, `1 null -3`, 0, []any{int64(1), int64(-3)}, []int16{1, 0, 1}, []int16{0, 0, 0}},
		{arrow.PrimitiveTypes.Int8, `1 -2`, 0, []any{int32(1), int32(-2)}, []int16{1, 1}, []int16{0, 0}},
		{arrow.FixedWidthTypes.Boolean, `true null false true`, 0, []any{true, false, true}, []int16{1, 0, 1, 1}, []int16{0, 0, 0, 0}},
		{&arrow.Decimal128Type{Precision: 9, Scale: 2}, `"1.25" "-1.25"`, 0, []any{"1.25", "-1.25"}, []int16{1, 1}, []int16{0, 0}},
		{list(arrow.BinaryTypes.String), `["a","b"] [] null [null] ["c"]`, 0, []any{"a", "b", "c"}, []int16{3, 3, 1, 0, 2, 3}, []int16{0, 1, 0, 0, 0, 0}},
		{
			list(list(arrow.PrimitiveTypes.Int32)), `[[1,2],[],null,[3]] [[4]]`, 0,
			[]any{int32(1), int32(2), int32(3), int32(4)},
			[]int16{5, 5, 3, 2, 5, 5},
			[]int16{0, 2, 1, 1, 1, 0},
		},
		{
			arrow.StructOf(arrow.Field{Name: "a", Type: list(arrow.PrimitiveTypes.Int32), Nullable: true}), `{"a":[1]} null {"a":null} {"a":[]}`, 0,
			[]any{int32(1)},
			[]int16{4, 0, 1, 2},
			[]int16{0, 0, 0, 0},
		},
		{
			arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), `[{"key":"x","value":1},{"key":"y","value":null}] [] null`, 1,
			[]any{int64(1)},
			[]int16{3, 2, 1, 0},
			[]int16{0, 1, 0, 0},
		},
		{
			arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), `[{"key":"x","value":1},{"key":"y","value":null}] []`, 0,
			[]any{"x", "y"},
			[]int16{2, 2, 1},
			[]int16{0, 1, 0},
		},
	} {
		t.Run(c.typ.String(), func(t *testing.T) {
			s := arrow.NewSchema([]arrow.Field{{Name: "v", Type: c.typ, Nullable: true}}, nil)
			dec := strings.Fields(c.rows)
			rows := `[{"v":` + strings.Join(dec, `},{"v":`) + `}]`
			values, def, rep := column(t, open(t, write(t, s, rows, 1)), 0, c.column)
			if !reflect.DeepEqual(values, c.want) || !reflect.DeepEqual(def, c.def) || len(rep) != len(c.rep) {
				t.Errorf("values %v, def %v, rep %v\nwant   %v, def %v, rep %v", values, def, rep, c.want, c.def, c.rep)
			}
			for i := range c.rep {
				if strings.Contains(c.typ.String(), "<") && rep[i] != c.rep[i] {
					t.Errorf("rep %v, want %v", rep, c.rep)
				}
			}
		})
	}
}

// TestGroups: row groups are bounded, and rows and metadata are all there.
func TestGroups(t *testing.T) {
	meta := arrow.NewMetadata([]string{"tarn.state"}, []string{"last"})
	s := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "s", Type: arrow.BinaryTypes.String}}, &meta)
	var rows strings.Builder
	const n, times = 5000, 60
	for i := range n {
		fmt.Fprintf(&rows, `,{"n":%d,"s":"text %d"}`, i, i)
	}
	r := open(t, write(t, s, "["+rows.String()[1:]+"]", times))
	if r.NumRows() != n*times || r.NumRowGroups() < 2 {
		t.Errorf("%d rows in %d groups", r.NumRows(), r.NumRowGroups())
	}
	if v := r.MetaData().KeyValueMetadata().FindValue("tarn.state"); v == nil || *v != "last" {
		t.Errorf("metadata %v", v)
	}
	next := int64(0)
	for g := range r.NumRowGroups() {
		if rows := r.MetaData().RowGroup(g).NumRows(); rows > groupRows+sliceRows {
			t.Errorf("group of %d rows", rows)
		}
		c, err := r.RowGroup(g).Column(0)
		if err != nil {
			t.Fatal(err)
		}
		v := make([]int64, 1000)
		for {
			_, read, err := c.(*file.Int64ColumnChunkReader).ReadBatch(int64(len(v)), v, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if read == 0 {
				break
			}
			for _, got := range v[:read] {
				if got != next%n {
					t.Fatalf("row %d is %d", next, got)
				}
				next++
			}
		}
	}
	if next != n*times {
		t.Errorf("read %d rows", next)
	}
}

// TestNoRows: a file without rows has its schema.
func TestNoRows(t *testing.T) {
	s := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	if r := open(t, write(t, s, "[]", 1)); r.NumRows() != 0 || r.MetaData().Schema.NumColumns() != 1 {
		t.Errorf("%d rows, %d columns", r.NumRows(), r.MetaData().Schema.NumColumns())
	}
}

// TestHybrid decodes runs and packed groups by the definition of the encoding.
func TestHybrid(t *testing.T) {
	for _, v := range [][]uint8{
		{1},
		{0, 1, 0},
		{1, 1, 1, 1, 1, 1, 1, 1, 1},
		{3, 1, 2, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 2},
		bytes.Repeat([]byte{0, 1, 2}, 50),
		append(bytes.Repeat([]byte{2}, 1000), 1),
	} {
		const width = 2
		b := appendHybrid(nil, v, width)
		var got []uint8
		for len(b) > 0 && len(got) < len(v) {
			h, n := binary.Uvarint(b)
			b = b[n:]
			if h&1 == 0 {
				got = append(got, bytes.Repeat(b[:1], int(h>>1))...)
				b = b[1:]
				continue
			}
			for i := range int(h>>1) * 8 {
				got = append(got, b[i*width/8]>>(i*width%8)&(1<<width-1))
			}
			b = b[int(h>>1)*width:]
		}
		if len(got) < len(v) || !bytes.Equal(got[:len(v)], v) || len(b) > 0 {
			t.Errorf("%v became %v", v, got)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	s := arrow.NewSchema([]arrow.Field{
		{Name: "key", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "value", Nullable: true, Type: arrow.StructOf(
			arrow.Field{Name: "labels", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true},
			arrow.Field{Name: "score", Type: arrow.PrimitiveTypes.Float64, Nullable: true})},
	}, nil)
	const n = 8192
	var rows strings.Builder
	for i := range n {
		fmt.Fprintf(&rows, `,{"key":"%016x","value":{"labels":["segment-%d","region-%d"],"score":%d.5}}`, i*7919, i, i%100, i)
	}
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader("["+rows.String()[1:]+"]"))
	if err != nil {
		b.Fatal(err)
	}
	w, err := New(discard{}, s)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(rec); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "rows/s")
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
