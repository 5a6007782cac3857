// Package golden compares what a test made with a file that is kept for it, and writes the file when asked to: go test -update.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Check compares got with the file of that name, below the test's directory. With -update it writes the file instead.
func Check(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Errorf("%v; go test -update writes it", err)
		return
	}
	if diff := Diff(string(want), got); diff != "" {
		t.Errorf("%s is not up to date; go test -update writes it\n%s", name, diff)
	}
}

// maxLines bounds what Diff shows.
const maxLines = 12

// Diff gives the first lines in which two texts differ, "" if none do.
func Diff(want, got string) string {
	if want == got {
		return ""
	}
	w, g := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	n := 0
	for n < len(w) && n < len(g) && w[n] == g[n] {
		n++
	}
	w, g = w[n:], g[n:]
	for len(w) > 0 && len(g) > 0 && w[len(w)-1] == g[len(g)-1] {
		w, g = w[:len(w)-1], g[:len(g)-1]
	}
	var b strings.Builder
	show := func(mark string, lines []string) {
		for i, l := range lines {
			if i == maxLines {
				b.WriteString(mark + "…\n")
				return
			}
			b.WriteString(mark + strings.TrimSuffix(l, "\n") + "\n")
		}
	}
	show("- ", w)
	show("+ ", g)
	return b.String()
}
