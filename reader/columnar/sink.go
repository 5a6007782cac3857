package columnar

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

// sink is a serde.Sink that appends what a walk tells to columns: there is no tree and nothing is allocated for a value.
type sink struct {
	top    frame
	stack  []frame
	depth  int  // of containers inside a value that goes to text, or nowhere
	mode   mode // where events go
	to     *column
	unwrap bool // the next value has a TTL time around it that is not wanted
	lost   bool // something had no room in its column and is null there

	json, plain valuejson.Encoder
}

type mode uint8

const (
	direct mode = iota
	toJSON
	nowhere
)

// frame is the container that is being filled.
type frame struct {
	c    *column
	next *column // of structs: where the next value goes; nil for nowhere
	odd  bool    // of maps: a value comes next, not a key
	form form    // formNull is a TTL wrapper that leaves no trace
	bind []*column
	at   int // of maps: how many keys there were before; of structs: how many values
}

// begin makes the next value go to c.
func (s *sink) begin(c *column, unwrap bool) {
	s.stack = s.stack[:0]
	s.top = frame{c: c, next: c, form: formStruct}
	s.mode, s.depth, s.unwrap, s.lost = direct, 0, unwrap, false
	s.plain.Style = valuejson.Plain
}

// target is where the value at hand goes.
func (s *sink) target() *column {
	f := &s.top
	switch f.form {
	case formList:
		return f.c.kids[0]
	case formMap:
		f.odd = !f.odd
		if f.odd {
			return f.c.kids[0]
		}
		return f.c.kids[1]
	}
	return f.next
}

// misfit leaves a null where a value has no room.
func (s *sink) misfit(c *column) {
	s.lost = true
	if c != nil {
		c.null()
	}
}

// text reports whether c, or the value that is being written, takes JSON, and sets the encoder up for it.
func (s *sink) text(c *column) *valuejson.Encoder {
	s.json.Reset(c.data)
	return &s.json
}

func (s *sink) textDone(c *column) {
	c.data = s.json.Result()
	s.textEnd(c)
}

func (s *sink) textEnd(c *column) {
	if len(c.data) > math.MaxInt32 {
		c.data = c.data[:c.offs[len(c.offs)-1]]
		s.misfit(c)
		return
	}
	c.text()
}

// Null implements serde.Sink, as do the methods that follow.
func (s *sink) Null() {
	switch s.mode {
	case toJSON:
		s.json.Null()
	case direct:
		if c := s.target(); c != nil {
			c.null()
		}
	}
}

func (s *sink) Bool(v bool) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Bool(v)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case c.n.form == formBool:
		c.data = appendBit(c.data, c.len, v)
		c.ok()
	case c.n.form == formJSON:
		s.text(c).Bool(v)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

func (s *sink) Int(v int64) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Int(v)
		}
		return
	}
	c := s.target()
	if c == nil {
		return
	}
	switch c.n.form {
	case formInt64:
		c.data = binary.LittleEndian.AppendUint64(c.data, uint64(v))
	case formInt32:
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(v))
	case formInt16:
		c.data = binary.LittleEndian.AppendUint16(c.data, uint16(v))
	case formInt8:
		c.data = append(c.data, byte(v))
	case formTimestamp: // a last-access time
		c.data = binary.LittleEndian.AppendUint64(c.data, uint64(v))
	case formJSON:
		s.text(c).Int(v)
		s.textDone(c)
		return
	default:
		s.misfit(c)
		return
	}
	c.ok()
}

func (s *sink) Float32(v float32) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Float32(v)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case c.n.form == formFloat32:
		c.data = binary.LittleEndian.AppendUint32(c.data, math.Float32bits(v))
		c.ok()
	case c.n.form == formJSON:
		s.text(c).Float32(v)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

func (s *sink) Float64(v float64) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Float64(v)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case c.n.form == formFloat64:
		c.data = binary.LittleEndian.AppendUint64(c.data, math.Float64bits(v))
		c.ok()
	case c.n.form == formJSON:
		s.text(c).Float64(v)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

