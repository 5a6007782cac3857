package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/reader/validate"
)

func (a *app) rulesCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "rules [RULE…]",
		Short: "List the rules that validate checks",
		Long: `rules lists every rule of tarn validate with its severity and what it needs: --deep, a policy, or a seal. Given the names of rules, it says all
about them: what holds, which failure a breach leads to, and what to do.

` + exitHelp,
		Example: `  tarn rules
  tarn rules key-in-group native-savepoint-timers`,
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := chosenRules(args)
			if err != nil {
				return err
			}
			return a.result(func(w io.Writer) error {
				if asJSON {
					return writeJSON(w, rulesJSON(list))
				}
				p := a.newPage(w)
				p.rules(list, len(args) > 0)
				return p.err
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func chosenRules(names []string) ([]*validate.Rule, error) {
	all := validate.Rules()
	if len(names) == 0 {
		return all, nil
	}
	var out []*validate.Rule
	for _, n := range names {
		found := false
		for _, r := range all {
			if r.ID == n {
				out, found = append(out, r), true
			}
		}
		if !found {
			return nil, usage("no rule %q", n).WithHint("tarn rules lists all")
		}
	}
	return out, nil
}

// needs says what a rule takes to be checked.
func needs(r *validate.Rule) string {
	switch {
	case r.Policy:
		return "--policy"
	case r.ID == "seal-files":
		return "seal"
	case r.ID == "seal-content":
		return "seal, --deep"
	case r.Deep:
		return "--deep"
	}
	return ""
}

func (p *page) rules(list []*validate.Rule, whole bool) {
	if !whole {
		rows := [][]string{{"RULE", "SEVERITY", "NEEDS", "WHAT HOLDS"}}
		for _, r := range list {
			rows = append(rows, []string{r.ID, r.Severity.String(), needs(r), r.Doc})
		}
		p.table("", "", rows)
		return
	}
	for i, r := range list {
		if i > 0 {
			p.printf("\n")
		}
		p.printf("%s  %s", p.style(1, r.ID), r.Severity)
		if n := needs(r); n != "" {
			p.printf(", needs %s", n)
		}
		p.printf("\n  holds:      %s\n  prevents:   %s\n  what to do: %s\n", r.Doc, r.Prevents, r.Fix)
	}
}

type jsonRule struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Needs    string `json:"needs,omitempty"`
	Doc      string `json:"holds"`
	Prevents string `json:"prevents"`
	Fix      string `json:"whatToDo"`
}

func rulesJSON(list []*validate.Rule) []jsonRule {
	out := []jsonRule{}
	for _, r := range list {
		out = append(out, jsonRule{r.ID, r.Severity.String(), needs(r), r.Doc, r.Prevents, r.Fix})
	}
	return out
}
