package serde_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/javaser"
)

// examples gives the bytes of the hex blocks of a page: on each line, what stands before two spaces.
func examples(t *testing.T, page string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "format", page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, block := range regexp.MustCompile("(?s)```hex\n(.*?)```").FindAllStringSubmatch(string(b), -1) {
		var text strings.Builder
		for line := range strings.SplitSeq(block[1], "\n") {
			bytes, _, _ := strings.Cut(line, "  ")
			text.WriteString(strings.ReplaceAll(bytes, " ", ""))
		}
		out = append(out, text.String())
	}
	return out
}

// TestDocumentedValues: the examples are what Flink wrote.
func TestDocumentedValues(t *testing.T) {
	written := func(name string, i int) string {
		for _, v := range foreign(t) {
			if v.Name == name {
				return v.Values[i].Hex
			}
		}
		t.Fatalf("no case %q", name)
		return ""
	}
	for page, want := range map[string][]string{
		"sql-rows.md": {written("row as a key", 0), written("row with room for nulls", 0)},
		"foreign-serializers.md": {
			written("avro as a key", 0), written("scala tuple", 0), written("shared buffer node", 0), written("variant", 1), written("bitmap", 2),
		},
	} {
		got := examples(t, page)
		if len(got) != len(want) {
			t.Fatalf("%s: %d examples", page, len(got))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s, example %d:\n got %s\nwant %s", page, i, got[i], want[i])
			}
		}
	}
}

// TestDocumentedStream: the example in docs/format/java-serialization.md is the Integer 5.
func TestDocumentedStream(t *testing.T) {
	all := examples(t, "java-serialization.md")
	if len(all) == 0 {
		t.Fatal("no example")
	}
	b, err := hex.DecodeString(all[0])
	if err != nil {
		t.Fatal(err)
	}
	v, err := javaser.ParseBytes(b)
	if n, ok := javaser.Integer(v); err != nil || !ok || n != 5 {
		t.Errorf("%s: %d, %v", javaser.AppendJSON(nil, v), n, err)
	}
}
