package reader

import (
	"bytes"
	"context"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/store"
	"github.com/tarn-project/tarn/store/file"
)

// How says how the place of a file was found.
type How uint8

// The ways, from the plainest on.
const (
	Inline   How = iota // the bytes are in _metadata
	Relative            // by its relative path
	Absolute            // at the absolute path that _metadata names
	Moved               // under the snapshot's own tree, by the tail of the path that _metadata names
	Mapped              // by a mapping that the user gave
	NotFound
)

var howNames = [...]string{"inline", "relative", "absolute", "moved", "mapped", "not found"}

// String gives the way in a word.
func (h How) String() string { return howNames[h] }

// Mapping replaces the beginning of the paths in _metadata.
type Mapping struct{ Old, New string }

// Location is where a file of the snapshot lies.
type Location struct {
	Written string // the path in _metadata
	Name    string // where it was found
	How     How
	Err     error // for NotFound: why
}

// locator finds the files that a snapshot refers to. Paths are followed only within the snapshot's own tree, a mapping or an allowed
// root; whatever a hostile _metadata names, nothing else is opened.
type locator struct {
	st    store.Store
	dir   string // of _metadata
	base  string // of the snapshot's own tree: the job's directory of a checkpoint
	maps  []Mapping
	roots []string

	mu    sync.Mutex
	found map[string]Location
}

func newLocator(st store.Store, dir string, o *Options) *locator {
	l := &locator{st: st, dir: dir, base: dir, maps: o.Map, roots: o.AllowRoots, found: map[string]Location{}}
	if isCheckpointDir(store.Base(dir)) && store.Dir(dir) != "" {
		l.base = store.Dir(dir)
	}
	return l
}

func isCheckpointDir(name string) bool {
	n, ok := strings.CutPrefix(name, "chk-")
	return ok && n != "" && strings.Trim(n, "0123456789") == ""
}

