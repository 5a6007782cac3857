package connector

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/versioned"
)

// coder reads or writes: each method does with its field what is at hand.
type coder struct {
	r     *binio.Reader // nil to write
	w     []byte
	depth int
	unfit bool // what was read is not of this layout
}

func (c *coder) reading() bool { return c.r != nil && c.r.Err() == nil }

func (c *coder) boolean(v *bool) {
	if c.r == nil {
		c.w = binio.AppendBool(c.w, *v)
		return
	}
	*v = c.r.Bool()
}

func (c *coder) i16(v *int16) {
	if c.r == nil {
		c.w = binio.AppendI16(c.w, *v)
		return
	}
	*v = c.r.I16()
}

func (c *coder) i32(v *int32) {
	if c.r == nil {
		c.w = binio.AppendI32(c.w, *v)
		return
	}
	*v = c.r.I32()
}

// number is an i32 that only some versions have.
func (c *coder) number(v **int32) {
	if c.r != nil {
		*v = new(int32)
	}
	c.i32(*v)
}

func (c *coder) i64(v *int64) {
	if c.r == nil {
		c.w = binio.AppendI64(c.w, *v)
		return
	}
	*v = c.r.I64()
}

// utf is a java.io.DataOutput.writeUTF.
func (c *coder) utf(v *string) {
	if c.r != nil {
		*v = c.r.UTF()
		return
	}
	c.w, _ = binio.AppendUTF(c.w, *v) // longer ones come from nowhere: what was read fits
}

// nullable is StringUtils.writeNullableString: bool, StringValue.
func (c *coder) nullable(v **string) {
	there := *v != nil
	c.boolean(&there)
	if !there {
		return
	}
	if c.r == nil {
		c.w = binio.AppendString(c.w, **v)
		return
	}
	text, null := c.r.String()
	c.unfit = c.unfit || null
	s := string(text)
	*v = &s
}

// bytes is i4 n, n bytes.
func (c *coder) bytes(v *Hex) {
	if c.r == nil {
		c.w = append(binio.AppendI32(c.w, int32(len(*v))), *v...)
		return
	}
	*v = c.r.Bytes(c.r.Length())
}

// magic is a number that must stand there.
func (c *coder) magic(v uint32) {
	if c.r == nil {
		c.w = binio.AppendI32(c.w, int32(v))
		return
	}
	c.r.Expect(int32(v))
}

// The numbers that java.nio.ByteBuffer writes in the other order.

func (c *coder) le32(v *uint32) {
	if c.r == nil {
		c.w = binary.LittleEndian.AppendUint32(c.w, *v)
		return
	}
	if b := c.r.Bytes(4); c.reading() {
		*v = binary.LittleEndian.Uint32(b)
	}
}

func (c *coder) le64(v *int64) {
	if c.r == nil {
		c.w = binary.LittleEndian.AppendUint64(c.w, uint64(*v))
		return
	}
	if b := c.r.Bytes(8); c.reading() {
		*v = int64(binary.LittleEndian.Uint64(b))
	}
}

// leBytes is that many bytes, n in the other order and checked against what is left.
func (c *coder) leBytes(n uint32, v *string) {
	if c.r == nil {
		c.w = append(c.w, *v...)
		return
	}
	if int64(n) > int64(c.r.Len()) {
		c.r.Corrupt("length %d with %d bytes left", n, c.r.Len())
		return
	}
	*v = string(c.r.Bytes(int(n)))
}

// list is i4 n and n things of at least min bytes.
func list[T any](c *coder, v *[]T, min int, each func(*T)) {
	if c.r == nil {
		c.w = binio.AppendI32(c.w, int32(len(*v)))
		for i := range *v {
			each(&(*v)[i])
		}
		return
	}
	elements(c, c.r.Count(min), v, each)
}

// elements reads n things whose number was checked.
func elements[T any](c *coder, n int, v *[]T, each func(*T)) {
	*v = []T{}
	for i := 0; i < n && c.reading(); i++ {
		var t T
		each(&t)
		*v = append(*v, t)
	}
}

// framed is i4 n and n bytes that each describes to the last.
func (c *coder) framed(each func(*coder)) {
	if c.r == nil {
		inner := &coder{depth: c.depth}
		each(inner)
		b := Hex(inner.w)
		c.bytes(&b)
		return
	}
	at := c.r.Offset() + 4
	b := c.r.Bytes(c.r.Length())
	if !c.reading() {
		return
	}
	inner := &coder{r: binio.NewReader(b, at), depth: c.depth}
	each(inner)
	inner.r.End()
	if inner.unfit || inner.r.Err() != nil {
		c.unfit = true
	}
}

// Hex is bytes, as {"$hex":…} in JSON.
type Hex []byte

// MarshalJSON writes {"$hex":"…"}.
func (h Hex) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"$hex": hex.EncodeToString(h)})
}

// Inner is the versioned state of another connector inside of a state.
type Inner struct {
	Meaning
	Data Hex
}

// MarshalJSON writes the meaning, or the bytes where it is not known.
func (i *Inner) MarshalJSON() ([]byte, error) {
	if i.Known() {
		return i.Meaning.MarshalJSON()
	}
	return json.Marshal(struct {
		Kind    Kind  `json:"kind"`
		Version int32 `json:"version"`
		Bytes   Hex   `json:"unknown"`
	}{i.Kind, i.Version, i.Data})
}

// inner is i4 version, i4 n, n bytes.
func (c *coder) inner(kind Kind, v *Inner) {
	c.i32(&v.Version)
	c.innerData(kind, v)
}

// innerData is inner whose version stands elsewhere.
func (c *coder) innerData(kind Kind, v *Inner) {
	c.bytes(&v.Data)
	if c.reading() {
		v.Meaning = decode(kind, versioned.Value{Version: v.Version, Data: v.Data}, "", c.depth+1)
	}
}
