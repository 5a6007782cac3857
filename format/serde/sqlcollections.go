package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/javaser"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Collections and wrappers of SQL state.
//
//	LinkedListSerializer    outer version 3: bool hasNullMask; 2: with mask; 1: without
//	                        i4 n, [⌈n/8⌉ bytes: bit for each element from the highest on, 1 = null], the elements that are not null
//	NullAwareMapSerializer  i4 n, n × { bool keyIsNull, [key], bool valueIsNull, [value] }
//	MapViewSerializer       as its map; ListViewSerializer as its list
//	SortedMapSerializer     version 3: comparator as a Java object, nested key and value; values as MapSerializer
//	WindowKeySerializer     i8 window, key row
//	ExternalSerializer      outer: data type as a Java object, bool isInternalInput; values as the nested serializer

const dataView = "org.apache.flink.table.dataview."

func sqlCollectionFamilies() []Family {
	return []Family{
		{Classes: sqlClasses([2]string{"LinkedList", "LinkedList"}), Read: composite(3, outerNullMask), Compile: compileLinkedList},
		{Classes: []string{dataView + "NullAwareMapSerializerSnapshot"}, Read: composite(1, noOuter), Compile: compileNullAwareMap},
		{Classes: []string{dataView + "MapViewSerializerSnapshot", dataView + "ListViewSerializerSnapshot"}, Read: composite(1, noOuter), Compile: compileView},
		{Classes: []string{dataView + "NullSerializer$NullSerializerSnapshot"}, Read: readSimple, Compile: compileNullSerializer},
		{Classes: []string{sqlPackages[0] + "SortedMapSerializerSnapshot", sqlPackages[1] + "SortedMapSerializerSnapshot"}, Read: readSortedMap, Compile: compileSortedMap},
		{Classes: sqlClasses([2]string{"WindowKey", "WindowKey"}), Read: composite(1, noOuter), Compile: compileWindowKey},
		{Classes: sqlClasses([2]string{"External", "External"}), Read: composite(1, outerDataType), Compile: compileExternal},
	}
}

// linkedList is the table runtime's list, which may hold nulls.
type linkedList struct {
	t    *Type
	elem Codec
	mask bool
}

func outerNullMask(r *binio.Reader, version int32) {
	if version >= 3 {
		outerBool(r, version)
	}
}

func compileLinkedList(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	b := s.Body.(*Composite)
	mask := b.OuterVersion == 2 || (b.OuterVersion > 2 && outerReader(s).Bool())
	t := newType(s, KindList, variable)
	t.Args, t.Opaque = []*Type{nested[0].Type()}, nested[0].Type().Opaque
	return &linkedList{t, behindFlag(nested[0]), mask}, nil
}

func (c *linkedList) Type() *Type { return c.t }

// head reads the number of elements and the mask.
func (c *linkedList) head(r *binio.Reader) (n int, mask []byte) {
	n = r.Count(0)
	if c.mask {
		mask = r.Bytes((n + 7) / 8)
	}
	if r.Err() != nil {
		return 0, nil
	}
	return n, mask
}

func masked(mask []byte, i int) bool { return mask != nil && mask[i/8]&(0x80>>(i%8)) != 0 }

func (c *linkedList) Skip(r *binio.Reader) {
	n, mask := c.head(r)
	for i := 0; i < n && r.Err() == nil; i++ {
		if !masked(mask, i) {
			c.elem.Skip(r)
		}
	}
}

func (c *linkedList) Walk(r *binio.Reader, s Sink) {
	n, mask := c.head(r)
	if n%8 != 0 && mask != nil && mask[n/8]<<(n%8) != 0 {
		r.Corrupt("a null bit beyond the last of %d elements", n)
		return
	}
	s.BeginList(c.t, n)
	for i := 0; i < n && r.Err() == nil; i++ {
		if masked(mask, i) {
			s.Null()
		} else {
			c.elem.Walk(r, s)
		}
	}
	s.EndList()
}

