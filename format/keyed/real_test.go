package keyed

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// real is one keyed handle of a snapshot that Flink wrote.
type real struct {
	name   string
	flink  string
	b      []byte
	handle Handle
	raw    bool
}

// handles gives the keyed streams of a snapshot.
func handles(t testing.TB, f *fixtures.Fixture) []real {
	t.Helper()
	m := snaptest.Metadata(t, f)
	var out []real
	for i := range m.Operators {
		o := &m.Operators[i]
		add := func(h metadata.KeyedHandle, raw bool) {
			if h, ok := h.(*metadata.KeyGroups); ok {
				out = append(out, real{f.Truth.Name, f.Truth.FlinkVersion, snaptest.Stream(t, f, h.Stream), Handle{
					Range: h.Range, Offsets: h.Offsets, MaxParallelism: int(o.MaxParallelism), Savepoint: h.Kind == metadata.KeyGroupsSavepoint,
				}, raw})
			}
		}
		for k := range o.Subtasks {
			add(o.Subtasks[k].ManagedKeyed, false)
			add(o.Subtasks[k].RawKeyed, true)
			if c, ok := o.Subtasks[k].ManagedKeyed.(*metadata.Changelog); ok {
				for _, h := range c.Materialized {
					add(h, false)
				}
			}
		}
	}
	return out
}

// eachReal calls f with every keyed stream of the fixtures and of the shared corpus.
func eachReal(t *testing.T, f func(t *testing.T, r real)) {
	t.Helper()
	run := func(t *testing.T, fx *fixtures.Fixture) {
		for _, r := range handles(t, fx) {
			f(t, r)
		}
	}
	fixtures.Each(t, nil, run)
	t.Run("shared", func(t *testing.T) {
		fixtures.EachIn(t, snaptest.Shared(t, "corpus"), nil, run)
	})
}

// The header and every key group of every real stream are written back to the same bytes, every key lies in the key group that its hash
// says, the layout is found without what the handle says of it, and counting finds what reading does.
func TestRealStreams(t *testing.T) {
	var seen struct{ streams, entries, hashed, unhashed, unread, partial int }
	eachReal(t, func(t *testing.T, r real) {
		if r.raw {
			return
		}
		s, err := Open(bytes.NewReader(r.b), int64(len(r.b)), r.handle, nil)
		if s == nil {
			t.Fatal(err)
		}
		seen.streams++
		if err != nil { // behind an unknown serializer; what is before it was read
			seen.partial++
			if !errors.Is(err, fault.ErrUnsupported) {
				t.Error(err)
			}
			return
		}
		if head, err := s.Header.Append(nil); err != nil || !bytes.Equal(head, r.b[:s.HeaderLen]) {
			t.Errorf("header: %v, or other bytes", err)
		}
		layout, err := s.detectAgain()
		if err != nil || layout != s.Layout {
			t.Errorf("layout %v, found by its bytes %v, %v", s.Layout, layout, err)
		}
		writtenBack(t, s)
		sc := s.NewScanner()
		defer sc.Close()
		for g := s.Range().First; g <= s.Range().Last; g++ {
			counts := map[*entry.State]int64{}
			err := sc.Scan(g, nil, func(e *entry.Entry) bool {
				counts[e.State]++
				seen.entries++
				h, ok := e.State.Key.Hash(binio.NewReader(e.Key, 0))
				if !ok {
					seen.unhashed++
					return true
				}
				seen.hashed++
				if got := keygroup.Of(h, r.handle.MaxParallelism); got != g {
					t.Errorf("key %x of %s is in key group %d, its hash says %d", e.Key, e.State.Name, g, got)
				}
				return true
			})
			if err != nil {
				seen.unread++
				if !errors.Is(err, fault.ErrUnsupported) {
					t.Errorf("key group %d: %v", g, err)
				}
				continue
			}
			tally := make([]Tally, len(s.States))
			if err := sc.Count(g, tally); err != nil {
				t.Errorf("count: %v", err)
			}
			for i := range tally {
				if tally[i].Entries != counts[&s.States[i].State] {
					t.Errorf("state %s: counted %d, read %d", s.States[i].Name, tally[i].Entries, counts[&s.States[i].State])
				}
			}
		}
	})
	t.Logf("%d streams, %d entries; key groups checked by hash of %d, %d keys without a hash; %d key groups and %d headers not readable to the end",
		seen.streams, seen.entries, seen.hashed, seen.unhashed, seen.unread, seen.partial)
	if seen.entries == 0 || seen.hashed == 0 {
		t.Error("nothing was checked")
	}
}

// detectAgain finds the layout by the bytes alone.
func (s *Stream) detectAgain() (Layout, error) {
	g, ok := -1, false
	for i, o := range s.h.Offsets {
		if o > 0 {
			g, ok = s.h.Range.First+i, true
		}
	}
	if !ok {
		return s.Layout, nil
	}
	at, end, _ := s.extent(g)
	return s.detectGroup(g, at, end)
}

