package validate

import (
	"context"
	"strings"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/store"
)

// run is one evaluation of the rules over one snapshot, with what several rules look at.
type run struct {
	ctx     context.Context
	st      store.Store
	snap    *reader.Snapshot
	options reader.Options
	o       Options
	found   map[string]*findings
	results []Result

	uses    []use
	headers []header
	tallies map[tallyKey]*tally // with Deep
}

// use is one stream of bytes that the snapshot refers to, and by whom.
type use struct {
	op      *reader.Operator
	subtask int // −1 for the coordinator
	slot    metadata.Slot
	handle  metadata.Handle
	stream  metadata.StreamHandle
	log     bool   // a file of a changelog: its recorded size is not that of the file
	logical string // of files of a database: the name there
}

func (u *use) place() Place {
	p := nowhere()
	p.Operator, p.Subtask = u.op.Label(), u.subtask
	return p
}

// header is what opening a part told.
type header struct {
	part       reader.Part
	states     []backend.State
	layout     string
	compressed bool
	evidence   metadata.Evidence
	length     int64 // of the header of a keyed stream, 0 if not known
	err        error
}

func (h *header) place() Place {
	p := nowhere()
	p.Operator, p.Subtask = h.part.Operator.Label(), h.part.Subtask
	return p
}

// rules evaluates all of them.
func (r *run) rules() {
	r.look()
	var deep []*Rule
	for _, rule := range Rules() {
		f := &findings{}
		r.found[rule.ID] = f
		why := r.skips(rule)
		res := Result{Rule: rule}
		switch {
		case rule.Policy && r.o.Policy != nil && r.o.Policy.misconfigured(rule.ID) != "":
			res.Outcome, res.Why = Misconfigured, r.o.Policy.misconfigured(rule.ID)
		case why != "":
			res.Outcome, res.Why = Skipped, why
		case rule.Deep:
			deep = append(deep, rule)
		case rule.check != nil:
			rule.check(r, r.reporter(rule))
		}
		r.results = append(r.results, res)
		if r.ctx.Err() != nil {
			return
		}
	}
	if r.o.Deep {
		r.deep(deep)
		for _, rule := range deep {
			if rule.check != nil && r.ctx.Err() == nil {
				rule.check(r, r.reporter(rule))
			}
		}
	}
}

// skips says why a rule is not evaluated, or "".
func (r *run) skips(rule *Rule) string {
	switch {
	case rule.Policy && (r.o.Policy == nil || !rule.applies(r.o.Policy)):
		return "no policy asks for it"
	case rule.Deep && !r.o.Deep:
		return "needs --deep"
	case (rule.ID == ruleSeal || rule.ID == ruleSealDeep) && r.o.Seal == nil:
		return "there is no seal"
	}
	return ""
}

// reporter gives the function that a rule reports its findings to.
func (r *run) reporter(rule *Rule) func(Finding) {
	f := r.found[rule.ID]
	return func(n Finding) {
		n.Rule = rule.ID
		if !n.own {
			n.Severity = rule.Severity
		}
		if n.Fix == "" {
			n.Fix = rule.Fix
		}
		f.add(n)
	}
}

// look collects what _metadata says and what the headers of state tell.
func (r *run) look() {
	for _, op := range r.snap.Operators {
		op.Meta.EachHandle(func(o metadata.Owner, h metadata.Handle) {
			u := use{op: op, subtask: -1, slot: o.Slot, handle: h}
			if o.Subtask != nil {
				u.subtask = o.Subtask.Index
			}
			r.addUses(u, h)
		})
		for _, p := range op.Parts() {
			if r.ctx.Err() != nil {
				return
			}
			r.headers = append(r.headers, openHeader(r.ctx, p))
		}
	}
}

