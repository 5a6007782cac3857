package overview

import (
	"fmt"

	"github.com/tarn-project/tarn/format/serde"
)

// TypePart is one named part of a state or of a type: "key", "value", a field, an element.
type TypePart struct {
	Part string    `json:"part"`
	Type *TypeNode `json:"type"`
}

// TypeNode is a type with the serializer that wrote it, as data for trees.
type TypeNode struct {
	Type       string     `json:"type"` // kind, for instance "long", "list", "struct"
	Class      string     `json:"class,omitempty"`
	Nullable   bool       `json:"nullable,omitempty"`
	Serializer string     `json:"serializer"` // class of the snapshot
	Version    int32      `json:"version"`
	Symbols    []string   `json:"symbols,omitempty"` // of enums
	Parts      []TypePart `json:"parts,omitempty"`
}

// tree gives the parts of a state.
func tree(s *State) []TypePart {
	var out []TypePart
	for _, p := range []struct {
		name string
		t    *serde.Type
	}{{"key", s.Key}, {"namespace", s.Namespace}, {"map key", s.UserKey}, {"value", s.Value}} {
		if p.t != nil {
			out = append(out, TypePart{p.name, nodeOf(p.t, 0)})
		}
	}
	return out
}

// maxTree bounds how deep a tree is followed: types may refer to themselves.
const maxTree = 32

func nodeOf(t *serde.Type, depth int) *TypeNode {
	n := &TypeNode{Type: t.Kind.String(), Class: t.Class, Nullable: t.Nullable, Serializer: t.Serializer, Version: t.Version, Symbols: t.Symbols}
	if t.Note != "" && t.Kind != serde.KindStruct {
		n.Type = t.Note
	}
	if depth >= maxTree {
		return n
	}
	names := []string{"element"}
	if t.Kind == serde.KindMap {
		names = []string{"key", "value"}
	}
	for i, a := range t.Args {
		name := fmt.Sprint(i)
		if i < len(names) {
			name = names[i]
		}
		n.Parts = append(n.Parts, TypePart{name, nodeOf(a, depth+1)})
	}
	for _, f := range t.Fields {
		n.Parts = append(n.Parts, TypePart{f.Name, nodeOf(f.Type, depth+1)})
	}
	return n
}
