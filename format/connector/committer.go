package connector

import "fmt"

// Collector is what a committer of a sink has yet to commit (CommittableCollectorSerializer; version 1 StreamingCommitterState, Flink 1.14 and
// older).
//
//	version 1   i4 B91F252C, i4 version, i4 n, n × (i4 length, committable)
//	version 2   i4 B91F252C, i4 v, i4 n, n × (i4 length, checkpoint)
//	checkpoint  i8 id, if v ≥ 1 i4 number of subtasks, i4 w, i4 n, n × (i4 length, subtask)
//	subtask     if w ≥ 1 i4 number, i4 0, i4 n, n × (i4 length, request), i4 committables, if w < 2 i4 drained, i4 failed
//	request     versioned committable, i4 retries, i4 state
type Collector struct {
	CheckpointVersion  int32        `json:"-"`
	Checkpoints        []Checkpoint `json:"checkpoints,omitempty"`
	CommittableVersion int32        `json:"-"`
	Committables       []Inner      `json:"committables,omitempty"` // version 1
}

// Checkpoint is what is to be committed once a checkpoint is complete.
type Checkpoint struct {
	ID             int64              `json:"checkpoint"`
	Subtasks       *int32             `json:"numberOfSubtasks,omitempty"` // since version 1
	SubtaskVersion int32              `json:"-"`
	Parts          []SubtaskCommittal `json:"subtasks"`
}

// SubtaskCommittal is what one subtask wrote.
type SubtaskCommittal struct {
	Subtask        *int32    `json:"subtask,omitempty"` // since version 1: the one that wrote it
	RequestVersion int32     `json:"-"`
	Requests       []Request `json:"requests"`
	Committables   int32     `json:"committables"` // expected
	Drained        int32     `json:"drained,omitempty"`
	Failed         int32     `json:"failed"`
}

// Request is one committable.
type Request struct {
	Committable Inner `json:"committable"`
	Retries     int32 `json:"retries"`
	State       int32 `json:"state"` // number of a CommitRequestState
}

const collectorMagic = 0xB91F252C

func (s *Collector) code(c *coder, version int32) {
	c.magic(collectorMagic)
	if version == 1 {
		c.i32(&s.CommittableVersion)
		list(c, &s.Committables, 4, func(i *Inner) {
			i.Version = s.CommittableVersion
			c.innerData(Committable, i)
		})
		return
	}
	c.i32(&s.CheckpointVersion)
	list(c, &s.Checkpoints, 4, func(p *Checkpoint) {
		c.framed(func(in *coder) { p.code(in, s.CheckpointVersion) })
	})
}

func (p *Checkpoint) code(c *coder, version int32) {
	c.unfit = c.unfit || version < 0 || version > 1
	c.i64(&p.ID)
	if version >= 1 {
		c.number(&p.Subtasks)
	}
	c.i32(&p.SubtaskVersion)
	list(c, &p.Parts, 4, func(s *SubtaskCommittal) {
		c.framed(func(in *coder) { s.code(in, p.SubtaskVersion) })
	})
}

func (s *SubtaskCommittal) code(c *coder, version int32) {
	c.unfit = c.unfit || version < 0 || version > 2
	if version >= 1 {
		c.number(&s.Subtask)
	}
	c.i32(&s.RequestVersion)
	list(c, &s.Requests, 4, func(q *Request) {
		c.framed(func(in *coder) {
			in.inner(Committable, &q.Committable)
			in.i32(&q.Retries)
			in.i32(&q.State)
		})
	})
	c.i32(&s.Committables)
	if version < 2 {
		c.i32(&s.Drained)
	}
	c.i32(&s.Failed)
}

func (s *Collector) plausible() bool {
	return all(s.Checkpoints, func(p *Checkpoint) bool {
		return all(p.Parts, func(s *SubtaskCommittal) bool {
			return (s.Subtask == nil || *s.Subtask >= 0) && s.RequestVersion == 0 && all(s.Requests, func(q *Request) bool {
				return q.Retries >= 0 && q.State >= 0 && int(q.State) < len(commitStates())
			})
		})
	})
}

// commitStates are the names of Request.State. Flink has no more than these.
func commitStates() []string { return []string{"received", "to be retried", "failed", "committed"} }

// Lines implements State.
func (s *Collector) Lines() []string {
	out := linesOf(s.Committables, "", func(i *Inner) []string { return i.Lines() })
	for _, p := range s.Checkpoints {
		for _, part := range p.Parts {
			for _, q := range part.Requests {
				prefix := fmt.Sprintf("checkpoint %d, ", p.ID)
				if part.Subtask != nil {
					prefix += fmt.Sprintf("subtask %d, ", *part.Subtask)
				}
				if q.State != 0 || q.Retries > 0 {
					prefix += fmt.Sprintf("%s after %d retries, ", commitStates()[q.State], q.Retries)
				}
				out = append(out, prefixed(prefix, q.Committable.Lines())...)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, "nothing to commit")
	}
	return out
}
