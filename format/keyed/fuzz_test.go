package keyed

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// What was read can be written back to the same bytes.

func FuzzHeader(f *testing.F) {
	h := Header{Version: HeaderVersion, Key: text, States: allKinds}
	b, err := h.Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	h.Compressed, h.States = true, []statemeta.Info{keyedState("s", "VALUE", void, custom)}
	if b, err = h.Append(nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ReadHeader(serde.NewContext(nil), b, 0)
		if err != nil {
			return
		}
		if again, err := h.Append(nil); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%v; wrote % x, read % x", err, again, b)
		}
		if _, err := h.Compile(serde.BuiltinRegistry()); err != nil {
			t.Error(err)
		}
	})
}

// fuzzGroup makes the content of one key group from whatever bytes and reads it under a header with every kind of state, or, if odd, with
// serializers that are not known.
func fuzzGroup(t *testing.T, layout Layout, odd bool, content []byte) {
	header := Header{Version: HeaderVersion, Key: text, States: allKinds}
	if odd {
		header.Key = custom
		header.States = []statemeta.Info{
			keyedState("a", "LIST", void, listOf(custom)), keyedState("b", "MAP", text, mapOf(long, text)),
			keyedState("c", "MAP", void, mapOf(text, custom)), timerQueue("q", custom, windowNS), keyedState("d", "VALUE", custom, long),
		}
	}
	b, err := header.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := Handle{Range: keygroup.Range{First: 5, Last: 5}, Offsets: []int64{int64(len(b))}, MaxParallelism: 128}
	b = append(b, content...)
	s, err := Open(bytes.NewReader(b), int64(len(b)), h, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Layout = layout
	rows(s)
	writtenBack(t, s)
	tally := make([]Tally, len(s.States))
	sc := s.NewScanner()
	defer sc.Close()
	counted := sc.Count(5, tally)
	if _, ok, _ := encodeGroup(s, 5, 0); ok && counted != nil {
		t.Errorf("read without trouble, counted with %v", counted)
	}
}

func FuzzCanonical(f *testing.F) {
	f.Add(false, unhexF(f, "0000 00000005 85 036162 00 00000008 "+one+" 0001 00000004 85 0261 00 00000005 0278 2c 0279 ffff"))
	f.Add(false, unhexF(f, "0002 00000007 85 036162 00 027a 00000001 01 0003 00000014 85 036162 "+span+" 00000008 "+one+" ffff"))
	f.Add(false, unhexF(f, "0004 0000000d 85 80 00 00 00 00 00 00 09 036162 00 00000000 ffff"))
	f.Add(true, unhexF(f, "0000 00000005 85 036162 00 00000003 010203 0001 0000000d 85 61 01 0278 02 "+one+" 00000003 00 0278 ffff"))
	f.Fuzz(func(t *testing.T, odd bool, b []byte) { fuzzGroup(t, Canonical, odd, b) })
}

func FuzzHeap(f *testing.F) {
	f.Add(false, unhexF(f, "00000005 0001 00000001 00 036162 00000002 0278 0279 0000 00000001 00 036162 "+one+
		" 0002 00000001 00 036162 00000001 0278 00 "+one+" 0003 00000001 "+span+" 036162 "+one+
		" 0004 00000001 8000000000000009 036162 00 0005 00000000"))
	f.Add(true, unhexF(f, "00000005 0000 00000000 0001 00000000 0002 00000000 0003 00000000 0004 00000000"))
	f.Fuzz(func(t *testing.T, odd bool, b []byte) { fuzzGroup(t, Heap, odd, b) })
}

func FuzzRaw(f *testing.F) {
	var enc RawTimersEncoder
	b, err := enc.BeginService(enc.Begin(nil, 1), &RawService{"t", text, windowNS})
	if err != nil {
		f.Fatal(err)
	}
	b = enc.EndTimers(enc.EndTimers(b, true), false)
	f.Add(b)
	f.Add([]byte("other bytes"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := Handle{Range: keygroup.Range{First: 5, Last: 6}, Offsets: []int64{0, NoOffset}, MaxParallelism: 128}
		raw, err := OpenRaw(bytes.NewReader(b), int64(len(b)), h, nil)
		if err != nil {
			t.Fatal(err)
		}
		if raw.Scan(5, nil, func(*entry.Entry) bool { return true }) != nil {
			return
		}
		if again, err := rewriteRaw(raw, b); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%v; wrote % x, read % x", err, again, b)
		}
	})
}

