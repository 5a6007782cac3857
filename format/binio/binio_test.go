package binio_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNumbers reads what the appenders wrote: big-endian, and each field behind the other.
func TestNumbers(t *testing.T) {
	b := binio.AppendBool(binio.AppendU8(nil, 0xFE), true)
	b = binio.AppendI64(binio.AppendI32(binio.AppendI16(b, -2), -3), -1<<62)
	b = binio.AppendF64(binio.AppendF32(b, 1.5), -0.25)
	if got, want := hex.EncodeToString(b), "fe01fffefffffffdc0000000000000003fc00000bfd0000000000000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r := binio.NewReader(b, 100)
	if r.U8() != 0xFE || !r.Bool() || r.I16() != -2 || r.I32() != -3 || r.Offset() != 108 || r.I64() != -1<<62 || r.F32() != 1.5 || r.F64() != -0.25 {
		t.Error("other numbers")
	}
	if r.End(); r.Err() != nil || r.Pos() != len(b) {
		t.Error(r.Err())
	}
}

// TestFirstErrorStays: after the first error all reads give zero, and the error is the first, at its offset.
func TestFirstErrorStays(t *testing.T) {
	for _, c := range []struct {
		name string
		b    string
		read func(r *binio.Reader)
		kind error
		at   int64
	}{
		{"cut", "0102", func(r *binio.Reader) { r.U8(); r.I32() }, fault.ErrTruncated, 11},
		{"skipped", "0102", func(r *binio.Reader) { r.Skip(3) }, fault.ErrTruncated, 10},
		{"negative", "0102", func(r *binio.Reader) { r.Bytes(-1) }, fault.ErrCorrupt, 10},
		{"no bool", "02", func(r *binio.Reader) { r.Bool() }, fault.ErrCorrupt, 10},
		{"count", "7fffffff 00", func(r *binio.Reader) { r.Count(1) }, fault.ErrTruncated, 10},
		{"count of wide things", "00000002 000000", func(r *binio.Reader) { r.Count(2) }, fault.ErrTruncated, 10},
		{"count of things that may be empty", "00000402 00", func(r *binio.Reader) { r.Count(0) }, fault.ErrTruncated, 10},
		{"negative count", "ffffffff", func(r *binio.Reader) { r.Count(0) }, fault.ErrCorrupt, 10},
		{"length", "00000002 00", func(r *binio.Reader) { r.Length() }, fault.ErrTruncated, 10},
		{"negative length", "ffffffff", func(r *binio.Reader) { r.Length() }, fault.ErrCorrupt, 10},
		{"other magic", "00000001", func(r *binio.Reader) { r.Expect(2) }, fault.ErrCorrupt, 10},
		{"more", "0000", func(r *binio.Reader) { r.U8(); r.End() }, fault.ErrCorrupt, 11},
		{"long string", "ffffffff0f 61", func(r *binio.Reader) { r.String() }, fault.ErrTruncated, 15},
		{"long varint", "ffffffff10", func(r *binio.Reader) { r.VarInt() }, fault.ErrCorrupt, 15},
		{"endless varint", "808080808000", func(r *binio.Reader) { r.VarInt() }, fault.ErrCorrupt, 15},
		{"varint with a zero too many", "8000", func(r *binio.Reader) { r.VarInt() }, fault.ErrCorrupt, 12},
		{"character of 17 bits", "03 808004 00", func(r *binio.Reader) { r.String() }, fault.ErrCorrupt, 14},
		{"modified UTF-8 cut in a character", "0001 c3", func(r *binio.Reader) { r.UTF() }, fault.ErrCorrupt, 12},
		{"modified UTF-8 of four bytes", "0004 f09f9880", func(r *binio.Reader) { r.UTF() }, fault.ErrCorrupt, 12},
		{"modified UTF-8 longer than needed", "0002 c181", func(r *binio.Reader) { r.UTF() }, fault.ErrCorrupt, 12},
		{"modified UTF-8 with a plain zero", "0001 00", func(r *binio.Reader) { r.UTF() }, fault.ErrCorrupt, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := binio.NewReader(unhex(t, c.b), 10)
			c.read(r)
			first := r.Err()
			var e *fault.Error
			if !errors.Is(first, c.kind) || !errors.As(first, &e) || e.Offset != c.at {
				t.Fatalf("%v, want %v at %d", first, c.kind, c.at)
			}
			if r.U8() != 0 || r.I64() != 0 || r.UTF() != "" || r.VarInt() != 0 || r.Bytes(0) != nil || r.Count(1) != 0 {
				t.Error("something was read after the error")
			}
			if r.End(); r.Err() != first {
				t.Errorf("then %v", r.Err())
			}
		})
	}
}

