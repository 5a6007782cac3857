package reader

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
	"github.com/tarn-project/tarn/reader/backend"
)

// KeyFinder turns a key that a person wrote into the bytes and the key group that it has in each source: its Find is a
// Selection's Key, its SameKey the one's SameKey. Operators may have keys of different types, so that one text can mean several keys.
type KeyFinder struct {
	Text string // JSON of the key type; a bare word is a string
	Raw  []byte // or the serialized key
	// Everywhere looks in all key groups: for keys whose hash code is not defined by their value, or that were written under another one.
	Everywhere bool

	mu      sync.Mutex
	misfits map[string]error
	matches []KeyMatch
}

// KeyMatch is where a key lives in one operator.
type KeyMatch struct {
	Operator *Operator
	Type     *serde.Type
	Key      []byte
	KeyGroup int // −1 if the hash code is not known: all key groups are looked through
	Subtask  int // that owns the key group; −1 likewise
}

// Find implements Selection.Key.
func (f *KeyFinder) Find(p Part, src backend.Source) (key []byte, groups keygroup.Range, ok bool) {
	codec := keyCodec(src)
	if codec == nil {
		return nil, groups, false
	}
	key, err := f.bytes(codec)
	if err != nil {
		f.misfit(p, codec, err)
		return nil, groups, false
	}
	m := KeyMatch{Operator: p.Operator, Type: codec.Type(), Key: key, KeyGroup: -1, Subtask: -1}
	groups = src.Groups()
	if hash, ok := hashOf(codec, key); ok && !f.Everywhere {
		meta := p.Operator.Meta
		m.KeyGroup = keygroup.Of(hash, meta.MaxParallelism)
		m.Subtask = keygroup.Subtask(m.KeyGroup, meta.Parallelism, meta.MaxParallelism)
		groups = groups.Intersect(keygroup.Range{First: m.KeyGroup, Last: m.KeyGroup})
	}
	f.match(m)
	return key, groups, true
}

// SameKey implements Selection.SameKey. Flink writes the object BigInteger.ZERO in another way than a 0 that was computed, likewise 1, 10 and
// the same of BigDecimal: such keys are compared decoded, unless they were given as bytes.
func (f *KeyFinder) SameKey(src backend.Source, key []byte) func([]byte) bool {
	codec := keyCodec(src)
	if f.Raw != nil || codec == nil || !hasBigNumber(codec.Type(), map[*serde.Type]bool{}) {
		return nil
	}
	var enc valuejson.Encoder
	want, err := enc.Append(nil, codec, key)
	if err != nil {
		return nil
	}
	var buf []byte
	return func(k []byte) bool {
		if bytes.Equal(k, key) {
			return true
		}
		got, err := enc.Append(buf[:0], codec, k)
		buf = got
		return err == nil && bytes.Equal(got, want)
	}
}

// hasBigNumber reports whether values of a type can hold a BigInteger or BigDecimal. Types may refer to themselves.
func hasBigNumber(t *serde.Type, seen map[*serde.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind {
	case serde.KindInteger, serde.KindDecimal, serde.KindAny:
		return true
	}
	among := func(list []*serde.Type) bool {
		return slices.ContainsFunc(list, func(u *serde.Type) bool { return hasBigNumber(u, seen) })
	}
	return among(t.Args) || among(t.Subclasses) || slices.ContainsFunc(t.Fields, func(f serde.Field) bool { return hasBigNumber(f.Type, seen) })
}

// keyCodec is the codec of a source's keys: all its states have the same.
func keyCodec(src backend.Source) serde.Codec {
	for i := range src.States() {
		if c := src.States()[i].Key; c != nil {
			return c
		}
	}
	return nil
}

func (f *KeyFinder) bytes(c serde.Codec) ([]byte, error) {
	if f.Raw != nil {
		return f.Raw, nil
	}
	if c.Type().Opaque {
		return nil, fault.New(fault.ErrUnsupported, "keys of serializer %s", c.Type().Serializer).WithHint("--key-hex takes serialized keys")
	}
	v, err := valuejson.Parse(c.Type(), []byte(f.Text))
	if err != nil {
		return nil, err
	}
	return c.Append(nil, v)
}

func hashOf(c serde.Codec, key []byte) (int32, bool) {
	if c.Type().Opaque {
		return 0, false
	}
	r := binio.NewReader(key, 0)
	h, ok := c.Hash(r)
	return h, ok && r.Err() == nil
}

func (f *KeyFinder) misfit(p Part, c serde.Codec, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.misfits == nil {
		f.misfits = map[string]error{}
	}
	f.misfits[p.Operator.ID.String()] = fmt.Errorf("operator %s has keys of type %s: %w", p.Operator.Label(), c.Type(), err)
}

func (f *KeyFinder) match(m KeyMatch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.matches {
		if o.Operator == m.Operator && string(o.Key) == string(m.Key) {
			return
		}
	}
	f.matches = append(f.matches, m)
}

// Misfits lists the operators whose keys the text cannot be, with the reason.
func (f *KeyFinder) Misfits() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []error
	for _, e := range f.misfits {
		out = append(out, e)
	}
	return out
}

// Matches lists where the key would be, one for each operator with keys of a fitting type.
func (f *KeyFinder) Matches() []KeyMatch {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]KeyMatch(nil), f.matches...)
}
