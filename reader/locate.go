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
	job   string // the job's id, if base is named by it
	maps  []Mapping
	roots []string

	mu    sync.Mutex
	found map[string]Location
}

func newLocator(st store.Store, dir string, o *Options) *locator {
	l := &locator{st: st, dir: dir, base: dir, maps: o.Map, roots: o.AllowRoots, found: map[string]Location{}}
	if up := store.Dir(dir); isCheckpointDir(store.Base(dir)) && strings.Trim(up, "/") != "" {
		l.base = up
		if job := store.Base(up); isJobID(job) {
			l.job = job
		}
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
		if !l.inside(loc.Name) {
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
		if rest, ok := tailOf(plainPath(written), plainPath(m.Old)); ok {
			if name := store.Join(m.New, rest); below(name, m.New) {
				out = append(out, Location{Name: name, How: Mapped})
			}
		}
	}
	if l.allowed(written) {
		out = append(out, Location{Name: written, How: Absolute})
	}
	for _, tail := range l.tails(written) {
		if l.inside(tail) {
			out = append(out, Location{Name: tail, How: Moved})
		}
	}
	return out
}

// tailOf gives what follows a directory, or the beginning of a path that ends with a slash.
func tailOf(name, dir string) (string, bool) {
	rest, ok := strings.CutPrefix(name, dir)
	return rest, ok && (rest == "" || strings.HasPrefix(rest, "/") || strings.HasSuffix(dir, "/"))
}

// tails gives the places in the snapshot's own tree that correspond to a path of the writing cluster: below the job's directory, in
// another directory of that job beside it (changelogs have their own base), by the directories that checkpoints have, else beside _metadata.
func (l *locator) tails(written string) []string {
	parts := strings.Split(strings.Trim(plainPath(written), "/"), "/")
	var out []string
	add := func(dir string, from int) { out = append(out, store.Join(dir, strings.Join(parts[from:], "/"))) }
	for i := len(parts) - 2; i >= 0; i-- {
		if l.job != "" && parts[i] == l.job {
			add(l.base, i+1)
			for j := i - 1; j >= max(0, i-2); j-- {
				add(store.Dir(l.base), j)
			}
		}
		if isCheckpointPart(parts[i]) {
			add(l.base, i)
		}
	}
	add(l.dir, len(parts)-1)
	return out
}

// isCheckpointPart reports whether a directory is one of those that Flink makes in the directory of a job.
func isCheckpointPart(name string) bool {
	return name == "shared" || name == "taskowned" || isCheckpointDir(name)
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

// inside reports whether a name is in the snapshot's own tree: in the directory of _metadata; of a checkpoint also in the directory of
// the job, or, if that is not named by the job's id, in the directories that Flink makes there; and in directories beside it that have the
// job's id in their path.
func (l *locator) inside(name string) bool {
	if below(name, l.dir) {
		return true
	}
	if l.job != "" {
		return below(name, l.base) || below(name, store.Dir(l.base)) && strings.Contains(cleanPath(name), "/"+l.job+"/")
	}
	rest, ok := strings.CutPrefix(cleanPath(name), strings.TrimRight(cleanPath(l.base), "/")+"/")
	first, _, _ := strings.Cut(rest, "/")
	return ok && isCheckpointPart(first)
}

// cleanPath makes a name comparable: absolute, without "..", spelled in one way.
func cleanPath(name string) string { return path.Clean(plainPath(absolute(name))) }

// below reports whether a name is a directory, or in it.
func below(name, root string) bool {
	n, r := cleanPath(name), cleanPath(root)
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