func (s *sink) Char(u uint16) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Char(u)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case c.n.form == formText:
		s.plain.Reset(c.data)
		s.plain.Char(u)
		c.data = s.plain.Result()
		s.textEnd(c)
	case c.n.form == formJSON:
		s.text(c).Char(u)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

func (s *sink) Text(text []byte) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Text(text)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case c.n.form == formText && c.room(len(text)) && utf8.Valid(text):
		c.data = append(c.data, text...)
		c.text()
	case c.n.form == formText && c.room(2*len(text)): // unpaired surrogates are longer as escapes
		s.plain.Reset(c.data)
		s.plain.Text(text)
		c.data = s.plain.Result()
		c.text()
	case c.n.form == formJSON && c.room(6*len(text)+2):
		s.text(c).Text(text)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

func (s *sink) Bytes(b []byte) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Bytes(b)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case c.n.form == formBinary && c.room(len(b)):
		c.data = append(c.data, b...)
		c.text()
	case c.n.form == formJSON && c.room(2*len(b)+16):
		s.text(c).Bytes(b)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

// Raw gives the bytes to a column of bytes.
func (s *sink) Raw(t *serde.Type, b []byte) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Raw(t, b)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case c.n.form == formBinary && c.room(len(b)):
		c.data = append(c.data, b...)
		c.text()
	case c.n.form == formJSON && c.room(2*len(b)+1<<16):
		s.text(c).Raw(t, b)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

func (s *sink) Integer(v serde.Integer) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Integer(v)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case len(v.Unscaled) > maxInteger:
		s.misfit(c)
	case c.n.form == formText:
		s.plain.Reset(c.data)
		s.plain.Integer(v)
		c.data = s.plain.Result()
		s.textEnd(c)
	case c.n.form == formJSON:
		s.text(c).Integer(v)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

func (s *sink) Decimal(v serde.Decimal) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Decimal(v)
		}
		return
	}
	c := s.target()
	if c == nil {
		return
	}
	switch {
	case len(v.Unscaled) > maxInteger:
		s.misfit(c)
	case c.n.form == formDecimal128 || c.n.form == formDecimal256:
		var ok bool
		if c.data, ok = appendDecimal(c.data, v, c.n); !ok {
			s.misfit(c)
			return
		}
		c.ok()
	case c.n.form == formText:
		s.plain.Reset(c.data)
		s.plain.Decimal(v)
		c.data = s.plain.Result()
		s.textEnd(c)
	case c.n.form == formJSON:
		s.text(c).Decimal(v)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

func (s *sink) Time(v serde.Time) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Time(v)
		}
		return
	}
	c := s.target()
	if c == nil {
		return
	}
	switch {
	case c.n.form == formDate && v.Kind == serde.KindLocalDate:
		d := days(int64(v.Year), int64(v.Month), int64(v.Day))
		if d != int64(int32(d)) {
			s.misfit(c)
			return
		}
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(d))
	case c.n.form == formTime && v.Kind == serde.KindLocalTime:
		c.data = binary.LittleEndian.AppendUint64(c.data, uint64(v.NanoOfDay))
	case c.n.form == formTimestamp:
		ticks, ok := ticks(v, c.n.unit)
		if !ok {
			s.misfit(c)
			return
		}
		c.data = binary.LittleEndian.AppendUint64(c.data, uint64(ticks))
	case c.n.form == formJSON:
		s.text(c).Time(v)
		s.textDone(c)
		return
	default:
		s.misfit(c)
		return
	}
	c.ok()
}

// Enum stores the constant's place in the column's own list.
func (s *sink) Enum(v serde.Enum) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Enum(v)
		}
		return
	}
	c := s.target()
	switch {
	case c == nil:
	case c.n.form == formSymbol:
		i, ok := int(v.Index), true
		if i < 0 || i >= len(c.n.symbols) || c.n.symbols[i] != v.Name {
			i, ok = c.n.byName[v.Name]
		}
		if !ok {
			s.misfit(c)
			return
		}
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(i))
		c.ok()
	case c.n.form == formText:
		s.plain.Reset(c.data)
		s.plain.Enum(v)
		c.data = s.plain.Result()
		s.textEnd(c)
	case c.n.form == formJSON:
		s.text(c).Enum(v)
		s.textDone(c)
	default:
		s.misfit(c)
	}
}