// texts are in WTF-8, with their UTF-16 units, as modified UTF-8 and as StringValue.
var texts = []struct {
	name, wtf8       string
	units            []uint16
	modified, string string
}{
	{"empty", "", nil, "", "01"},
	{"plain", "aZ", []uint16{'a', 'Z'}, "615a", "03615a"},
	{"zero", "\x00", []uint16{0}, "c080", "0200"},
	{"two bytes", "ö\u07FF", []uint16{0xF6, 0x7FF}, "c3b6dfbf", "03f601ff0f"},
	{"three bytes", "中\uFFFF", []uint16{0x4E2D, 0xFFFF}, "e4b8adefbfbf", "03ad9c01ffff03"},
	{"four bytes", "😀", []uint16{0xD83D, 0xDE00}, "eda0bdedb880", "03bdb00380bc03"},
	{"unpaired", "\xed\xb8\x80\xed\xa0\xbd", []uint16{0xDE00, 0xD83D}, "edb880eda0bd", "0380bc03bdb003"},
	{"nine plain ones and another", "123456789é", []uint16{'1', '2', '3', '4', '5', '6', '7', '8', '9', 0xE9}, "313233343536373839c3a9", "0b313233343536373839e901"},
	{"another in the middle of eight", "1234é67", []uint16{'1', '2', '3', '4', 0xE9, '6', '7'}, "31323334c3a93637", "0831323334e9013637"},
}

func TestTexts(t *testing.T) {
	for _, c := range texts {
		t.Run(c.name, func(t *testing.T) {
			var units []uint16
			binio.EachUnit(c.wtf8, func(u uint16) { units = append(units, u) })
			if !slices.Equal(units, c.units) || binio.Units(c.wtf8) != len(c.units) {
				t.Errorf("units %x", units)
			}
			if got := hex.EncodeToString(binio.AppendModifiedUTF8(nil, c.wtf8)); got != c.modified {
				t.Errorf("modified UTF-8 %s, want %s", got, c.modified)
			}
			m := unhex(t, c.modified)
			r := binio.NewReader(m, 0)
			if got := r.ModifiedUTF8(len(m)); got != c.wtf8 || r.Err() != nil {
				t.Errorf("from modified UTF-8: %q, %v", got, r.Err())
			}
			if got := hex.EncodeToString(binio.AppendString(nil, c.wtf8)); got != c.string {
				t.Errorf("StringValue %s, want %s", got, c.string)
			}
			s := append(unhex(t, c.string), 0x7A)
			r = binio.NewReader(s, 0)
			if got, null := r.String(); string(got) != c.wtf8 || null || r.Len() != 1 || r.Err() != nil {
				t.Errorf("from StringValue: %q, %v, %d left, %v", got, null, r.Len(), r.Err())
			}
			r = binio.NewReader(s, 0)
			if r.SkipString(); r.Len() != 1 || r.Err() != nil {
				t.Errorf("skipped to %d before the end, %v", r.Len(), r.Err())
			}
		})
	}
	r := binio.NewReader(binio.AppendNullString(nil), 0)
	if got, null := r.String(); got != nil || !null || r.Len() != 0 {
		t.Errorf("null: %q, %v", got, null)
	}
	if _, ok := binio.AppendUTF(nil, strings.Repeat("é", 1<<15)); ok {
		t.Error("65536 bytes in a utf field")
	}
	if b, ok := binio.AppendUTF([]byte{9}, "é"); !ok || !bytes.Equal(b, []byte{9, 0, 2, 0xC3, 0xA9}) {
		t.Errorf("utf field % x", b)
	}
}

func TestDepth(t *testing.T) {
	r := binio.NewReader([]byte{1}, 0)
	for n := range binio.MaxDepth {
		if !r.Enter() {
			t.Fatalf("no more than %d levels", n)
		}
	}
	r.Leave()
	if !r.Enter() || r.Err() != nil {
		t.Error("a level that was left counts")
	}
	if r.Enter() || !errors.Is(r.Err(), fault.ErrCorrupt) {
		t.Errorf("one level more: %v", r.Err())
	}
}

// TestFrame: what happens in a frame stays there, and it counts levels and offsets on.
func TestFrame(t *testing.T) {
	r := binio.NewReader([]byte{1, 2, 3, 4}, 10)
	r.U8()
	f := r.Frame(2)
	if f.U8() != 2 || f.Offset() != 12 || f.I32() != 0 || f.Err() == nil {
		t.Errorf("frame at %d, %v", f.Offset(), f.Err())
	}
	if r.U8() != 4 || r.Err() != nil {
		t.Errorf("behind the frame: %v", r.Err())
	}
	r.FailWith(f.Err())
	if r.Err() != f.Err() {
		t.Error(r.Err())
	}
	if f := r.Frame(1); f.Len() != 0 {
		t.Error("a frame after an error")
	}
}

// FuzzTexts: what was read can be written back to the same bytes.
func FuzzTexts(f *testing.F) {
	for _, c := range texts {
		b, _ := hex.DecodeString(c.modified)
		f.Add(b)
		b, _ = hex.DecodeString(c.string)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := binio.NewReader(b, 0)
		if s := r.ModifiedUTF8(len(b)); r.Err() == nil && !bytes.Equal(binio.AppendModifiedUTF8(nil, s), b) {
			t.Errorf("%x is %q", b, s)
		}
		r = binio.NewReader(b, 0)
		s, null := r.String()
		again := binio.AppendString(nil, s)
		if null {
			again = binio.AppendNullString(nil)
		}
		read := b[:r.Pos()]
		if r.Err() == nil && !bytes.Equal(again, read) {
			t.Errorf("%x is %q", read, s)
		}
		skip := binio.NewReader(b, 0)
		if skip.SkipString(); r.Err() == nil && (skip.Err() != nil || skip.Pos() != r.Pos()) {
			t.Errorf("%x: skipped %d bytes, read %d, %v", b, skip.Pos(), r.Pos(), skip.Err())
		}
	})
}
