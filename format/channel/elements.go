package channel

import (
	"github.com/tarn-project/tarn/format/binio"
)

// Tag is the sort of a stream element, its first byte (StreamElementSerializer).
type Tag byte

// The sorts of elements.
const (
	TagTimestamped       Tag = 0 // record: i8 timestamp, value
	TagRecord            Tag = 1 // record without a timestamp: value
	TagWatermark         Tag = 2 // i8 timestamp
	TagLatencyMarker     Tag = 3 // i8 time, 16 bytes of operator id, i4 subtask
	TagWatermarkStatus   Tag = 4 // i4: −1 idle, 0 active
	TagRecordAttributes  Tag = 5 // bool backlog; since Flink 1.19
	TagInternalWatermark Tag = 6 // since Flink 2.0
)

var tagNames = [...]string{"record", "record", "watermark", "latency marker", "watermark status", "record attributes", "watermark"}

// String names the sort.
func (t Tag) String() string {
	if int(t) < len(tagNames) {
		return tagNames[t]
	}
	return "unknown element"
}

// Element is one stream element.
type Element struct {
	Tag       Tag
	Timestamp int64  // of timestamped records and watermarks: milliseconds
	Value     []byte // what follows, in the network's serializer
}

// ParseElement reads one element. ok is false when the bytes are none.
func ParseElement(b []byte) (e Element, ok bool) {
	r := binio.NewReader(b, 0)
	e.Tag = Tag(r.U8())
	if e.Tag == TagTimestamped || e.Tag == TagWatermark {
		e.Timestamp = r.I64()
	}
	e.Value = r.Rest()
	return e, r.Err() == nil && plausible(b, len(b))
}

// plausible reports whether an element of n bytes may begin with b, of which all or some is there.
func plausible(b []byte, n int) bool {
	if len(b) == 0 {
		return n > 0
	}
	switch Tag(b[0]) {
	case TagTimestamped:
		return n >= 9
	case TagRecord, TagInternalWatermark:
		return true
	case TagWatermark:
		return n == 9
	case TagLatencyMarker:
		return n == 29
	case TagWatermarkStatus:
		return n == 5
	case TagRecordAttributes:
		return n >= 2
	}
	return false
}

// Cut is the content of a channel taken apart: Head, then each element with its i4 length before it, then Tail are the content.
type Cut struct {
	Head     []byte   // the end of an element that began before the cut
	Elements [][]byte // whole elements, without their lengths
	Tail     []byte   // the beginning of an element, with as much of its length as there is
}

// Split takes the content of a channel apart. middle says that it may begin in the middle of an element: result subpartitions. Since
// nothing in the bytes says where the first element begins, the first place is taken from which everything up to the end looks like
// elements, at least one of them whole; where there is none, all is Head. The slices alias content.
func Split(content []byte, middle bool) Cut {
	if c, ok := follow(content, 0); ok && (len(c.Elements) > 0 || !middle) {
		return c
	}
	work := len(content) + 1<<16 // bounds the time on content that is made to mislead
	for at := 1; middle && at < len(content) && work > 0; at++ {
		c, ok := follow(content, at)
		work -= 1 + len(c.Elements)
		if ok && len(c.Elements) > 0 {
			return c
		}
	}
	return Cut{Head: content}
}

// maxElement is the longest element that is believed where only its beginning is there.
const maxElement = 1 << 28

// follow reads elements from a place to the end. ok is false where something is none.
func follow(content []byte, at int) (c Cut, ok bool) {
	c.Head = content[:at:at]
	r := binio.NewReader(content[at:], 0)
	for r.Len() > 0 {
		rest := r.Rest()
		if len(rest) < 4 {
			c.Tail = rest
			return c, rest[0] <= maxElement>>24
		}
		n := int(r.I32())
		if n <= 0 || !plausible(r.Rest()[:min(r.Len(), n)], n) {
			return c, false
		}
		if n > r.Len() {
			c.Tail = rest
			return c, n <= maxElement
		}
		c.Elements = append(c.Elements, r.Bytes(n))
	}
	return c, true
}

// Append writes the content that c was cut from.
func (c *Cut) Append(dst []byte) []byte {
	dst = append(dst, c.Head...)
	for _, e := range c.Elements {
		dst = AppendBlock(dst, e)
	}
	return append(dst, c.Tail...)
}
