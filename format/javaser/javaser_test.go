package javaser

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

type stream struct {
	name, json string
	data       []byte
}

// made reads testdata/streams.txt, which a JDK 17 wrote with testdata/maker.
func made(t testing.TB) []stream {
	t.Helper()
	f, err := os.Open("testdata/streams.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []stream
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		b, err := hex.DecodeString(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, stream{parts[0], parts[2], b})
	}
	return out
}

// TestStreams: each stream is read to its end and no further, is written back to its bytes, and shows what it holds. "!" marks a
// stream that must be refused, "*" stands for anything.
func TestStreams(t *testing.T) {
	for _, s := range made(t) {
		t.Run(s.name, func(t *testing.T) {
			r := binio.NewReader(append(bytes.Clone(s.data), 0xAC, 0xED), 0)
			v := Parse(r)
			if s.json == "!" {
				if !errors.Is(r.Err(), fault.ErrCorrupt) {
					t.Fatalf("error %v", r.Err())
				}
				return
			}
			if r.Err() != nil || r.Len() != 2 {
				t.Fatalf("error %v, %d bytes left", r.Err(), r.Len())
			}
			again, err := Append(nil, v)
			if err != nil || !bytes.Equal(again, s.data) {
				t.Fatalf("written back: %v\n got %x\nwant %x", err, again, s.data)
			}
			got := string(AppendJSON(nil, v))
			before, after, any := strings.Cut(s.json, "*")
			if !json.Valid([]byte(got)) || (any && (!strings.HasPrefix(got, before) || !strings.HasSuffix(got, after))) || (!any && got != s.json) {
				t.Errorf("got  %s\nwant %s", got, s.json)
			}
		})
	}
}

func TestTruncated(t *testing.T) {
	for _, s := range made(t) {
		if s.json == "!" || len(s.data) > 2000 {
			continue
		}
		for n := range s.data {
			if _, err := ParseBytes(s.data[:n]); !errors.Is(err, fault.ErrCorrupt) {
				t.Fatalf("%s cut to %d bytes: %v", s.name, n, err)
			}
		}
	}
}

func TestHostile(t *testing.T) {
	head := "aced0005"
	class := func(name string, flags byte, super string) string {
		return "72" + hex.EncodeToString([]byte{0, byte(len(name))}) + hex.EncodeToString([]byte(name)) + "0000000000000000" + hex.EncodeToString([]byte{flags}) + "0000" + "78" + super
	}
	arrays := "75" + class("[Ljava.lang.Object;", 2, "70")
	for _, c := range []struct {
		name, hex string
		kind      error
	}{
		{"nested deep", head + arrays + "00000001" + strings.Repeat("75"+"71007e0000"+"00000001", 10_000) + "70", fault.ErrUnsupported},
		{"resets", head + strings.Repeat("79", 10_000) + "70", fault.ErrUnsupported},
		{"huge array", head + arrays + "7fffffff", fault.ErrTruncated},
		{"huge primitive array", head + "75" + class("[J", 2, "70") + "10000000" + "00", fault.ErrTruncated},
		{"negative array", head + arrays + "ffffffff", fault.ErrCorrupt},
		{"huge string", head + "7c" + "7fffffffffffffff", fault.ErrCorrupt},
		{"unknown handle", head + "71007e0000", fault.ErrCorrupt},
		{"low handle", head + "7100000000", fault.ErrCorrupt},
		{"class that extends itself", head + "73" + class("A", 2, "71007e0000"), fault.ErrCorrupt},
		{"class annotated with an object of itself", head + "73" + "72000141" + "0000000000000000" + "02" + "0000" + "7371007e000078" + "70", fault.ErrCorrupt},
		{"string as a class", head + "75" + arrays[2:] + "00000002" + "740001" + "41" + "73" + "71007e0002", fault.ErrCorrupt},
		{"protocol version 1", head + "73" + class("A", 4, "70"), fault.ErrUnsupported},
		{"end of nothing", head + "78", fault.ErrCorrupt},
		{"unknown type code", head + "7f", fault.ErrCorrupt},
		{"other version", "aced0006" + "70", fault.ErrCorrupt},
		{"block data as an element", head + arrays + "00000001" + "7700", fault.ErrCorrupt},
		{"primitive after object", head + "73" + "72000141" + "0000000000000000" + "02" + "0002" + "4c000161" + "74000141" + "49000162" + "7870", fault.ErrCorrupt},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := hex.DecodeString(c.hex)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ParseBytes(b); !errors.Is(err, c.kind) {
				t.Errorf("error %v, want kind %v", err, c.kind)
			}
		})
	}
}

