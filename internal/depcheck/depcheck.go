// Package depcheck holds the project's import rules as data and checks packages against them: which part of the house may know
// which, and behind which door each outside module lives.
package depcheck

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the path of the project's module.
const Module = "github.com/tarn-project/tarn"

// Package is what there is to know of one package. Paths of the module's own packages are relative to it ("format/binio").
type Package struct {
	Path    string
	Imports []string // of code that is built, not of tests
	Std     map[string]bool
}

// Layer says what the packages of one folder may import of the module.
type Layer struct {
	Folder string
	May    []string // folders, besides its own
}

// Layers is the direction of imports: format <- reader <- migrate <- tui <- cmd; format <- writer <- migrate; format, reader, writer <-
// engine <- cmd. Reader and writer do not know each other.
var Layers = []Layer{
	{"format", nil},
	{"store", []string{"format/fault"}},
	{"internal/snaptest", []string{"format", "fixtures"}},
	{"internal", []string{"format"}},
	{"reader", []string{"format", "store", "internal"}},
	{"writer", []string{"format", "store", "internal"}},
	{"migrate", []string{"format", "store", "internal", "reader", "writer"}},
	{"tui", []string{"format", "store", "internal", "reader", "writer", "migrate"}},
	{"engine", []string{"format", "store", "internal", "reader", "writer"}},
	{"cmd", []string{"format", "store", "internal", "reader", "writer", "migrate", "tui", "engine"}},
	{"bench", []string{"format", "store", "internal", "reader", "writer", "migrate", "engine", "fixtures"}},
	{"fixtures", nil}, // the truth knows nothing of those who are held against it; and only tests know the fixtures
}

// Door says which packages may import an outside module.
type Door struct {
	Prefix string   // of import paths
	Of     []string // folders
}

// Doors lists every outside module that may be imported at all.
var Doors = []Door{
	{"github.com/spf13/cobra", []string{"cmd"}},
	{"github.com/spf13/pflag", []string{"cmd"}},
	{"golang.org/x/term", []string{"cmd", "tui"}},
	{"go.yaml.in/yaml", []string{"cmd", "migrate"}},
	{"github.com/expr-lang/expr", []string{"reader/where"}}, // which migrate shares
	{"github.com/rivo/uniseg", []string{"cmd", "tui", "writer/export"}},
	{"github.com/golang/snappy", []string{"format/frame", "format/rocks"}},
	{"github.com/klauspost/compress", []string{"format/frame", "format/rocks", "writer/export"}},
	{"github.com/pierrec/lz4", []string{"format/rocks"}},
	{"github.com/cespare/xxhash", []string{"format/rocks"}},
	{"github.com/apache/arrow/go", []string{"reader/columnar", "writer/export"}},
	{"github.com/charmbracelet/", []string{"tui"}},
	{"charm.land/", []string{"tui"}},
	{"github.com/cockroachdb/pebble", []string{"engine/state/pebble"}},
	{"github.com/twmb/franz-go", []string{"engine"}},
	{"github.com/aws/", []string{"store/s3"}},
	{"cloud.google.com/go/storage", []string{"store/gs"}},
	{"github.com/Azure/", []string{"store/azblob"}},
	{"github.com/colinmarc/hdfs", []string{"store/hdfs"}},
}

// forbiddenStd lists packages of the standard library that a folder may not import by itself.
var forbiddenStd = []Door{
	{"format", []string{"os", "os/exec", "os/signal", "path/filepath", "net", "net/http", "context", "flag", "log", "plugin"}},
	{"reader", []string{"os", "os/exec", "os/signal", "net", "net/http", "flag", "log", "plugin"}},
}

// testOnly are the packages that only tests, or each other, may import.
var testOnly = []string{"fixtures", "store/storetest", "internal/golden", "internal/snaptest", "internal/doctest", "testing"}

// isTestHelp reports whether a package is for tests alone.
func isTestHelp(path string) bool { return underAny(path, testOnly) }

// Check gives the violations of one package, each with the imports that lead to it.
func Check(p Package) []string {
	var out []string
	bad := func(imp, format string, args ...any) {
		out = append(out, fmt.Sprintf("%s -> %s: ", p.Path, imp)+fmt.Sprintf(format, args...))
	}
	i := slices.IndexFunc(Layers, func(l Layer) bool { return under(p.Path, l.Folder) })
	if i < 0 {
		return []string{p.Path + ": belongs to no layer"}
	}
	for _, imp := range p.Imports {
		if underAny(imp, testOnly) && !isTestHelp(p.Path) && !under(p.Path, "bench") {
			bad(imp, "only tests may import it")
			continue
		}
		switch {
		case imp == "C":
			bad(imp, "no cgo")
		case p.Std[imp]:
			for _, f := range forbiddenStd {
				if under(p.Path, f.Prefix) && slices.Contains(f.Of, imp) && !isTestHelp(p.Path) {
					bad(imp, "%s may not", f.Prefix)
				}
			}
		case strings.Contains(strings.SplitN(imp, "/", 2)[0], "."):
			door := slices.IndexFunc(Doors, func(d Door) bool { return strings.HasPrefix(imp, d.Prefix) })
			if door < 0 {
				bad(imp, "an outside module without a door")
			} else if !underAny(p.Path, Doors[door].Of) {
				bad(imp, "the door of this module is %s", strings.Join(Doors[door].Of, " and "))
			}
		case !under(imp, Layers[i].Folder) && !underAny(imp, Layers[i].May):
			bad(imp, "%s may import of the module only itself%s", Layers[i].Folder, list(Layers[i].May))
		case under(p.Path, "store") && p.Path != "store" && imp != "store" && under(imp, "store") && !under(imp, p.Path):
			bad(imp, "stores do not know each other")
		}
	}
	return out
}

func list(folders []string) string {
	if len(folders) == 0 {
		return ""
	}
	return " and " + strings.Join(folders, ", ")
}

func under(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func underAny(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return under(path, f) })
}
