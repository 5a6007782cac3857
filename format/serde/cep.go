package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/keygroup"
)

// State of pattern matching (org.apache.flink.cep.nfa).
//
//	EventId           version 3                      i4 id, i8 timestamp
//	NodeId            nested: EventId                u1 0 null; 1, EventId, string page
//	DeweyNumber       version 3                      i4 n, n × i4
//	Lockable          nested: element                i4 references, element
//	SharedBufferEdge  nested: NodeId, DeweyNumber    NodeId, DeweyNumber
//	SharedBufferNode  V2, nested: edge               i4 n, n × { i4 references, edge }
//	                  before, nested: list of edges  the list
//	NFAState          nested: DeweyNumber, NodeId,   i4 n, n × partial match, i4 n, n × complete match
//	                  EventId; outer version 2: bool
//	                  supportsPreviousTimestamp
//	a match           string state, NodeId, DeweyNumber, i8 start, [i8 previous timestamp], bool, [EventId of the start]

const cepNFA = "org.apache.flink.cep.nfa."

func cepFamilies() []Family {
	buffer := cepNFA + "sharedbuffer."
	inner := func(pkg, name string) string { return pkg + name + "$" + name + "Serializer$" + name + snapshot }
	return []Family{
		{Classes: []string{inner(buffer, "EventId")}, Read: readSimple, Compile: compileEventID},
		{Classes: []string{inner(buffer, "NodeId")}, Read: composite(1, noOuter), Compile: compileNodeID},
		{Classes: []string{inner(cepNFA, "DeweyNumber")}, Read: readSimple, Compile: compileDewey},
		{
			Classes: []string{buffer + "LockableTypeSerializerSnapshot"}, Read: composite(1, noOuter),
			Compile: compileLockable,
		},
		{
			Classes: []string{inner(buffer, "SharedBufferEdge")}, Read: composite(1, noOuter),
			Compile: compileParts([]string{"target", "deweyNumber"}),
		},
		{Classes: []string{inner(buffer, "SharedBufferNode")}, Read: composite(1, noOuter), Compile: compileView},
		{Classes: []string{buffer + "SharedBufferNodeSerializerSnapshotV2"}, Read: composite(2, noOuter), Compile: compileSharedNode},
		{Classes: []string{cepNFA + "NFAStateSerializerSnapshot"}, Read: composite(2, outerPreviousTimestamp), Compile: compileNFAState},
	}
}

// compileParts makes the codec of nested serializers one after the other.
func compileParts(names []string) func(s *Snapshot, nested []Codec) (Codec, error) {
	return func(s *Snapshot, nested []Codec) (Codec, error) {
		if err := arity(s, nested, len(names)); err != nil {
			return nil, err
		}
		return newProduct(newType(s, KindStruct, lengthSum(nested)), names, nested), nil
	}
}

func compileEventID(s *Snapshot, _ []Codec) (Codec, error) {
	c := newProduct(newType(s, KindStruct, 12), []string{"id", "timestamp"}, []Codec{plainInt(), plainLong()})
	c.hash = hashFromOne
	return c, nil
}

// hashFromOne is Objects.hash.
func hashFromOne(h, part int32, i int) int32 {
	if i == 0 {
		h = 1
	}
	return keygroup.Fold(h, part)
}

// pageName is the StringValue text inside a NodeId, or the name of a state.
func pageName() Codec { return &stringCodec{&Type{Kind: KindString, Length: variable}} }

// nodeID is a NodeId, or null.
type nodeID struct{ *optionalCodec }

func compileNodeID(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	c := newProduct(newType(s, KindStruct, variable), []string{"event", "page"}, []Codec{nested[0], pageName()})
	c.hash = hashFromOne
	return nodeID{newOptional(c)}, nil
}

func (c nodeID) nullAt(b []byte) int {
	if len(b) > 0 && b[0] == 0 {
		return 1
	}
	return 0
}

// Hash is Objects.hash(event, page).
func (c nodeID) Hash(r *binio.Reader) (int32, bool) {
	if !r.Bool() {
		return 0, r.Err() == nil
	}
	return c.value.Hash(r)
}

// counted makes the codec of i4 n, n elements.
func counted(t *Type, elem Codec) Codec {
	t.Kind, t.Length = KindList, variable
	t.Args, t.Opaque = []*Type{elem.Type()}, elem.Type().Opaque
	return &listCodec{t, elem, minSize(elem)}
}

func compileDewey(s *Snapshot, _ []Codec) (Codec, error) {
	return counted(newType(s, KindList, variable), plainInt()), nil
}

func compileLockable(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	return locked(newType(s, KindStruct, variable), nested[0]), nil
}

// locked is an element with the number of references to it.
func locked(t *Type, elem Codec) Codec {
	return newProduct(t, []string{"refs", "element"}, []Codec{plainInt(), elem})
}

func compileSharedNode(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	edge := locked(&Type{Kind: KindStruct, Length: variable}, nested[0])
	return counted(newType(s, KindList, variable), edge), nil
}

func outerPreviousTimestamp(r *binio.Reader, version int32) {
	if version >= 2 {
		outerBool(r, version)
	}
}

func compileNFAState(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 3); err != nil {
		return nil, err
	}
	dewey, node, event := nested[0], nested[1], nested[2]
	names := []string{"state", "previousBufferEntry", "version", "startTimestamp"}
	parts := []Codec{pageName(), node, dewey, plainLong()}
	if s.Body.(*Composite).OuterVersion >= 2 && outerReader(s).Bool() {
		names, parts = append(names, "previousTimestamp"), append(parts, plainLong())
	}
	names, parts = append(names, "startEvent"), append(parts, newOptional(event))
	match := newProduct(&Type{Kind: KindStruct, Length: variable}, names, parts)
	return newProduct(newType(s, KindStruct, variable), []string{"partial", "completed"}, []Codec{
		counted(&Type{}, match), counted(&Type{}, match),
	}), nil
}
