package metadata

import (
	"bytes"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
)

// What decodes is written back to the same bytes, whatever it is; all else is an error of a known kind.
func FuzzDecode(f *testing.F) {
	for _, v := range Versions() {
		addEach(f, everything(f, v))
	}
	addEach(f, everything114())
	for _, name := range []string{"checkpoint", "savepoint-suspend"} {
		f.Add(encode(f, &Metadata{Version: 6, RawProperties: properties(f, name)}))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			if m != nil || fault.KindOf(err) == nil {
				t.Fatalf("error %v of no kind", err)
			}
			return
		}
		out, err := m.Append(nil)
		if err != nil {
			t.Fatalf("what was decoded cannot be written: %v", err)
		}
		if !bytes.Equal(out, b) {
			t.Fatalf("written back to other bytes:\n% x\n% x", out, b)
		}
		m.EachHandle(func(_ Owner, h Handle) { h.Size() })
		GuessWriter(m, Evidence{})
		var s fields
		if _, err := DecodeTraced(b, &s); err != nil || s.gaps != 0 || s.open != 0 {
			t.Fatalf("traced: %v, %d gaps, %d open", err, s.gaps, s.open)
		}
	})
}

// addEach adds a small seed for each subtask: large ones keep the fuzzer busy with making them smaller.
func addEach(f *testing.F, m *Metadata) {
	if len(m.RawProperties) > 0 {
		m.RawProperties = []byte{0xAC, 0xED, 0, 5, javaNull}
	}
	operators := m.Operators
	for _, o := range operators {
		for _, s := range append([]Subtask{{}}, o.Subtasks...) {
			o.Subtasks = []Subtask{s}
			if o.FullyFinished || o.Parallelism == 0 {
				o.Subtasks = nil
			}
			m.Operators = []Operator{o}
			f.Add(encode(f, m))
		}
	}
}

func FuzzProperties(f *testing.F) {
	for _, name := range []string{"checkpoint", "savepoint-canonical", "savepoint-native", "savepoint-suspend"} {
		f.Add(properties(f, name))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if p := ParseProperties(raw); !p.Known && p != (Properties{}) {
			t.Fatalf("%+v of bytes that are not understood", p)
		}
	})
}
