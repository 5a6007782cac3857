package columnar

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/tarn-project/tarn/format/serde"
)

// column collects values in Arrow's own layout. Unlike Arrow's builders it can be cut back to fewer rows, which is what a value that turns
// out to be unreadable in its middle needs.
type column struct {
	n     *node
	len   int
	nulls int
	valid []byte  // one bit a value; nil as long as none is null
	data  []byte  // values of fixed width, bits, or text
	offs  []int32 // of text, lists and maps: where values begin; one more than there are values
	kids  []*column

	bound   *serde.Type // of structs: the type whose fields binding is for
	binding []*column
	others  map[*serde.Type][]*column
}

func newColumn(n *node) *column {
	c := &column{n: n}
	for _, k := range n.kids {
		c.kids = append(c.kids, newColumn(k))
	}
	switch n.form {
	case formText, formBinary, formJSON, formList, formMap:
		c.offs = append(c.offs, 0)
	}
	return c
}

// ok counts a value that was just stored.
func (c *column) ok() {
	if c.valid != nil {
		c.valid = appendBit(c.valid, c.len, true)
	}
	c.len++
}

// text counts a value whose bytes were just appended to data.
func (c *column) text() {
	c.offs = append(c.offs, int32(len(c.data)))
	c.ok()
}

// room reports whether n more bytes of text fit.
func (c *column) room(n int) bool { return len(c.data)+n <= math.MaxInt32 }

func appendBit(b []byte, at int, v bool) []byte {
	if at&7 == 0 {
		b = append(b, 0)
	}
	if v {
		b[at>>3] |= 1 << (at & 7)
	}
	return b
}

// null appends a null.
func (c *column) null() {
	switch c.n.form {
	case formNull:
		c.len++
		c.nulls++
		return
	case formBool, formPresent:
		c.data = appendBit(c.data, c.len, false)
	case formInt8, formConstant:
		c.data = append(c.data, 0)
	case formInt16:
		c.data = append(c.data, 0, 0)
	case formInt32, formFloat32, formDate, formSymbol:
		c.data = append(c.data, 0, 0, 0, 0)
	case formInt64, formFloat64, formTime, formTimestamp:
		c.data = binary.LittleEndian.AppendUint64(c.data, 0)
	case formDecimal128:
		c.data = append(c.data, make([]byte, 16)...)
	case formDecimal256:
		c.data = append(c.data, make([]byte, 32)...)
	case formText, formBinary, formJSON, formList, formMap:
		c.offs = append(c.offs, c.offs[len(c.offs)-1])
	case formStruct:
		for _, k := range c.kids {
			k.null()
		}
	}
	if c.valid == nil {
		c.valid = ones(c.len)
	}
	c.valid = appendBit(c.valid, c.len, false)
	c.len++
	c.nulls++
}

func ones(n int) []byte {
	b := make([]byte, (n+7)/8, (n+7)/8+64)
	for i := range b {
		b[i] = 0xFF
	}
	if n&7 != 0 {
		b[len(b)-1] = 1<<(n&7) - 1
	}
	return b
}

// width is the number of bytes of a value of fixed width, or 0.
func (n *node) width() int {
	switch n.form {
	case formInt8, formConstant:
		return 1
	case formInt16:
		return 2
	case formInt32, formFloat32, formDate, formSymbol:
		return 4
	case formInt64, formFloat64, formTime, formTimestamp:
		return 8
	case formDecimal128:
		return 16
	case formDecimal256:
		return 32
	}
	return 0
}

// cut leaves the first n values, also of columns in the middle of a value, whose kids have more than was counted.
func (c *column) cut(n int) {
	if c.n.form == formNull {
		c.nulls = n
	} else if c.valid != nil {
		c.valid = cutBits(c.valid, n)
		c.nulls = n
		for _, b := range c.valid {
			c.nulls -= bits.OnesCount8(b)
		}
	}
	c.len = n
	switch c.n.form {
	case formBool, formPresent:
		c.data = cutBits(c.data, n)
	case formText, formBinary, formJSON:
		c.offs = c.offs[:n+1]
		c.data = c.data[:c.offs[n]]
	case formList, formMap:
		c.offs = c.offs[:n+1]
		c.cutKids(int(c.offs[n]))
	case formStruct:
		c.cutKids(n)
	default:
		c.data = c.data[:n*c.n.width()]
	}
}

func (c *column) cutKids(n int) {
	for _, k := range c.kids {
		k.cut(n)
	}
}

func cutBits(b []byte, n int) []byte {
	b = b[:(n+7)/8]
	if n&7 != 0 {
		b[len(b)-1] &= 1<<(n&7) - 1
	}
	return b
}

// reset forgets all values and keeps the memory.
func (c *column) reset() {
	c.len, c.nulls, c.valid, c.data = 0, 0, nil, c.data[:0]
	if c.offs != nil {
		c.offs = c.offs[:1]
	}
	for _, k := range c.kids {
		k.reset()
	}
}

// arrow gives the values as Arrow has them, without copying: they are good until the next change of the column.
func (c *column) arrow() arrow.ArrayData {
	var buffers []*memory.Buffer
	var kids []arrow.ArrayData
	switch c.n.form {
	case formNull:
		buffers = []*memory.Buffer{nil}
	case formText, formBinary, formJSON:
		buffers = []*memory.Buffer{c.validity(), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offs)), memory.NewBufferBytes(c.data)}
	case formList:
		buffers = []*memory.Buffer{c.validity(), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offs))}
		kids = []arrow.ArrayData{c.kids[0].arrow()}
	case formMap:
		buffers = []*memory.Buffer{c.validity(), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offs))}
		entries := c.n.typ.(*arrow.MapType).Elem()
		kids = []arrow.ArrayData{array.NewData(entries, c.kids[0].len, []*memory.Buffer{nil},
			[]arrow.ArrayData{c.kids[0].arrow(), c.kids[1].arrow()}, 0, 0)}
	case formStruct:
		buffers = []*memory.Buffer{c.validity()}
		for _, k := range c.kids {
			kids = append(kids, k.arrow())
		}
	case formSymbol, formConstant:
		return array.NewDataWithDictionary(c.n.typ, c.len, []*memory.Buffer{c.validity(), memory.NewBufferBytes(c.data)}, c.nulls, 0, c.n.dict)
	default:
		buffers = []*memory.Buffer{c.validity(), memory.NewBufferBytes(c.data)}
	}
	return array.NewData(c.n.typ, c.len, buffers, kids, c.nulls, 0)
}

func (c *column) validity() *memory.Buffer {
	if c.nulls == 0 {
		return nil
	}
	return memory.NewBufferBytes(c.valid)
}
