package hints

import (
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Layout reads the description of a layout:
//
//	layout  basic | basic? | list<layout> | map<layout, layout> | {name: layout, …}
//
// where basic is one of serde.DescribedKinds and ? means a bool that says whether there is a value.
func Layout(text string) (*serde.Described, error) {
	p := &layoutParser{text: text}
	d := p.layout(0)
	p.space()
	if p.err == nil && p.at < len(p.text) {
		p.fail("%q", p.text[p.at:])
	}
	return d, p.err
}

// maxDepth bounds the nesting of layouts.
const maxDepth = 64

type layoutParser struct {
	text string
	at   int
	err  error
}

func (p *layoutParser) fail(format string, args ...any) {
	if p.err == nil {
		e := fault.New(fault.ErrUsage, format, args...)
		p.err = e.WithExpected("a layout: %s, list<…>, map<…, …>, {name: …, …}, ? behind what may be missing", strings.Join(serde.DescribedKinds(), ", "))
	}
}

func (p *layoutParser) space() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t' || p.text[p.at] == '\n') {
		p.at++
	}
}

func (p *layoutParser) take(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *layoutParser) expect(c byte) {
	if !p.take(c) {
		p.fail("no %q in %q", c, p.text)
	}
}

func (p *layoutParser) word() string {
	p.space()
	start := p.at
	for p.at < len(p.text) && !strings.ContainsRune("<>{}:,? \t\n", rune(p.text[p.at])) {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *layoutParser) layout(depth int) *serde.Described {
	d := &serde.Described{}
	if depth > maxDepth {
		p.fail("a layout nested deeper than %d levels", maxDepth)
		return d
	}
	if p.take('{') {
		p.fields(d, depth)
	} else {
		d.Kind = p.word()
		p.named(d, depth)
	}
	for p.err == nil && p.take('?') {
		d = &serde.Described{Kind: "nullable", Parts: []*serde.Described{d}}
	}
	return d
}

func (p *layoutParser) fields(d *serde.Described, depth int) {
	d.Kind = "struct"
	seen := map[string]bool{}
	for p.err == nil {
		name := p.word()
		if name == "" || seen[name] {
			p.fail("a field without a name of its own in %q", p.text)
			return
		}
		seen[name] = true
		p.expect(':')
		d.Names, d.Parts = append(d.Names, name), append(d.Parts, p.layout(depth+1))
		if !p.take(',') {
			p.expect('}')
			return
		}
	}
}

func (p *layoutParser) named(d *serde.Described, depth int) {
	switch d.Kind {
	case "list", "map":
		p.expect('<')
		d.Parts = append(d.Parts, p.layout(depth+1))
		if d.Kind == "map" {
			p.expect(',')
			d.Parts = append(d.Parts, p.layout(depth+1))
		}
		p.expect('>')
		return
	}
	for _, k := range serde.DescribedKinds() {
		if k == d.Kind {
			return
		}
	}
	p.fail("layout %q", d.Kind)
}
