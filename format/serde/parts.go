package serde

// The parts of a codec, for those who read states: a list state's elements, a map state's keys and values, a timer's key and
// namespace are stored one by one. Each looks through a wrapper whose bytes are those of what it wraps (TtlAwareSerializer), and
// through no other: a nullable list has a flag in front.

// Elem gives the codec of the elements of a list serializer (ListSerializer, ArrayListSerializer).
func Elem(c Codec) (Codec, bool) {
	if l, ok := bare(c).(*listCodec); ok {
		return l.elem, true
	}
	return nil, false
}

// KeyValue gives the codecs of the keys and values of a map serializer. Inside the map each value has a null flag before it that is no
// part of the value codec's bytes.
func KeyValue(c Codec) (key, value Codec, ok bool) {
	if m, ok := bare(c).(*mapCodec); ok {
		return m.parts[0], m.parts[1], true
	}
	return nil, nil, false
}

// TTLValue gives the codec of the user's value inside a TTL serializer: what follows the i8 last-access time.
func TTLValue(c Codec) (Codec, bool) {
	if p, ok := bare(c).(*product); ok && p.t.Kind == KindTTL {
		return p.raw[1], true
	}
	return nil, false
}

// Timer gives the codecs of key and namespace of a TimerSerializer: what follows the u8 timestamp with its sign bit flipped.
func Timer(c Codec) (key, namespace Codec, ok bool) {
	if p, ok := bare(c).(*product); ok && p.t.Note == noteTimer {
		return p.raw[1], p.raw[2], true
	}
	return nil, nil, false
}

// IsVoidNamespace reports whether c is the VoidNamespaceSerializer: the namespace of states that have none.
func IsVoidNamespace(c Codec) bool {
	n, ok := bare(c).(*voidCodec)
	return ok && n.t.Note == noteVoidNamespace
}

// alias is a codec whose bytes are those of the codec it wraps, with a type of its own.
type alias struct {
	Codec
	t *Type
}

func (c *alias) Type() *Type { return c.t }

// bare takes off the wrappers that change no bytes.
func bare(c Codec) Codec {
	for {
		a, ok := c.(*alias)
		if !ok {
			return c
		}
		c = a.Codec
	}
}
