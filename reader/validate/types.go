package validate

import (
	"strings"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/serde"
)

// codecsOf gives the codecs that a state has, with the name of the part.
func codecsOf(st *entry.State, do func(part string, c serde.Codec)) {
	for _, p := range []struct {
		name  string
		codec serde.Codec
	}{{"key", st.Key}, {"namespace", st.Namespace}, {"map key", st.UserKey}, {"value", st.Value}} {
		if p.codec != nil {
			do(p.name, p.codec)
		}
	}
}

// typesOf writes the types of a state's parts on one line.
func typesOf(st *entry.State) string {
	var parts []string
	codecsOf(st, func(part string, c serde.Codec) {
		if part != "namespace" || !st.Void {
			parts = append(parts, part+" "+c.Type().String())
		}
	})
	return strings.Join(parts, ", ")
}

// opaqueIn gives the serializer of a part of the state that no rule is known for, or "".
func opaqueIn(st *entry.State) string {
	found := ""
	codecsOf(st, func(_ string, c serde.Codec) {
		walkTypes(c.Type(), map[*serde.Type]bool{}, func(t *serde.Type) {
			if t.Opaque && found == "" {
				found = t.Serializer
			}
		})
	})
	return found
}

// kryoIn gives the class that a part of the state has by Kryo, or "".
func kryoIn(st *entry.State) string {
	found := ""
	codecsOf(st, func(_ string, c serde.Codec) {
		walkTypes(c.Type(), map[*serde.Type]bool{}, func(t *serde.Type) {
			if strings.Contains(t.Serializer, "Kryo") && found == "" {
				if found = t.Class; found == "" {
					found = "any class"
				}
			}
		})
	})
	return found
}

// walkTypes calls do with a type and all types in it. Types may refer to themselves.
func walkTypes(t *serde.Type, seen map[*serde.Type]bool, do func(*serde.Type)) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	do(t)
	for _, u := range t.Args {
		walkTypes(u, seen, do)
	}
	for _, u := range t.Subclasses {
		walkTypes(u, seen, do)
	}
	for _, f := range t.Fields {
		walkTypes(f.Type, seen, do)
	}
}
