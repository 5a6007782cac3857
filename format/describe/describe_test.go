package describe

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/operatorid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// small is a file with a little of everything: a finished operator, keyed state in a file, operator state inline.
func small(t *testing.T) []byte {
	t.Helper()
	m := &metadata.Metadata{
		Version: 3, CheckpointID: 7,
		Operators: []metadata.Operator{
			{ID: operatorid.UIDHash("done"), Parallelism: 1, MaxParallelism: 128, FullyFinished: true},
			{
				ID: operatorid.UIDHash("orders"), Parallelism: 2, MaxParallelism: 2,
				Coordinator: &metadata.ByteStream{Name: "c", Data: []byte{1, 2, 3}},
				Subtasks: []metadata.Subtask{
					{Index: 0, Finished: true},
					{
						Index: 1,
						ManagedOperator: &metadata.OperatorHandle{
							States: []metadata.OperatorStatePart{{Name: "splits", Mode: metadata.ModeUnion, Offsets: []int64{0, 40}}},
							Stream: &metadata.ByteStream{Name: "inline\x00name", Data: bytes.Repeat([]byte{0xAB}, 50)},
						},
						ManagedKeyed: &metadata.KeyGroups{
							Kind: metadata.KeyGroupsWithID, Range: keygroup.Range{First: 1, Last: 1}, Offsets: []int64{210},
							Stream: &metadata.RelativeFile{Path: "0d2e", Length: 1 << 20}, HandleID: "6f3c",
						},
					},
				},
			},
		},
	}
	b, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	for name, f := range map[string]func(*bytes.Buffer, []byte) error{
		"metadata.txt":  func(w *bytes.Buffer, b []byte) error { return Metadata(w, b) },
		"metadata.json": func(w *bytes.Buffer, b []byte) error { return MetadataJSON(w, b) },
	} {
		var out bytes.Buffer
		if err := f(&out, small(t)); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%s differs (run with -update to rewrite it):\n%s", golden, out.Bytes())
		}
	}
}

// Every byte of the file is in exactly one field, in order.
func TestNoGaps(t *testing.T) {
	b := small(t)
	var out bytes.Buffer
	if err := MetadataJSON(&out, b); err != nil {
		t.Fatal(err)
	}
	next := int64(0)
	for line := range strings.Lines(out.String()) {
		var f struct {
			Offset, Length int64
			Path, Label    string
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if f.Offset != next {
			t.Errorf("%s/%s at %d, want %d", f.Path, f.Label, f.Offset, next)
		}
		next = f.Offset + f.Length
	}
	if next != int64(len(b)) {
		t.Errorf("the last field ends at %d of %d", next, len(b))
	}
}

func TestTruncatedFileIsDescribedUntilThere(t *testing.T) {
	var out bytes.Buffer
	b := small(t)
	err := Metadata(&out, b[:30])
	if !errors.Is(err, fault.ErrTruncated) {
		t.Errorf("error %v, want truncated", err)
	}
	if !strings.Contains(out.String(), "checkpoint id = 7\n") {
		t.Errorf("what was read is missing:\n%s", out.String())
	}
}

func TestValue(t *testing.T) {
	text, _ := binio.AppendUTF(nil, "a\x00b")
	for _, c := range []struct {
		raw   []byte
		shape binio.Shape
		want  any
		ok    bool
	}{
		{[]byte{200}, binio.ShapeNumber, int64(200), true},
		{[]byte{0xFF, 0xFF, 0xFF, 0xFE}, binio.ShapeNumber, int64(-2), true},
		{[]byte{1, 2, 3}, binio.ShapeNumber, nil, false},
		{text, binio.ShapeText, "a\x00b", true},
		{binio.AppendString(nil, "ü"), binio.ShapeString, "ü", true},
		{binio.AppendNullString(nil), binio.ShapeString, nil, true},
		{[]byte{0, 9, 'x'}, binio.ShapeText, "", false}, // cut off
	} {
		if got, ok := Value(c.raw, c.shape); got != c.want || ok != c.ok {
			t.Errorf("Value(% x) = %#v, %v, want %#v, %v", c.raw, got, ok, c.want, c.ok)
		}
	}
}

func TestJSONText(t *testing.T) {
	if got, want := string(appendString(nil, "a\"\\\n\xED\xA0\x80😀")), `"a\"\\\u000a\ud800\ud83d\ude00"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The example in the documentation is what the printer prints: its lines stand in the dump, in this order, long ones cut.
func TestDocumentedExample(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "format", "metadata.md"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join("testdata", "example.metadata"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Metadata(&out, file); err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(doc), "\n## Example\n")
	_, example, _ = strings.Cut(example, "```\n")
	example, _, _ = strings.Cut(example, "```")
	dump, n := out.String(), 0
	for line := range strings.Lines(example) {
		want := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "…")
		_, after, found := strings.Cut(dump, want)
		if !found {
			t.Fatalf("not in the dump, or not in this order: %q", line)
		}
		dump, n = after, n+1
	}
	if n < 50 {
		t.Errorf("%d lines of example", n)
	}
}

// So are the examples of keyed state.
func TestDocumentedKeyedExamples(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "format", "keyed-state.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, examples, _ := strings.Cut(string(doc), "\n## Example\n")
	blocks := strings.Split(examples, "```\n")
	for i, name := range []string{"1.20.3-ledger-rocksdb-savepoint-files/f5818953", "1.20.3-ledger-hashmap-checkpoint-files/694f22ba"} {
		name, file, _ := strings.Cut(name, "/")
		f, err := fixtures.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		paths, err := filepath.Glob(filepath.Join(f.Dir, file+"*"))
		if err != nil || len(paths) != 1 {
			t.Fatalf("%s: %v, %v", name, paths, err)
		}
		b, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := File(&out, bytes.NewReader(b), int64(len(b)), Options{}); err != nil {
			t.Fatal(err)
		}
		dump := out.String()
		for line := range strings.Lines(blocks[2*i+1]) {
			_, after, found := strings.Cut(dump, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "…"))
			if !found {
				t.Fatalf("not in the dump of %s, or not in this order: %q", name, line)
			}
			dump = after
		}
	}
}

// The fixtures that the documentation names exist.
func TestDocumentedFixtures(t *testing.T) {
	all, err := fixtures.List()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range all {
		known[f.Name] = true
	}
	for _, name := range []string{"metadata.md", "directories.md", "keyed-state.md", "timers.md", "key-groups.md"} {
		doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "format", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range regexp.MustCompile("`([12]\\.[0-9]+\\.[0-9]+-[a-z0-9-]+)`").FindAllStringSubmatch(string(doc), -1) {
			if !known[ref[1]] {
				t.Errorf("%s names the fixture %s, which there is not", name, ref[1])
			}
		}
	}
}