// open opens a container in c, or makes all of it go elsewhere if c is not of that form. It reports whether c is.
func (s *sink) open(c *column, f form) bool {
	switch {
	case c != nil && c.n.form == f:
		s.stack = append(s.stack, s.top)
		s.top = frame{c: c, form: f}
		return true
	case c != nil && c.n.form == formJSON:
		s.mode, s.to, s.depth = toJSON, c, 0
		s.json.Reset(c.data)
	default:
		s.mode, s.to, s.depth = nowhere, c, 0
	}
	return false
}

// inside reports whether events go elsewhere, and counts a container that begins or ends there.
func (s *sink) inside(by int) bool {
	if s.mode == direct {
		return false
	}
	s.depth += by
	return true
}

// left ends the detour of a value if its last container has ended.
func (s *sink) left() {
	if s.depth > 0 {
		return
	}
	c := s.to
	if s.mode == toJSON {
		s.mode = direct
		s.textDone(c)
		return
	}
	s.mode = direct
	if c != nil {
		s.misfit(c)
	}
}

func (s *sink) pop() {
	s.top = s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
}

func (s *sink) BeginList(t *serde.Type, n int) {
	if s.mode == direct && s.open(s.target(), formList) {
		return
	}
	s.inside(1)
	if s.mode == toJSON {
		s.json.BeginList(t, n)
	}
}

func (s *sink) EndList() {
	if s.inside(-1) {
		if s.mode == toJSON {
			s.json.EndList()
		}
		s.left()
		return
	}
	c := s.top.c
	c.offs = append(c.offs, int32(c.kids[0].len))
	c.ok()
	s.pop()
}

func (s *sink) BeginMap(t *serde.Type, n int) {
	if s.mode == direct && s.open(s.target(), formMap) {
		s.top.at = s.top.c.kids[0].nulls
		return
	}
	s.inside(1)
	if s.mode == toJSON {
		s.json.BeginMap(t, n)
	}
}

// EndMap ends a map. Keys of Arrow's maps are never null: a map with such a key is null as a whole.
func (s *sink) EndMap() {
	if s.inside(-1) {
		if s.mode == toJSON {
			s.json.EndMap()
		}
		s.left()
		return
	}
	c, at := s.top.c, s.top.at
	s.pop()
	if c.kids[0].nulls > at {
		c.cutKids(int(c.offs[len(c.offs)-1]))
		s.misfit(c)
		return
	}
	c.offs = append(c.offs, int32(c.kids[0].len))
	c.ok()
}

func (s *sink) BeginStruct(t *serde.Type, form serde.Form) {
	if s.mode == direct {
		if s.unwrap && len(s.stack) == 0 && t.Kind == serde.KindTTL {
			s.stack = append(s.stack, s.top)
			s.top = frame{c: s.top.c, form: formNull}
			return
		}
		c := s.target()
		if c != nil && c.n.form == formPresent {
			c.data = appendBit(c.data, c.len, true)
			c.ok()
			s.stack = append(s.stack, s.top)
			s.top = frame{form: formPresent}
			return
		}
		if s.open(c, formStruct) {
			s.top.bind, s.top.at = c.bindTo(t), c.len
			s.extras(c, form)
			return
		}
	}
	s.inside(1)
	if s.mode == toJSON {
		s.json.BeginStruct(t, form)
	}
}

