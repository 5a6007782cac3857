package where

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/types"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// part is a piece of an entry.
type part uint8

const (
	partKey part = iota
	partNamespace
	partMapKey
	partValue // it and those before are decoded from bytes
	partTTL
	partTimestamp
	partKeyGroup
	partSubtask
	partState
	partOperator
	partUID
	partKind
)

// root is a variable of the language.
type root struct {
	name string
	part part
}

// roots are the variables, in the order in which messages list them.
func roots() []root {
	return []root{
		{"key", partKey},
		{"value", partValue},
		{"ns", partNamespace},
		{"mapKey", partMapKey},
		{"ttlTs", partTTL},
		{"ttl", partTTL},
		{"timestamp", partTimestamp},
		{"kg", partKeyGroup},
		{"subtask", partSubtask},
		{"state", partState},
		{"operator", partOperator},
		{"uid", partUID},
		{"kind", partKind},
	}
}

// patcher replaces what an expression says of an entry by variables of their own: value.order.amount becomes one.
type patcher struct {
	text  string
	state *entry.State
	lets  map[string]bool
	conf  *conf.Config // of the compilation: it learns the variables as they are made
	slots []slot
	types []*serde.Type // of the slots
	err   *fault.Error
}

func (p *patcher) keep(c *conf.Config) { p.conf = c }

// Visit implements ast.Visitor: nodes come from the leaves up.
func (p *patcher) Visit(node *ast.Node) {
	if p.err != nil {
		return
	}
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		p.root(node, n)
	case *ast.MemberNode:
		p.member(node, n)
	case *ast.ChainNode: // a?.b: null is the same without the mark
		if id, ok := n.Node.(*ast.IdentifierNode); ok && p.slotOf(id.Value) >= 0 {
			*node = id
		}
	}
}

func (p *patcher) root(node *ast.Node, n *ast.IdentifierNode) {
	if p.slotOf(n.Value) >= 0 || p.lets[n.Value] {
		return
	}
	for _, r := range roots() {
		if r.name != n.Value {
			continue
		}
		t, ok := p.typeOf(r.part)
		if !ok {
			p.fail(n, "%s: state %q, which is %s, has none", n.Value, p.state.Name, p.state.Kind)
			return
		}
		p.put(node, n, slot{part: r.part}, t)
		return
	}
	var names []string
	for _, r := range roots() {
		names = append(names, r.name)
	}
	p.fail(n, "%s: no such name", n.Value)
	p.err.WithExpected("one of %s", strings.Join(names, ", "))
	p.suggest(n.Value, "", append(names, p.fieldNames()...))
}

// fieldNames lists the fields of the value, for those who left out "value.".
func (p *patcher) fieldNames() []string {
	var out []string
	if t, ok := p.typeOf(partValue); ok {
		for _, f := range t.Fields {
			out = append(out, "value."+f.Name)
		}
	}
	return out
}

// typeOf gives the type of a part; ok is false if the state has none. Parts that are not decoded have no type of serde's.
func (p *patcher) typeOf(at part) (*serde.Type, bool) {
	s := p.state
	var c serde.Codec
	switch at {
	case partKey:
		c = s.Key
	case partNamespace:
		if !s.Void {
			c = s.Namespace
		}
	case partMapKey:
		c = s.UserKey
	case partValue:
		if s.Kind == entry.Timer {
			return nil, false
		}
		if c = s.Value; c == nil {
			return &serde.Type{Kind: serde.KindBytes}, true
		}
		t := unwrap(c.Type())
		if s.Kind == entry.List {
			t = &serde.Type{Kind: serde.KindList, Args: []*serde.Type{c.Type()}}
		}
		return t, true
	case partTTL:
		return nil, s.TTL && s.Kind != entry.List
	case partTimestamp:
		return nil, s.Kind == entry.Timer
	case partKeyGroup:
		return nil, s.Kind.Keyed()
	default:
		return nil, true
	}
	if c == nil {
		return nil, false
	}
	return c.Type(), true
}

// unwrap gives the type of the value inside a TTL wrapper.
func unwrap(t *serde.Type) *serde.Type {
	if t.Kind == serde.KindTTL && len(t.Fields) == 2 {
		return t.Fields[1].Type
	}
	return t
}

// member resolves one step: a field of a struct, row or union, or an element of a tuple. All else stays with the language.
func (p *patcher) member(node *ast.Node, n *ast.MemberNode) {
	id, ok := n.Node.(*ast.IdentifierNode)
	if !ok {
		return
	}
	i := p.slotOf(id.Value)
	if i < 0 {
		return
	}
	t := p.types[i]
	if t == nil || !fielded(t) {
		if t != nil && t.Kind != serde.KindAny && t.Kind != serde.KindMap && t.Kind != serde.KindList && t.Kind != serde.KindRaw {
			if name, ok := n.Property.(*ast.StringNode); ok {
				p.fail(n, "%s is %s and has no field %s", p.pathOf(i), t, name.Value)
			}
		}
		return
	}
	var name string
	switch prop := n.Property.(type) {
	case *ast.StringNode:
		name = prop.Value
	case *ast.IntegerNode:
		if t.Kind != serde.KindTuple && t.Kind != serde.KindRow || prop.Value < 0 || prop.Value >= len(t.Fields) {
			p.fail(n, "%s[%d]: no such field of %s", p.pathOf(i), prop.Value, t)
			return
		}
		name = t.Fields[prop.Value].Name
	default:
		p.fail(n, "a field of %s that is not known before reading", p.pathOf(i))
		return
	}
	for _, f := range t.Fields {
		if f.Name == name {
			p.put(node, n, slot{part: p.slots[i].part, path: append(append([]string{}, p.slots[i].path...), name)}, f.Type)
			return
		}
	}
	p.fail(n.Property, "%s.%s: no such field", p.pathOf(i), name)
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	if len(names) > 0 && len(names) <= 24 {
		p.err.WithExpected("one of %s", strings.Join(names, ", "))
	}
	p.suggest(name, p.pathOf(i)+".", names)
}

