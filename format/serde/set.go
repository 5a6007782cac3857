package serde

// SetSerializer (Flink 2.0 and newer): i4 n, n × { bool isNull, [element] }.

func setFamilies() []Family {
	return []Family{{
		Classes: []string{base + "SetSerializerSnapshot"},
		Read:    composite(1, noOuter),
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			if err := arity(s, nested, 1); err != nil {
				return nil, err
			}
			t := arrayType(s, nested[0].Type())
			t.Note = noteSet
			c := newFlaggedList(t, nested[0], false)
			c.sum = true
			return c, nil
		},
	}}
}
