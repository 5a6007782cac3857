package metadata

import (
	"os"
	"path/filepath"
	"testing"
)

// Files that Flink's own serializers wrote, with kinds of handles that are rare in the field.
func TestWrittenByFlink(t *testing.T) {
	for _, c := range []struct {
		file      string
		version   int
		masters   int
		codes     []byte // keyed codes that must be in it
		channels  int
		layout114 bool
	}{
		{"1.14.6-v3-changelog", 3, 0, []byte{codeKeyGroups, codeChangelog, codeMemoryLog, codeFileLog}, 0, true},
		{"1.15.4-v3", 3, 1, []byte{codeKeyGroupsV2, codeSavepointKeyGroups, codeIncrementalV2, codeMemoryLog}, 3, false},
		{"1.20.3-v4", 4, 1, []byte{codeChangelogV2, codeFileLogV2, codeMemoryLog, codeSegment, codeMergedOperator}, 3, false},
		{"2.3.0-v5", 5, 1, []byte{codeChangelogV2, codeFileLogV2, codeMemoryLog, codeSegment, codeMergedOperator}, 3, false},
		{"2.3.0-v6", 6, 1, []byte{codeChangelogV2, codeFileLogV2, codeMemoryLog, codeSegment, codeMergedOperator}, 6, false},
	} {
		t.Run(c.file, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata", "flink", c.file+".bin"))
			if err != nil {
				t.Fatal(err)
			}
			m := checkLaw(t, b)
			if m.Version != c.version || len(m.MasterStates) != c.masters || m.Changelog114 != c.layout114 {
				t.Errorf("version %d, %d master states, 1.14 layout %v", m.Version, len(m.MasterStates), m.Changelog114)
			}
			var seen [len(codes)]bool
			channels := 0
			m.EachHandle(func(_ Owner, h Handle) {
				markCodes(&seen, h)
				if _, ok := h.(ChannelHandle); ok {
					channels++
				}
			})
			for _, code := range c.codes {
				if !seen[code] {
					t.Errorf("no handle of code %d", code)
				}
			}
			if channels != c.channels {
				t.Errorf("%d channel handles, want %d", channels, c.channels)
			}
			truncateEverywhere(t, b)
		})
	}
}
