package serde

import "github.com/tarn-project/tarn/format/binio"

// Containers that put a null flag before a part do not call the part's serializer for null. A part whose serializer can write null
// itself could still do so behind the flag (a java.util.Date of the smallest long is read as null): such a null is kept
// apart as Null{Inline: 1}, so that it is written back as it stood.

// nullAware is a codec that can write null itself. nullAt is 0 if no null stands at the start of b, else the number of flags up to
// it: 1 for the codec's own null, more for a null of something that it wraps.
type nullAware interface{ nullAt(b []byte) int }

// inlineSink is a sink that wants to know how a null was written.
type inlineSink interface{ inlineNull(flags int) }

// flagged is a part behind a null flag whose serializer can write null too.
type flagged struct {
	Codec
	own nullAware
}

// behindFlag makes the codec of a part that stands behind a null flag and is followed by something else.
func behindFlag(c Codec) Codec {
	return lastBehindFlag(delimited(c))
}

// lastBehindFlag makes the codec of a part that stands behind a null flag and may reach to the end of what the container gives.
func lastBehindFlag(c Codec) Codec {
	if text, ok := bare(c).(*stringCodec); ok {
		return &flaggedString{flagged{text, text}}
	}
	if n, ok := bare(c).(nullAware); ok {
		return &flagged{c, n}
	}
	return c
}

// behindFlags is behindFlag for parts in a row.
func behindFlags(parts []Codec) []Codec {
	out := delimitAllButLast(parts)
	for i := range out {
		out[i] = lastBehindFlag(out[i])
	}
	return out
}

func (c *flagged) Walk(r *binio.Reader, s Sink) {
	flags := c.own.nullAt(r.Rest())
	if flags == 0 {
		c.Codec.Walk(r, s)
		return
	}
	c.Codec.Skip(r)
	inlineNull(s, flags)
}

func inlineNull(s Sink, flags int) {
	if in, ok := s.(inlineSink); ok {
		in.inlineNull(flags)
	} else {
		s.Null()
	}
}

// flaggedString is a string behind a flag: by far the most frequent case, and worth a shorter way.
type flaggedString struct{ flagged }

func (c *flaggedString) Walk(r *binio.Reader, s Sink) {
	switch text, null := r.String(); {
	case !null:
		s.Text(text)
	case r.Err() == nil:
		inlineNull(s, 1)
	}
}

func (c *flagged) Append(dst []byte, v Value) ([]byte, error) {
	if n, ok := v.(Null); ok && n.Inline > 0 {
		v = Null{Inline: n.Inline - 1}
	}
	return c.Codec.Append(dst, v)
}

// unflagged takes off what behindFlag put around a codec.
func unflagged(c Codec) Codec {
	switch f := c.(type) {
	case *flagged:
		return f.Codec
	case *flaggedString:
		return f.Codec
	}
	return c
}

// walkFlagged reads a flag and, if it says so, a value.
func walkFlagged(r *binio.Reader, s Sink, c Codec, present bool) {
	if r.Bool() == present {
		c.Walk(r, s)
	} else if r.Err() == nil {
		s.Null()
	}
}

// skipFlagged moves over a flag and, if it says so, a value.
func skipFlagged(r *binio.Reader, c Codec, present bool) {
	if r.Bool() == present && r.Err() == nil {
		c.Skip(r)
	}
}

// appendFlagged writes a flag and, unless v is null, v.
func appendFlagged(dst []byte, c Codec, v Value, present bool) ([]byte, error) {
	if (v == Null{}) {
		return binio.AppendBool(dst, !present), nil
	}
	return c.Append(binio.AppendBool(dst, present), v)
}

// hashFlagged hashes what a flag says is there, and 0 for null, as Objects.hashCode does.
func hashFlagged(r *binio.Reader, c Codec, present bool) (int32, bool) {
	if r.Bool() != present || r.Err() != nil {
		return 0, true
	}
	return c.Hash(r)
}

// startsWith is 1 if b starts with the bytes of a null.
func startsWith(b []byte, null string) int {
	if len(b) >= len(null) && string(b[:len(null)]) == null {
		return 1
	}
	return 0
}
