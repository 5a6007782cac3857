package valuejson

import (
	"strconv"
	"unicode/utf8"
)

// node is a piece of JSON text. Numbers keep their digits; strings are WTF-8, so that an escape may stand for half of a surrogate pair.
type node struct {
	kind  kind
	text  string   // of strings and numbers
	items []node   // of arrays and objects
	names []string // of the members of objects
}

type kind byte

const (
	jsonNull   kind = 'n'
	jsonTrue   kind = 't'
	jsonFalse  kind = 'f'
	jsonNumber kind = '0'
	jsonString kind = '"'
	jsonArray  kind = '['
	jsonObject kind = '{'
)

// describe names what stands in the text, for messages.
func (n *node) describe() string {
	switch n.kind {
	case jsonNull:
		return "null"
	case jsonTrue:
		return "true"
	case jsonFalse:
		return "false"
	case jsonNumber:
		return "number " + clip(n.text)
	case jsonString:
		return "string " + strconv.Quote(clip(n.text))
	case jsonArray:
		return "an array of " + strconv.Itoa(len(n.items))
	}
	return "an object"
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:57] + "…"
	}
	return s
}

// member finds a member of an object by its name.
func (n *node) member(name string) *node {
	for i, m := range n.names {
		if m == name {
			return &n.items[i]
		}
	}
	return nil
}

// maxNesting bounds how deep arrays and objects of a text may be nested: twice what values can be, since pairs of maps are arrays in arrays.
const maxNesting = 160

// scanner reads JSON (RFC 8259) into nodes. The first error wins; it is a text for people.
type scanner struct {
	s     string
	pos   int
	depth int
	err   string
	at    int // where the error is
}

// scan reads a whole text.
func scan(text []byte) (node, *scanner) {
	p := &scanner{s: string(text)}
	n := p.value()
	p.space()
	if p.err == "" && p.pos < len(p.s) {
		p.fail("more text after the value")
	}
	return n, p
}

func (p *scanner) fail(what string) {
	if p.err == "" {
		p.err, p.at = what, p.pos
	}
}

func (p *scanner) space() {
	for p.pos < len(p.s) {
		switch p.s[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// next gives the next character that is no space, or 0 at the end.
func (p *scanner) next() byte {
	p.space()
	if p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

func (p *scanner) value() node {
	switch c := p.next(); {
	case c == '{':
		return p.nested(jsonObject, '}')
	case c == '[':
		return p.nested(jsonArray, ']')
	case c == '"':
		return node{kind: jsonString, text: p.str()}
	case c == '-' || (c >= '0' && c <= '9'):
		return node{kind: jsonNumber, text: p.number()}
	}
	for word, k := range map[string]kind{"null": jsonNull, "true": jsonTrue, "false": jsonFalse} {
		if len(p.s)-p.pos >= len(word) && p.s[p.pos:p.pos+len(word)] == word {
			p.pos += len(word)
			return node{kind: k}
		}
	}
	p.fail("no JSON value")
	return node{kind: jsonNull}
}

func (p *scanner) nested(k kind, end byte) node {
	n := node{kind: k}
	if p.depth++; p.depth > maxNesting {
		p.fail("nested too deep")
	}
	p.pos++
	if p.next() == end {
		p.pos++
		p.depth--
		return n
	}
	for p.err == "" {
		if k == jsonObject {
			p.name(&n)
		}
		n.items = append(n.items, p.value())
		c := p.next()
		if c != ',' && c != end {
			p.fail("no comma or closing bracket")
			break
		}
		p.pos++
		if c == end {
			break
		}
	}
	p.depth--
	return n
}

func (p *scanner) name(n *node) {
	if p.next() != '"' {
		p.fail("no member name")
		return
	}
	n.names = append(n.names, p.str())
	if p.next() != ':' {
		p.fail("no colon after a member name")
		return
	}
	p.pos++
}

// number takes a number as JSON spells it.
func (p *scanner) number() string {
	start := p.pos
	if p.s[p.pos] == '-' {
		p.pos++
	}
	lead := p.pos
	if p.digits(); p.pos > lead+1 && p.s[lead] == '0' {
		p.fail("a number with a leading zero")
	}
	if p.pos < len(p.s) && p.s[p.pos] == '.' {
		p.pos++
		p.digits()
	}
	if p.pos < len(p.s) && p.s[p.pos]|0x20 == 'e' {
		p.pos++
		if p.pos < len(p.s) && (p.s[p.pos] == '+' || p.s[p.pos] == '-') {
			p.pos++
		}
		p.digits()
	}
	return p.s[start:p.pos]
}

func (p *scanner) digits() {
	start := p.pos
	for p.pos < len(p.s) && p.s[p.pos] >= '0' && p.s[p.pos] <= '9' {
		p.pos++
	}
	if p.pos == start {
		p.fail("no digits")
	}
}

// str takes a string and its quotes.
func (p *scanner) str() string {
	p.pos++
	start := p.pos
	for p.pos < len(p.s) && p.s[p.pos] != '"' && p.s[p.pos] != '\\' && p.s[p.pos] >= ' ' {
		p.pos++
	}
	if p.pos < len(p.s) && p.s[p.pos] == '"' {
		p.pos++
		return p.clean(p.s[start : p.pos-1])
	}
	out := []byte(p.s[start:p.pos])
	for p.pos < len(p.s) && p.err == "" {
		switch c := p.s[p.pos]; {
		case c == '"':
			p.pos++
			return p.clean(string(out))
		case c == '\\':
			out = p.escape(out)
		case c < ' ':
			p.fail("a control character in a string")
		default:
			out = append(out, c)
			p.pos++
		}
	}
	p.fail("a string without its end")
	return ""
}

// clean refuses what is neither UTF-8 nor a surrogate that an escape asked for.
func (p *scanner) clean(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	for i := 0; i < len(s); {
		r, w := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && w == 1 {
			if w = surrogate(s[i:]); w == 0 {
				p.fail("bytes that are no UTF-8")
				return ""
			}
		}
		i += w
	}
	return s
}

// surrogate gives 3 if s starts with the WTF-8 form of a surrogate, else 0.
func surrogate(s string) int {
	if len(s) >= 3 && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80 {
		return 3
	}
	return 0
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *scanner) escape(out []byte) []byte {
	if p.pos+1 >= len(p.s) {
		p.fail("a string without its end")
		return out
	}
	c := p.s[p.pos+1]
	if c != 'u' {
		e, ok := escapes[c]
		if !ok {
			p.fail("an unknown escape")
		}
		p.pos += 2
		return append(out, e)
	}
	u, ok := p.unit(p.pos)
	if !ok {
		p.fail("an escape without four hex digits")
		return out
	}
	p.pos += 6
	if u&0xFC00 == 0xD800 {
		if low, ok := p.unit(p.pos); ok && low&0xFC00 == 0xDC00 {
			p.pos += 6
			return utf8.AppendRune(out, 0x10000+rune(u&0x3FF)<<10+rune(low&0x3FF))
		}
	}
	return appendWTF(out, u)
}

// unit reads the \uXXXX at i, if there is one.
func (p *scanner) unit(i int) (uint16, bool) {
	if len(p.s)-i < 6 || p.s[i] != '\\' || p.s[i+1] != 'u' {
		return 0, false
	}
	var v uint16
	for _, c := range []byte(p.s[i+2 : i+6]) {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | uint16(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | uint16(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
