package keyed

import (
	"bytes"
	"testing"

	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// A Row of outer version 3 has a row kind in its mask or has none; its values tell.
func TestReadings(t *testing.T) {
	row := composite("org.apache.flink.api.java.typeutils.runtime.RowSerializer$RowSerializerSnapshot", 3, long, long)
	for _, c := range []struct {
		name, value string
		plain       bool
	}{
		{"with kind", "60" + one, false}, // kind, field 0 is null: 01 1 0
		{"without kind", "80" + one, true},
		{"could be both", "00" + one + one, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, heap := range []bool{false, true} {
				b := newBuilder(t, 128, 5, 5, Header{Key: text, States: []statemeta.Info{keyedState("s", "VALUE", void, row)}})
				value := unhex(t, c.value)
				if heap {
					b.heap(5, "0000 00000001 00 0261 "+c.value)
				} else {
					b.group(5, "0000 00000004 85 0261 00", "000000", hexByte(len(value)), c.value, "ffff")
				}
				want := "5 s k=0261 v=" + string(appendHexText(value))
				s := b.open()
				compare(t, rows(s), want)
				v, err := serde.DecodeAll(s.States[0].Value, value)
				if err != nil {
					t.Fatal(err)
				}
				again, err := s.States[0].Value.Append(nil, v)
				if err != nil || !bytes.Equal(again, value) {
					t.Errorf("%v; wrote %x, read %x", err, again, value)
				}
				if plain := s.isOther(t); plain != c.plain {
					t.Errorf("heap %v: read without kind %v, want %v", heap, plain, c.plain)
				}
				alone, err := OpenAlone(bytes.NewReader(b.b), int64(len(b.b)), nil)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, rows(alone), want)
			}
		})
	}
}

// isOther reports whether the second reading was taken: it reads a mask of 80 as a null.
func (s *Stream) isOther(t *testing.T) bool {
	t.Helper()
	return walks(s.States[0].Value, unhex(t, "80"+one))
}

func hexByte(n int) string { return string(appendHexText([]byte{byte(n)})) }

func appendHexText(b []byte) []byte {
	const digits = "0123456789abcdef"
	var out []byte
	for _, c := range b {
		out = append(out, digits[c>>4], digits[c&15])
	}
	return out
}
