package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/typedecl"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/columnar"
)

// schemaArrow is the one language that needs more than the types: that of the columns.
const schemaArrow = "arrow"

func (a *app) schemaCommand() *cobra.Command {
	var f rowFlags
	var as string
	languages := []cobra.Completion{schemaArrow}
	doc := fmt.Sprintf("  %-12s %s\n", schemaArrow, "the Arrow schema of cat --format arrow and parquet")
	for _, l := range typedecl.Languages() {
		languages = append(languages, l.Name)
		doc += fmt.Sprintf("  %-12s %s\n", l.Name, l.Doc)
	}
	c := &cobra.Command{
		Use:   "schema SNAPSHOT",
		Short: "Declare the types of states in a language",
		Long: `schema writes the types of states as a declaration in another language: key, namespace, map key and value of each state, as its serializers
say. It reads _metadata and the headers of state files only.

` + doc + `
` + exitHelp,
		Example: `  tarn schema savepoint-1
  tarn schema savepoint-1 --operator orders --state last --as java
  tarn schema savepoint-1 --state last --as avro -o last.avsc`,
		Args: exactArgs("SNAPSHOT"),
		RunE: func(c *cobra.Command, args []string) error { return a.schema(c, args[0], as, &f) },
	}
	a.addSnapshotFlags(c)
	fl := c.Flags()
	fl.StringArrayVar(&f.operators, "operator", nil, "only operators with this `UID`, name, id or beginning of an id; repeatable")
	fl.StringArrayVar(&f.states, "state", nil, "only states of this `NAME`; repeatable")
	fl.StringArrayVar(&f.kinds, "kind", nil, "only states of this `KIND`: value, list, map, timer, operator-list, …; repeatable")
	fl.StringVar(&as, "as", "text", strings.Join(languages, ", "))
	_ = c.RegisterFlagCompletionFunc("as", cobra.FixedCompletions(languages, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) schema(c *cobra.Command, name, as string, f *rowFlags) error {
	write, err := typedecl.LanguageByName(as)
	if err != nil && as != schemaArrow {
		return err
	}
	snap, err := a.open(c.Context(), name)
	if err != nil {
		return err
	}
	sel, err := f.selection(snap)
	if err != nil {
		return err
	}
	found := &seen{states: map[string]bool{}}
	sel.State = found.watch(sel.State, f.states)
	states, problem := columnar.States(c.Context(), snap, sel)
	var partial *reader.PartialError
	if problem != nil && !errors.As(problem, &partial) {
		return problem
	}
	if err := found.missing(f.states); err != nil && problem == nil {
		return err
	}
	err = a.result(func(w io.Writer) error {
		if as == schemaArrow {
			return writeArrowSchemas(w, states, snap)
		}
		return write.Write(w, states)
	})
	return errors.Join(err, problem)
}

func writeArrowSchemas(w io.Writer, states []typedecl.State, snap *reader.Snapshot) error {
	for _, s := range states {
		t := columnar.Of(s, columnar.Options{}, snap)
		if _, err := fmt.Fprintf(w, "%s\n", t.Describe()); err != nil {
			return err
		}
	}
	return nil
}
