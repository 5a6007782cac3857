package serde

import (
	"encoding/binary"
	"errors"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// The budget of guessing, in bytes parsed: an attempt costs attemptCost besides what it reads. Together they keep the worst
// header below a fifth of a second.
const (
	resolveBudget = 8 << 20
	frameBudget   = 1 << 20
	attemptCost   = 512
)

// Resolve parses b with parse, which must consume all of it, and finds the bodies of unknown snapshot classes on the way: for each it
// tries the empty body, a composite, a text, what was right for the class before, then every length, and keeps the first with
// which the whole of b parses. Since all that follows must parse to the last byte, a wrong guess does not survive in practice. parse
// is called with a fresh reader for each attempt and must have no effect when it fails. The guesses are kept: reading the same
// bytes again with this context needs no more guessing.
func (c *Context) Resolve(b []byte, base int64, parse func(r *binio.Reader)) error {
	c.budget = resolveBudget
	clear(c.guesses) // of an earlier header, at other offsets
	clear(c.frames)
	return c.resolve(b, base, parse)
}

func (c *Context) resolve(b []byte, base int64, parse func(r *binio.Reader)) error {
	r := binio.NewReader(b, base)
	c.missing = ""
	parse(r)
	r.End()
	err := r.Err()
	c.budget -= attemptCost + bytesRead(r, base)
	class, at := c.missing, c.missingAt
	if err == nil || class == "" || !errors.Is(err, fault.ErrUnsupported) {
		return err
	}
	for _, n := range c.shapes(class, b[at-base:]) {
		if c.guess(class, at, n, b, base, parse) {
			return nil
		}
	}
	body := b[at-base:]
	for n := 1; n <= len(body) && c.budget >= 0; n++ {
		if mayFollow(body[n:]) && c.guess(class, at, n, b, base, parse) {
			return nil
		}
	}
	delete(c.guesses, at)
	c.missing, c.missingAt = class, at
	return err
}

// bytesRead is how far a parse came. After an error the reader's own position says nothing: it stands at the end.
func bytesRead(r *binio.Reader, base int64) int {
	var e *fault.Error
	if errors.As(r.Err(), &e) && e.Offset >= base {
		return int(e.Offset - base)
	}
	return r.Pos()
}

// mayFollow reports whether rest can be what comes behind a serializer snapshot: nothing; the name of the next serializer or
// state, or the class of the next snapshot; a count and then such a name. It sorts out nearly all wrong lengths without parsing.
func mayFollow(rest []byte) bool {
	return len(rest) == 0 || len(rest) == 2 || named(rest) || (len(rest) > 2 && named(rest[2:]))
}

// named reports whether b begins with a text and a number that can stand behind it: the form of a wrapped snapshot, a type of
// state, or any version if the text is a class.
func named(b []byte) bool {
	const highestType, shortestClass, longestClass = 4, 3, 512
	if len(b) < 6 {
		return false
	}
	n := int(b[0])<<8 | int(b[1])
	if n+6 > len(b) {
		return false
	}
	if binary.BigEndian.Uint32(b[2+n:]) <= highestType {
		return true
	}
	return n >= shortestClass && n <= longestClass && plausibleClass(string(b[2:2+n]))
}

// Guessing reports whether what is read rests on the guess of where an unknown snapshot ends. Whoever reads what stands around it
// must then be strict: it is what tells a wrong guess.
func (c *Context) Guessing() bool { return len(c.guesses) > 0 }

// guess parses with one more guess.
func (c *Context) guess(class string, at int64, n int, b []byte, base int64, parse func(r *binio.Reader)) bool {
	if c.budget < 0 {
		return false
	}
	c.guesses[at] = n
	if c.resolve(b, base, parse) != nil {
		return false
	}
	c.hints[class] = n
	return true
}

// shapes lists the likeliest bodies.
func (c *Context) shapes(class string, body []byte) []int {
	out := append(make([]int, 0, 4), 0, compositeBody)
	r := binio.NewReader(body, 0)
	if r.UTF(); r.Err() == nil {
		out = append(out, r.Pos())
	}
	if n, ok := c.hints[class]; ok && n <= len(body) {
		out = append(out, n)
	}
	return out
}

// readFrame reads the snapshot that fills a frame. Where an unknown class stops the reading, the frame's length says where it ends all
// the same: unknown classes inside are guessed, and if that fails the whole frame becomes a snapshot whose body is Unknown. nil
// is for a frame that holds no snapshot at all. tail is what stands in the frame after the snapshot.
func (c *Context) readFrame(f *binio.Reader) (s *Snapshot, tail []byte) {
	defer f.EndFrame()
	b, at := f.Rest(), f.Offset()
	if c.opens(b, at) {
		s = c.ReadSnapshot(f)
		return s, f.Bytes(f.Len())
	}
	s = &Snapshot{Class: f.Field("serializer snapshot class").UTF()}
	s.Version = f.Field("serializer snapshot version").I32()
	if f.Err() != nil || !plausibleClass(s.Class) {
		return nil, nil
	}
	s.Body = &Unknown{Data: f.Field("body of " + s.Class).Bytes(f.Len())}
	return s, nil
}

// opens reports whether a frame's snapshot can be read, guessing if need be, or fails for another reason than an unknown class. It
// remembers the answer: frames stand in frames, and each would be tried twice by each that it stands in.
func (c *Context) opens(b []byte, at int64) bool {
	if known, ok := c.frames[at]; ok {
		return known
	}
	open := c.tryFrame(b, at)
	c.frames[at] = open
	c.missing = ""
	return open
}

func (c *Context) tryFrame(b []byte, at int64) bool {
	c.missing = ""
	r := binio.NewReader(b, at)
	c.ReadSnapshot(r)
	c.budget -= r.Pos()
	if c.missing == "" {
		return r.Err() == nil || !errors.Is(r.Err(), fault.ErrUnsupported)
	}
	left := c.budget
	c.budget = min(left, frameBudget)
	limit := c.budget
	err := c.resolve(b, at, func(r *binio.Reader) { c.ReadSnapshot(r) })
	c.budget = left - (limit - c.budget)
	return err == nil
}
