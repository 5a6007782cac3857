package metadata

import (
	"strings"
	"testing"
)

func TestGuessWriter(t *testing.T) {
	with := func(version int, subs ...Subtask) *Metadata {
		return &Metadata{Version: version, Operators: []Operator{{Parallelism: 9, MaxParallelism: 9, Subtasks: subs}}}
	}
	m114 := with(3, Subtask{ManagedKeyed: memLog114})
	m114.Changelog114 = true
	for _, c := range []struct {
		name string
		m    *Metadata
		seen Evidence
		want string
		says string
	}{
		{"version 2", with(2), Evidence{}, "1.3 – 1.10", "metadata version 2"},
		{"version 3", with(3), Evidence{}, "1.11 – 1.15", "metadata version 3"},
		{"savepoint handle", with(3, Subtask{ManagedKeyed: groupsSave}), Evidence{}, "1.13 – 1.15", "code 7"},
		{"old key groups", with(3, Subtask{ManagedKeyed: groups}), Evidence{}, "1.11 – 1.14", "code 3"},
		{"new key groups", with(3, Subtask{RawKeyed: groupsV2}), Evidence{}, "1.15", "code 12"},
		{"key groups as a stream", with(3, Subtask{RawOperator: rawOpState}), Evidence{}, "1.11 – 1.15", "version 3"},
		{"finished", with(3, Subtask{Finished: true}), Evidence{}, "1.14 – 1.15", "finished"},
		{"changelog of 1.14", m114, Evidence{}, "1.14", "without ids"},
		{"changelog of 1.15", with(3, Subtask{ManagedKeyed: memLog}), Evidence{}, "1.15", "with ids"},
		{"version 4", with(4), Evidence{}, "1.16 – 1.20", "metadata version 4"},
		{"header 5", with(4), Evidence{OperatorHeader: 5}, "1.16 – 1.17", "header 5"},
		{"header 6", with(4), Evidence{OperatorHeader: 6}, "1.18 – 1.20", "header 6"},
		{"the bug of 1.18", with(4), Evidence{OperatorHeader: 6, CompressedOperatorState: true, WrongOperatorOffsets: true}, "1.18", "gets them wrong"},
		{"segments", with(4, Subtask{ManagedKeyed: fileLog114, RawKeyed: incrV2}), Evidence{}, "1.20", "code 15"},
		{"version 5", with(5), Evidence{OperatorHeader: 6, AsyncState: true}, "2.0", "metadata version 5"},
		{"version 6", with(6), Evidence{}, "2.1 – 2.3", "metadata version 6"},
		{"contradiction", with(6, Subtask{ManagedKeyed: groups}), Evidence{}, "2.1 – 2.3", "contradicts"},
		{"no such version", with(9), Evidence{}, "", ""},
	} {
		w := GuessWriter(c.m, c.seen)
		if w.String() != c.want || !strings.Contains(strings.Join(w.Reasons, "; "), c.says) {
			t.Errorf("%s: %s because of %q, want %s because of %q", c.name, w, w.Reasons, c.want, c.says)
		}
	}
}

// Every release between the bounds of the tables must be in the list of releases.
func TestReleasesAreKnown(t *testing.T) {
	known := map[string]bool{"": true}
	for _, r := range releases {
		known[r] = true
	}
	for _, l := range layouts {
		if l.refused == "" && !(known[l.from] && known[l.to]) {
			t.Errorf("version %d: %s or %s is no known release", l.version, l.from, l.to)
		}
	}
	for code, c := range codes {
		if !known[c.since] || !known[c.last] {
			t.Errorf("code %d: %s or %s is no known release", code, c.since, c.last)
		}
	}
}
