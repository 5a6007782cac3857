package serde

import "strings"

// Kind says what a value is, whatever serializer wrote it.
type Kind uint8

// The kinds of values.
const (
	KindRaw           Kind = iota // bytes that no rule explains
	KindNull                      // always null: Void, VoidNamespace, NullValue
	KindBool                      // boolean
	KindInt8                      // byte
	KindInt16                     // short
	KindInt32                     // int
	KindInt64                     // long
	KindFloat32                   // float
	KindFloat64                   // double
	KindChar                      // char: one UTF-16 unit
	KindString                    // text
	KindBytes                     // byte[]
	KindInteger                   // java.math.BigInteger
	KindDecimal                   // java.math.BigDecimal, SQL DECIMAL
	KindLocalDate                 // a date without zone
	KindLocalTime                 // a time of day without zone
	KindLocalDateTime             // both
	KindInstant                   // a point in time: Instant, java.util.Date, java.sql.*
	KindEnum                      // one of Symbols
	KindList                      // list, array or set of Args[0]
	KindMap                       // Args[0] to Args[1]
	KindTuple                     // Fields by position
	KindStruct                    // Fields by name: POJO, Avro record, window
	KindRow                       // Fields by name or position, with a row kind (+I, -U, +U, -D)
	KindUnion                     // exactly one of Fields: Either
	KindTTL                       // Fields ttlTs and value
	KindAny                       // each value says itself what it is: Java objects, variants
)

var kindNames = [...]string{
	"raw", "null", "boolean", "byte", "short", "int", "long", "float", "double", "char", "string", "bytes", "BigInteger", "decimal",
	"date", "time", "timestamp", "instant", "enum", "list", "map", "tuple", "struct", "row", "union", "ttl", "any",
}

// String gives the kind's name as it stands in type trees.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "?"
}

// Type describes the values of one serializer: a schema. Types are immutable once compiled.
type Type struct {
	Kind       Kind
	Class      string   // Java class of the values, where the snapshot names it
	Serializer string   // class of the serializer snapshot, as stored
	Version    int32    // its version
	Length     int      // Flink's TypeSerializer.getLength(): bytes of every value, or -1. VoidNamespace says 0 but writes one byte
	Nullable   bool     // the serializer itself can write null
	Opaque     bool     // the bytes of a value cannot be delimited: no rule is known for it or for a part of it
	Args       []*Type  // element; key and value
	Fields     []Field  // of tuples, structs, rows, unions
	Subclasses []*Type  // of structs: the types of the subclasses that the snapshot knows
	TTLAware   bool     // wrapped in a TtlAwareSerializer (Flink 2.0 and newer), which changes no bytes
	Symbols    []string // of enums, in encoding order
	Precision  int      // digits of SQL decimals, fractional digits of SQL timestamps
	Scale      int      // of SQL decimals
	Note       string   // what else a person should know, for instance "set", "array", "Kryo"
}

// Field is one field of a tuple, struct, row or union.
type Field struct {
	Name string
	Type *Type
}

// variable is the Length of types whose values differ in size.
const variable = -1

// String gives the type on one line, for instance "map<string, list<long>>" or "Order{id: long, item: Item{…}}". A '?' marks what can
// be null where that is not so for all values of the kind.
func (t *Type) String() string {
	var b strings.Builder
	t.write(&b, 0)
	return b.String()
}

func (t *Type) write(b *strings.Builder, depth int) {
	switch {
	case t == nil:
		b.WriteString("?")
		return
	case depth > 8:
		b.WriteString("…")
		return
	}
	switch t.Kind {
	case KindList, KindMap:
		b.WriteString(firstOf(t.Note, t.Kind.String()))
		b.WriteByte('<')
		for i, a := range t.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			a.write(b, depth+1)
		}
		b.WriteByte('>')
	case KindTTL:
		t.Fields[len(t.Fields)-1].Type.write(b, depth+1)
		b.WriteString(" with TTL")
	case KindTuple, KindStruct, KindRow, KindUnion:
		if name := SimpleName(t.Class); strings.HasSuffix(name, "Window") {
			b.WriteString(name)
			break
		}
		b.WriteString(firstOf(SimpleName(t.Class), t.Kind.String()))
		b.WriteByte('{')
		for i, f := range t.Fields {
			if i > 0 {
				b.WriteString(", ")
			}
			if t.Kind != KindTuple {
				b.WriteString(f.Name)
				b.WriteString(": ")
			}
			f.Type.write(b, depth+1)
		}
		b.WriteByte('}')
	case KindEnum:
		b.WriteString(firstOf(SimpleName(t.Class), "enum"))
	case KindRaw:
		b.WriteString("raw(")
		b.WriteString(firstOf(SimpleName(t.Class), SimpleName(t.Serializer)))
		b.WriteByte(')')
	default:
		b.WriteString(firstOf(t.Note, t.Kind.String()))
	}
	if t.Nullable && !t.alwaysNullable() {
		b.WriteByte('?')
	}
}

// alwaysNullable reports whether every value of the kind can be null whatever the type says, so that saying it tells nothing: strings and
// POJOs.
func (t *Type) alwaysNullable() bool { return t.Kind == KindString || t.Kind == KindStruct }

// SimpleName gives the last part of a Java class name: "Order" for "com.acme.Job$Order".
func SimpleName(class string) string {
	return class[strings.LastIndexAny(class, ".$")+1:]
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// opaque reports whether any of the types is.
func opaque(types ...*Type) bool {
	for _, t := range types {
		if t.Opaque {
			return true
		}
	}
	return false
}
