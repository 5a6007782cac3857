package parquet

import "encoding/binary"

// compact writes Thrift's compact protocol, in which Parquet's metadata is. Fields must come in the order of their ids.
type compact struct {
	b    []byte
	last []int16 // ids of the last fields of the open structs
}

const (
	typeTrue   = 1
	typeFalse  = 2
	typeByte   = 3
	typeI16    = 4
	typeI32    = 5
	typeI64    = 6
	typeBinary = 8
	typeList   = 9
	typeStruct = 12
)

func (c *compact) begin() { c.last = append(c.last, 0) }

func (c *compact) end() {
	c.b = append(c.b, 0)
	c.last = c.last[:len(c.last)-1]
}

func (c *compact) field(id int16, typ byte) {
	last := &c.last[len(c.last)-1]
	if d := id - *last; d > 0 && d <= 15 {
		c.b = append(c.b, byte(d)<<4|typ)
	} else {
		c.b = append(c.b, typ)
		c.b = binary.AppendVarint(c.b, int64(id))
	}
	*last = id
}

func (c *compact) i32(id int16, v int32) {
	c.field(id, typeI32)
	c.b = binary.AppendVarint(c.b, int64(v))
}

func (c *compact) i64(id int16, v int64) {
	c.field(id, typeI64)
	c.b = binary.AppendVarint(c.b, v)
}

func (c *compact) i8(id int16, v int8) {
	c.field(id, typeByte)
	c.b = append(c.b, byte(v))
}

func (c *compact) i16(id int16, v int16) {
	c.field(id, typeI16)
	c.b = binary.AppendVarint(c.b, int64(v))
}

func (c *compact) boolean(id int16, v bool) {
	if v {
		c.field(id, typeTrue)
		return
	}
	c.field(id, typeFalse)
}

func (c *compact) binary(id int16, v []byte) {
	c.field(id, typeBinary)
	c.text(string(v))
}

// text is a string without a field: an element of a list.
func (c *compact) text(s string) {
	c.b = binary.AppendUvarint(c.b, uint64(len(s)))
	c.b = append(c.b, s...)
}

func (c *compact) string(id int16, s string) {
	c.field(id, typeBinary)
	c.text(s)
}

// list begins a list of n elements, which follow.
func (c *compact) list(id int16, typ byte, n int) {
	c.field(id, typeList)
	if n < 15 {
		c.b = append(c.b, byte(n)<<4|typ)
		return
	}
	c.b = append(c.b, 0xF0|typ)
	c.b = binary.AppendUvarint(c.b, uint64(n))
}

// structure begins a field that is a struct.
func (c *compact) structure(id int16) {
	c.field(id, typeStruct)
	c.begin()
}

// empty is a field that is a struct without fields: a choice in a union.
func (c *compact) empty(id int16) {
	c.structure(id)
	c.end()
}
