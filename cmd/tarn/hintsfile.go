package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/hints"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader"
)

// readHints adds what the files of --hints say.
func (a *app) readHints(o *reader.Options) error {
	for _, name := range a.snapshot.hints {
		b, err := os.ReadFile(name)
		if err != nil {
			return missingFile(name, err)
		}
		names, h, err := parseHints(name, b)
		if err != nil {
			return err
		}
		o.Names.Add(names)
		o.Hints.Add(h)
	}
	return nil
}

// hintReader turns the nodes of a hint file into hints. It keeps the first error.
type hintReader struct {
	file  string
	names reader.Names
	hints hints.Hints
	err   error
}

// parseHints reads a hint file: see docs/hints.md.
func parseHints(file string, b []byte) (reader.Names, hints.Hints, error) {
	h := &hintReader{file: file}
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return h.names, h.hints, fault.File(fault.New(fault.ErrUsage, "%s", strings.TrimPrefix(err.Error(), "yaml: ")), file)
	}
	if len(doc.Content) == 1 {
		h.mapping(doc.Content[0], map[string]func(*yaml.Node){
			"uids":        h.uids,
			"operators":   h.operators,
			"classes":     h.classes,
			"serializers": h.serializers,
		})
	}
	return h.names, h.hints, h.err
}

// fail keeps an error of a line.
func (h *hintReader) fail(n *yaml.Node, err *fault.Error) {
	if h.err == nil {
		err.Field = fmt.Sprintf("line %d", n.Line)
		h.err = fault.File(err, h.file)
	}
}

// failed keeps an error of whatever kind.
func (h *hintReader) failed(n *yaml.Node, err error) {
	e, ok := err.(*fault.Error)
	if !ok {
		e = fault.New(fault.ErrUsage, "%v", err)
	}
	h.fail(n, e)
}

// absent reports whether nothing stands behind a name.
func absent(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// mapping gives each value to the function of its name; other names are wrong.
func (h *hintReader) mapping(n *yaml.Node, known map[string]func(*yaml.Node)) {
	h.each(n, func(k, v *yaml.Node) {
		f := known[k.Value]
		if f == nil {
			h.fail(k, fault.New(fault.ErrUsage, "%q", k.Value).WithExpected("one of %s", strings.Join(sortedNames(known), ", ")))
			return
		}
		if !absent(v) {
			f(v)
		}
	})
}

// each gives names and values of a mapping; a name must not stand twice.
func (h *hintReader) each(n *yaml.Node, f func(k, v *yaml.Node)) {
	if absent(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		h.fail(n, fault.New(fault.ErrUsage, "%s", nodeText(n)).WithExpected("names and values"))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content) && h.err == nil; i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || seen[k.Value] {
			h.fail(k, fault.New(fault.ErrUsage, "%s", nodeText(k)).WithExpected("a name that does not stand there yet"))
			return
		}
		seen[k.Value] = true
		if v.Kind == yaml.AliasNode {
			v = v.Alias
		}
		f(k, v)
	}
}

func nodeText(n *yaml.Node) string {
	switch n.Kind {
	case yaml.ScalarNode:
		return fmt.Sprintf("%q", n.Value)
	case yaml.SequenceNode:
		return "a list"
	}
	return "names and values"
}

func (h *hintReader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		h.fail(n, fault.New(fault.ErrUsage, "%s", nodeText(n)).WithExpected("a text"))
	}
	return n.Value
}

func (h *hintReader) texts(n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		h.fail(n, fault.New(fault.ErrUsage, "%s", nodeText(n)).WithExpected("a list of texts"))
		return nil
	}
	out := []string{}
	for _, c := range n.Content {
		out = append(out, h.text(c))
	}
	return out
}

func (h *hintReader) flag(n *yaml.Node, to *bool) {
	if err := n.Decode(to); err != nil {
		h.fail(n, fault.New(fault.ErrUsage, "%s", nodeText(n)).WithExpected("true or false"))
	}
}

func (h *hintReader) uids(n *yaml.Node) {
	if err := addUIDs(&h.names, n); err != nil && h.err == nil {
		h.err = fault.File(err, h.file)
	}
}

