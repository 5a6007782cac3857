package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var updateReadme = flag.Bool("update-readme", false, "write the real output into the README's screens")

var screen = regexp.MustCompile("(?ms)^```\n\\$ tarn ([^\n]*)\n(.*?)^```$")

// TestReadmeScreens: what the README shows is what the commands print. The time of a file is that of the checkout and is left out.
func TestReadmeScreens(t *testing.T) {
	const root = "../.."
	readme, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	n := 0
	got := screen.ReplaceAllStringFunc(string(readme), func(block string) string {
		n++
		m := screen.FindStringSubmatch(block)
		var out, errs bytes.Buffer
		if code := newApp(nil, &out, &errs).run(t.Context(), strings.Fields(m[1])); code != exitOK {
			t.Errorf("tarn %s: exit code %d: %s", m[1], code, errs.String())
		}
		return "```\n$ tarn " + m[1] + "\n" + fileTime.ReplaceAllString(out.String(), "") + "```"
	})
	if n < 3 {
		t.Fatalf("%d screens in the README", n)
	}
	if got == string(readme) {
		return
	}
	if *updateReadme {
		if err := os.WriteFile("README.md", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the README's screens are not what the commands print; go test ./cmd/tarn -run Readme -update-readme writes them")
}

var fileTime = regexp.MustCompile(`, file time [^\n]*`)
