package validate

import (
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/store/file"
)

// opened is a run over a fixture, to be bent: no damage of files gives what these rules look for and leaves the rest whole.
func opened(t *testing.T, name string) *run {
	t.Helper()
	f, err := fixtures.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := reader.Open(t.Context(), file.Store{}, f.Dir, reader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &run{ctx: t.Context(), st: file.Store{}, snap: s}
	r.look()
	return r
}

func count(r *run, check func(*run, func(Finding))) int {
	n := 0
	check(r, func(Finding) { n++ })
	return n
}

// TestRoundTrip: the decoder refuses what it could not write again, so that only a wrong decoder breaks the rule.
func TestRoundTrip(t *testing.T) {
	r := opened(t, "2.3.0-ledger-hashmap-savepoint")
	if n := count(r, roundTrip); n != 0 {
		t.Errorf("%d findings in a sound snapshot", n)
	}
	r.snap.Metadata.CheckpointID++
	if n := count(r, roundTrip); n != 1 {
		t.Errorf("%d findings", n)
	}
}

// TestWindows takes the timers away from windows, and the state from timers.
func TestWindows(t *testing.T) {
	const name = "2.3.0-windows-hashmap-savepoint"
	keep := func(r *run, want func(entry.Kind) bool) {
		for i := range r.headers {
			var left []backend.State
			for _, st := range r.headers[i].states {
				if want(st.Kind) {
					left = append(left, st)
				}
			}
			r.headers[i].states = left
		}
	}
	r := opened(t, name)
	if a, b := count(r, windowTimers), count(r, timersAlone); a != 0 || b != 0 {
		t.Errorf("%d and %d findings in a sound snapshot", a, b)
	}
	keep(r, func(k entry.Kind) bool { return k != entry.Timer })
	if count(r, windowTimers) == 0 {
		t.Error("windows without queues are not found")
	}
	r = opened(t, name)
	keep(r, func(k entry.Kind) bool { return k == entry.Timer })
	if count(r, timersAlone) == 0 {
		t.Error("timers without state are not found")
	}
	r = opened(t, name)
	r.tallies = map[tallyKey]*tally{}
	for _, op := range r.snap.Operators {
		r.tallies[tallyKey{op, windowContents, entry.Aggregating}] = &tally{Entries: 3}
	}
	if count(r, windowsFire) == 0 {
		t.Error("windows without timers are not found")
	}
}
