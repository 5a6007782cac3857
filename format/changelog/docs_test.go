package changelog_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// exampleLine is a line of an example: offset, bytes, meaning.
var exampleLine = regexp.MustCompile(`(?m)^([0-9a-f]{2,8})  ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:\s|$)`)

// TestDocumentedBytes: the examples of the format's description are what the files hold that it names.
func TestDocumentedBytes(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "format", "changelog.md"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	parts := strings.Split(string(doc), "```") // text and examples take turns
	for i := 1; i < len(parts); i += 2 {
		_, name, found := cutLast(parts[i-1], "`format/changelog/testdata/")
		if !found {
			continue
		}
		name, _, _ = strings.Cut(name, "`")
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range exampleLine.FindAllStringSubmatch(parts[i], -1) {
			at, _ := strconv.ParseInt(line[1], 16, 64)
			want, _ := hex.DecodeString(strings.ReplaceAll(line[2], " ", ""))
			if int(at) > len(file) || !bytes.HasPrefix(file[at:], want) {
				t.Errorf("%s has other bytes at %s than %s", name, line[1], line[2])
			}
			checked++
		}
	}
	if checked < 10 {
		t.Errorf("only %d lines of examples found", checked)
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