func (h *hintReader) operators(n *yaml.Node) {
	h.each(n, func(op, v *yaml.Node) {
		h.each(v, func(state, v *yaml.Node) {
			s := hints.State{Operator: op.Value, State: state.Value, Where: fmt.Sprintf("%s line %d", h.file, state.Line)}
			if op.Value == "*" {
				s.Operator = ""
			}
			names := func(to *[]string) func(*yaml.Node) { return func(n *yaml.Node) { *to = h.texts(n) } }
			h.mapping(v, map[string]func(*yaml.Node){
				"key": names(&s.Key), "ns": names(&s.Namespace), "mapKey": names(&s.MapKey), "value": names(&s.Value),
				"ttl": func(n *yaml.Node) { s.TTL = h.duration(n) },
			})
			h.hints.States = append(h.hints.States, s)
		})
	})
}

// duration reads "90m", "36h", "7d".
func (h *hintReader) duration(n *yaml.Node) time.Duration {
	text := h.text(n)
	d, err := time.ParseDuration(text)
	var days float64
	if c, e := fmt.Sscanf(text, "%gd", &days); c == 1 && e == nil && text == fmt.Sprintf("%gd", days) {
		d, err = time.Duration(days*24*float64(time.Hour)), nil
	}
	if err != nil || d <= 0 {
		h.fail(n, fault.New(fault.ErrUsage, "duration %q", text).WithExpected("for instance 90m, 36h or 7d"))
	}
	return d
}

func (h *hintReader) classes(n *yaml.Node) {
	h.hints.Classes = serde.ClassHints{}
	h.each(n, func(class, v *yaml.Node) {
		c := &serde.ClassHint{}
		h.mapping(v, map[string]func(*yaml.Node){
			"fields":     func(n *yaml.Node) { c.Fields = h.fields(n) },
			"constants":  func(n *yaml.Node) { c.Constants = h.texts(n) },
			"params":     func(n *yaml.Node) { c.Params = h.texts(n) },
			"final":      func(n *yaml.Node) { h.flag(n, &c.Final) },
			"record":     func(n *yaml.Node) { h.flag(n, &c.Record) },
			"serializer": func(n *yaml.Node) { c.Serializer = h.text(n) },
		})
		h.hints.Classes[class.Value] = c
	})
}

func (h *hintReader) fields(n *yaml.Node) []serde.FieldHint {
	var out []serde.FieldHint
	h.each(n, func(name, typ *yaml.Node) { out = append(out, serde.FieldHint{Name: name.Value, Type: h.text(typ)}) })
	return out
}

func (h *hintReader) serializers(n *yaml.Node) {
	h.each(n, func(class, v *yaml.Node) {
		var d *serde.Described
		body := 0
		h.mapping(v, map[string]func(*yaml.Node){
			"layout": func(n *yaml.Node) { d = h.layout(n) },
			"body": func(n *yaml.Node) {
				if err := n.Decode(&body); err != nil || body < 0 || body > maxBody {
					h.fail(n, fault.New(fault.ErrUsage, "body %s", nodeText(n)).WithExpected("the number of bytes of the snapshot's body, up to %d", maxBody))
				}
			},
		})
		if h.err != nil {
			return
		}
		if d == nil {
			h.fail(class, fault.New(fault.ErrUsage, "serializer %s without a layout", class.Value))
			return
		}
		f, err := serde.DescribedFamily(class.Value, body, d)
		if err != nil {
			h.failed(class, err)
			return
		}
		h.hints.Serializers = append(h.hints.Serializers, f)
	})
}

// maxBody bounds the body of a serializer snapshot that a hint describes.
const maxBody = 1 << 20

// layout reads a layout: a text, or a mapping of fields.
func (h *hintReader) layout(n *yaml.Node) *serde.Described {
	if n.Kind == yaml.MappingNode {
		d := &serde.Described{Kind: "struct"}
		h.each(n, func(name, v *yaml.Node) {
			d.Names = append(d.Names, name.Value)
			d.Parts = append(d.Parts, h.layout(v))
		})
		return d
	}
	d, err := hints.Layout(h.text(n))
	if err != nil {
		h.failed(n, err)
	}
	return d
}

// sortedNames lists what a mapping may hold.
func sortedNames(known map[string]func(*yaml.Node)) []string { return slices.Sorted(maps.Keys(known)) }
