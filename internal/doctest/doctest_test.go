package doctest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLinks: every relative link of every Markdown file leads somewhere.
func TestLinks(t *testing.T) {
	files := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && len(d.Name()) > 2 && strings.HasPrefix(d.Name(), "."), d.IsDir() && (d.Name() == "data" || d.Name() == "target"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		files++
		broken, err := BrokenLinks(path)
		for _, l := range broken {
			t.Errorf("%s: %s leads nowhere", path, l)
		}
		return err
	})
	if err != nil || files < 20 {
		t.Errorf("%d Markdown files, %v", files, err)
	}
}

func TestBrokenLinks(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.md")
	text := "# One `b` of two\n[x](a.md) [x](gone.md) [x](#one-b-of-two) [x](a.md#none) [x](https://gone.example/) [x](sub/) `[x](code)`\n```\n[x](block)\n```\n"
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := BrokenLinks(name)
	if want := []string{"gone.md", "a.md#none", "sub/"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestHolds(t *testing.T) {
	for _, c := range []struct {
		offset, bytes string
		want          bool
	}{
		{"00", "61 62", true}, {"02", "63", true}, {"01", "61", false}, {"03", "64", false}, {"ff", "61", false}, {"00", "6", false},
	} {
		if got := holds([]byte("abc"), c.offset, c.bytes); got != c.want {
			t.Errorf("holds(%s, %s) = %v", c.offset, c.bytes, got)
		}
	}
}
