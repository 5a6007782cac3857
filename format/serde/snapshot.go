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

// Context is what reading snapshots needs to know and remembers. It is used for one header at a time, by one goroutine.
type Context struct {
	Families *Registry

	guesses   map[int64]int  // by the offset of a body that no family knows: its length, or compositeBody
	hints     map[string]int // by class: the guess that was right before
	frames    map[int64]bool // frames, by offset: whether they can be read inside
	depth     int            // nesting of snapshots, through frames
	budget    int            // what guessing may still cost, see resolveBudget
	missing   string         // the unknown class that stopped the reading
	missingAt int64          // where its body starts
}

const compositeBody = -1

// NewContext reads with the given families; nil means Builtin.
func NewContext(f *Registry) *Context {
	if f == nil {
		f = BuiltinRegistry()
	}
	return &Context{Families: f, guesses: map[int64]int{}, hints: map[string]int{}, frames: map[int64]bool{}, budget: resolveBudget}
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
	if c.depth >= binio.MaxDepth {
		r.Corrupt("serializer snapshots nested deeper than %d levels", binio.MaxDepth)
		return s
	}
	c.depth++
	defer func() { c.depth-- }()
	body := r.Offset()
	f := c.Families.find(s.Class)
	if _, guessed := c.guesses[body]; f == nil || guessed {
		c.readUnknown(r, s)
		return s
	}
	if f.Read != nil {
		s.Body = f.Read(c, r, s)
	}
	if errors.Is(r.Err(), errUnknownVersion) && c.missing == "" {
		c.missing, c.missingAt = s.Class, body // its end can be guessed like that of an unknown class
	}
	return s
}

// errUnknownVersion marks the error of a version that a known class has no rules for.
var errUnknownVersion = errors.New("unknown version of a serializer snapshot")

// unknownVersion records that the version of s, which was just read, has no rules.
func unknownVersion(r *binio.Reader, s *Snapshot) {
	e := fault.Unsupported(r.Offset(), "version %d of %s", s.Version, s.Class)
	e.Mark = errUnknownVersion
	r.Fail(e)
}

func (c *Context) readUnknown(r *binio.Reader, s *Snapshot) {
	n, ok := c.guesses[r.Offset()]
	if !ok {
		c.missing, c.missingAt = s.Class, r.Offset()
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

// plausibleClass refuses what no class is called: a wrong guess before it shows here first.
func plausibleClass(name string) bool {
	if name == "" || name[0] == '.' || name[len(name)-1] == '.' {
		return false
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < 128 && !classByte[c] {
			return false
		}
	}
	return true
}

// classByte holds the ASCII characters that class names are made of.
var classByte = func() (t [128]bool) {
	for c := byte('!'); c < 127; c++ {
		t[c] = strings.IndexByte("()[]{}<>,\"';:@/\\", c) < 0
	}
	return t
}()

// clip shortens text from a file for a message.
func clip(s string) string {
	if len(s) > 120 {
		return s[:117] + "…"
	}
	return s
}
