package rowdata

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRow writes a row with every kind of fixed part and reads it back. The bytes are those of Flink's BinaryRowWriter.
func TestRow(t *testing.T) {
	w := NewRow([]byte("before"), 6, 2)
	w.Number(0, 0xFFFFFFFFFFFFFFFE, 2)
	w.Text(1, []byte("1234567"))
	w.Text(2, []byte("12345678"))
	w.Null(3)
	w.Decimal(4, []byte{1, 2})
	w.Timestamp(5, -1, 999_999)
	want := "02080000" + "00000000" + // header: +U, field 3 is null
		"feff000000000000" +
		"3132333435363787" +
		"0800000038000000" +
		"0000000000000000" +
		"0200000040000000" +
		"3f420f0050000000" +
		"3132333435363738" +
		"01020000000000000000000000000000" +
		"ffffffffffffffff"
	if got := hex.EncodeToString(w.Out[len("before"):]); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	s := Section{Data: unhex(t, want)}
	if kind, ok := s.Row(6); kind != 2 || !ok {
		t.Errorf("kind %d, %t", kind, ok)
	}
	if s.RowNull(2) || !s.RowNull(3) {
		t.Error("null bits")
	}
	at := func(i int) int { return RowHeader(6) + 8*i }
	if b, ok := s.Text(at(1)); string(b) != "1234567" || !ok {
		t.Errorf("%q, %t", b, ok)
	}
	if b, ok := s.Text(at(2)); string(b) != "12345678" || !ok {
		t.Errorf("%q, %t", b, ok)
	}
	if b, ok := s.Decimal(at(4)); !bytes.Equal(b, []byte{1, 2}) || !ok {
		t.Errorf("%x, %t", b, ok)
	}
	if millis, nanos, ok := s.Timestamp(at(5)); millis != -1 || nanos != 999_999 || !ok {
		t.Errorf("%d, %d, %t", millis, nanos, ok)
	}
	for range 20 { // the same part again and again
		if _, ok := s.Text(at(2)); !ok {
			return
		}
	}
	t.Error("parts of more bytes than the row has")
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct{ n, row, array int }{{0, 8, 4}, {1, 8, 8}, {32, 8, 8}, {33, 8, 12}, {56, 8, 12}, {57, 16, 12}, {120, 16, 20}, {121, 24, 20}} {
		if r, a := RowHeader(c.n), ArrayHeader(c.n); r != c.row || a != c.array {
			t.Errorf("%d fields: %d and %d bytes, want %d and %d", c.n, r, a, c.row, c.array)
		}
	}
}

func TestArray(t *testing.T) {
	w := NewArray(nil, 3, 2)
	w.Number(0, 1, 2)
	w.Null(1)
	w.Number(2, 3, 2)
	if got, want := hex.EncodeToString(w.Out), "0300000002000000"+"0100000003000000"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	s := Section{Data: w.Out}
	n, first, ok := s.Array(2)
	if n != 3 || first != 8 || !ok || s.ArrayNull(0) || !s.ArrayNull(1) {
		t.Errorf("%d elements from %d, %t", n, first, ok)
	}
	if _, _, ok := s.Array(4); ok {
		t.Error("elements beyond the end")
	}
	m := append([]byte{16, 0, 0, 0}, append(bytes.Clone(w.Out), w.Out...)...)
	if k, v, ok := Map(m); !ok || !bytes.Equal(k, w.Out) || !bytes.Equal(v, w.Out) {
		t.Error("map")
	}
	for _, n := range []int{0, 3, 10} {
		if _, _, ok := Map(m[:n]); ok {
			t.Errorf("a map of %d bytes", n)
		}
	}
}

func TestSQL(t *testing.T) {
	num := func(root string) *Logical { return &Logical{Root: root, Nullable: true} }
	for want, l := range map[string]*Logical{
		"INT":                     num("INTEGER"),
		"STRING":                  {Root: "VARCHAR", Length: 1<<31 - 1, Nullable: true},
		"BYTES NOT NULL":          {Root: "VARBINARY", Length: 1<<31 - 1},
		"CHAR(3)":                 {Root: "CHAR", Length: 3, Nullable: true},
		"DECIMAL(10, 2) NOT NULL": {Root: "DECIMAL", Precision: 10, Scale: 2},
		"TIMESTAMP_LTZ(3)":        {Root: "TIMESTAMP_WITH_LOCAL_TIME_ZONE", Precision: 3, Nullable: true},
		"ARRAY<INT>":              {Root: RootArray, Args: []*Logical{num("INTEGER")}, Nullable: true},
		"MAP<INT, DATE> NOT NULL": {Root: RootMap, Args: []*Logical{num("INTEGER"), num("DATE")}},
		"ROW<`a``b` INT>":         {Root: RootRow, Fields: []Field{{"a`b", num("INTEGER")}}, Nullable: true},
		"RAW('acme.A')":           {Root: RootRaw, Class: "acme.A", Nullable: true},
		"FUTURE":                  num("FUTURE"),
		"DISTINCT INT":            {Root: RootDistinct, Args: []*Logical{num("INTEGER")}, Nullable: true},
	} {
		if got := l.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// FuzzSection: no bytes make the readers panic, or hand out more than there is.
func FuzzSection(f *testing.F) {
	f.Add([]byte{2, 8, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 9}, 1)
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0}, 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		s := Section{Data: b}
		total := 0
		if _, ok := s.Row(n); ok {
			for i := range n {
				at := RowHeader(n) + 8*i
				s.RowNull(i)
				s.Word(at)
				for _, read := range []func(int) ([]byte, bool){s.Part, s.Text, s.Decimal} {
					if p, ok := read(at); ok && len(p) > InlineMax {
						total += len(p)
					}
				}
				s.Timestamp(at)
			}
		}
		if total > len(b) {
			t.Fatalf("%d bytes out of %d", total, len(b))
		}
		if n, first, ok := s.Array(8); ok {
			for i := range n {
				s.ArrayNull(i)
				s.Part(first + 8*i)
			}
		}
		Map(b)
	})
}

// TestShort: what is too short for its fields, or of no kind, is no row; arrays likewise.
func TestShort(t *testing.T) {
	for _, c := range []struct {
		fields int
		data   string
		ok     bool
	}{
		{0, "0000000000000000", true},
		{0, "00000000000000", false},
		{1, "0300000000000000" + "0100000000000000", true},
		{1, "0300000000000000" + "01000000000000", false},
		{1, "0400000000000000" + "0100000000000000", false},
		{-1, "0000000000000000", false},
		{1 << 62, "0000000000000000", false},
	} {
		s := Section{Data: unhex(t, c.data)}
		if kind, ok := s.Row(c.fields); ok != c.ok || ok && kind != s.Data[0] {
			t.Errorf("%d fields in %s: %d, %v", c.fields, c.data, kind, ok)
		}
	}
	for _, c := range []struct {
		data string
		n    int
		ok   bool
	}{
		{"000000", 0, false},
		{"00000000", 0, true},
		{"02000000" + "00000000" + "0100" + "0200", 2, true},
		{"02000000" + "00000000" + "0100" + "02", 2, false},
		{"ffffffff" + "00000000", 0, false},
		{"ffffff7f" + "00000000", 0, false},
	} {
		s := Section{Data: unhex(t, c.data)}
		if n, _, ok := s.Array(2); n != c.n || ok != c.ok {
			t.Errorf("array %s: %d, %v", c.data, n, ok)
		}
	}
}
