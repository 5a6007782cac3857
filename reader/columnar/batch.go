package columnar

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Batch collects rows of one table. It is not safe for concurrent use.
type Batch struct {
	Table *Table
	// OnError is told of every part that contradicts its serializer; it is null in its column and stands in raw.
	OnError func(*entry.Entry, error)
	// Lost counts the values that are right but have no room in their column, for instance a date beyond the range of nanoseconds: they are
	// null there and the part stands in raw.
	Lost int

	cols  []*column
	raw   *column // nil if the table has no such column
	rows  int
	bytes int
	walk  sink
	in    binio.Reader
	keep  [parts]bool // which parts of the entry at hand go to raw
}

// NewBatch makes an empty batch.
func (t *Table) NewBatch() *Batch {
	b := &Batch{Table: t}
	for i, n := range t.cols {
		c := newColumn(n)
		b.cols = append(b.cols, c)
		if t.parts[i] == partRaw {
			b.raw = c
		}
	}
	return b
}

// Rows is the number of rows since the last Reset.
func (b *Batch) Rows() int { return b.rows }

// Bytes is about how much memory the rows take.
func (b *Batch) Bytes() int { return b.bytes }

// Append appends one entry, of which it keeps nothing.
func (b *Batch) Append(e *entry.Entry) {
	b.keep = [parts]bool{}
	for i, c := range b.cols {
		b.part(c, b.Table.parts[i], e)
	}
	b.rows++
	b.bytes += 16 + 2*(len(e.Key)+len(e.Namespace)+len(e.UserKey)+len(e.Value))
	for _, v := range e.Elements {
		b.bytes += 16 + 2*len(v)
	}
}

func (b *Batch) part(c *column, p part, e *entry.Entry) {
	s := e.State
	switch p {
	case partSubtask:
		number(c, int64(e.Subtask), e.Subtask >= 0)
	case partKeyGroup:
		number(c, int64(e.KeyGroup), e.KeyGroup >= 0)
	case partKey:
		b.decode(c, p, e, s.Key, e.Key)
	case partNamespace:
		if s.Void || len(e.Namespace) == 0 {
			c.null()
			return
		}
		b.decode(c, p, e, s.Namespace, e.Namespace)
	case partMapKey:
		if e.Unsplit && e.UserKey == nil {
			c.null()
			return
		}
		b.decode(c, p, e, s.UserKey, e.UserKey)
	case partValue:
		b.value(c, e)
	case partTTL:
		ms, ok := int64(0), false
		if wrapped(s) && !e.NullValue {
			ms, ok = entry.TTLTime(e.Value)
		}
		number(c, ms, ok)
	case partTimestamp:
		number(c, e.Timestamp, true)
	case partRaw:
		b.rawParts(e)
	default: // what is the same in all rows
		c.data = append(c.data, 0)
		c.ok()
	}
}

func wrapped(s *entry.State) bool {
	return s.TTL && s.Value != nil && s.Value.Type().Kind == serde.KindTTL
}

func number(c *column, v int64, ok bool) {
	switch {
	case !ok:
		c.null()
		return
	case c.n.form == formInt32:
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(v))
	default:
		c.data = binary.LittleEndian.AppendUint64(c.data, uint64(v))
	}
	c.ok()
}

func (b *Batch) value(c *column, e *entry.Entry) {
	s := e.State
	switch {
	case e.NullValue:
		c.null()
	case s.Kind != entry.List:
		b.walk.unwrap = wrapped(s)
		b.decode(c, partValue, e, s.Value, e.Value)
	case e.Unsplit && e.Elements == nil:
		b.keep[partValue] = true
		c.null()
	default:
		for _, v := range e.Elements {
			b.decode(c.kids[0], partValue, e, s.Value, v)
		}
		c.offs = append(c.offs, int32(c.kids[0].len))
		c.ok()
	}
}