// fielded reports whether values of a type have fields by name or position.
func fielded(t *serde.Type) bool {
	switch t.Kind {
	case serde.KindStruct, serde.KindRow, serde.KindTuple, serde.KindUnion, serde.KindTTL:
		return len(t.Fields) > 0
	}
	return false
}

// put makes a variable for s and puts it in the place of a node.
func (p *patcher) put(node *ast.Node, old ast.Node, s slot, t *serde.Type) {
	at := -1
	for i := range p.slots {
		if p.slots[i].part == s.part && strings.Join(p.slots[i].path, "\x00") == strings.Join(s.path, "\x00") {
			at = i
		}
	}
	if at < 0 {
		at = len(p.slots)
		s.name = "_" + strconv.Itoa(at)
		p.slots, p.types = append(p.slots, s), append(p.types, t)
	}
	id := &ast.IdentifierNode{Value: p.slots[at].name}
	id.SetLocation(old.Location())
	nt := exprType(t, s.part, 0)
	nature := nt.Nature()
	p.conf.Env.Fields[id.Value] = nature
	id.SetNature(nature)
	*node = id
}

// slotOf gives the number of the slot that a variable of ours stands for, or −1.
func (p *patcher) slotOf(name string) int {
	if n, err := strconv.Atoi(strings.TrimPrefix(name, "_")); err == nil && strings.HasPrefix(name, "_") && n < len(p.slots) {
		return n
	}
	return -1
}

// pathOf says what a slot stands for, as the user wrote it.
func (p *patcher) pathOf(i int) string {
	for _, r := range roots() {
		if r.part == p.slots[i].part {
			return strings.Join(append([]string{r.name}, p.slots[i].path...), ".")
		}
	}
	return p.slots[i].name
}

// rename replaces our variables in a message of the language by what they stand for.
func (p *patcher) rename(err error) error {
	e, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	for i := len(p.slots) - 1; i >= 0; i-- {
		e.Found = strings.ReplaceAll(e.Found, p.slots[i].name+" ", p.pathOf(i)+" ")
	}
	return e
}

func (p *patcher) fail(n ast.Node, format string, args ...any) {
	p.err = at(p.text, n.Location().From, "%s", fmt.Sprintf(format, args...))
}

// suggest names the closest of some names.
func (p *patcher) suggest(wrong, prefix string, names []string) {
	best, distance := "", 1+max(1, len(wrong)/3)
	for _, n := range names {
		bare := n[strings.LastIndexByte(n, '.')+1:]
		if d := editDistance(strings.ToLower(wrong), strings.ToLower(bare)); d < distance {
			best, distance = n, d
		}
	}
	if best != "" {
		p.err.WithHint("did you mean %s%s?", prefix, best)
	}
}

// editDistance is the number of letters to change, add, drop or swap with their neighbour to make b of a.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// exprType gives the type that the language has for values of t.
func exprType(t *serde.Type, at part, depth int) types.Type {
	if t == nil {
		switch at {
		case partState, partOperator, partUID, partKind:
			return types.String
		}
		return types.Int
	}
	if depth > 16 {
		return types.Any
	}
	switch t.Kind {
	case serde.KindBool:
		return types.Bool
	case serde.KindInt8, serde.KindInt16, serde.KindInt32, serde.KindInt64:
		return types.Int
	case serde.KindFloat32, serde.KindFloat64, serde.KindInteger, serde.KindDecimal:
		return types.Float64
	case serde.KindChar, serde.KindString, serde.KindBytes, serde.KindEnum, serde.KindLocalDate, serde.KindLocalTime, serde.KindLocalDateTime,
		serde.KindInstant, serde.KindRaw:
		return types.String
	case serde.KindList:
		if len(t.Args) == 1 {
			return types.Array(exprType(t.Args[0], partValue, depth+1))
		}
	case serde.KindMap:
		if len(t.Args) == 2 && t.Args[0].Kind == serde.KindString {
			return types.Map{types.Extra: exprType(t.Args[1], partValue, depth+1)}
		}
	case serde.KindStruct, serde.KindRow, serde.KindUnion, serde.KindTTL, serde.KindTuple:
		m := types.Map{}
		for _, f := range t.Fields {
			m[f.Name] = exprType(f.Type, partValue, depth+1)
		}
		return m
	}
	return types.Any
}
