package frame

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// fields collects the labels of a trace with their offsets.
type fields struct{ b strings.Builder }

func (f *fields) Field(offset int64, raw []byte, label string, _ binio.Shape) {
	fmt.Fprintf(&f.b, "%d+%d %s\n", offset, len(raw), label)
}
func (f *fields) Enter(offset int64, label string) { fmt.Fprintf(&f.b, "%d %s\n", offset, label) }
func (f *fields) Leave(int64)                      {}

func TestWalk(t *testing.T) {
	r := binio.NewReader([]byte(identifier+stored("abc")+chunk(0xFE, "pad")), 5)
	var f fields
	r.Trace(&f)
	if Walk(r); r.Err() != nil {
		t.Fatal(r.Err())
	}
	const want = `5+10 snappy stream identifier
15 snappy chunk
15+1 chunk kind
16+3 chunk length, little-endian
19+4 masked checksum, little-endian
23+3 stored block
26 snappy chunk
26+1 chunk kind
27+3 chunk length, little-endian
30+3 padding
`
	if f.b.String() != want {
		t.Errorf("got\n%swant\n%s", f.b.String(), want)
	}
	r = binio.NewReader([]byte(stored("a")), 0) // the shortest chunk
	if Walk(r); r.Err() != nil {
		t.Error(r.Err())
	}
	for _, bad := range []string{chunk(0x02, "abcdef"), chunk(0xFF, "sNaPpy"), chunk(kindStored, "1234"), stored("abc")[:9], "\x00"} {
		r := binio.NewReader([]byte(bad), 0)
		if Walk(r); !errors.Is(r.Err(), fault.ErrCorrupt) {
			t.Errorf("%q: %v", bad, r.Err())
		}
	}
}
