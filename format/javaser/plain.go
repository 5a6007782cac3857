package javaser

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
)

// Plain gives v as a person would write it down: nil, bool, int64, float32, float64, Char, string, []byte, *big.Int, BigDecimal,
// time.Time, Constant, []any, []PlainPair or *Instance. Boxes, collections and the JDK's own value classes are unwrapped. An object
// that holds itself becomes a Cycle where it comes again; shared objects are repeated only as far as that keeps the result in
// proportion to the stream.
func Plain(v Value) any {
	p := plainer{open: map[Value]bool{}, seen: map[Value]bool{}, credit: 256}
	return p.plain(v)
}

// The parts of what Plain gives that Go has no type for.
type (
	// Constant is an enum constant.
	Constant struct{ Class, Name string }
	// BigDecimal is Unscaled × 10^-Scale.
	BigDecimal struct {
		Unscaled *big.Int
		Scale    int32
	}
	// PlainPair is an entry of a map.
	PlainPair struct{ Key, Value any }
	// Instance is an object of any other class: its fields, superclass first, then what its writeObject method wrote, if anything, as
	// the field "@data".
	Instance struct {
		Class  string
		Fields []PlainField
	}
	// PlainField is a field of an Instance.
	PlainField struct {
		Name  string
		Value any
	}
	// Cycle stands for an object of the class that is not repeated.
	Cycle struct{ Class string }
)

type plainer struct {
	open   map[Value]bool // on the way here
	seen   map[Value]bool
	credit int // how many more objects may be repeated
}

func (p *plainer) plain(v Value) any {
	switch v := Deref(v).(type) {
	case nil:
		return nil
	case *String:
		return v.Text
	case *Enum:
		return Constant{v.Class.Name, v.Name.Text}
	case *Class:
		if v.Desc == nil {
			return nil
		}
		return v.Desc.display()
	case *ClassDesc:
		return v.display()
	case *BlockData:
		return v.Data
	case *Exception:
		return &Instance{"java.io.WriteAbortedException", []PlainField{{"detail", p.plain(v.Throwable)}}}
	case *Array:
		if v.Data != nil {
			return primitives(v)
		}
		return p.compound(v)
	case *Object:
		if s, ok := scalar(v); ok {
			return s
		}
		return p.compound(v)
	default:
		return primitive(v)
	}
}

// compound gives arrays, collections, maps and other objects.
func (p *plainer) compound(v Value) any {
	if p.open[v] {
		return Cycle{ClassName(v)}
	}
	if p.seen[v] {
		if p.credit--; p.credit < 0 {
			return Cycle{ClassName(v)}
		}
	} else {
		p.credit++
	}
	p.seen[v], p.open[v] = true, true
	defer delete(p.open, v)
	if elems, ok := Elements(v); ok {
		return p.list(elems)
	}
	if pairs, ok := Entries(v); ok {
		out := make([]PlainPair, 0, len(pairs))
		for _, e := range pairs {
			out = append(out, PlainPair{p.plain(e.Key), p.plain(e.Value)})
		}
		return out
	}
	return p.instance(v.(*Object))
}

func (p *plainer) list(vs []Value) any {
	out := make([]any, 0, len(vs))
	for _, e := range vs {
		out = append(out, p.plain(e))
	}
	return out
}

func (p *plainer) instance(o *Object) any {
	out := &Instance{Class: o.Class.display()}
	for _, d := range o.Data {
		for i, f := range d.Fields {
			out.Fields = append(out.Fields, PlainField{d.Class.Fields[i].Name, p.plain(f)})
		}
		if len(d.Annotations) > 0 {
			out.Fields = append(out.Fields, PlainField{"@data", p.list(d.Annotations)})
		}
	}
	return out
}

// display names a class for people.
func (d *ClassDesc) display() string {
	if d.Proxy {
		return "proxy of " + strings.Join(d.Interfaces, ", ")
	}
	return d.Name
}

func primitive(v Value) any {
	switch v := v.(type) {
	case Bool:
		return bool(v)
	case Char:
		return v
	case Float:
		return float32(v)
	case Double:
		return float64(v)
	}
	n, _ := Integer(v)
	return n
}

// primitives gives the elements of a primitive array; byte arrays stay bytes.
func primitives(a *Array) any {
	code := a.Class.element()
	if code == 'B' {
		return a.Data
	}
	w := width(code)
	out := make([]any, 0, len(a.Data)/w)
	for b := a.Data; len(b) >= w; b = b[w:] {
		out = append(out, element(code, b))
	}
	return out
}