// addUses adds the streams of a handle, however deep they stand.
func (r *run) addUses(u use, h metadata.Handle) {
	switch h := h.(type) {
	case *metadata.Changelog:
		for _, list := range [][]metadata.KeyedHandle{h.Materialized, h.NonMaterialized} {
			for _, k := range list {
				if k != nil {
					r.addUses(u, k)
				}
			}
		}
	case *metadata.FileLog:
		u.log = true
		for _, p := range h.Parts {
			u.stream = p.Stream
			r.uses = append(r.uses, u)
		}
	case *metadata.Incremental:
		u.stream = h.Meta
		r.uses = append(r.uses, u)
		for _, list := range [][]metadata.NamedStream{h.Shared, h.Private} {
			for _, f := range list {
				u.stream, u.logical = f.Stream, f.LocalPath
				r.uses = append(r.uses, u)
			}
		}
	default:
		metadata.EachStream(h, func(s metadata.StreamHandle) {
			u.stream = s
			r.uses = append(r.uses, u)
		})
	}
}

// openHeader opens a part for what describes it.
func openHeader(ctx context.Context, p reader.Part) header {
	h := header{part: p}
	src, err := p.Open(ctx)
	h.err = err
	if src == nil {
		return h
	}
	h.states, h.layout, h.compressed = src.States(), src.Layout(), src.Compressed()
	if e, ok := src.(interface{ Evidence() metadata.Evidence }); ok {
		h.evidence = e.Evidence()
	}
	if k, ok := src.(interface{ Header() *keyed.Header }); ok && err == nil && k.Header() != nil {
		if b, err := k.Header().Append(nil); err == nil {
			h.length = int64(len(b))
		}
	}
	if err := src.Close(); err != nil && h.err == nil {
		h.err = err
	}
	return h
}

// report gathers what was found.
func (r *run) report() *Report {
	rep := &Report{Snapshot: r.snap.Name, Directory: r.snap.Dir, Deep: r.o.Deep, Entries: r.counts()}
	for _, res := range r.results {
		f := r.found[res.Rule.ID]
		res.Findings = f.total
		if res.Outcome == "" {
			res.Outcome = outcomeOf(f)
		}
		rep.Results = append(rep.Results, res)
		rep.Findings = append(rep.Findings, f.list()...)
	}
	return rep
}

func outcomeOf(f *findings) Outcome {
	switch {
	case f.total == 0:
		return Passed
	case f.worst == Error:
		return Failed
	case f.worst == Warning:
		return Warned
	}
	return Noted
}

// partsOf gives the opened parts of an operator that lie in one of the slots.
func (r *run) partsOf(op *reader.Operator, slots ...metadata.Slot) []*header {
	var out []*header
	for i := range r.headers {
		h := &r.headers[i]
		if h.part.Operator != op {
			continue
		}
		for _, s := range slots {
			if h.part.Slot == s {
				out = append(out, h)
			}
		}
	}
	return out
}

// isSavepoint reports whether the snapshot is known to be one.
func (r *run) isSavepoint() bool {
	p := r.snap.Properties
	if p.Known && !p.Null {
		return p.Savepoint
	}
	for i := range r.uses {
		if k, ok := r.uses[i].handle.(*metadata.KeyGroups); ok && k.Kind == metadata.KeyGroupsSavepoint {
			return true
		}
	}
	return strings.HasPrefix(store.Base(r.snap.AbsDir()), "savepoint-")
}

// hasKind reports whether a part has states of a kind.
func (h *header) hasKind(kinds ...entry.Kind) bool {
	for i := range h.states {
		for _, k := range kinds {
			if h.states[i].Kind == k {
				return true
			}
		}
	}
	return false
}

// counts gives the entries of each state by a name that is the same for everyone.
func (r *run) counts() map[string]int64 {
	if r.tallies == nil {
		return nil
	}
	out := map[string]int64{}
	for k, t := range r.tallies {
		out[k.op.ID.String()+"/"+k.name+"/"+k.kind.String()] += t.Entries
	}
	return out
}
