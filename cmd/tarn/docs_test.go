package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tarn-project/tarn/internal/golden"
)

const docsDir = "../../docs/commands"

// TestCommandPages holds docs/commands against the help of every command; go test ./cmd/tarn -run CommandPages -update writes them.
func TestCommandPages(t *testing.T) {
	root := newApp(nil, nil, nil).rootCommand()
	pages := map[string]bool{"README.md": true}
	var index strings.Builder
	index.WriteString("# Commands\n\nThese pages are the help of the commands, written out by a test: change the help, not the pages.\n\n" +
		root.Long + "\n\n| command | does |\n| --- | --- |\n")
	for _, c := range root.Commands() {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		page := c.Name() + ".md"
		pages[page] = true
		fmt.Fprintf(&index, "| [%s](%s) | %s |\n", c.Name(), page, c.Short)
		golden.Check(t, filepath.Join(docsDir, page), commandPage(c))
	}
	fmt.Fprintf(&index, "\n## Flags of all commands\n\n```\n%s```\n", root.PersistentFlags().FlagUsagesWrapped(100))
	golden.Check(t, filepath.Join(docsDir, "README.md"), index.String())

	files, err := os.ReadDir(docsDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !pages[f.Name()] {
			t.Errorf("%s is the page of no command", f.Name())
		}
	}
}

func commandPage(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# tarn %s\n\n%s.\n\n```\n%s\n```\n", c.Name(), c.Short, c.UseLine())
	if c.Long != "" {
		b.WriteString("\n" + c.Long + "\n")
	}
	if c.Example != "" {
		fmt.Fprintf(&b, "\n## Examples\n\n```sh\n%s\n```\n", dedent(c.Example))
	}
	if f := c.NonInheritedFlags(); f.HasAvailableFlags() {
		fmt.Fprintf(&b, "\n## Flags\n\n```\n%s```\n", f.FlagUsagesWrapped(100))
	}
	b.WriteString("\nThe [flags of all commands](README.md#flags-of-all-commands) hold here too.\n")
	return b.String()
}

func dedent(text string) string {
	return strings.TrimPrefix(strings.ReplaceAll(text, "\n  ", "\n"), "  ")
}

// TestHelp: every command says what it does, how it is used, and its exit codes; every flag what it is for.
func TestHelp(t *testing.T) {
	root := newApp(nil, nil, nil).rootCommand()
	for _, c := range append(root.Commands(), root) {
		if c.Name() == "help" {
			continue
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short help %q", c.Name(), c.Short)
		}
		if !strings.Contains(c.Long, exitHelp) {
			t.Errorf("%s does not say its exit codes", c.Name())
		}
		if c != root && c.Example == "" {
			t.Errorf("%s has no example", c.Name())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s has no help", c.Name(), f.Name)
			}
		})
	}
}
