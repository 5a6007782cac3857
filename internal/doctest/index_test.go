package doctest

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFormatIndex: the index of the format's pages names them all.
func TestFormatIndex(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "format")
	index := text(t, filepath.Join(dir, "README.md"))
	pages, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil || len(pages) < 10 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" && !strings.Contains(index, "("+name+")") {
			t.Errorf("docs/format/README.md does not name %s", name)
		}
	}
}

// TestReachable: links lead from the README to every page of docs. One to a directory leads to all of its pages.
func TestReachable(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	todo := []string{filepath.Join(root, "README.md")}
	for len(todo) > 0 {
		page := filepath.Clean(todo[len(todo)-1])
		todo = todo[:len(todo)-1]
		info, err := os.Stat(page)
		switch {
		case err != nil || seen[page]:
		case info.IsDir():
			pages, _ := filepath.Glob(filepath.Join(page, "*.md"))
			todo = append(todo, pages...)
		case filepath.Ext(page) == ".md":
			for _, m := range link.FindAllStringSubmatch(text(t, page), -1) {
				target, _, _ := strings.Cut(m[1], "#")
				todo = append(todo, filepath.Join(filepath.Dir(page), filepath.FromSlash(target)))
			}
		}
		seen[page] = true
	}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" && !seen[filepath.Clean(path)] {
			t.Errorf("no link leads to %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestArchitectureNamesPackages: docs/architecture.md says of each package what it is, or of the folder it is in.
func TestArchitectureNamesPackages(t *testing.T) {
	root := filepath.Join("..", "..")
	page := text(t, filepath.Join(root, "docs", "architecture.md"))
	folders := []string{"reader/backend", "store", "fixtures"} // described as one
	packages := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return err
		case d.Name() == "testdata" || len(d.Name()) > 2 && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		}
		p, err := build.ImportDir(path, 0)
		if err != nil || len(p.GoFiles) == 0 {
			return nil // no package, or one of tests alone
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		packages++
		name := filepath.ToSlash(rel)
		for _, f := range folders {
			if strings.HasPrefix(name, f+"/") {
				name = f
			}
		}
		if !strings.Contains(page, "`"+name+"`") && !strings.Contains(page, "`"+name+"/…`") {
			t.Errorf("docs/architecture.md does not say what %s is", rel)
		}
		return nil
	})
	if err != nil || packages < 30 {
		t.Errorf("%d packages, %v", packages, err)
	}
}

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
