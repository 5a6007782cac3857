package serde

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
)

// FieldSerializer, Kryo's choice for every class that it has no rule for: the fields of the class and its superclasses, sorted by name,
// without any names. A primitive is bare; a field whose declared class is final has ref and body; any other is an object with its
// class. Records are the same.
//
// The type arguments of a field count too: the elements of a field declared List<String> are written without their class.

// kryoField is one field.
type kryoField struct {
	name string
	arg  *kryoArg // declared type
	body kryoBody // of primitives
}

// kryoArg is a declared type.
type kryoArg struct {
	name  string // JVM name of the class
	final bool   // no other class can stand there
	args  []*kryoArg
	param int  // number of the type parameter that it is, or -1
	open  bool // it or its arguments are type parameters
}

// at gives a type argument, or nil.
func (a *kryoArg) at(i int) *kryoArg {
	if a == nil || i >= len(a.args) {
		return nil
	}
	return a.args[i]
}

// bind puts the arguments of the class in the place of its type parameters.
func (a *kryoArg) bind(args *kryoArg) *kryoArg {
	switch {
	case a == nil || !a.open || args == nil:
		return a
	case a.param >= 0:
		if b := args.at(a.param); b != nil {
			return b
		}
		return a
	}
	out := *a
	out.args = make([]*kryoArg, len(a.args))
	for i, b := range a.args {
		out.args[i] = b.bind(args)
	}
	return &out
}

// kryoHints are the classes that hints describe.
type kryoHints struct {
	classes map[string]*kryoClass
	hints   ClassHints
}

func newKryoHints(hints ClassHints) *kryoHints {
	h := &kryoHints{classes: map[string]*kryoClass{}, hints: hints}
	for name, hint := range hints {
		h.classes[name] = h.class(name, hint)
	}
	return h
}

func (h *kryoHints) class(name string, hint *ClassHint) *kryoClass {
	switch {
	case hint.Serializer != "":
		return kryoCustom(name, hint.Serializer)
	case len(hint.Constants) > 0:
		return kryoEnumClass(name, hint.Constants)
	}
	c := &kryoClass{name: name}
	c.setFields(hint, h)
	return c
}

func kryoEnumClass(name string, constants []string) *kryoClass {
	t := &Type{Kind: KindEnum, Class: name, Length: variable, Symbols: constants}
	return &kryoClass{name: name, body: both(kryoEnum), noRef: [kryoVersions]bool{false, true}, constants: constants, t: t}
}

func (c *kryoClass) setFields(hint *ClassHint, h *kryoHints) {
	fields := slices.Clone(hint.Fields)
	slices.SortStableFunc(fields, func(a, b FieldHint) int { return compareUnits(a.Name, b.Name) })
	c.t = kryoInstanceType(c.name)
	for _, f := range fields {
		k := kryoField{name: f.Name, arg: h.parse(f.Type, hint.Params)}
		if _, primitive := boxOf[f.Type]; primitive {
			k.body = primitiveBody(f.Type)
		}
		c.fields = append(c.fields, k)
		c.t.Fields = append(c.t.Fields, Field{Name: f.Name, Type: kryoAnyType})
	}
	c.body = both(kryoFields)
	if hint.Record {
		c.body[1] = func(k *kryo, c *kryoClass, _ *kryoArg) int32 { return k.fields(c, nil, false) }
	}
}

// primitiveBody gives the rule of a primitive. It is here and not looked up because hints of the JDK's own classes are made with the
// other rules.
func primitiveBody(name string) kryoBody {
	return map[string]kryoBody{
		"boolean": kryoBool, "byte": kryoByte, "char": kryoChar, "short": kryoShort, "int": kryoInt, "long": kryoLong, "float": kryoFloat,
		"double": kryoDouble,
	}[name]
}

// compareUnits compares as String.compareTo does: by UTF-16 unit.
func compareUnits(a, b string) int {
	return slices.CompareFunc(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)), cmp.Compare[uint16])
}

// parse reads a type as Java source has it.
func (h *kryoHints) parse(text string, params []string) *kryoArg {
	text = strings.TrimSpace(text)
	if i := slices.Index(params, text); i >= 0 {
		return &kryoArg{name: "java.lang.Object", param: i, open: true}
	}
	if elem, ok := strings.CutSuffix(text, "[]"); ok {
		e := h.parse(elem, params)
		_, primitive := boxOf[e.name]
		return &kryoArg{name: arrayName(e.name), final: e.final || primitive, param: -1}
	}
	name, rest, generic := strings.Cut(text, "<")
	a := &kryoArg{name: strings.TrimSpace(name), param: -1}
	if strings.HasPrefix(a.name, "?") || a.name == "" {
		a.name = "java.lang.Object"
	}
	a.final = h.isFinal(a.name)
	if generic {
		for _, part := range splitArgs(strings.TrimSuffix(strings.TrimSpace(rest), ">")) {
			b := h.parse(part, params)
			a.args, a.open = append(a.args, b), a.open || b.open
		}
	}
	return a
}

// splitArgs splits at the commas that stand outside of angle brackets.
func splitArgs(text string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '<':
			depth++
		case '>':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, text[start:i])
				start = i + 1
			}
		}
	}
	return append(out, text[start:])
}

func (h *kryoHints) isFinal(class string) bool {
	if _, primitive := boxOf[class]; primitive || kryoFinal[class] {
		return true
	}
	if h == nil {
		return false
	}
	hint, ok := h.hints[class]
	return ok && (hint.Final || hint.Record || (len(hint.Constants) > 0 && !hint.Open))
}

// kryoFinal are the classes of the JDK that are final and that fields have as types.
var kryoFinal = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range []string{
		"lang.String", "lang.Boolean", "lang.Byte", "lang.Character", "lang.Short", "lang.Integer", "lang.Long", "lang.Float", "lang.Double", "lang.Void",
		"lang.Class", "lang.StringBuilder", "lang.StringBuffer", "net.URI", "net.URL", "util.Currency", "util.UUID", "util.Locale", "util.Optional",
		"util.OptionalInt", "util.OptionalLong", "util.OptionalDouble", "util.regex.Pattern", "time.LocalDate", "time.LocalTime",
		"time.LocalDateTime", "time.Instant", "time.Duration", "time.ZoneOffset", "time.ZonedDateTime", "time.OffsetDateTime",
		"time.OffsetTime", "time.Year", "time.YearMonth", "time.MonthDay", "time.Period",
	} {
		m["java."+name] = true
	}
	return m
}()

func kryoFields(k *kryo, c *kryoClass, args *kryoArg) int32 { return k.fields(c, args, true) }

func (k *kryo) fields(c *kryoClass, args *kryoArg, generics bool) int32 {
	k.unhashable = true
	if k.s != nil {
		form := Form{}
		if k.declared != c.name {
			form.Class = c.name
		}
		k.s.BeginStruct(c.t, form)
	}
	for i := range c.fields {
		if k.s != nil {
			k.s.Field(i)
		}
		k.field(&c.fields[i], args, generics)
		if k.failed() {
			return 0
		}
	}
	if k.s != nil {
		k.s.EndStruct()
	}
	return 0
}

func (k *kryo) field(f *kryoField, args *kryoArg, generics bool) int32 {
	if f.body != nil {
		return f.body(k, nil, nil)
	}
	arg := f.arg.bind(args)
	inner := arg
	if !generics {
		inner = nil
	}
	k.expect = arg.name
	if arg.final {
		return k.object(k.c.resolve(arg.name, k.version), true, inner)
	}
	return k.value(inner)
}