func element(code byte, b []byte) any {
	switch code {
	case 'Z':
		return b[0] != 0
	case 'C':
		return Char(binary.BigEndian.Uint16(b))
	case 'S':
		return int64(int16(binary.BigEndian.Uint16(b)))
	case 'I':
		return int64(int32(binary.BigEndian.Uint32(b)))
	case 'J':
		return int64(binary.BigEndian.Uint64(b))
	case 'F':
		return math.Float32frombits(binary.BigEndian.Uint32(b))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// scalar gives boxes and the JDK's value classes.
func scalar(o *Object) (any, bool) {
	switch o.Class.Name {
	case boxBoolean, "java.lang.Character", "java.lang.Byte", "java.lang.Short", "java.lang.Integer", "java.lang.Long", "java.lang.Float",
		"java.lang.Double", "java.util.concurrent.atomic.AtomicInteger", "java.util.concurrent.atomic.AtomicLong":
		v, ok := o.Field("value")
		switch v.(type) {
		case nil, *Object: // not what Java writes
			return nil, false
		}
		return primitive(v), ok
	case "java.math.BigInteger":
		n := bigInteger(o)
		return n, n != nil
	case "java.math.BigDecimal":
		n := bigInteger(o.Object("intVal"))
		return BigDecimal{n, int32(o.Int("scale"))}, n != nil
	case "java.util.UUID":
		return uuid(uint64(o.Int("mostSigBits")), uint64(o.Int("leastSigBits"))), true
	case "java.util.Date", "java.sql.Date", "java.sql.Time":
		return date(o)
	case "java.sql.Timestamp":
		t, ok := date(o)
		if ok {
			t = t.(time.Time).Truncate(time.Second).Add(time.Duration(o.Int("nanos")))
		}
		return t, ok
	case "java.time.Ser":
		return javaTime(o)
	case "java.net.URI":
		return o.Text("string"), true
	}
	return nil, false
}

func date(o *Object) (any, bool) {
	d, ok := o.Annotations("java.util.Date")
	if !ok {
		return nil, false
	}
	t := time.UnixMilli(d.Long()).UTC()
	return t, !d.Err()
}

func bigInteger(o *Object) *big.Int {
	if !o.Is("java.math.BigInteger") {
		return nil
	}
	mag, ok := o.Get("magnitude").(*Array)
	if !ok {
		return nil
	}
	n := new(big.Int).SetBytes(mag.Data)
	if o.Int("signum") < 0 {
		n.Neg(n)
	}
	return n
}

func uuid(hi, lo uint64) string {
	h := fmt.Sprintf("%016x%016x", hi, lo)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// javaTime reads the proxy that java.time's classes are written as; what is not listed stays an Instance.
func javaTime(o *Object) (any, bool) {
	d, ok := o.Annotations("java.time.Ser")
	if !ok {
		return nil, false
	}
	var out string
	switch d.Byte() {
	case 1:
		s, n := d.Long(), d.Int()
		out = duration(s, n)
	case 2:
		s, n := d.Long(), d.Int()
		out = time.Unix(s, int64(n)).UTC().Format(time.RFC3339Nano)
	case 3:
		out = localDate(d)
	case 4:
		out = localTime(d)
	case 5:
		out = localDate(d) + "T" + localTime(d)
	default:
		return nil, false
	}
	return out, !d.Err() && d.Done()
}

// duration writes ISO-8601 seconds.
func duration(seconds int64, nanos int32) string {
	n := new(big.Int).Mul(big.NewInt(seconds), big.NewInt(1e9))
	n.Add(n, big.NewInt(int64(nanos)))
	s := new(big.Rat).SetFrac(n, big.NewInt(1e9)).FloatString(9)
	return "PT" + strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "S"
}

func localDate(d *Data) string {
	y, m, day := d.Int(), d.Byte(), d.Byte()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, day)
}

// localTime reads a time whose trailing zeros are left out: the last field written is then complemented.
func localTime(d *Data) string {
	var f [3]int
	for i := range f {
		b := int(int8(d.Byte()))
		if b < 0 {
			f[i] = ^b
			return clock(f, 0)
		}
		f[i] = b
	}
	return clock(f, d.Int())
}

func clock(f [3]int, nanos int32) string {
	s := fmt.Sprintf("%02d:%02d:%02d", f[0], f[1], f[2])
	if nanos != 0 {
		s += strings.TrimRight(fmt.Sprintf(".%09d", nanos), "0")
	}
	return s
}