// decode appends one value to c. What cannot be read is null there, and the part goes to raw.
func (b *Batch) decode(c *column, p part, e *entry.Entry, codec serde.Codec, v []byte) {
	unwrap := b.walk.unwrap
	b.walk.unwrap = false
	at := c.len
	if codec == nil {
		b.walk.begin(c, false)
		b.walk.Raw(nil, v)
		b.keep[p] = b.keep[p] || b.walk.lost
		return
	}
	b.in.Reset(v, 0)
	b.walk.begin(c, unwrap)
	codec.Walk(&b.in, &b.walk)
	b.in.End()
	err := b.in.Err()
	if err == nil && c.len == at+1 && !b.walk.lost {
		return
	}
	if err == nil && c.len == at+1 {
		b.Lost++
		b.keep[p] = true
		return
	}
	if err != nil && !errors.Is(err, fault.ErrUnsupported) && !e.Unsplit && b.OnError != nil {
		b.OnError(e, place(e, err))
	}
	c.cut(at)
	if c.n.form == formBinary && errors.Is(err, fault.ErrUnsupported) && !e.Unsplit { // the column is made for just that
		if unwrap && len(v) >= 8 {
			v = v[8:]
		}
		b.walk.begin(c, false)
		b.walk.Raw(nil, v)
		b.keep[p] = b.keep[p] || b.walk.lost
		return
	}
	b.keep[p] = true
	c.null()
}

// place says where the entry is. Offsets count within the part: where in a file it stood is not known here.
func place(e *entry.Entry, err error) error {
	op := e.State.UID
	if op == "" {
		op = e.State.OperatorID
	}
	return fault.At(err, fault.Place{Operator: op, State: e.State.Name, Subtask: e.Subtask, KeyGroup: e.KeyGroup})
}

// rawParts fills the column raw. It is the last one, when it is known which parts it has to keep.
func (b *Batch) rawParts(e *entry.Entry) {
	c := b.raw
	if b.Table.Options.Raw {
		b.keep = [parts]bool{partKey: true, partNamespace: true, partMapKey: true, partValue: true}
	}
	if b.keep == [parts]bool{} {
		c.null()
		return
	}
	for _, k := range c.kids {
		switch k.n.name {
		case partNames[partKey]:
			bytesOr(k, e.Key, b.keep[partKey])
		case partNames[partNamespace]:
			bytesOr(k, e.Namespace, b.keep[partNamespace] && len(e.Namespace) > 0)
		case partNames[partMapKey]:
			bytesOr(k, e.UserKey, b.keep[partMapKey] && !(e.Unsplit && e.UserKey == nil))
		case partNames[partValue]:
			b.rawValue(k, e)
		}
	}
	c.ok()
}

func (b *Batch) rawValue(c *column, e *entry.Entry) {
	switch {
	case c.n.form != formList:
		bytesOr(c, e.Value, b.keep[partValue] && !e.NullValue)
		return
	case !b.keep[partValue]:
		c.null()
		return
	case e.Unsplit && e.Elements == nil:
		bytesOr(c.kids[0], e.Value, true)
	default:
		for _, v := range e.Elements {
			bytesOr(c.kids[0], v, true)
		}
	}
	c.offs = append(c.offs, int32(c.kids[0].len))
	c.ok()
}

func bytesOr(c *column, v []byte, ok bool) {
	if !ok || !c.room(len(v)) {
		c.null()
		return
	}
	c.data = append(c.data, v...)
	c.text()
}

// Record gives the rows as an Arrow record. It shares the batch's memory: it is good until the next Append or Reset.
func (b *Batch) Record() arrow.Record {
	arrays := make([]arrow.Array, len(b.cols))
	for i, c := range b.cols {
		arrays[i] = array.MakeFromData(c.arrow())
	}
	return array.NewRecord(b.Table.schema, arrays, int64(b.rows))
}

// Reset forgets the rows and keeps the memory.
func (b *Batch) Reset() {
	for _, c := range b.cols {
		c.reset()
	}
	b.rows, b.bytes = 0, 0
}
