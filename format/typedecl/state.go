package typedecl

import (
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/serde"
)

// State is one state of one operator with the types of its parts, as all handles together have them. A nil type stands for bytes
// without a serializer, or for a part that the kind does not have.
type State struct {
	OperatorID string
	UID        string // "" if not known
	Name       string
	Kind       entry.Kind
	Key        *serde.Type
	Namespace  *serde.Type
	MapKey     *serde.Type
	Value      *serde.Type // of one element of a list; with the TTL wrapper
	TTL        bool
	Void       bool // all namespaces are void
}

// Of describes the state as one handle has it.
func Of(s *entry.State) State {
	return State{
		OperatorID: s.OperatorID, UID: s.UID, Name: s.Name, Kind: s.Kind, TTL: s.TTL, Void: s.Void,
		Key: typeOf(s.Key), Namespace: typeOf(s.Namespace), MapKey: typeOf(s.UserKey), Value: typeOf(s.Value),
	}
}

// Add makes room for what another handle has.
func (d *State) Add(s *entry.State) {
	d.TTL, d.Void = d.TTL || s.TTL, d.Void && s.Void
	d.Key, d.Namespace = Merge(d.Key, typeOf(s.Key)), Merge(d.Namespace, typeOf(s.Namespace))
	d.MapKey, d.Value = Merge(d.MapKey, typeOf(s.UserKey)), Merge(d.Value, typeOf(s.Value))
}

func typeOf(c serde.Codec) *serde.Type {
	if c == nil {
		return nil
	}
	return c.Type()
}

// HasNamespace reports whether entries have a namespace that says something.
func (d *State) HasNamespace() bool { return d.Kind.Keyed() && !d.Void && d.Namespace != nil }

// HasMapKey reports whether entries are those of a map.
func (d *State) HasMapKey() bool { return d.Kind == entry.Map || d.Kind == entry.Broadcast }

// HasValue reports whether entries have a value.
func (d *State) HasValue() bool { return d.Kind != entry.Timer }

// WithoutTTL gives the type of the user's values: what a TTL wrapper has inside.
func WithoutTTL(t *serde.Type) *serde.Type {
	if t != nil && t.Kind == serde.KindTTL && len(t.Fields) == 2 {
		return t.Fields[1].Type
	}
	return t
}
