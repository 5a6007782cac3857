package keyed

import (
	"bytes"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/frame"
)

// encodeGroup reads a key group and writes what was read. ok is false where reading failed.
func encodeGroup(s *Stream, group int, rule frame.Rule) (raw []byte, ok bool, err error) {
	sc := s.NewScanner()
	defer sc.Close()
	numbers := map[*entry.State]int{}
	for i := range s.States {
		numbers[&s.States[i].State] = i
	}
	enc := frame.Encoder{Rule: rule}
	if s.Layout == Canonical {
		c := CanonicalEncoder{MaxParallelism: s.h.MaxParallelism}
		scanned := sc.Scan(group, nil, func(e *entry.Entry) bool {
			n := numbers[e.State]
			raw, err = c.Append(raw, n, &s.States[n], e)
			return err == nil
		})
		raw = c.End(raw)
		if s.Header.Compressed {
			raw = enc.AppendStream(nil, raw)
		}
		return raw, scanned == nil, err
	}
	h := HeapEncoder{}
	if s.Header.Compressed {
		h.Frames = &enc
	}
	raw = h.Begin(raw, group)
	begun := false
	sc.onState = func(n, _ int) {
		if begun {
			raw = h.EndState(raw)
		}
		begun = true
		h.BeginState(n)
	}
	sc.onMap = func(int) { h.BeginMap(&s.States[numbers[sc.e.State]], &sc.e) }
	scanned := sc.Scan(group, nil, func(e *entry.Entry) bool {
		h.Append(&s.States[numbers[e.State]], e)
		return true
	})
	if begun {
		raw = h.EndState(raw)
	}
	return raw, scanned == nil, nil
}

// writtenBack checks that each key group that can be read is written back to the same bytes, by one of the rules if they are
// compressed.
func writtenBack(t testing.TB, s *Stream) {
	t.Helper()
	for g := s.Range().First; g <= s.Range().Last; g++ {
		at, end, ok := s.extent(g)
		if !ok {
			continue
		}
		want, err := readSection(s.src, at, end-at)
		if err != nil {
			t.Fatal(err)
		}
		older, ok, err := encodeGroup(s, g, frame.Older)
		if !ok {
			continue
		}
		if err != nil {
			t.Fatalf("key group %d: %v", g, err)
		}
		// Behind the last key group of a handle there may stand others of the same stream.
		same := func(got []byte) bool {
			return bytes.Equal(got, want) || bytes.HasPrefix(want, got) && s.tail(g, at+int64(len(got)))
		}
		if newer, _, _ := encodeGroup(s, g, frame.Newer); !same(older) && !same(newer) {
			t.Errorf("key group %d (%v): wrote\n% x\nwant\n% x", g, s.Layout, older, want)
		}
	}
}

// rewriteRaw writes the timers of a key group of raw keyed state; other bytes are themselves.
func rewriteRaw(raw *Raw, b []byte) ([]byte, error) {
	if !isTimers(b) {
		return b, nil
	}
	var enc RawTimersEncoder
	var out []byte
	var failed error
	lists := 0
	err := raw.services(b, 0, func(n int) { out = enc.Begin(nil, n) }, func(s RawService, queue State, r *binio.Reader, n int) bool {
		if lists%2 == 0 {
			if out, failed = enc.BeginService(out, &s); failed != nil {
				return true
			}
		}
		for ; n > 0 && r.Err() == nil; n-- {
			var e entry.Entry
			if readRawTimer(r, &queue, &e); r.Err() == nil {
				out = enc.AppendTimer(out, &queue, &e)
			}
		}
		lists++
		out = enc.EndTimers(out, lists%2 == 1)
		return false
	})
	if failed != nil {
		err = failed
	}
	return out, err
}
