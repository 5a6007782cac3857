package validate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store"
)

// at is a finding about the file of a stream.
func (u *use) at(file, format string, args ...any) Finding {
	f := Finding{Place: u.place(), Message: fmt.Sprintf(format, args...)}
	f.Place.File = file
	if u.logical != "" {
		f.Message = u.logical + ": " + f.Message
	}
	return f
}

// filesExist looks every file up.
func filesExist(r *run, report func(Finding)) { r.unfound(fault.ErrMissing, report) }

// pathsInside looks for paths that are not followed.
func pathsInside(r *run, report func(Finding)) { r.unfound(fault.ErrRefused, report) }

func (r *run) unfound(kind error, report func(Finding)) {
	for i := range r.uses {
		u := &r.uses[i]
		loc := r.snap.Locate(r.ctx, u.stream)
		if loc.How != reader.NotFound || !errors.Is(loc.Err, kind) {
			continue
		}
		f := findingOf(loc.Err)
		f.Place.Operator, f.Place.Subtask = u.op.Label(), u.subtask
		report(f)
	}
}

// fileSizes compares recorded sizes with those of the files.
func fileSizes(r *run, report func(Finding)) {
	for i := range r.uses {
		u := &r.uses[i]
		ref, ok := metadata.ReferenceOf(u.stream)
		loc := r.snap.Locate(r.ctx, u.stream)
		if !ok || loc.How == reader.NotFound {
			continue
		}
		info, err := r.st.Stat(r.ctx, loc.Name)
		if err != nil {
			report(u.at(loc.Name, "%v", err))
			continue
		}
		_, part := u.stream.(*metadata.Segment)
		switch {
		case part && (ref.Start < 0 || ref.Length < 0 || ref.Start > info.Size || ref.Length > info.Size-ref.Start):
			report(u.at(loc.Name, "%d bytes, expected at least %d: a segment of %d bytes at %d", info.Size, ref.Start+ref.Length, ref.Length, ref.Start))
		case part || u.log || ref.Length == -1:
		case ref.Length != info.Size:
			report(u.at(loc.Name, "%d bytes, expected %d", info.Size, ref.Length))
		}
	}
}

// pathsMoved looks for files that tarn finds where Flink will not.
func pathsMoved(r *run, report func(Finding)) {
	n, first := 0, Finding{}
	for _, loc := range r.located() {
		if loc.How == reader.Moved || loc.How == reader.Mapped {
			if n++; n == 1 {
				first = r.inMetadata("")
				first.Place.File = loc.Written
			}
		}
	}
	if n > 0 {
		first.Message = fmt.Sprintf("%d files were found elsewhere than at the absolute paths of _metadata, this the first; Flink looks there only", n)
		report(first)
	}
}

// located gives each file once, in the order of _metadata.
func (r *run) located() []reader.Location {
	var out []reader.Location
	seen := map[string]bool{}
	for i := range r.uses {
		loc := r.snap.Locate(r.ctx, r.uses[i].stream)
		if loc.How == reader.Inline || seen[loc.Written] {
			continue
		}
		seen[loc.Written] = true
		out = append(out, loc)
	}
	return out
}

// relocatable says whether a copy of the directory restores.
func relocatable(r *run, report func(Finding)) {
	absolute, outside, owned, total := 0, 0, 0, 0
	seen := map[string]bool{}
	merged := false
	for i := range r.uses {
		u := &r.uses[i]
		if h, ok := u.handle.(*metadata.OperatorHandle); ok && h.Merged != nil {
			merged = true
		}
		ref, ok := metadata.ReferenceOf(u.stream)
		if !ok || seen[ref.Path] {
			continue
		}
		seen[ref.Path] = true
		total++
		switch {
		case !ref.Relative:
			absolute++
		case strings.Contains(ref.Path, ".."):
			outside++
		}
		if strings.Contains("/"+ref.Path, "/taskowned/") {
			owned++
		}
	}
	var why []string
	if absolute > 0 {
		why = append(why, fmt.Sprintf("%d of %d files are named by absolute path", absolute, total))
	}
	if outside > 0 {
		why = append(why, fmt.Sprintf("%d files lie outside of its directory", outside))
	}
	if owned > 0 {
		why = append(why, fmt.Sprintf("%d files belong to tasks and may be needed by other checkpoints", owned))
	}
	if merged {
		why = append(why, "the directories of merged files are absolute")
	}
	if len(why) > 0 {
		report(r.inMetadata("a copy of the directory does not restore: %s", strings.Join(why, "; ")))
	}
}

