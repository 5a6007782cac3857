package typedecl

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Language is one way to declare types.
type Language struct {
	Name string // as on the command line
	Doc  string
	// Write declares states.
	Write func(w io.Writer, states []State) error
}

// Languages lists all languages.
func Languages() []Language {
	return []Language{
		{"text", "a tree for people", writeText},
		{"json-schema", "JSON Schema 2020-12 of the rows that cat --format json prints", writeJSONSchema},
		{"avro", "Avro schemas", writeAvro},
		{"proto", "Protocol Buffers, proto3", writeProto},
		{"java", "Java records and POJOs", writeJava},
		{"go", "Go structs that take the rows of cat --format json", writeGo},
		{"sql", "CREATE TABLE of Flink SQL", writeSQL},
	}
}

// LanguageByName finds a language.
func LanguageByName(name string) (Language, error) {
	var names []string
	for _, l := range Languages() {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return Language{}, fault.New(fault.ErrUsage, "language %q", name).WithExpected("%s", strings.Join(names, ", "))
}

// Row gives the type of a state's rows: a struct of key, ns, mapKey, value, ttlTs and timestamp, as far as the state has them.
func (d *State) Row() *serde.Type {
	t := &serde.Type{Kind: serde.KindStruct, Class: pascal(d.Operator(), d.Name), Length: -1}
	if d.Kind == entry.Coordinator {
		t.Class = pascal(d.Operator(), "coordinator")
	}
	add := func(name string, f *serde.Type) {
		if f == nil {
			f = &serde.Type{Kind: serde.KindRaw, Length: -1}
		}
		t.Fields = append(t.Fields, serde.Field{Name: name, Type: f})
	}
	if d.Kind.Keyed() {
		add("key", d.Key)
	}
	if d.HasNamespace() {
		add("ns", d.Namespace)
	}
	if d.HasMapKey() {
		add("mapKey", d.MapKey)
	}
	long := &serde.Type{Kind: serde.KindInt64, Length: 8}
	switch {
	case d.Kind == entry.List:
		elem := d.Value
		if elem == nil {
			elem = &serde.Type{Kind: serde.KindRaw, Length: -1}
		}
		add("value", &serde.Type{Kind: serde.KindList, Length: -1, Args: []*serde.Type{elem}})
	case d.HasValue():
		add("value", WithoutTTL(d.Value))
		if d.TTL {
			add("ttlTs", long)
		}
	default:
		add("timestamp", long)
	}
	return t
}

// Operator is the operator's uid, or its id.
func (d *State) Operator() string {
	if d.UID != "" {
		return d.UID
	}
	return d.OperatorID
}

// declared are the named types of some states, each after those that it needs.
type declared struct {
	names map[*serde.Type]string
	taken map[string]*serde.Type
	order []*serde.Type
	depth int
	named func(*serde.Type) bool // which types have names in the language
}

// declare names the types of states. The rows come last of what they need.
func declare(states []State, named func(*serde.Type) bool) (*declared, []*serde.Type) {
	d := &declared{names: map[*serde.Type]string{}, taken: map[string]*serde.Type{}, named: named}
	rows := make([]*serde.Type, len(states))
	for i := range states {
		rows[i] = states[i].Row()
		d.taken[rows[i].Class] = rows[i] // other types make way
	}
	for i, r := range rows {
		d.visit(r, r.Class)
		if n := d.names[r]; n == "" {
			d.names[r] = fmt.Sprintf("Row%d", i)
		}
	}
	return d, rows
}

func (d *declared) visit(t *serde.Type, hint string) {
	if t == nil || d.names[t] != "" || d.depth > maxDepth {
		return
	}
	if d.named(t) {
		d.name(t, hint)
	}
	d.depth++
	for i, f := range fieldsOf(t) {
		d.visit(f.Type, hint+pascal(nameOf(f, i)))
	}
	for i, a := range t.Args {
		d.visit(a, hint+[]string{"Element", "Value"}[min(1, i+len(t.Args)-1)])
	}
	d.depth--
	if d.named(t) && !slices.Contains(d.order, t) {
		d.order = append(d.order, t)
	}
}

// name gives a type its name: that of its class, or one made of where it stands. Equal types share theirs.
func (d *declared) name(t *serde.Type, hint string) {
	base := pascal(serde.SimpleName(t.Class))
	if base == "" {
		base = hint
	}
	name := base
	for n := 2; ; n++ {
		other, taken := d.taken[name]
		if !taken || other == t {
			break
		}
		if t.Class != "" && other.Class == t.Class && other.String() == t.String() && d.names[other] == name {
			d.names[t], d.order = name, append(d.order, t)
			return
		}
		name = fmt.Sprintf("%s%d", base, n)
	}
	d.taken[name], d.names[t] = t, name
}

// each calls do for every named type once.
func (d *declared) each(do func(name string, t *serde.Type)) {
	done := map[string]bool{}
	for _, t := range d.order {
		if n := d.names[t]; !done[n] && d.taken[n] == t {
			done[n] = true
			do(n, t)
		}
	}
}

// fieldsOf gives the fields that values of a type can have.
func fieldsOf(t *serde.Type) []serde.Field {
	if t.Kind == serde.KindStruct {
		return AllFields(t)
	}
	return t.Fields
}

func nameOf(f serde.Field, i int) string {
	if f.Name == "" {
		return fmt.Sprintf("f%d", i)
	}
	return f.Name
}

// isStruct reports whether values have named or numbered parts.
func isStruct(t *serde.Type) bool {
	switch t.Kind {
	case serde.KindStruct, serde.KindRow, serde.KindTuple, serde.KindUnion, serde.KindTTL:
		return true
	}
	return false
}

// stringKeys reports whether a map's keys are texts.
func stringKeys(t *serde.Type) bool {
	return len(t.Args) == 2 && t.Args[0] != nil && t.Args[0].Kind == serde.KindString
}

// pascal makes one name of words: "my-state", "x" becomes MyStateX.
func pascal(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		up := true
		for _, r := range w {
			switch {
			case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
				if up {
					r = unicode.ToUpper(r)
				}
				if b.Len() == 0 && unicode.IsDigit(r) {
					b.WriteByte('X')
				}
				b.WriteRune(r)
				up = false
			default:
				up = true
			}
		}
	}
	return b.String()
}

// identifier makes a name that most languages take: letters, digits and underscores.
func identifier(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '_', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9' && i > 0:
			b.WriteRune(r)
		case r >= '0' && r <= '9':
			b.WriteByte('_')
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	if b.Len() == 0 {
		return "_"
	}
	return b.String()
}

// title says which state a declaration is for.
func (d *State) title() string {
	return fmt.Sprintf("%s state %q of operator %s", d.Kind, d.Name, d.Operator())
}

// printer writes lines and remembers the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) f(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
