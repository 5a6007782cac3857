package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader/overview"
)

func (a *app) hintsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "hints SNAPSHOT",
		Short: "Print a hint file with what is known, to be completed",
		Long: `hints prints a YAML file with what the snapshot says, and with places for what it cannot say: uids of operators, names of the fields of rows
and tuples, how long values with TTL are kept, fields of classes that Kryo wrote, layouts of serializers that are none of Flink's.
Complete it and give it to any command with --hints.

` + exitHelp,
		Example: `  tarn hints savepoint-1 > hints.yaml
  tarn inspect savepoint-1 --hints hints.yaml`,
		Args: exactArgs("SNAPSHOT"),
		RunE: func(c *cobra.Command, args []string) error { return a.hints(c, args[0]) },
	}
	a.addSnapshotFlags(c)
	return c
}

func (a *app) hints(c *cobra.Command, name string) error {
	snap, err := a.open(c.Context(), name)
	if err != nil {
		return err
	}
	view, problems := overview.Make(c.Context(), snap, overview.Options{Jobs: a.jobs})
	if c.Context().Err() != nil {
		return c.Context().Err()
	}
	err = a.result(func(w io.Writer) error {
		p := &hintPage{w: w, kryo: map[string]bool{}, unknown: map[string]bool{}}
		p.print(view)
		return p.err
	})
	if err != nil {
		return err
	}
	return problems
}

// hintPage prints a hint file. What is not known stands in comments, so that the file is one as it is.
type hintPage struct {
	w       io.Writer
	err     error
	kryo    map[string]bool // classes that Kryo wrote
	unknown map[string]bool // snapshot classes without a rule
}

func (p *hintPage) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *hintPage) print(v *overview.Overview) {
	p.line("# What the snapshot cannot say. Complete what stands behind # and give the file to any command with --hints.")
	p.line("uids:")
	for i := range v.Operators {
		o := &v.Operators[i]
		switch {
		case o.UID != "":
			p.line("  %s: %s", o.ID, strconv.Quote(o.UID))
		case o.Name != "":
			p.line("  # %s: uid of %s", o.ID, comment(o.Name))
		default:
			p.line("  # %s: uid", o.ID)
		}
	}
	p.line("operators:")
	for i := range v.Operators {
		p.operator(&v.Operators[i])
	}
	p.line("classes:")
	for _, class := range slices.Sorted(maps.Keys(p.kryo)) {
		p.line("  # %s:", class)
		p.line("  #   fields: {name: java.lang.String, count: long}")
	}
	p.line("serializers:")
	for _, class := range slices.Sorted(maps.Keys(p.unknown)) {
		p.line("  # %s:", class)
		p.line("  #   layout: {name: utf, count: long}")
	}
}

// comment makes text fit for one line.
func comment(text string) string { return strings.Join(strings.Fields(text), " ") }

func (p *hintPage) operator(o *overview.Operator) {
	var states []string
	for i := range o.States {
		s := &o.States[i]
		var lines []string
		for _, part := range []struct {
			name string
			t    *serde.Type
		}{{"key", s.Key}, {"ns", s.Namespace}, {"mapKey", s.UserKey}, {"value", s.Value}} {
			if part.t == nil {
				continue
			}
			p.collect(part.t, map[*serde.Type]bool{})
			if names := fieldsToName(part.t); names != "" {
				lines = append(lines, fmt.Sprintf("      %s: %s", part.name, names))
			}
		}
		if s.TTL {
			lines = append(lines, "      # ttl: 7d")
		}
		if len(lines) > 0 {
			states = append(states, fmt.Sprintf("    %s:\n%s", strconv.Quote(s.Name), strings.Join(lines, "\n")))
		}
	}
	if len(states) > 0 {
		p.line("  %s:\n%s", strconv.Quote(o.Label()), strings.Join(states, "\n"))
	}
}

// fieldsToName lists the names of fields that can be given, as they are now; "" if there are none.
func fieldsToName(t *serde.Type) string {
	if t.Kind == serde.KindTTL {
		t = t.Fields[1].Type
	}
	if t.Kind != serde.KindRow && t.Kind != serde.KindTuple || len(t.Fields) == 0 {
		return ""
	}
	var names, types []string
	for _, f := range t.Fields {
		names, types = append(names, strconv.Quote(f.Name)), append(types, f.Type.String())
	}
	return "[" + strings.Join(names, ", ") + "]  # " + comment(strings.Join(types, ", "))
}

// collect finds the classes that hints can describe in a type. Types may refer to themselves.
func (p *hintPage) collect(t *serde.Type, seen map[*serde.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	switch {
	case strings.HasPrefix(t.Note, "Kryo<") && t.Class != "" && !strings.HasPrefix(t.Class, "java."):
		p.kryo[t.Class] = true
	case t.Kind == serde.KindRaw && t.Opaque && len(t.Fields) == 0 && t.Serializer != "":
		p.unknown[t.Serializer] = true
	}
	for _, a := range t.Args {
		p.collect(a, seen)
	}
	for _, s := range t.Subclasses {
		p.collect(s, seen)
	}
	for _, f := range t.Fields {
		p.collect(f.Type, seen)
	}
}
