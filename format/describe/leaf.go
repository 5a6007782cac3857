package describe

import (
	"strconv"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

// leaves is a serde.Sink that prints what a value is made of, each part with its bytes: those that were read since the part before.
type leaves struct {
	p     printer
	r     *binio.Reader
	told  int    // bytes that were told about
	label string // of the value
	path  []step // into it
	enc   valuejson.Encoder
}

// step is one level of a value.
type step struct {
	t     *serde.Type
	index int  // of a list's element or a map's key or value; of a struct's field
	isMap bool // index counts keys and values
	list  bool
}

// rawShown is how many bytes of a value that no rule explains are printed.
const rawShown = 32

// value prints one value of c: b, which begins at an offset.
func (l *leaves) value(p printer, offset int64, b []byte, label string, c serde.Codec) {
	l.p, l.r, l.told, l.label, l.path = p, binio.NewReader(b, offset), 0, label, l.path[:0]
	c.Walk(l.r, l)
	if err := l.r.Err(); err != nil {
		l.tell(label+": the rest cannot be read", nil, len(b))
		return
	}
	if l.told < len(b) {
		l.tell(label, nil, len(b))
	}
}

// tell prints the bytes up to a place.
func (l *leaves) tell(label string, text []byte, upTo int) {
	all := l.r.Rest()
	raw := l.since(upTo, all)
	l.p.Leaf(l.r.Offset()-int64(l.r.Pos()-l.told), raw, label, text)
	l.told = max(l.told, upTo)
}

// since gives the bytes from what was told up to a place, which may lie behind the reader.
func (l *leaves) since(upTo int, rest []byte) []byte {
	pos := l.r.Pos()
	if l.told > pos || upTo < l.told {
		return nil
	}
	b := l.r.Since(l.told)
	if upTo > pos {
		b = append(b, rest[:upTo-pos]...)
	}
	return b
}

func (l *leaves) leaf(event func(*valuejson.Encoder)) {
	l.enc.Reset(l.enc.Result()[:0])
	event(&l.enc)
	l.tell(l.next(), l.enc.Result(), l.r.Pos())
}

// next is the label of the value that comes now.
func (l *leaves) next() string {
	if n := len(l.path); n > 0 && l.path[n-1].list {
		l.path[n-1].index++
	}
	return l.here()
}

func (l *leaves) here() string {
	b := []byte(l.label)
	for _, s := range l.path {
		switch {
		case s.isMap && s.index < 0 || s.list && s.index < 0:
		case s.isMap:
			b = append(b, []string{".key[", ".value["}[s.index%2]...)
			b = append(strconv.AppendInt(b, int64(s.index/2), 10), ']')
		case s.list:
			b = append(strconv.AppendInt(append(b, '['), int64(s.index), 10), ']')
		case s.t != nil && s.index >= 0 && s.index < len(s.t.Fields):
			b = append(append(b, '.'), s.t.Fields[s.index].Name...)
		case s.index >= 0:
			b = strconv.AppendInt(append(b, ".f"...), int64(s.index), 10)
		}
	}
	return string(b)
}

// begin opens a value with parts; bytes before them are told under what.
func (l *leaves) begin(what string, n int, s step) {
	label := l.next()
	if l.r.Pos() > l.told || n >= 0 {
		var text []byte
		if n >= 0 {
			text = strconv.AppendInt(nil, int64(n), 10)
		}
		l.tell(label+", "+what, text, l.r.Pos())
	}
	s.index = -1
	l.path = append(l.path, s)
}

func (l *leaves) end() {
	l.path = l.path[:len(l.path)-1]
	if l.r.Pos() > l.told {
		l.tell(l.here()+", end", nil, l.r.Pos())
	}
}

// The events of serde.Sink.

// Null implements serde.Sink.
func (l *leaves) Null() { l.leaf((*valuejson.Encoder).Null) }

// Bool implements serde.Sink.
func (l *leaves) Bool(v bool) { l.leaf(func(e *valuejson.Encoder) { e.Bool(v) }) }

// Int implements serde.Sink.
func (l *leaves) Int(v int64) { l.leaf(func(e *valuejson.Encoder) { e.Int(v) }) }

// Float32 implements serde.Sink.
func (l *leaves) Float32(v float32) { l.leaf(func(e *valuejson.Encoder) { e.Float32(v) }) }

// Float64 implements serde.Sink.
func (l *leaves) Float64(v float64) { l.leaf(func(e *valuejson.Encoder) { e.Float64(v) }) }

// Char implements serde.Sink.
func (l *leaves) Char(v uint16) { l.leaf(func(e *valuejson.Encoder) { e.Char(v) }) }

// Text implements serde.Sink.
func (l *leaves) Text(v []byte) { l.leaf(func(e *valuejson.Encoder) { e.Text(v) }) }

// Bytes implements serde.Sink.
func (l *leaves) Bytes(v []byte) {
	l.leaf(func(e *valuejson.Encoder) { e.Bytes(v[:min(len(v), rawShown)]) })
}

// Integer implements serde.Sink.
func (l *leaves) Integer(v serde.Integer) { l.leaf(func(e *valuejson.Encoder) { e.Integer(v) }) }

// Decimal implements serde.Sink.
func (l *leaves) Decimal(v serde.Decimal) { l.leaf(func(e *valuejson.Encoder) { e.Decimal(v) }) }

// Time implements serde.Sink.
func (l *leaves) Time(v serde.Time) { l.leaf(func(e *valuejson.Encoder) { e.Time(v) }) }

// Enum implements serde.Sink.
func (l *leaves) Enum(v serde.Enum) { l.leaf(func(e *valuejson.Encoder) { e.Enum(v) }) }

// Raw implements serde.Sink.
func (l *leaves) Raw(t *serde.Type, b []byte) {
	l.leaf(func(e *valuejson.Encoder) { e.Raw(t, b[:min(len(b), rawShown)]) })
}

// BeginList implements serde.Sink.
func (l *leaves) BeginList(t *serde.Type, n int) {
	l.begin("number of elements", n, step{t: t, list: true})
}

// EndList implements serde.Sink.
func (l *leaves) EndList() { l.end() }

// BeginMap implements serde.Sink.
func (l *leaves) BeginMap(t *serde.Type, n int) {
	l.begin("number of entries", n, step{t: t, list: true, isMap: true})
}

// EndMap implements serde.Sink.
func (l *leaves) EndMap() { l.end() }

// BeginStruct implements serde.Sink.
func (l *leaves) BeginStruct(t *serde.Type, _ serde.Form) { l.begin("flags", -1, step{t: t}) }

// Field implements serde.Sink.
func (l *leaves) Field(i int) { l.path[len(l.path)-1].index = i }

// EndStruct implements serde.Sink.
func (l *leaves) EndStruct() { l.end() }