// TestShared: what is shared many times over is not written out many times over.
func TestShared(t *testing.T) {
	list := &ClassDesc{Name: "[Ljava.lang.Object;", UID: 1, Flags: FlagSerializable}
	v := Value(&String{Text: "x"})
	for range 100 {
		v = &Array{Class: list, Elems: []Value{v, v, v}}
	}
	if n := len(AppendJSON(nil, v)); n > 100_000 {
		t.Errorf("%d bytes", n)
	}
}

func TestAppendRefuses(t *testing.T) {
	class := &ClassDesc{Name: "A", Flags: FlagSerializable, Fields: []FieldDesc{{Type: 'I', Name: "n"}}}
	for name, v := range map[string]Value{
		"missing data":    &Object{Class: class},
		"missing field":   &Object{Class: class, Data: []ClassData{{Class: class}}},
		"wrong primitive": &Object{Class: class, Data: []ClassData{{Class: class, Fields: []Value{Long(1)}}}},
		"no class":        &Object{},
		"bare primitive":  Int(1),
		"long name":       &Class{Desc: &ClassDesc{Name: strings.Repeat("x", 70_000)}},
	} {
		if _, err := Append(nil, v); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestLongString: a text that is too long for a two-byte length, and one that need not have a longer one.
func TestLongString(t *testing.T) {
	for _, s := range []*String{{Text: strings.Repeat("ä", 40_000)}, {Text: "short", Long: true}} {
		b, err := Append(nil, s)
		if err != nil || b[4] != 0x7C {
			t.Fatalf("%.20x: %v", b, err)
		}
		v, err := ParseBytes(b)
		if text, _ := Text(v); err != nil || text != s.Text {
			t.Errorf("%d characters back: %v", len(text), err)
		}
		again, _ := Append(nil, v)
		if !bytes.Equal(again, b) {
			t.Error("other bytes the second time")
		}
	}
}

func TestFields(t *testing.T) {
	for _, s := range made(t) {
		if s.name != "fields" {
			continue
		}
		v, err := ParseBytes(s.data)
		if err != nil {
			t.Fatal(err)
		}
		o := AsObject(v)
		if !o.Is("Make$Base") || o.Is("Make$Custom") || o.Text("s") != "base" || o.Int("h") != -300 || !o.Bool("z") || o.Object("self") != o {
			t.Errorf("fields of %s", AppendJSON(nil, v))
		}
		if _, ok := o.Field("nothing"); ok || o.EnumName("s") != "" {
			t.Error("fields that are not there")
		}
	}
}

// FuzzParse: whatever is accepted is written back to the same bytes, and can be shown.
func FuzzParse(f *testing.F) {
	for _, s := range made(f) {
		if len(s.data) < 4000 {
			f.Add(s.data)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := binio.NewReader(b, 0)
		v := Parse(r)
		if r.Err() != nil {
			return
		}
		again, err := Append(nil, v)
		if err != nil || !bytes.Equal(again, b[:r.Pos()]) {
			t.Fatalf("written back: %v\n got %x\nwant %x", err, again, b[:r.Pos()])
		}
		if out := AppendJSON(nil, v); !json.Valid(out) {
			t.Fatalf("no JSON: %s", out)
		}
	})
}
