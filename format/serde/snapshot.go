package serde

import (
	"errors"
	"strings"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// Snapshot is a serializer snapshot as data: TypeSerializerSnapshot.writeVersionedSnapshot.
type Snapshot struct {
	Class   string // binary name of the snapshot class
	Version int32
	Body    Body // nil if the body is empty
}

// Body is what a family read from a snapshot's body.
type Body interface {
	// AppendBody writes the body of a snapshot of the given version.
	AppendBody(dst []byte, version int32) ([]byte, error)
}

// Unknown is the body of a snapshot whose class no family knows.
type Unknown struct {
	Data   []byte      // the body's bytes, when it is not a composite
	Nested []*Snapshot // what a composite holds
}

// AppendBody writes the bytes back.
func (u *Unknown) AppendBody(dst []byte, _ int32) ([]byte, error) { return append(dst, u.Data...), nil }

// Nested gives the snapshots inside s, in their order: the serializers of elements, fields, keys and values.
func (s *Snapshot) Nested() []*Snapshot {
	switch b := s.Body.(type) {
	case interface{ nested() []*Snapshot }:
		return b.nested()
	case *Unknown:
		return b.Nested
	}
	return nil
}

// Known reports whether a family knows s and everything inside it.
func (s *Snapshot) Known() bool {
	if _, ok := s.Body.(*Unknown); ok {
		return false
	}
	for _, n := range s.Nested() {
		if !n.Known() {
			return false
		}
	}
	return true
}

// Context is what reading snapshots needs to know and remembers. It is used for one header at a time.
type Context struct {
	Families *Registry

	// guesses for classes that no family knows: the length of the body, or compositeBody.
	guesses map[string]int
	missing string // the unknown class that stopped the reading
}

const compositeBody = -1

// NewContext reads with the given families; nil means Builtin.
func NewContext(f *Registry) *Context {
	if f == nil {
		f = BuiltinRegistry()
	}
	return &Context{Families: f, guesses: map[string]int{}}
}

// Missing names the unknown class that stopped the last reading, or "".
func (c *Context) Missing() string { return c.missing }

// ReadSnapshot reads a versioned snapshot. An unknown class is an error of kind fault.ErrUnsupported, since nothing says where
// its body ends; Resolve finds out where the surroundings allow it.
func (c *Context) ReadSnapshot(r *binio.Reader) *Snapshot {
	s := &Snapshot{Class: r.Field("serializer snapshot class").UTF()}
	at := r.Offset()
	s.Version = r.Field("serializer snapshot version").I32()
	if r.Err() != nil {
		return s
	}
	if !plausibleClass(s.Class) {
		r.Fail(fault.Corrupt(at, "%q", clip(s.Class)).WithExpected("a Java class name"))
		return s
	}
	if !r.Enter() {
		return s
	}
	defer r.Leave()
	if f := c.Families.find(s.Class); f != nil {
		if f.Read != nil {
			s.Body = f.Read(c, r, s)
		}
		return s
	}
	c.readUnknown(r, s)
	return s
}

func (c *Context) readUnknown(r *binio.Reader, s *Snapshot) {
	n, ok := c.guesses[s.Class]
	if !ok {
		c.missing = s.Class
		r.Fail(fault.Unsupported(r.Offset(), "serializer snapshot %s, version %d", s.Class, s.Version).
			WithHint("a serializer of the job itself, or one that is not known here"))
		return
	}
	start := r.Pos()
	u := &Unknown{}
	if n == compositeBody {
		b := readComposite(c, r, s.Version, func(*binio.Reader, int32) {})
		u.Nested = b.Nested
	} else {
		r.Field("body of " + s.Class).Skip(n)
	}
	u.Data = r.Since(start)
	s.Body = u
}

// ReadWrapped reads a snapshot with the leading i4 2 of TypeSerializerSnapshotSerializationUtil. The older form 1 holds a
// Java-serialized serializer and is refused, as Flink 1.17 and newer do.
func (c *Context) ReadWrapped(r *binio.Reader) *Snapshot {
	if v := r.Field("serializer snapshot form").I32(); r.Err() == nil && v != 2 {
		if v == 1 {
			r.Fail(fault.Unsupported(r.Offset()-4, "a Java-serialized serializer of Flink 1.6 or older").
				WithHint("restore it with Flink 1.8 … 1.16 and take a new savepoint"))
		} else {
			r.Fail(fault.Corrupt(r.Offset()-4, "%d", v).WithExpected("2"))
		}
	}
	return c.ReadSnapshot(r)
}

// AppendSnapshot writes a versioned snapshot.
func AppendSnapshot(dst []byte, s *Snapshot) ([]byte, error) {
	dst, ok := binio.AppendUTF(dst, s.Class)
	if !ok {
		return dst, fault.New(fault.ErrUsage, "serializer snapshot class of %d characters", len(s.Class))
	}
	dst = binio.AppendI32(dst, s.Version)
	if s.Body == nil {
		return dst, nil
	}
	return s.Body.AppendBody(dst, s.Version)
}

// AppendWrapped writes a snapshot with the leading i4 2.
func AppendWrapped(dst []byte, s *Snapshot) ([]byte, error) {
	return AppendSnapshot(binio.AppendI32(dst, 2), s)
}

// resolveBudget bounds the bytes that Resolve may parse in all its attempts.
const resolveBudget = 64 << 20

// Resolve parses b with parse, which must consume all of it, and finds the bodies of unknown snapshot classes on the way: for each it
// tries the empty body, then a composite, then every length, and keeps the first with which the whole of b parses. Since
// all that follows must parse to the last byte, a wrong guess does not survive in practice. parse is called with a fresh
// reader for each attempt and must have no effect when it fails.
func (c *Context) Resolve(b []byte, base int64, parse func(r *binio.Reader)) error {
	budget := resolveBudget
	return c.resolve(b, base, parse, &budget)
}

func (c *Context) resolve(b []byte, base int64, parse func(r *binio.Reader), budget *int) error {
	r := binio.NewReader(b, base)
	c.missing = ""
	parse(r)
	r.End()
	err := r.Err()
	*budget -= 64 + r.Pos()
	class := c.missing
	if err == nil || class == "" || !errors.Is(err, fault.ErrUnsupported) {
		return err
	}
	var fe *fault.Error
	errors.As(err, &fe)
	limit := int(base + int64(len(b)) - fe.Offset)
	for _, n := range shapes(limit) {
		if *budget < 0 {
			break
		}
		c.guesses[class] = n
		if c.resolve(b, base, parse, budget) == nil {
			return nil
		}
	}
	delete(c.guesses, class)
	c.missing = class
	return err
}

// shapes lists the guesses for an unknown body in the order of their likelihood.
func shapes(limit int) []int {
	out := make([]int, 0, limit+2)
	out = append(out, 0, compositeBody)
	for n := 1; n <= limit; n++ {
		out = append(out, n)
	}
	return out
}

func plausibleClass(name string) bool {
	if name == "" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
		return false
	}
	for _, c := range name {
		if c <= ' ' || strings.ContainsRune("()[]{}<>,\"';:@/\\", c) {
			return false
		}
	}
	return true
}

// clip shortens text from a file for a message.
func clip(s string) string {
	if len(s) > 120 {
		return s[:117] + "…"
	}
	return s
}
