package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
)

// TestPythonReadsExports holds the Arrow and Parquet files of every state of every fixture, read by pyarrow and DuckDB, against its rows as
// JSON lines. It is a tier of its own: TARN_TIER=python, with TARN_PYTHON naming a Python that has pyarrow and, if possible, duckdb.
func TestPythonReadsExports(t *testing.T) {
	if os.Getenv("TARN_TIER") != "python" {
		t.Skip("needs Python with pyarrow: TARN_TIER=python runs it")
	}
	python := os.Getenv("TARN_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import pyarrow").CombinedOutput(); err != nil {
		t.Skipf("no Python with pyarrow: %v: %s", err, out)
	}
	root := t.TempDir()
	args := []string{filepath.Join("testdata", "python", "compare.py")}
	fixtures.Each(t, nil, func(t *testing.T, f *fixtures.Fixture) {
		dir := filepath.Join(root, filepath.Base(t.Name()))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		want, _, messages := tarn(t, "cat", "--format", "json", "--raw", f.Dir, "-o", filepath.Join(dir, "rows.json"))
		for _, format := range []string{"parquet", "arrow"} {
			code, _, got := tarn(t, "cat", "--format", format, f.Dir, "-o", filepath.Join(dir, format)+"/")
			if code != want {
				t.Fatalf("%s: exit code %d, as JSON %d: %s%s", format, code, want, got, messages)
			}
		}
		args = append(args, dir)
	})
	if len(args) == 1 {
		t.Fatal("no fixtures")
	}
	out, err := exec.Command(python, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%v", err)
	}
	t.Logf("%s", out)
}