// foreignFiles looks for files outside of the snapshot's own tree.
func foreignFiles(r *run, report func(Finding)) {
	base := r.snap.Base()
	for i := range r.uses {
		u := &r.uses[i]
		loc := r.snap.Locate(r.ctx, u.stream)
		if loc.How != reader.Absolute || r.snap.Owns(loc.Name) {
			continue
		}
		report(u.at(loc.Name, "lies outside of %s", base))
	}
}

// fileIdentity looks for one name with two contents: Flink takes streams of one name for the same.
func fileIdentity(r *run, report func(Finding)) {
	inline := map[string]*metadata.ByteStream{}
	sizes := map[string]int64{}
	for i := range r.uses {
		u := &r.uses[i]
		switch s := u.stream.(type) {
		case *metadata.ByteStream:
			before := inline[s.Name]
			if before != nil && u.slot != metadata.SlotCoordinator && !bytes.Equal(before.Data, s.Data) {
				report(u.at("", "two inline streams of the name %q have different bytes", s.Name))
			}
			inline[s.Name] = s
		case *metadata.File, *metadata.RelativeFile:
			ref, _ := metadata.ReferenceOf(s)
			if before, ok := sizes[ref.Path]; ok && before != ref.Length && !u.log {
				report(u.at(ref.Path, "recorded with %d bytes and with %d", before, ref.Length))
			}
			if !u.log {
				sizes[ref.Path] = ref.Length
			}
		}
	}
}

// inlineSizes looks for state in _metadata that JobManager storage would not take.
func inlineSizes(r *run, report func(Finding)) {
	for i := range r.uses {
		u := &r.uses[i]
		if s, ok := u.stream.(*metadata.ByteStream); ok && s.Size() > r.o.Limits.Inline {
			report(u.at("", "%d bytes of %s inside _metadata, expected at most %d", s.Size(), u.slot, r.o.Limits.Inline))
		}
	}
}

// leftovers lists what lies in the snapshot's directory and belongs to nothing.
func leftovers(r *run, report func(Finding)) {
	known := map[string]bool{store.Base(r.snap.MetadataName): true}
	for _, loc := range r.located() {
		if rest, ok := strings.CutPrefix(loc.Name, strings.TrimRight(r.snap.AbsDir(), "/")+"/"); ok {
			known[rest] = true
		}
	}
	r.strays(r.snap.Dir, "", 0, func(name string, size int64) {
		if !known[name] {
			f := Finding{Place: nowhere(), Message: fmt.Sprintf("%d bytes that no handle refers to", size)}
			f.Place.File = store.Join(r.snap.Dir, name)
			report(f)
		}
	})
}

// maxStray bounds how deep directories are followed.
const maxStray = 4

// strays calls do with every file below a directory.
func (r *run) strays(dir, prefix string, depth int, do func(name string, size int64)) {
	list, err := r.st.List(r.ctx, dir)
	if err != nil || depth > maxStray {
		return
	}
	for _, i := range list {
		if i.Dir {
			r.strays(store.Join(dir, i.Name), prefix+i.Name+"/", depth+1, do)
			continue
		}
		do(prefix+i.Name, i.Size)
	}
}

// orphans counts the files in the job's shared directories that none of its retained checkpoints refers to.
func orphans(r *run, report func(Finding)) {
	base := r.snap.Base()
	if !strings.HasPrefix(store.Base(r.snap.AbsDir()), "chk-") {
		return
	}
	used := map[string]bool{}
	for _, loc := range r.located() {
		used[loc.Name] = true
	}
	list, err := r.st.List(r.ctx, base)
	if err != nil {
		return
	}
	for _, i := range list {
		if i.Dir && strings.HasPrefix(i.Name, "chk-") && i.Name != store.Base(r.snap.AbsDir()) {
			r.addReferences(used, store.Join(base, i.Name))
		}
	}
	for _, dir := range []string{"shared", "taskowned"} {
		n, size := 0, int64(0)
		r.strays(store.Join(base, dir), "", 0, func(name string, bytes int64) {
			if !used[store.Join(store.Join(base, dir), name)] {
				n, size = n+1, size+bytes
			}
		})
		if n > 0 {
			f := Finding{Place: nowhere(), Message: fmt.Sprintf("%d files of %d bytes that no retained checkpoint of the job refers to", n, size)}
			f.Place.File = store.Join(base, dir)
			report(f)
		}
	}
}

func (r *run) addReferences(used map[string]bool, dir string) {
	s, err := reader.Open(r.ctx, r.st, dir, r.options)
	if err != nil {
		return // not a checkpoint, or a damaged one: it refers to nothing that can be told
	}
	s.Metadata.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
		metadata.EachStream(h, func(st metadata.StreamHandle) {
			if loc := s.Locate(r.ctx, st); loc.How != reader.Inline {
				used[loc.Name] = true
			}
		})
	})
}
