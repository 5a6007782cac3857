// Package doctest holds documents against the project: their annotated bytes against the files they are from, their links against what they
// lead to.
package doctest

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

// Examples checks the annotated bytes of a document of docs/format, whose path is relative to the test's package two levels down. The last
// file that the text before an example names with its whole path, `folder/testdata/name`, is the one it shows. At least so many lines must be
// found.
func Examples(t *testing.T, doc, folder string, least int) {
	t.Helper()
	text, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	parts := strings.Split(string(text), "```") // text and examples take turns
	for i := 1; i < len(parts); i += 2 {
		mark := "`" + folder + "/testdata/"
		at := strings.LastIndex(parts[i-1], mark)
		if at < 0 {
			continue
		}
		name, _, _ := strings.Cut(parts[i-1][at+len(mark):], "`")
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range exampleLine.FindAllStringSubmatch(parts[i], -1) {
			if !holds(file, line[1], line[2]) {
				t.Errorf("%s has other bytes at %s than %s", name, line[1], line[2])
			}
			checked++
		}
	}
	if checked < least {
		t.Errorf("only %d lines of examples found, expected at least %d", checked, least)
	}
}

// holds reports whether a file has the bytes at the offset, both in hex.
func holds(file []byte, offset, want string) bool {
	at, err := strconv.ParseInt(offset, 16, 64)
	if err != nil || at > int64(len(file)) {
		return false
	}
	b, err := hex.DecodeString(strings.ReplaceAll(want, " ", ""))
	return err == nil && bytes.HasPrefix(file[at:], b)
}

var (
	// link is an inline link of Markdown.
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// code is what Markdown shows as it is.
	code = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	// heading is a headline, and what is left out of it in its anchor.
	heading  = regexp.MustCompile(`(?m)^#+ +(.*?)\s*$`)
	noAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// BrokenLinks gives the links of a Markdown file that lead to no file or directory of the project, or to no headline of it.
func BrokenLinks(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var broken []string
	for _, m := range link.FindAllSubmatch(code.ReplaceAll(text, nil), -1) {
		target := string(m[1])
		if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
			continue
		}
		path, anchor, _ := strings.Cut(target, "#")
		file := name
		if path != "" {
			file = filepath.Join(filepath.Dir(name), filepath.FromSlash(path))
		}
		if _, err := os.Stat(file); err != nil || anchor != "" && !hasAnchor(file, anchor) {
			broken = append(broken, target)
		}
	}
	return broken, nil
}

// hasAnchor reports whether a Markdown file has a headline with this anchor.
func hasAnchor(name, anchor string) bool {
	text, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	for _, m := range heading.FindAllSubmatch(text, -1) {
		title := noAnchor.ReplaceAllString(strings.ToLower(string(m[1])), "")
		if strings.ReplaceAll(title, " ", "-") == anchor {
			return true
		}
	}
	return false
}
