package reader

import (
	"slices"
	"strings"

	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/store"
)

// jobDigits is how many digits of the job's id Flink puts into the name of a savepoint's directory.
const jobDigits = 6

// jobOf gives the first digits of the id of the job that a snapshot is of, as far as its directory says: chk-N lies in a directory named by the
// job's id, a savepoint is named savepoint-DIGITS-RANDOM.
func jobOf(dir, jobID string) string {
	if jobID != "" {
		return jobID[:jobDigits]
	}
	digits, _, ok := strings.Cut(strings.TrimPrefix(store.Base(absolute(dir)), "savepoint-"), "-")
	if !ok || len(digits) != jobDigits || strings.Trim(digits, "0123456789abcdef") != "" {
		return ""
	}
	return digits
}

// ByJob puts the snapshots of one job together, without changing the order within a job or that of the jobs' first snapshots. What is of no
// known job forms a group too.
func ByJob(list []Found) [][]Found {
	var groups [][]Found
	for _, f := range list {
		i := slices.IndexFunc(groups, func(g []Found) bool { return g[0].Job == f.Job })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], f)
	}
	return groups
}

// Gap is a run of checkpoint numbers of one job of which nothing is there, between two that are. Flink deletes the oldest checkpoints when it has
// more than it is to retain, aborted ones leave nothing, and savepoints, which may be kept anywhere, take numbers too.
type Gap struct {
	Job         string // first digits of its id
	First, Last int64
}

// Gaps finds what is missing between the snapshots of each job, the newest first.
func Gaps(list []Found) []Gap {
	var gaps []Gap
	for _, group := range ByJob(list) {
		if group[0].Job == "" {
			continue
		}
		var ids []int64
		for _, f := range group {
			if f.CheckpointID >= 0 {
				ids = append(ids, f.CheckpointID)
			}
		}
		slices.Sort(ids)
		for i := len(ids) - 1; i > 0; i-- {
			if ids[i]-ids[i-1] > 1 {
				gaps = append(gaps, Gap{Job: group[0].Job, First: ids[i-1] + 1, Last: ids[i] - 1})
			}
		}
	}
	return gaps
}

// form says in what form a snapshot is kept, as far as _metadata alone tells: canonical, native or changelog. It does not for checkpoints with
// streams of key groups, whose headers say whether they are canonical.
func form(s *Snapshot) string {
	var savepoint, native, changelog bool
	s.Metadata.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
		switch h := h.(type) {
		case *metadata.KeyGroups:
			savepoint = savepoint || h.Kind == metadata.KeyGroupsSavepoint
		case *metadata.Incremental:
			native = true
		case *metadata.Changelog:
			changelog = true
		}
	})
	p := s.Properties
	switch {
	case p.Known && !p.Null && p.Savepoint:
		return strings.ToLower(p.Format)
	case savepoint:
		return "canonical"
	case changelog:
		return "changelog"
	case native:
		return "native"
	}
	return ""
}
