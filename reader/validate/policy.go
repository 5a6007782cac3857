package validate

import (
	"fmt"
	"path"
	"time"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/metadata"
)

// Policy is what a team asks of its snapshots beyond being sound. The zero value asks for nothing.
type Policy struct {
	NoKryo           bool          // no state or key is serialized by Kryo
	RequireUIDs      bool          // every operator with state has a uid, and it is known
	RequireTTL       []string      // keyed states whose name or operator/name matches one of these patterns (as of package path) have TTL
	Compression      bool          // keyed state is compressed by Flink; state in RocksDB's own files does not count
	MaxOperatorBytes int64         // of state
	MaxSkew          float64       // largest keyed state of a subtask divided by the mean of all, 1 is even
	MaxAge           time.Duration // of the _metadata file
	Now              time.Time     // what MaxAge counts from; zero is the clock's
}

// misconfigured says what of a policy makes no sense, by rule.
func (p *Policy) misconfigured(rule string) string {
	switch {
	case rule == rulePolicySkew && p.MaxSkew != 0 && p.MaxSkew < 1:
		return fmt.Sprintf("max-skew %v, expected 1 or more: 1 is even", p.MaxSkew)
	case rule == rulePolicySize && p.MaxOperatorBytes < 0:
		return fmt.Sprintf("max-operator-size %d, expected a size", p.MaxOperatorBytes)
	case rule == rulePolicyAge && p.MaxAge < 0:
		return fmt.Sprintf("max-age %s, expected a duration", p.MaxAge)
	case rule == rulePolicyTTL:
		for _, pattern := range p.RequireTTL {
			if _, err := path.Match(pattern, ""); err != nil {
				return fmt.Sprintf("require-ttl %q: %v", pattern, err)
			}
		}
	}
	return ""
}

// stateOnce calls do with each state of each operator once.
func (r *run) stateOnce(do func(h *header, st *entry.State)) {
	seen := map[tallyKey]bool{}
	for i := range r.headers {
		h := &r.headers[i]
		for j := range h.states {
			st := &h.states[j].State
			if k := (tallyKey{h.part.Operator, st.Name, st.Kind}); !seen[k] {
				seen[k] = true
				do(h, st)
			}
		}
	}
}

func noKryo(r *run, report func(Finding)) {
	r.stateOnce(func(h *header, st *entry.State) {
		if class := kryoIn(st); class != "" {
			f := ofOperator(h.part.Operator, "%s is serialized by Kryo", class)
			f.Place.State = st.Name
			report(f)
		}
	})
}

func uidsSet(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		if op.UID == "" && hasState(op.Meta) {
			report(ofOperator(op, "%shas state and no known uid", named(op)))
		}
	}
}

func ttlSet(r *run, report func(Finding)) {
	r.stateOnce(func(h *header, st *entry.State) {
		switch st.Kind {
		case entry.Value, entry.List, entry.Map, entry.Reducing, entry.Aggregating:
		default:
			return
		}
		if st.TTL || h.part.Slot != metadata.SlotManagedKeyed {
			return
		}
		for _, pattern := range r.o.Policy.RequireTTL {
			name, _ := path.Match(pattern, st.Name)
			whole, _ := path.Match(pattern, h.part.Operator.Label()+"/"+st.Name)
			if name || whole {
				f := ofOperator(h.part.Operator, "no TTL, which %q asks for", pattern)
				f.Place.State = st.Name
				report(f)
				return
			}
		}
	})
}

func compressed(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		for _, h := range r.partsOf(op, metadata.SlotManagedKeyed) {
			if _, stream := h.part.Handle.(*metadata.KeyGroups); stream && !h.compressed && len(h.states) > 0 {
				report(ofOperator(op, "keyed state in %s layout is not compressed", h.layout))
				break
			}
		}
	}
}

func operatorSize(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		var n int64
		op.Meta.EachHandle(func(_ metadata.Owner, h metadata.Handle) { n += h.Size() })
		if n > r.o.Policy.MaxOperatorBytes {
			report(ofOperator(op, "%d bytes of state, expected at most %d", n, r.o.Policy.MaxOperatorBytes))
		}
	}
}

func skew(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		var sum, most int64
		subtask := 0
		for i := range op.Meta.Subtasks {
			s := &op.Meta.Subtasks[i]
			if s.ManagedKeyed == nil {
				continue
			}
			n := s.ManagedKeyed.Size()
			if sum += n; n > most {
				most, subtask = n, s.Index
			}
		}
		if sum == 0 || op.Meta.Parallelism < 1 {
			continue
		}
		if got := float64(most) * float64(op.Meta.Parallelism) / float64(sum); got > r.o.Policy.MaxSkew {
			f := ofOperator(op, "%.2f times the mean keyed state of all subtasks, expected at most %.2f", got, r.o.Policy.MaxSkew)
			f.Place.Subtask = subtask
			report(f)
		}
	}
}

func maxAge(r *run, report func(Finding)) {
	written, ok := r.snap.FileTime(r.ctx)
	if !ok {
		return
	}
	now := r.o.Policy.Now
	if now.IsZero() {
		now = time.Now()
	}
	if now.Sub(written) > r.o.Policy.MaxAge {
		report(r.inMetadata("written %s, expected at most %s ago", written.UTC().Format(time.RFC3339), r.o.Policy.MaxAge))
	}
}
