package depcheck

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// root is the module's directory.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// packages asks the go command for the module's packages and what they import.
func packages(t *testing.T) []Package {
	t.Helper()
	c := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Standard,Module", "./...")
	c.Dir, c.Stderr = root(t), os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Skip("no go command: ", err)
	}
	var list []Package
	std := map[string]bool{}
	for d := json.NewDecoder(out); ; {
		var p struct {
			ImportPath string
			Imports    []string
			Standard   bool
			Module     *struct{ Path string }
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Standard {
			std[p.ImportPath] = true
		}
		if p.Module != nil && p.Module.Path == Module {
			own := Package{Path: short(p.ImportPath), Std: std}
			for _, i := range p.Imports {
				own.Imports = append(own.Imports, short(i))
			}
			list = append(list, own)
		}
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(list) < 10 {
		t.Fatalf("only %d packages", len(list))
	}
	return list
}

func short(path string) string { return strings.TrimPrefix(path, Module+"/") }

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		for _, v := range Check(p) {
			t.Error(v)
		}
	}
}

func TestCheck(t *testing.T) {
	std := map[string]bool{"io": true, "os": true, "net/http": true, "testing": true}
	for _, c := range []struct {
		path, imp string
		ok        bool
	}{
		{"format/serde", "format/binio", true},
		{"format/serde", "io", true},
		{"format/serde", "os", false},
		{"format/serde", "reader", false},
		{"format/serde", "store", false},
		{"format/serde", "github.com/golang/snappy", false},
		{"format/frame", "github.com/golang/snappy", true},
		{"format/rocks", "github.com/klauspost/compress/zstd", true},
		{"reader", "format/serde", true},
		{"reader", "writer/export", false},
		{"reader/backend/stream", "reader/backend", true},
		{"reader", "fixtures", false},
		{"reader", "github.com/spf13/cobra", false},
		{"reader", "net/http", false},
		{"reader/where", "github.com/expr-lang/expr/vm", true},
		{"reader", "github.com/expr-lang/expr", false},
		{"writer", "reader", false},
		{"migrate", "reader", true},
		{"migrate", "go.yaml.in/yaml/v3", true},
		{"migrate", "tui", false},
		{"tui", "github.com/charmbracelet/bubbletea", true},
		{"cmd/tarn", "github.com/charmbracelet/bubbletea", false},
		{"cmd/tarn", "engine", true},
		{"cmd/tarn", "testing", false},
		{"engine", "tui", false},
		{"engine", "migrate", false},
		{"engine/state/pebble", "github.com/cockroachdb/pebble/v2", true},
		{"engine/state/heap", "github.com/cockroachdb/pebble/v2", false},
		{"store/s3", "github.com/aws/aws-sdk-go-v2/config", true},
		{"store/file", "github.com/aws/aws-sdk-go-v2/config", false},
		{"store/file", "store", true},
		{"store/file", "store/mem", false},
		{"store", "reader", false},
		{"fixtures", "format/metadata", false},
		{"fixtures/truthcheck", "fixtures", true},
		{"reader", "example.com/anything", false},
		{"reader", "C", false},
		{"helpers", "io", false},
	} {
		got := Check(Package{Path: c.path, Imports: []string{c.imp}, Std: std})
		if (len(got) == 0) != c.ok {
			t.Errorf("%s -> %s: %q, want allowed %v", c.path, c.imp, got, c.ok)
		}
		if len(got) > 0 && !strings.Contains(got[0], c.path) {
			t.Errorf("%q does not name the path", got[0])
		}
	}
}

// sources gives the module's parsed Go files to do, tests left out.
func sources(t *testing.T, do func(path string, set *token.FileSet, f *ast.File)) {
	t.Helper()
	dir := root(t)
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != dir && (strings.HasPrefix(name, ".") || name == "testdata" || name == "target" || name == "data") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		n++
		rel, err := filepath.Rel(dir, path)
		do(filepath.ToSlash(rel), set, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 50 {
		t.Fatalf("only %d files", n)
	}
}

// TestNoInit: nothing is done before main, so that start-up does not grow with what is linked.
func TestNoInit(t *testing.T) {
	sources(t, func(path string, set *token.FileSet, f *ast.File) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: %s has an init function", path, set.Position(fn.Pos()))
			}
		}
	})
}

// TestNoGoroutines: packages of format start none.
func TestNoGoroutines(t *testing.T) {
	sources(t, func(path string, set *token.FileSet, f *ast.File) {
		if !under(path, "format") {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: a goroutine in format", set.Position(g.Pos()))
			}
			return true
		})
	})
}

// maxInit is how much a package of the module may allocate before main: small tables, nothing that is computed.
const maxInit = 16 << 10

var initLine = regexp.MustCompile(`^init (\S+) @.* (\d+) bytes, (\d+) allocs`)

// TestStart holds what the program does before main against the runtime's own account.
func TestStart(t *testing.T) {
	if testing.Short() {
		t.Skip("links the program")
	}
	bin := filepath.Join(t.TempDir(), "tarn")
	build := exec.Command("go", "build", "-o", bin, "./cmd/tarn")
	build.Dir = root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	run := exec.Command(bin, "version")
	run.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var log strings.Builder
	run.Stderr = &log
	if err := run.Run(); err != nil {
		t.Fatal(err)
	}
	seen := false
	for line := range strings.Lines(log.String()) {
		m := initLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		seen = true
		if n, err := strconv.Atoi(m[2]); err != nil || strings.HasPrefix(m[1], Module) && n > maxInit {
			t.Errorf("%s allocates %s bytes in %s pieces before main", m[1], m[2], m[3])
		}
	}
	if !seen {
		t.Fatalf("no account of initialisation in %q", log.String())
	}
}