// extras stores what a struct has besides its fields.
func (s *sink) extras(c *column, form serde.Form) {
	if i := c.n.class; i >= 0 {
		if k := c.kids[i]; form.Class != "" {
			s.plain.Reset(k.data)
			s.plain.Text([]byte(form.Class))
			k.data = s.plain.Result()
			k.text()
		}
	} else if form.Class != "" {
		s.lost = true
	}
	if i := c.n.kind; i >= 0 && int(form.RowKind) < len(serde.RowKindNames) {
		k := c.kids[i]
		k.data = binary.LittleEndian.AppendUint32(k.data, uint32(form.RowKind))
		k.ok()
	}
}

func (s *sink) Field(i int) {
	if s.mode != direct {
		if s.mode == toJSON {
			s.json.Field(i)
		}
		return
	}
	f := &s.top
	f.next = nil
	switch {
	case f.form == formNull && i == 1:
		f.next = f.c
	case f.form == formStruct && i < len(f.bind):
		if k := f.bind[i]; k != nil && k.len == f.at {
			f.next = k
			return
		}
		s.lost = true
	}
}

func (s *sink) EndStruct() {
	if s.inside(-1) {
		if s.mode == toJSON {
			s.json.EndStruct()
		}
		s.left()
		return
	}
	c, form := s.top.c, s.top.form
	s.pop()
	if form != formStruct {
		return
	}
	for _, k := range c.kids {
		switch {
		case k.len > c.len:
		case k.n.form == formPresent && len(c.kids) == 1:
			k.data = appendBit(k.data, k.len, true)
			k.ok()
		default:
			k.null()
		}
	}
	c.ok()
}

// maxBindings bounds how many types of values a column remembers.
const maxBindings = 64

// bindTo gives, for each field of t, the kid that its values go to.
func (c *column) bindTo(t *serde.Type) []*column {
	if c.bound == t {
		return c.binding
	}
	b, known := c.others[t]
	if !known {
		b = c.bind(t)
		if c.others == nil {
			c.others = map[*serde.Type][]*column{}
		}
		if len(c.others) < maxBindings {
			c.others[t] = b
		}
	}
	c.bound, c.binding = t, b
	return b
}

func (c *column) bind(t *serde.Type) []*column {
	b := make([]*column, len(t.Fields))
	own := c.n.own
	for i, f := range t.Fields {
		if own != nil && i < len(own.Fields) && own.Fields[i].Name == f.Name {
			b[i] = c.kids[i]
		} else if k, ok := c.n.byName[fieldName(f.Name, i)]; ok && k != c.n.class && k != c.n.kind {
			b[i] = c.kids[k]
		}
	}
	return b
}

const (
	// maxInteger is the size in bytes of the largest integer that is turned into digits: the work grows faster than the size.
	maxInteger     = 1 << 18
	secondsADay    = 86400
	nanosPerSecond = 1_000_000_000
)

// days counts from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so that a leap day is the last.
func days(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	inEra := year - era*400
	inYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + inEra*365 + inEra/4 - inEra/100 + inYear - 719468
}

// ticks gives a point in time in a unit since 1970, if it is one of its whole numbers.
func ticks(v serde.Time, unit arrow.TimeUnit) (int64, bool) {
	seconds, nanos := v.Seconds, int64(v.Nanos)
	switch v.Kind {
	case serde.KindLocalDateTime:
		seconds = days(int64(v.Year), int64(v.Month), int64(v.Day))*secondsADay + v.NanoOfDay/nanosPerSecond
		nanos = v.NanoOfDay % nanosPerSecond
	case serde.KindInstant:
	default:
		return 0, false
	}
	perSecond := int64(nanosPerSecond) / int64(unit.Multiplier())
	perTick := nanosPerSecond / perSecond
	if seconds < 0 && nanos > 0 { // so that the product below stays in range down to the smallest number
		seconds, nanos = seconds+1, nanos-nanosPerSecond
	}
	if nanos%perTick != 0 || seconds > math.MaxInt64/perSecond || seconds < math.MinInt64/perSecond {
		return 0, false
	}
	whole, rest := seconds*perSecond, nanos/perTick
	sum := whole + rest
	return sum, (rest >= 0) == (sum >= whole)
}
