package overview_test

import (
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/reader/overview"
)

// TestNotes: what is easy to overlook is said where it holds, and nowhere else.
func TestNotes(t *testing.T) {
	const (
		drained = "event-time timers are empty"
		stopped = "taken by stopping the job"
	)
	for name, want := range map[string]string{
		"1.13.6-types-hashmap-savepoint":                drained,
		"1.13.6-ledger-hashmap-savepoint":               "",
		"2.3.0-types-hashmap-savepoint":                 "", // says of itself that it was not
		"2.3.0-ledger-rocksdb-stop":                     stopped,
		"1.20.3-ledger-hashmap-savepoint":               "known by id alone",
		"1.20.3-unaligned-hashmap-checkpoint-inflight":  "exactly-once",
		"1.20.3-ledger-rocksdb-native-heaptimers":       "no timer queues",
		"2.3.0-nouid-hashmap-savepoint":                 "have no uid",
		"1.20.3-ledger-rocksdb-checkpoint-files-snappy": "not where _metadata says",
	} {
		f, err := fixtures.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		v, err := look(t, f.Dir, overview.Options{CountUpTo: 1 << 20})
		notes := strings.Join(v.Notes, "\n")
		if err != nil || !strings.Contains(notes, want) {
			t.Errorf("%s: %v, want %q in notes %q", name, err, want, notes)
		}
		for _, other := range []string{drained, stopped} {
			if other != want && strings.Contains(notes, other) {
				t.Errorf("%s: notes %q", name, notes)
			}
		}
	}
}
