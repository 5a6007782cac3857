package reader

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/store"
)

// Found is a snapshot, or what was to become one, below a directory.
type Found struct {
	Dir          string    `json:"directory"`
	Kind         string    `json:"kind"`             // savepoint, checkpoint, snapshot
	Format       string    `json:"format,omitempty"` // canonical, native, changelog, as far as _metadata tells
	Job          string    `json:"job,omitempty"`    // the first six digits of the job's id, as in the names of savepoints
	JobID        string    `json:"jobId,omitempty"`  // of checkpoints: the directory above
	CheckpointID int64     `json:"checkpointId"`     // -1 if not known
	Time         time.Time `json:"fileTime"`         // of _metadata, or of the directory if there is none
	Bytes        int64     `json:"bytes"`            // of state and metadata, as handles tell
	Complete     bool      `json:"complete"`         // _metadata reads and every file that it names is there
	Why          string    `json:"reason,omitempty"` // why it is not
}

// isJobID reports whether a directory is named as Flink names those of jobs.
func isJobID(name string) bool {
	return len(name) == 32 && strings.Trim(name, "0123456789abcdef") == ""
}

// maxDepth is how deep Discover looks: savepoint directories, job directories and checkpoints in them, with room above.
const maxDepth = 6

// Discover lists the snapshots below a directory, newest first: within one job by checkpoint id, else by time.
func Discover(ctx context.Context, st store.Store, root string, o Options) ([]Found, error) {
	var out []Found
	var walk func(dir string, depth int) error
	walk = func(dir string, depth int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := st.List(ctx, dir)
		if err != nil {
			return err
		}
		if f, ok := found(ctx, st, dir, entries, o); ok {
			out = append(out, f)
			return nil
		}
		for _, e := range entries {
			if e.Dir && depth < maxDepth && e.Name != "shared" && e.Name != "taskowned" {
				if err := walk(store.Join(dir, e.Name), depth+1); err != nil && ctx.Err() != nil {
					return err // anything else vanished meanwhile, or may not be read
				}
			}
		}
		return nil
	}
	if err := walk(root, 0); err != nil {
		return nil, err
	}
	sortNewest(out)
	return out, nil
}

// sortNewest puts the newest first. A checkpoint counts as no older than those with lower numbers of the same job, whatever the times of
// its files became by copying.
func sortNewest(list []Found) {
	slices.SortStableFunc(list, func(a, b Found) int { return cmp.Compare(a.CheckpointID, b.CheckpointID) })
	latest := map[string]time.Time{}
	at := map[string]time.Time{}
	for _, f := range list {
		t := f.Time
		if f.JobID != "" {
			if l := latest[f.JobID]; l.After(t) {
				t = l
			}
			latest[f.JobID] = t
		}
		at[f.Dir] = t
	}
	slices.SortStableFunc(list, func(a, b Found) int {
		c := at[b.Dir].Compare(at[a.Dir])
		if c == 0 && a.JobID == b.JobID {
			c = cmp.Compare(b.CheckpointID, a.CheckpointID)
		}
		return cmp.Or(c, strings.Compare(a.Dir, b.Dir))
	})
}

// found says what a directory is, if it is a snapshot or an unfinished one.
func found(ctx context.Context, st store.Store, dir string, entries []store.Info, o Options) (Found, bool) {
	name := store.Base(absolute(dir))
	f := Found{Dir: dir, Kind: "snapshot", CheckpointID: -1}
	if strings.HasPrefix(name, "savepoint-") {
		f.Kind = "savepoint"
	}
	if isCheckpointDir(name) {
		f.Kind = "checkpoint"
		if job := store.Base(store.Dir(absolute(dir))); isJobID(job) {
			f.JobID = job
		}
		f.CheckpointID = numberOf(name)
	}
	f.Job = jobOf(dir, f.JobID)
	for _, e := range entries {
		if e.Name == MetadataName && !e.Dir {
			f.Time = e.ModTime
			f.look(ctx, st, o)
			return f, true
		}
	}
	if f.Kind == "snapshot" {
		return f, false
	}
	f.Why = "no " + MetadataName + ": unfinished or aborted"
	if i, err := st.Stat(ctx, dir); err == nil {
		f.Time = i.ModTime
	}
	return f, true
}

func numberOf(chk string) int64 {
	var n int64
	for _, c := range strings.TrimPrefix(chk, "chk-") {
		if n = n*10 + int64(c-'0'); n < 0 {
			return -1
		}
	}
	return n
}

// look opens the snapshot and checks that all of its files are there.
func (f *Found) look(ctx context.Context, st store.Store, o Options) {
	s, err := Open(ctx, st, f.Dir, o)
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.CheckpointID, f.Bytes, f.Complete = s.Metadata.CheckpointID, s.MetadataSize, true
	if p := s.Properties; p.Known && !p.Null {
		f.Kind = "checkpoint"
		if p.Savepoint {
			f.Kind = "savepoint"
		}
	}
	f.Format = form(s)
	s.Metadata.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
		metadata.EachStream(h, func(sh metadata.StreamHandle) {
			loc := s.Locate(ctx, sh)
			if loc.How != Inline {
				f.Bytes += sh.Size()
			}
			if loc.How == NotFound && f.Complete {
				f.Complete, f.Why = false, loc.Err.Error()
			}
		})
	})
}

// Latest gives the newest complete snapshot below a directory, and those that are newer but not complete.
func Latest(ctx context.Context, st store.Store, root string, o Options) (Found, []Found, error) {
	all, err := Discover(ctx, st, root, o)
	if err != nil {
		return Found{}, nil, err
	}
	for i, f := range all {
		if f.Complete {
			return f, all[:i], nil
		}
	}
	e := fault.New(fault.ErrMissing, "no complete snapshot below this directory")
	e.File = root
	if len(all) > 0 {
		e.Hint = all[0].Dir + ": " + all[0].Why
	}
	return Found{}, all, e
}
