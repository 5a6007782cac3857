package keyed

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

const benchEntries = 200_000

// benchStream makes a key group of many entries of one state, each of about 51 bytes.
func benchStream(b *testing.B, info statemeta.Info, layout Layout, compressed bool) *Stream {
	b.Helper()
	header := Header{Version: HeaderVersion, Compressed: compressed, Key: text, States: []statemeta.Info{info}}
	raw, err := header.Append(nil)
	if err != nil {
		b.Fatal(err)
	}
	states, err := header.Compile(serde.BuiltinRegistry())
	if err != nil {
		b.Fatal(err)
	}
	h := Handle{Range: keygroup.Range{First: 5, Last: 5}, Offsets: []int64{int64(len(raw))}, MaxParallelism: 128}
	c, hp := CanonicalEncoder{MaxParallelism: 128}, HeapEncoder{}
	if compressed {
		hp.Frames = &frame.Encoder{}
	}
	var content []byte
	hp.BeginState(0)
	for i := range benchEntries {
		e := benchEntry(&states[0], i)
		if layout == Heap {
			hp.Append(&states[0], &e)
		} else if content, err = c.Append(content, 0, &states[0], &e); err != nil {
			b.Fatal(err)
		}
	}
	switch content = c.End(content); {
	case layout == Heap:
		raw = hp.EndState(hp.Begin(raw, 5))
	case compressed:
		raw = (&frame.Encoder{}).AppendStream(raw, content)
	default:
		raw = append(raw, content...)
	}
	s, err := Open(bytes.NewReader(raw), int64(len(raw)), h, nil)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func benchEntry(s *State, i int) entry.Entry {
	e := entry.Entry{State: &s.State, KeyGroup: 5, Key: fmt.Appendf([]byte{17}, "key-%012d", i/4)}
	value := fmt.Appendf([]byte{22}, "value of %012d", i)
	switch s.Kind {
	case entry.List:
		e.Elements = [][]byte{value[:1:1], value[1:2], value[2:3]}
		for k := range e.Elements {
			e.Elements[k] = []byte{5, 'a', 'b', 'c', 'd'}
		}
	case entry.Map:
		e.UserKey, e.Value = fmt.Appendf([]byte{5}, "k%03d", i%1000), value[:22]
	case entry.Timer:
		e.Timestamp = int64(i)
	default:
		e.Value = value
	}
	return e
}

var benchKinds = map[string]statemeta.Info{
	"value": keyedState("s", "VALUE", void, text), "list": keyedState("s", "LIST", void, listOf(text)),
	"map": keyedState("s", "MAP", void, mapOf(text, text)), "timer": timerQueue("s", text, void),
}

// BenchmarkWalk counts without looking into entries.
func BenchmarkWalk(b *testing.B) {
	for _, compressed := range []bool{false, true} {
		b.Run(map[bool]string{false: "plain", true: "snappy"}[compressed], func(b *testing.B) {
			s := benchStream(b, benchKinds["value"], Canonical, compressed)
			sc := s.NewScanner()
			defer sc.Close()
			tally := make([]Tally, 1)
			if err := sc.Count(5, tally); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(tally[0].Bytes + 8*tally[0].Entries)
			b.ReportAllocs()
			for b.Loop() {
				if err := sc.Count(5, tally); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEntries, "ns/entry")
		})
	}
}

// BenchmarkScan gives every entry with its parts.
func BenchmarkScan(b *testing.B) {
	for _, layout := range []Layout{Canonical, Heap} {
		for _, kind := range []string{"value", "list", "map", "timer"} {
			for _, compressed := range []bool{false, true} {
				if compressed && kind != "value" {
					continue
				}
				name := fmt.Sprintf("%v/%s", layout, kind)
				if compressed {
					name += "/snappy"
				}
				b.Run(name, func(b *testing.B) {
					s := benchStream(b, benchKinds[kind], layout, compressed)
					if s.Layout != layout {
						b.Fatal(s.Layout)
					}
					sc := s.NewScanner()
					defer sc.Close()
					n, size := 0, 0
					each := func(e *entry.Entry) bool {
						n++
						size += len(e.Key) + len(e.UserKey) + len(e.Value)
						return true
					}
					b.ReportAllocs()
					b.SetBytes(s.size - s.HeaderLen)
					for b.Loop() {
						if err := sc.Scan(5, nil, each); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/entry")
				})
			}
		}
	}
}
