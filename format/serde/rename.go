package serde

import (
	"slices"

	"github.com/tarn-project/tarn/format/fault"
)

// Rename gives a codec that reads and writes the same bytes and calls the fields of its values otherwise: of SQL rows, Rows and tuples, whose
// names no snapshot holds. It looks through wrappers for TTL. A name that is empty leaves the field's own. The error is of kind
// fault.ErrUsage if the values have no such fields, or not as many, or if two have the same name.
func Rename(c Codec, names []string) (Codec, error) {
	switch c := c.(type) {
	case *alias:
		inner, err := Rename(c.Codec, names)
		if err != nil {
			return nil, err
		}
		t := *inner.Type()
		t.TTLAware = c.t.TTLAware
		return &alias{inner, &t}, nil
	case *sqlCodec:
		if c.sql.form == sqlRow {
			t, err := withNames(c.t, names)
			if err != nil {
				return nil, err
			}
			own := *c.sql
			own.t = t
			return &sqlCodec{t: t, sql: &own, hash: c.hash}, nil
		}
	case *rowCodec:
		t, err := withNames(c.t, names)
		if err != nil {
			return nil, err
		}
		own := *c
		own.t = t
		return &own, nil
	case *product:
		return renameProduct(c, names)
	}
	return nil, fault.New(fault.ErrUsage, "names of fields for %s", c.Type()).WithExpected("a row or tuple")
}

func renameProduct(c *product, names []string) (Codec, error) {
	switch c.t.Kind {
	case KindTTL:
		inner, err := Rename(c.raw[1], names)
		if err != nil {
			return nil, err
		}
		t := *c.t
		out := newProduct(&t, []string{c.t.Fields[0].Name, c.t.Fields[1].Name}, []Codec{c.raw[0], inner})
		out.hash = c.hash
		return out, nil
	case KindTuple:
		t, err := withNames(c.t, names)
		if err != nil || slices.Equal(t.Fields, c.t.Fields) {
			return c, err
		}
		t.Kind = KindStruct // values show their fields by name
		own := *c
		own.t = t
		return &own, nil
	}
	return nil, fault.New(fault.ErrUsage, "names of fields for %s", c.t).WithExpected("a row or tuple")
}

// withNames copies a type with other names of its fields.
func withNames(t *Type, names []string) (*Type, error) {
	if len(names) != len(t.Fields) {
		return nil, fault.New(fault.ErrUsage, "%d names of fields for %s", len(names), t).WithExpected("%d", len(t.Fields))
	}
	out := *t
	out.Fields = slices.Clone(t.Fields)
	seen := map[string]bool{}
	for i, n := range names {
		if n != "" {
			out.Fields[i].Name = n
		}
		if seen[out.Fields[i].Name] {
			return nil, fault.New(fault.ErrUsage, "two fields with the name %q", out.Fields[i].Name)
		}
		seen[out.Fields[i].Name] = true
	}
	return &out, nil
}
