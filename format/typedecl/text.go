package typedecl

import (
	"io"
	"strings"

	"github.com/tarn-project/tarn/format/serde"
)

func writeText(w io.Writer, states []State) error {
	p := &printer{w: w}
	for i := range states {
		s := &states[i]
		if i > 0 {
			p.f("\n")
		}
		p.f("%s\n", s.title())
		for _, f := range s.Row().Fields {
			p.tree("  ", f.Name, f.Type, 0)
		}
	}
	return p.err
}

func (p *printer) tree(indent, name string, t *serde.Type, depth int) {
	if t == nil {
		p.f("%s%s: bytes without a serializer\n", indent, name)
		return
	}
	if depth > maxDepth {
		p.f("%s%s: …\n", indent, name)
		return
	}
	text := t.Kind.String()
	if t.Note != "" {
		text = t.Note
	}
	if t.Class != "" {
		text += " " + t.Class
	}
	if len(t.Symbols) > 0 {
		text += " (" + strings.Join(t.Symbols, ", ") + ")"
	}
	p.f("%s%s: %s\n", indent, name, text)
	for i, f := range t.Fields {
		p.tree(indent+"  ", nameOf(f, i), f.Type, depth+1)
	}
	for i, a := range t.Args {
		p.tree(indent+"  ", []string{"element", "key", "value"}[i+len(t.Args)-1], a, depth+1)
	}
	for _, s := range t.Subclasses {
		p.tree(indent+"  ", "subclass", s, depth+1)
	}
}
