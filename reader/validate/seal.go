package validate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store"
)

// SealVersion is the version of the form in which seals are written.
const SealVersion = 1

// Seal is what a snapshot was at one time: every file with its size and a strong checksum, and the entries of every state. Flink's formats
// have no redundancy for most bytes of values; a seal has it for all.
type Seal struct {
	Version      int           `json:"tarnSeal"`
	CheckpointID int64         `json:"checkpointId"`
	Files        []SealedFile  `json:"files"`
	States       []SealedState `json:"states"`
}

// SealedFile is one file.
type SealedFile struct {
	// Name is the path from the directory of _metadata, with ".." for what a job's checkpoints share; of files elsewhere the path that
	// _metadata has.
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// SealedState is one state of one operator, over all subtasks.
type SealedState struct {
	OperatorID string `json:"operatorId"`
	State      string `json:"state"`
	Kind       string `json:"kind"`
	Entries    int64  `json:"entries"`
}

// MakeSeal reads all of a snapshot. A snapshot that cannot be read whole is not sealed. progress, if not nil, is told how many bytes were
// read.
func MakeSeal(ctx context.Context, st store.Store, s *reader.Snapshot, jobs int, progress func(int64)) (*Seal, error) {
	seal := &Seal{Version: SealVersion, CheckpointID: s.Metadata.CheckpointID, Files: []SealedFile{}, States: []SealedState{}}
	r := &run{ctx: ctx, st: st, snap: s, o: Options{Jobs: jobs, Progress: progress}}
	r.look()
	for _, f := range r.sealable() {
		if f.err != nil {
			return nil, f.err
		}
		size, sum, err := r.sum(f.name)
		if err != nil {
			return nil, fault.File(err, f.name)
		}
		seal.Files = append(seal.Files, SealedFile{Name: f.sealed, Bytes: size, SHA256: sum})
	}
	counts := map[SealedState]int64{}
	var mu sync.Mutex
	err := s.Scan(ctx, reader.Selection{}, jobs, func(_ int, t *reader.Task) error {
		n := visit(t, nil)
		mu.Lock()
		defer mu.Unlock()
		for state, entries := range n {
			counts[keyOf(t, state)] += *entries
		}
		if progress != nil {
			progress(t.Bytes())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for k, n := range counts {
		k.Entries = n
		seal.States = append(seal.States, k)
	}
	slices.SortFunc(seal.States, func(a, b SealedState) int {
		return cmp.Or(strings.Compare(a.OperatorID, b.OperatorID), strings.Compare(a.State, b.State), strings.Compare(a.Kind, b.Kind))
	})
	return seal, nil
}

func keyOf(t *reader.Task, st *entry.State) SealedState {
	return SealedState{OperatorID: t.Part.Operator.ID.String(), State: st.Name, Kind: st.Kind.String()}
}

// sealable is one file of the snapshot: where it is, and its name in seals.
type sealable struct {
	name, sealed string
	err          error
}

// sealable lists the files, _metadata first, then by name.
func (r *run) sealable() []sealable {
	byName := map[string]sealable{}
	dir, base := strings.TrimRight(r.snap.AbsDir(), "/")+"/", strings.TrimRight(r.snap.Base(), "/")+"/"
	for _, loc := range r.located() {
		f := sealable{name: loc.Name, sealed: loc.Written, err: loc.Err}
		if rest, ok := strings.CutPrefix(loc.Name, dir); ok {
			f.sealed = rest
		} else if rest, ok := strings.CutPrefix(loc.Name, base); ok {
			f.sealed = "../" + rest
		}
		byName[f.sealed] = f
	}
	meta := store.Base(r.snap.MetadataName)
	delete(byName, meta)
	out := []sealable{{name: r.snap.MetadataName, sealed: meta}}
	for _, k := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[k])
	}
	return out
}

// sum gives size and checksum of a file.
func (r *run) sum(name string) (int64, string, error) {
	obj, err := r.st.Open(r.ctx, name)
	if err != nil {
		return 0, "", err
	}
	defer obj.Close()
	h := sha256.New()
	src := io.NewSectionReader(obj, 0, obj.Size())
	size := int64(0)
	for r.ctx.Err() == nil {
		n, err := io.CopyN(h, src, 8<<20)
		if size += n; err == io.EOF {
			break
		} else if err != nil {
			return size, "", err
		}
	}
	return size, hex.EncodeToString(h.Sum(nil)), r.ctx.Err()
}

// sealKept compares the snapshot with its seal: names and sizes, and the checksum of _metadata.
func sealKept(r *run, report func(Finding)) {
	r.compareSeal(report, func(f sealable, was SealedFile, report func(Finding)) {
		if info, err := r.st.Stat(r.ctx, f.name); err == nil && info.Size != was.Bytes {
			report(inFile(f.name, "%d bytes, expected %d, as sealed", info.Size, was.Bytes))
		} else if f.sealed == store.Base(r.snap.MetadataName) {
			r.compareSum(f, was, report)
		}
	})
	if id := r.snap.Metadata.CheckpointID; id != r.o.Seal.CheckpointID {
		report(r.inMetadata("checkpoint %d, sealed as %d", id, r.o.Seal.CheckpointID))
	}
	known := map[string]bool{}
	for _, f := range r.sealable() {
		known[f.sealed] = true
	}
	for _, was := range r.o.Seal.Files {
		if !known[was.Name] {
			report(inFile(was.Name, "sealed, and the snapshot refers to no such file"))
		}
	}
}

func (r *run) compareSeal(report func(Finding), do func(f sealable, was SealedFile, report func(Finding))) {
	sealed := map[string]SealedFile{}
	for _, f := range r.o.Seal.Files {
		sealed[f.Name] = f
	}
	for _, f := range r.sealable() {
		was, ok := sealed[f.sealed]
		switch {
		case !ok:
			report(inFile(f.name, "not in the seal"))
		case f.err == nil:
			do(f, was, report)
		}
	}
}

func (r *run) compareSum(f sealable, was SealedFile, report func(Finding)) {
	_, sum, err := r.sum(f.name)
	if err != nil {
		report(findingOf(fault.File(err, f.name)))
	} else if sum != was.SHA256 {
		report(inFile(f.name, "SHA-256 %s, expected %s, as sealed", sum, was.SHA256))
	}
}

func inFile(name, format string, args ...any) Finding {
	f := Finding{Place: nowhere(), Message: fmt.Sprintf(format, args...)}
	f.Place.File = name
	return f
}

// sealContent compares checksums and counts.
func sealContent(r *run, report func(Finding)) {
	r.compareSeal(func(Finding) {}, func(f sealable, was SealedFile, _ func(Finding)) {
		if f.sealed != store.Base(r.snap.MetadataName) {
			r.compareSum(f, was, report)
		}
	})
	now := r.counts()
	for _, was := range r.o.Seal.States {
		key := was.OperatorID + "/" + was.State + "/" + was.Kind
		if n := now[key]; n != was.Entries {
			f := Finding{Place: nowhere(), Message: fmt.Sprintf("%d entries, expected %d, as sealed", n, was.Entries)}
			f.Place.Operator, f.Place.State = r.label(was.OperatorID), was.State
			report(f)
		}
		delete(now, key)
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if now[key] > 0 {
			id, rest, _ := strings.Cut(key, "/")
			f := Finding{Place: nowhere(), Message: fmt.Sprintf("%s: %d entries of a state that is not in the seal", rest, now[key])}
			f.Place.Operator = r.label(id)
			report(f)
		}
	}
}

func (r *run) label(id string) string {
	for _, op := range r.snap.Operators {
		if op.ID.String() == id {
			return op.Label()
		}
	}
	return id
}