func unhexF(f *testing.F, s string) []byte {
	f.Helper()
	var out []byte
	for _, c := range s {
		if c != ' ' {
			out = append(out, byte(c))
		}
	}
	b := make([]byte, len(out)/2)
	for i := range b {
		b[i] = nibble(out[2*i])<<4 | nibble(out[2*i+1])
	}
	return b
}

func nibble(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

// The hostile numbers: each is an error, at once, and takes no memory to speak of.
func TestHostile(t *testing.T) {
	const huge, negative = "7fffffff", "ffffffff"
	for _, content := range []string{
		"0000 " + huge + " 85 0261", "0000 " + negative + " 85 0261", "0000 00000000 00000000",
		"0000 00000004 85 0261 00 " + huge + " 01", "0000 00000004 85 0261 00 " + negative, "0006 00000004 85 0261 00 00000000 ffff",
		"0001 00000004 85 0261 00 00000001 ff ffff", "ffff", "00",
		"0000 00000004 85 0261 00 00000008 " + one + " 0000 00000004 85 0261 00 00000008 " + one + " ffff",
		"0000 00000004 86 0261 00 00000008 " + one + " ffff", "0000 00000004 85 0261 00 00000008 " + one + " ffff ff",
		"00000005 0000 " + huge, "00000005 0000 " + negative, "00000005 ffff 00000000", "00000006 0000 00000000",
		"00000005 0001 00000001 00 0261 " + huge, "00000005 0001 00000001 00 0261 " + negative,
		"00000005 0002 00000001 00 0261 " + huge, "00000005 0002 00000001 00 0261 " + negative,
		"00000005 0000 00000001 00 ffffffff0f", "00000005 0000 00000000 0000 00000000",
	} {
		both(t, func(t *testing.T, compressed bool) {
			for _, layout := range []Layout{Canonical, Heap} {
				b := newBuilder(t, 128, 5, 5, Header{Compressed: compressed, Key: text, States: allKinds})
				if states, ok := strings.CutPrefix(content, "00000005 "); ok && layout == Heap {
					b.heap(5, states)
				} else {
					b.group(5, content)
				}
				s := b.open()
				s.Layout = layout
				if got := rows(s); len(got) == 0 || got[len(got)-1][:6] != "error:" {
					t.Errorf("%s, %v: %q", content, layout, got)
				}
			}
		})
	}
}

func TestHostileHandles(t *testing.T) {
	b := newBuilder(t, 128, 4, 6, Header{Key: text, States: allKinds}).
		group(5, "0000 00000004 85 0261 00 00000008", one, "ffff")
	good := b.h.Offsets[1]
	for _, offsets := range [][]int64{
		{-1, good, 0},
		{0, 1 << 62, 0},
		{0, int64(len(b.b)) + 1, 0},
		{good, good, good},
		{good + 1, good, 0},
		{1, 0, 0},
		{0, good, good - 1},
		{0, int64(len(b.b)), 0},
		{good},
		nil,
		{-1 << 63, good, 0},
	} {
		h := b.h
		h.Offsets = offsets
		if _, err := readAll(b.b, real{handle: h}); err == nil {
			t.Errorf("offsets %v: no error", offsets)
		}
		if len(offsets) == 3 {
			continue
		}
		if raw, err := OpenRaw(bytes.NewReader(b.b), int64(len(b.b)), h, nil); err == nil || raw != nil {
			t.Errorf("raw offsets %v: no error", offsets)
		}
	}
}

// Reading damaged streams costs no memory that the file does not have.
func TestHostileMemory(t *testing.T) {
	b := newBuilder(t, 128, 5, 5, Header{Key: text, States: allKinds}).group(5, "0000 7f000000 85 0261 00")
	s := b.open()
	s.Layout = Canonical
	got := testing.Benchmark(func(tb *testing.B) {
		for range tb.N {
			rows(s)
		}
	})
	if n := got.AllocedBytesPerOp(); n > 64<<10 {
		t.Errorf("%d bytes for each reading", n)
	}
}