// locate finds the file of a reference. The answer is remembered.
func (l *locator) locate(ctx context.Context, ref metadata.Reference) Location {
	key := ref.Path
	if ref.Relative {
		key = "\x00" + key
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if loc, ok := l.found[key]; ok {
		return loc
	}
	loc := l.search(ctx, ref)
	l.found[key] = loc
	return loc
}

func (l *locator) search(ctx context.Context, ref metadata.Reference) Location {
	loc := Location{Written: ref.Path, How: NotFound}
	if ref.Relative {
		loc.Name = store.Join(l.dir, ref.Path)
		if strings.HasPrefix(path.Clean(ref.Path), "../") && !l.inside(loc.Name) {
			loc.Err = outside(ref.Path)
			return loc
		}
		if loc.Err = l.exists(ctx, loc.Name); loc.Err == nil {
			loc.How = Relative
		}
		return loc
	}
	for _, c := range l.candidates(ref.Path) {
		if l.exists(ctx, c.Name) == nil {
			loc.Name, loc.How = c.Name, c.How
			return loc
		}
	}
	loc.Err = l.explain(ctx, ref.Path)
	return loc
}

// candidates lists where a file of an absolute path may lie, the likeliest first.
func (l *locator) candidates(written string) []Location {
	var out []Location
	for _, m := range l.maps {
		if rest, ok := strings.CutPrefix(plainPath(written), plainPath(m.Old)); ok {
			out = append(out, Location{Name: store.Join(m.New, rest), How: Mapped})
		}
	}
	if l.allowed(written) {
		out = append(out, Location{Name: written, How: Absolute})
	}
	for _, tail := range l.tails(written) {
		out = append(out, Location{Name: tail, How: Moved})
	}
	return out
}

// tails gives the places in the snapshot's own tree that correspond to a path of the writing cluster: below the job's directory, else by
// the directories that checkpoints have, else beside _metadata.
func (l *locator) tails(written string) []string {
	parts := strings.Split(strings.Trim(plainPath(written), "/"), "/")
	var out []string
	add := func(from int) {
		if tail := strings.Join(parts[from:], "/"); !strings.Contains("/"+tail+"/", "/../") {
			out = append(out, store.Join(l.base, tail))
		}
	}
	job := store.Base(l.base)
	for i := len(parts) - 2; i >= 0; i-- {
		if l.base != l.dir && parts[i] == job {
			add(i + 1)
		}
		if p := parts[i]; p == "shared" || p == "taskowned" || isCheckpointDir(p) {
			add(i)
		}
	}
	name := parts[len(parts)-1]
	if name != "" && name != ".." && name != "." {
		out = append(out, store.Join(l.dir, name))
	}
	return out
}

// plainPath drops the spelling differences of local paths: file:/x and file:///x are /x.
func plainPath(name string) string {
	if p, ok := file.Path(name); ok {
		return p
	}
	return name
}

// allowed reports whether a path may be followed as it is written.
func (l *locator) allowed(name string) bool {
	if l.inside(name) {
		return true
	}
	for _, root := range l.roots {
		if below(name, root) {
			return true
		}
	}
	return false
}

func (l *locator) inside(name string) bool { return below(name, l.base) }

func below(name, root string) bool {
	n, r := path.Clean(plainPath(absolute(name))), path.Clean(plainPath(absolute(root)))
	return n == r || strings.HasPrefix(n, strings.TrimRight(r, "/")+"/")
}

func (l *locator) exists(ctx context.Context, name string) error {
	info, err := l.st.Stat(ctx, name)
	if err == nil && info.Dir {
		e := fault.New(fault.ErrMissing, "is a directory")
		e.File = name
		return e
	}
	return err
}

// explain says why no file was found for an absolute path.
func (l *locator) explain(ctx context.Context, written string) error {
	e := fault.New(fault.ErrMissing, "not under %s, where the snapshot lies", l.base)
	e.File = written
	if l.exists(ctx, written) == nil {
		e.Kind, e.Found = fault.ErrRefused, "outside of "+l.base
		return e.WithHint("--allow-root %s lets it be read", path.Dir(plainPath(written)))
	}
	return e.WithHint("if it was copied elsewhere, --map OLD=NEW tells where")
}

func outside(written string) error {
	e := fault.New(fault.ErrRefused, "a relative path that leaves the snapshot")
	e.File = written
	return e
}

// open opens the bytes behind a stream handle.
func (l *locator) open(ctx context.Context, h metadata.StreamHandle) (store.Object, error) {
	switch h := h.(type) {
	case nil:
		return nil, fault.New(fault.ErrCorrupt, "a handle without a stream")
	case *metadata.ByteStream:
		return inlineObject{bytes.NewReader(h.Data)}, nil
	case *metadata.EmptySegment:
		return inlineObject{bytes.NewReader(nil)}, nil
	case *metadata.KeyGroups:
		return l.open(ctx, h.Stream)
	}
	ref, ok := metadata.ReferenceOf(h)
	if !ok {
		return nil, fault.New(fault.ErrUnsupported, "a stream handle of type %T", h)
	}
	loc := l.locate(ctx, ref)
	if loc.How == NotFound {
		return nil, loc.Err
	}
	obj, err := l.st.Open(ctx, loc.Name)
	if err != nil {
		return nil, err
	}
	if _, ok := h.(*metadata.Segment); !ok {
		return obj, nil
	}
	if ref.Start < 0 || ref.Length < 0 || ref.Start > obj.Size() || ref.Length > obj.Size()-ref.Start {
		obj.Close()
		e := fault.New(fault.ErrTruncated, "a file of %d bytes", obj.Size()).WithExpected("a segment of %d bytes at %d", ref.Length, ref.Start)
		e.File = loc.Name
		return nil, e
	}
	return segment{io.NewSectionReader(obj, ref.Start, ref.Length), obj}, nil
}

// name says where a stream handle's bytes are.
func (l *locator) name(ctx context.Context, h metadata.StreamHandle) string {
	if ref, ok := metadata.ReferenceOf(h); ok {
		if loc := l.locate(ctx, ref); loc.How != NotFound {
			return loc.Name
		}
		return ref.Path
	}
	return store.Join(l.dir, "_metadata") + " (inline state)"
}

type inlineObject struct{ *bytes.Reader }

func (inlineObject) Close() error  { return nil }
func (o inlineObject) Size() int64 { return o.Reader.Size() }

type segment struct {
	*io.SectionReader
	whole store.Object
}

func (s segment) Close() error { return s.whole.Close() }