func TestRealRawStreams(t *testing.T) {
	timers := 0
	eachReal(t, func(t *testing.T, r real) {
		if !r.raw {
			return
		}
		raw, err := OpenRaw(bytes.NewReader(r.b), int64(len(r.b)), r.handle, nil)
		if err != nil {
			t.Fatal(err)
		}
		for g := r.handle.Range.First; g <= r.handle.Range.Last; g++ {
			b, _, err := raw.group(g)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := rewriteRaw(raw, b); err != nil || !bytes.Equal(again, b) {
				t.Errorf("key group %d: %v; wrote\n% x\nwant\n% x", g, err, again, b)
			}
			err = raw.Scan(g, nil, func(e *entry.Entry) bool {
				if e.State.Kind == entry.Timer {
					timers++
					if h, ok := e.State.Key.Hash(binio.NewReader(e.Key, 0)); ok && keygroup.Of(h, r.handle.MaxParallelism) != g {
						t.Errorf("timer of key %x in key group %d", e.Key, g)
					}
				}
				return true
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
	if timers == 0 {
		t.Error("no timers")
	}
}

// readAll opens and reads everything, however damaged; it gives the number of entries and whether there was an error.
func readAll(b []byte, r real) (entries int, failed error) {
	count := func(*entry.Entry) bool { entries++; return true }
	if r.raw {
		raw, err := OpenRaw(bytes.NewReader(b), int64(len(b)), r.handle, nil)
		if raw == nil {
			return 0, err
		}
		failed = err
		for g := r.handle.Range.First; g <= r.handle.Range.Last; g++ {
			if err := raw.Scan(g, nil, count); err != nil {
				failed = err
			}
		}
		return entries, failed
	}
	s, err := Open(bytes.NewReader(b), int64(len(b)), r.handle, nil)
	if s == nil {
		return 0, err
	}
	failed = err
	sc := s.NewScanner()
	defer sc.Close()
	tally := make([]Tally, len(s.States))
	for g := r.handle.Range.First; g <= r.handle.Range.Last; g++ {
		if err := sc.Scan(g, nil, count); err != nil {
			failed = err
		}
		if failed != nil {
			return entries, failed
		}
		if err := sc.Count(g, tally); err != nil {
			failed = err
		}
	}
	return entries, failed
}

// form says in which form a stream holds its state.
func (r real) form() string {
	s, err := Open(bytes.NewReader(r.b), int64(len(r.b)), r.handle, nil)
	if r.raw || err != nil {
		return "raw"
	}
	return fmt.Sprint(s.Layout, s.Header.Compressed, s.Range().Len() > 128)
}

// Every file cut short gives an error: at every offset of a few files of each kind, at the boundaries of their structure and at random
// places of all.
func TestTruncated(t *testing.T) {
	step := 127
	if os.Getenv("TARN_LONG") != "" { // every byte: minutes
		step = 1
	}
	thorough := map[string]int{}
	eachReal(t, func(t *testing.T, r real) {
		kind, random := r.form(), 20
		if strings.Contains(t.Name(), "/shared/") {
			random = 3
		}
		thorough[kind]++
		var cuts []int
		if thorough[kind] <= 2 && len(r.b) < 1<<16 && len(r.handle.Offsets) <= 128 {
			for i := 0; i < len(r.b); i += step {
				cuts = append(cuts, i)
			}
		}
		for i, o := range r.handle.Offsets {
			if i%(1+len(r.handle.Offsets)/64) != 0 {
				continue
			}
			cuts = append(cuts, int(o)-1, int(o), int(o)+1)
		}
		rng := rand.New(rand.NewSource(int64(len(r.b))))
		for range random {
			cuts = append(cuts, rng.Intn(len(r.b)+1))
		}
		if _, err := readAll(r.b, r); err != nil {
			return // with an unknown serializer there is an error anyway
		}
		for _, n := range cuts {
			if n < 0 || n >= len(r.b) || slices.Max(append(r.handle.Offsets, 0)) <= 0 && n == 0 && r.raw {
				continue
			}
			if _, err := readAll(r.b[:n], r); err == nil {
				t.Errorf("%d of %d bytes: no error", n, len(r.b))
				return
			}
		}
	})
}

// Flipped bits never break anything but the reading, and do not make it long.
func TestBitFlips(t *testing.T) {
	done := map[string]int{}
	eachReal(t, func(t *testing.T, r real) {
		kind := strings.Join(strings.Split(r.name, "-")[1:], "-")
		if done[kind]++; done[kind] > 1 {
			return
		}
		rng := rand.New(rand.NewSource(1))
		b := bytes.Clone(r.b)
		start := time.Now()
		for range 100 {
			i, bit := rng.Intn(len(b)), byte(1)<<rng.Intn(8)
			if rng.Intn(3) == 0 {
				i = rng.Intn(min(len(b), 2000)) // the header is worth more
			}
			b[i] ^= bit
			readAll(b, r)
			b[i] ^= bit
		}
		if d := time.Since(start); d > 60*time.Second {
			t.Errorf("%v for 100 readings of %d bytes", d, len(b))
		}
	})
}