func (c *linkedList) Append(dst []byte, v Value) ([]byte, error) {
	l, ok := v.(List)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	dst = binio.AppendI32(dst, int32(len(l)))
	mask := len(dst)
	if c.mask {
		dst = append(dst, make([]byte, (len(l)+7)/8)...)
	}
	var err error
	for i, e := range l {
		if n, null := e.(Null); null && n.Inline == 0 && c.mask {
			dst[mask+i/8] |= 0x80 >> (i % 8)
			continue
		}
		if dst, err = c.elem.Append(dst, e); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Hash is AbstractList.hashCode; null counts as 0.
func (c *linkedList) Hash(r *binio.Reader) (int32, bool) {
	h := int32(1)
	n, mask := c.head(r)
	for i := range n {
		var e int32
		if !masked(mask, i) {
			var ok bool
			if e, ok = c.elem.Hash(r); !ok || r.Err() != nil {
				return 0, false
			}
		}
		h = keygroup.Fold(h, e)
	}
	return h, r.Err() == nil
}

// nullAwareMap is a map whose keys and values may be null.
type nullAwareMap struct {
	t          *Type
	key, value Codec
}

func compileNullAwareMap(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 2); err != nil {
		return nil, err
	}
	t := newType(s, KindMap, variable)
	for _, n := range nested {
		t.Args = append(t.Args, n.Type())
		t.Opaque = t.Opaque || n.Type().Opaque
	}
	return &nullAwareMap{t, behindFlag(nested[0]), behindFlag(nested[1])}, nil
}

func (c *nullAwareMap) Type() *Type { return c.t }

func (c *nullAwareMap) Skip(r *binio.Reader) {
	n := r.Count(2)
	for i := 0; i < n && r.Err() == nil; i++ {
		skipFlagged(r, c.key, false)
		skipFlagged(r, c.value, false)
	}
}

func (c *nullAwareMap) Walk(r *binio.Reader, s Sink) {
	n := r.Count(2)
	s.BeginMap(c.t, n)
	for i := 0; i < n && r.Err() == nil; i++ {
		walkFlagged(r, s, c.key, false)
		if r.Err() == nil {
			walkFlagged(r, s, c.value, false)
		}
	}
	s.EndMap()
}

func (c *nullAwareMap) Append(dst []byte, v Value) ([]byte, error) {
	m, ok := v.(Map)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	dst = binio.AppendI32(dst, int32(len(m)))
	var err error
	for _, p := range m {
		if dst, err = appendFlagged(dst, c.key, p.Key, false); err != nil {
			return dst, err
		}
		if dst, err = appendFlagged(dst, c.value, p.Value, false); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Hash is AbstractMap.hashCode; null counts as 0.
func (c *nullAwareMap) Hash(r *binio.Reader) (int32, bool) {
	var h int32
	n := r.Count(2)
	for range n {
		var part [2]int32
		for i, codec := range []Codec{c.key, c.value} {
			if null := r.Bool(); null {
				continue
			}
			var ok bool
			if part[i], ok = codec.Hash(r); !ok || r.Err() != nil {
				return 0, false
			}
		}
		h += part[0] ^ part[1]
	}
	return h, r.Err() == nil
}

// compileView makes the codec of a MapView or ListView, which adds nothing to the map or list.
func compileView(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	return renamed(s, nested[0]), nil
}

// renamed gives c under the name of another snapshot.
func renamed(s *Snapshot, c Codec) Codec {
	t := *c.Type()
	t.Serializer, t.Version = s.Class, s.Version
	return &alias{c, &t}
}

// compileNullSerializer is the serializer of a MapView or ListView inside an accumulator whose entries are a state of their own: one byte 00
// stands in for it. It is no SQL NULL, so it is shown as an object without fields.
func compileNullSerializer(s *Snapshot, _ []Codec) (Codec, error) {
	t := newType(s, KindStruct, 1)
	t.Class = dataView + "NullSerializer"
	return &unitCodec{t: t}, nil
}

// sortedMapBody is the body of a SortedMapSerializer's snapshot.
type sortedMapBody struct {
	comparator []byte
	kids       []*Snapshot
}

func (b *sortedMapBody) nested() []*Snapshot { return b.kids }

// AppendBody writes comparator and nested serializers.
func (b *sortedMapBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	return appendNested(append(dst, b.comparator...), b.kids)
}

func readSortedMap(c *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 3 {
		unknownVersion(r, s)
		return nil
	}
	start := r.Pos()
	javaser.Parse(r.Field("comparator"))
	if r.Err() != nil {
		return nil
	}
	return &sortedMapBody{r.Since(start), readNested(c, r)}
}

func compileSortedMap(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 2); err != nil {
		return nil, err
	}
	return newMapCodec(s, nested[0], nested[1]), nil
}

func compileWindowKey(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	c := newProduct(newType(s, KindStruct, variable), []string{"window", "key"}, []Codec{plainLong(), nested[0]})
	c.hash = hashFromOne
	return c, nil
}

func outerDataType(r *binio.Reader, version int32) {
	javaser.Parse(r.Field("data type"))
	outerBool(r, version)
}

// external is a value of the user's own class, stored as the internal serializer stores it. Its hash is that of the user's class, known only
// where that is a box.
type external struct{ Codec }

func compileExternal(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	root := ""
	dataType := javaser.AsObject(javaser.Parse(outerReader(s)))
	if l := dataType.Object("logicalType"); l != nil {
		root = l.EnumName("typeRoot")
	}
	switch root {
	case "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE":
		return renamed(s, nested[0]), nil
	}
	return renamed(s, external{nested[0]}), nil
}

func (external) Hash(*binio.Reader) (int32, bool) { return 0, false }
