package valuejson

import (
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Parse reads a value of type t from its JSON, as Append writes it. A text that needs no quotes to be understood may stand bare when it is
// the whole value: a string, a character, a date or time, an enum's name, a number; null is always null where t allows it.
//
// {"$raw":"hex"} gives a serde.Raw: where it stands for the whole value, Data is all of its encoding.
//
// Errors are of kind fault.ErrUsage and name the place: "value.items[2].qty: string "x", expected int".
func Parse(t *serde.Type, text []byte) (serde.Value, error) { return ParseNamed("value", t, text) }

// ParseNamed is Parse with another name than "value" for the whole in messages, for instance "key".
func ParseNamed(name string, t *serde.Type, text []byte) (serde.Value, error) {
	root := &path{name: name}
	n, s := scan(text)
	if word := bareWord(t, text, n, s.err == ""); word != nil {
		n = *word
	} else if s.err != "" {
		return nil, root.fail("%s at character %d", s.err, s.at+1)
	}
	if n.kind == jsonNull && !t.Nullable && t.Kind != serde.KindNull {
		return nil, root.mismatch(&n, t)
	}
	return convert(t, &n, root)
}

// bareWord gives the text as a string where it stands bare.
func bareWord(t *serde.Type, text []byte, n node, valid bool) *node {
	bare := strings.TrimSpace(string(text))
	switch t.Kind {
	case serde.KindString, serde.KindChar:
		bare = string(text)
	case serde.KindEnum, serde.KindInteger, serde.KindDecimal, serde.KindFloat32, serde.KindFloat64, serde.KindLocalDate, serde.KindLocalTime,
		serde.KindLocalDateTime, serde.KindInstant:
		if valid && n.kind == jsonNumber {
			return nil
		}
	default:
		return nil
	}
	switch {
	case strings.HasPrefix(strings.TrimSpace(bare), `"`):
		return nil
	case valid && (n.kind == jsonObject || n.kind == jsonArray || (n.kind == jsonNull && t.Nullable)):
		return nil
	}
	return &node{kind: jsonString, text: strings.ToValidUTF8(bare, "\uFFFD")}
}

// path is where a value stands in the text.
type path struct {
	up    *path
	name  string
	index int // of elements, where name is empty
}

func (p *path) field(name string) *path { return &path{up: p, name: name} }
func (p *path) item(i int) *path        { return &path{up: p, index: i} }

func (p *path) String() string {
	switch {
	case p.up == nil:
		return p.name
	case p.name == "":
		return p.up.String() + "[" + strconv.Itoa(p.index) + "]"
	case plainName(p.name):
		return p.up.String() + "." + p.name
	}
	return p.up.String() + "[" + strconv.Quote(p.name) + "]"
}

func plainName(s string) bool {
	for i, c := range s {
		if c != '_' && c != '$' && c != '@' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func (p *path) fail(format string, args ...any) *fault.Error {
	e := fault.New(fault.ErrUsage, format, args...)
	e.Field = p.String()
	return e
}

func (p *path) mismatch(n *node, t *serde.Type) error {
	return p.fail("%s", n.describe()).WithExpected("%s", t)
}

// convert makes a value of type t. What may be null inside a container is for its codec to say.
func convert(t *serde.Type, n *node, p *path) (serde.Value, error) {
	if t == nil {
		return nil, p.fail("the type is not known")
	}
	if raw := n.raw(t, p); raw != nil {
		b, err := hex.DecodeString(raw.text)
		if err != nil {
			return nil, p.field("$raw").mismatch(raw, hexText)
		}
		return serde.Raw{Type: t, Data: b}, nil
	}
	if n.kind == jsonNull {
		return serde.Null{}, nil
	}
	switch t.Kind {
	case serde.KindList:
		return list(t, n, p)
	case serde.KindMap:
		return entries(t, n, p)
	case serde.KindTuple:
		return positions(t, n, p)
	case serde.KindStruct, serde.KindRow, serde.KindTTL:
		return members(t, n, p)
	case serde.KindUnion:
		return union(t, n, p)
	case serde.KindBytes:
		return blob(t, n, p)
	}
	return scalar(t, n, p)
}

// hexText is the type of what stands under $hex and $raw, for messages.
var hexText = &serde.Type{Kind: serde.KindString, Note: "hexadecimal digits"}

// raw gives the digits of {"$raw":…}. A map that is no raw value may have such a key too.
func (n *node) raw(t *serde.Type, p *path) *node {
	opaque := t.Opaque || t.Kind == serde.KindRaw
	if n.kind != jsonObject || (!opaque && (p.up != nil || t.Kind == serde.KindMap)) {
		return nil
	}
	raw := n.member("$raw")
	if raw == nil || raw.kind != jsonString || len(n.items) > 2 || (len(n.items) == 2 && n.member("$serializer") == nil) {
		return nil
	}
	return raw
}

func blob(t *serde.Type, n *node, p *path) (serde.Value, error) {
	digits := n.member("$hex")
	if n.kind != jsonObject || digits == nil || len(n.items) != 1 {
		return nil, p.fail("%s", n.describe()).WithExpected(`{"$hex":"…"}`)
	}
	b, err := hex.DecodeString(digits.text)
	if err != nil || digits.kind != jsonString {
		return nil, p.field("$hex").mismatch(digits, hexText)
	}
	return serde.Bytes(b), nil
}

func list(t *serde.Type, n *node, p *path) (serde.Value, error) {
	if n.kind != jsonArray {
		return nil, p.mismatch(n, t)
	}
	out := make(serde.List, 0, len(n.items))
	for i := range n.items {
		v, err := convert(t.Args[0], &n.items[i], p.item(i))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func entries(t *serde.Type, n *node, p *path) (serde.Value, error) {
	out := make(serde.Map, 0, len(n.items))
	switch n.kind {
	case jsonObject:
		for i, name := range n.names {
			at := p.field(name)
			if slices.Contains(n.names[:i], name) {
				return nil, at.fail("the key stands there twice").WithHint("write the map as an array of [key, value]")
			}
			k, err := memberKey(t.Args[0], name, at)
			if err != nil {
				return nil, err
			}
			v, err := convert(t.Args[1], &n.items[i], at)
			if err != nil {
				return nil, err
			}
			out = append(out, serde.Pair{Key: k, Value: v})
		}
	case jsonArray:
		for i := range n.items {
			at, pair := p.item(i), &n.items[i]
			if pair.kind != jsonArray || len(pair.items) != 2 {
				return nil, at.fail("%s", pair.describe()).WithExpected("[key, value]")
			}
			k, err := convert(t.Args[0], &pair.items[0], at.item(0))
			if err != nil {
				return nil, err
			}
			v, err := convert(t.Args[1], &pair.items[1], at.item(1))
			if err != nil {
				return nil, err
			}
			out = append(out, serde.Pair{Key: k, Value: v})
		}
	default:
		return nil, p.mismatch(n, t)
	}
	return out, nil
}

// memberKey reads a key from the name of a member: a string as it is, anything else as if it stood there alone.
func memberKey(t *serde.Type, name string, p *path) (serde.Value, error) {
	if t.Kind == serde.KindString {
		return serde.Text(name), nil
	}
	v, err := Parse(t, []byte(name))
	if err != nil {
		return nil, p.fail("key %q", clip(name)).WithExpected("%s", t)
	}
	return v, nil
}

func positions(t *serde.Type, n *node, p *path) (serde.Value, error) {
	if n.kind != jsonArray || len(n.items) != len(t.Fields) {
		return nil, p.fail("%s", n.describe()).WithExpected("an array of %d: %s", len(t.Fields), t)
	}
	out := serde.Struct{Type: t, Fields: make([]serde.Value, len(t.Fields))}
	for i, f := range t.Fields {
		v, err := convert(f.Type, &n.items[i], p.item(i))
		if err != nil {
			return nil, err
		}
		out.Fields[i] = v
	}
	return out, nil
}

// fieldName is the name of a field in JSON.
func fieldName(t *serde.Type, i int) string {
	if name := t.Fields[i].Name; name != "" {
		return name
	}
	return "f" + strconv.Itoa(i)
}

func members(t *serde.Type, n *node, p *path) (serde.Value, error) {
	if n.kind != jsonObject {
		return nil, p.mismatch(n, t)
	}
	out := serde.Struct{}
	if class := n.member("@class"); class != nil && t.Kind == serde.KindStruct {
		sub, err := subclass(t, class, p.field("@class"))
		if err != nil {
			return nil, err
		}
		if sub != t {
			t, out.Form.Class = sub, class.text
		}
	}
	out.Type, out.Fields = t, make([]serde.Value, len(t.Fields))
	known := make(map[string]int, len(t.Fields))
	for i := range t.Fields {
		known[fieldName(t, i)] = i
	}
	for j, name := range n.names {
		m, at := &n.items[j], p.field(name)
		i, ok := known[name]
		if !ok {
			if err := special(t, &out.Form, name, m, at); err != nil {
				return nil, err
			}
			continue
		}
		if out.Fields[i] != nil {
			return nil, at.fail("the member stands there twice")
		}
		v, err := convert(t.Fields[i].Type, m, at)
		if err != nil {
			return nil, err
		}
		out.Fields[i] = v
	}
	for i, v := range out.Fields {
		if v == nil {
			return nil, p.fail("member %q is missing", fieldName(t, i)).WithExpected("%s", t)
		}
	}
	return out, nil
}

// subclass finds the type that "@class" names: t itself or one of its subclasses.
func subclass(t *serde.Type, class *node, at *path) (*serde.Type, error) {
	if class.kind == jsonString {
		for _, s := range append([]*serde.Type{t}, t.Subclasses...) {
			if s.Class == class.text && s.Kind == serde.KindStruct {
				return s, nil
			}
		}
	}
	return nil, at.fail("%s", class.describe()).WithExpected("%s or a subclass that the snapshot knows", t.Class)
}

// special reads a member that is no field.
func special(t *serde.Type, form *serde.Form, name string, m *node, at *path) error {
	switch {
	case name == "$kind" && t.Kind == serde.KindRow:
		k := slices.Index(serde.RowKindNames[:], m.text)
		if k < 0 || m.kind != jsonString {
			return at.fail("%s", m.describe()).WithExpected("%s", strings.Join(serde.RowKindNames[:], ", "))
		}
		form.RowKind = byte(k)
		return nil
	case name == "@class" && t.Kind == serde.KindStruct:
		return nil
	case name == "global" && m.kind == jsonTrue && isGlobalWindow(t):
		return nil
	}
	return at.fail("there is no such member").WithExpected("%s", t)
}

func union(t *serde.Type, n *node, p *path) (serde.Value, error) {
	if n.kind == jsonObject && len(n.items) == 1 {
		for i, f := range t.Fields {
			if fieldName(t, i) != n.names[0] {
				continue
			}
			v, err := convert(f.Type, &n.items[0], p.field(n.names[0]))
			if err != nil {
				return nil, err
			}
			out := serde.Struct{Type: t, Fields: make([]serde.Value, len(t.Fields))}
			out.Fields[i] = v
			return out, nil
		}
	}
	var names []string
	for i := range t.Fields {
		names = append(names, strconv.Quote(fieldName(t, i)))
	}
	return nil, p.fail("%s", n.describe()).WithExpected("an object with one of %s", strings.Join(names, ", "))
}

// scalar reads a value without parts.
func scalar(t *serde.Type, n *node, p *path) (serde.Value, error) {
	var v serde.Value
	ok := false
	switch t.Kind {
	case serde.KindBool:
		v, ok = serde.Bool(n.kind == jsonTrue), n.kind == jsonTrue || n.kind == jsonFalse
	case serde.KindInt8, serde.KindInt16, serde.KindInt32, serde.KindInt64:
		return integer(t, n, p)
	case serde.KindFloat32:
		var f float64
		f, ok = float(n, 32)
		v = serde.Float32(f)
	case serde.KindFloat64:
		var f float64
		f, ok = float(n, 64)
		v = serde.Float64(f)
	case serde.KindString:
		v, ok = serde.Text(n.text), n.kind == jsonString
	case serde.KindChar:
		if ok = n.kind == jsonString && binio.Units(n.text) == 1; ok {
			binio.EachUnit(n.text, func(u uint16) { v = serde.Char(u) })
		}
	case serde.KindInteger:
		v, ok = parseInteger(n)
	case serde.KindDecimal:
		return decimal(t, n, p)
	case serde.KindEnum:
		return constant(t, n, p)
	case serde.KindLocalDate, serde.KindLocalTime, serde.KindLocalDateTime, serde.KindInstant:
		if n.kind == jsonString {
			v, ok = parseTime(t.Kind, n.text)
		}
		if !ok {
			return nil, p.fail("%s", n.describe()).WithExpected("%s, for instance %s", t, examples[t.Kind])
		}
	case serde.KindRaw:
		return nil, p.fail("%s", n.describe()).WithExpected(`{"$raw":"hex"}, since the serializer %s is not known`, serializer(t))
	}
	if !ok {
		return nil, p.mismatch(n, t)
	}
	return v, nil
}

func integer(t *serde.Type, n *node, p *path) (serde.Value, error) {
	if n.kind != jsonNumber {
		return nil, p.mismatch(n, t)
	}
	size := map[serde.Kind]int{serde.KindInt8: 8, serde.KindInt16: 16, serde.KindInt32: 32, serde.KindInt64: 64}[t.Kind]
	v, err := strconv.ParseInt(n.text, 10, size)
	if err != nil {
		return nil, p.fail("%s", n.describe()).WithExpected("%s of %d bits", t, size)
	}
	return serde.Int(v), nil
}

func float(n *node, size int) (float64, bool) {
	switch n.kind {
	case jsonNumber:
		v, err := strconv.ParseFloat(n.text, size)
		return v, err == nil
	case jsonString:
		switch n.text {
		case "NaN":
			return math.Float64frombits(javaNaN), true
		case "Infinity":
			return math.Inf(1), true
		case "-Infinity":
			return math.Inf(-1), true
		}
	}
	return 0, false
}

func constant(t *serde.Type, n *node, p *path) (serde.Value, error) {
	i := slices.Index(t.Symbols, n.text)
	if n.kind != jsonString || i < 0 {
		return nil, p.fail("%s", n.describe()).WithExpected("one of %s", clip(strings.Join(t.Symbols, ", ")))
	}
	return serde.Enum{Index: int32(i), Name: n.text}, nil
}
