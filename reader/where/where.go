// Package where filters entries by expressions: value.amount > 100 and key startsWith "k1". It is the one package that knows the expression
// language (github.com/expr-lang/expr).
//
// An expression is checked against the types of a state before anything is read. Only the parts that it names are decoded: its fields are
// slots, and a sink that walks an entry's bytes fills the slots and builds nothing else.
//
//	key, value, ns, mapKey         the parts of an entry: value.amount, ns.start, value.tags[0], value[1] of a tuple
//	ttlTs (or ttl)                 last access, milliseconds since 1970; nil without TTL
//	timestamp                      of a timer, milliseconds since 1970
//	kg, subtask                    key group and subtask
//	state, operator, uid, kind     names; operator is the id
//
// Values are as rows show them: times and dates ISO-8601 text, enums their names, bytes hex digits; decimals and big integers are numbers. A
// comparison with a null does not match.
package where

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
)

// Expr is an expression whose syntax was checked.
type Expr struct {
	text string
	lets map[string]bool // the names that it gives to values itself
}

// maxText bounds the length of an expression.
const maxText = 64 << 10

// Parse checks the syntax of an expression.
func Parse(text string) (*Expr, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fault.New(fault.ErrUsage, "an empty expression").WithExpected("for instance value.amount > 100")
	}
	if len(text) > maxText {
		return nil, fault.New(fault.ErrUsage, "an expression of %d bytes", len(text)).WithExpected("at most %d", maxText)
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, usage(text, err)
	}
	lets := &declared{names: map[string]bool{}}
	ast.Walk(&tree.Node, lets)
	return &Expr{text: text, lets: lets.names}, nil
}

// declared collects the names that an expression declares with let.
type declared struct{ names map[string]bool }

// Visit implements ast.Visitor.
func (d *declared) Visit(node *ast.Node) {
	if v, ok := (*node).(*ast.VariableDeclaratorNode); ok {
		d.names[v.Name] = true
	}
}

// usage makes an error of ours, on one line, of one of the language's.
func usage(text string, err error) error {
	var e *file.Error
	if !errors.As(err, &e) {
		return fault.New(fault.ErrUsage, "%s: %v", text, err)
	}
	message := e.Message
	if i := strings.IndexByte(message, '\n'); i >= 0 {
		message = message[:i]
	}
	return at(text, e.Location.From, "%s", message)
}

// at makes an error that points at a place of the expression.
func at(text string, pos int, format string, args ...any) *fault.Error {
	pos = min(max(pos, 0), len([]rune(text)))
	return fault.New(fault.ErrUsage, "at column %d of %q: %s", pos+1, text, fmt.Sprintf(format, args...))
}

// Filter is an expression for the entries of one state.
type Filter struct {
	program *vm.Program
	slots   []slot
}

// slot is a value that the expression uses.
type slot struct {
	name string // of the variable that stands for it
	part part
	path []string
}

// For checks the expression against a state. The error, of kind fault.ErrUsage, says what does not fit and what would.
func (x *Expr) For(s *entry.State) (*Filter, error) {
	p := &patcher{text: x.text, state: s, lets: x.lets}
	program, err := expr.Compile(x.text, expr.Env(types.Map{}), p.keep, expr.AsBool(), expr.Patch(p))
	if p.err != nil {
		return nil, p.err
	}
	if err != nil {
		return nil, p.rename(usage(x.text, err))
	}
	used := &users{}
	node := program.Node()
	ast.Walk(&node, used)
	f := &Filter{program: program}
	for _, s := range p.slots {
		if used.names[s.name] {
			f.slots = append(f.slots, s)
		}
	}
	return f, nil
}

// users collects the variables that an expression uses.
type users struct{ names map[string]bool }

// Visit implements ast.Visitor.
func (u *users) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok {
		if u.names == nil {
			u.names = map[string]bool{}
		}
		u.names[id.Value] = true
	}
}
