package connector

import "fmt"

// CDCEnumerator is what the MySQL change-data source has yet to hand out (PendingSplitsStateSerializer, versions 1 to 5): i4 version of the
// splits, i4 form, then
//
//	form 1 chunks  tables done, chunks left, i4 n, n × (utf id, i4 length, chunk) handed out, i4 n, n × (utf id, offset) finished,
//	               versions 1, 2: bool finished; later i4 status, tables left, bool case counts in names of tables,
//	               since version 4 schemas, since version 5 bool and utf table, utf next start, i4 next id of the chunk that is cut off
//	form 2 binlog  bool handed out
//	form 3 both    form 1, form 2
//
// tables are i4 n, n × utf; chunks i4 n, n × (i4 length, chunk).
type CDCEnumerator struct {
	SplitVersion   int32       `json:"splitVersion"`
	Form           int32       `json:"form"` // 1, 2, 3 as above
	Chunks         *CDCPending `json:"chunks,omitempty"`
	BinlogAssigned *bool       `json:"binlogAssigned,omitempty"`
}

// CDCPending is how far the copying of tables is.
type CDCPending struct {
	Done          []string      `json:"tablesDone"`
	Left          []CDCSplit    `json:"chunksLeft"`
	Assigned      []CDCAssigned `json:"chunksAssigned"`
	Finished      []CDCFinished `json:"chunksFinished"`
	OldFinished   *bool         `json:"finished,omitempty"` // versions 1 and 2
	Status        *int32        `json:"status,omitempty"`
	TablesLeft    []string      `json:"tablesLeft,omitempty"`
	CaseSensitive *bool         `json:"caseSensitive,omitempty"`
	Schemas       []CDCSchema   `json:"schemas,omitempty"`
	Cutting       *CDCCutting   `json:"cutting,omitempty"`
}

// CDCAssigned is a chunk that a reader has.
type CDCAssigned struct {
	ID    string   `json:"id"`
	Split CDCSplit `json:"split"`
}

// CDCFinished is the place in the binlog up to which a copied chunk holds.
type CDCFinished struct {
	ID     string    `json:"id"`
	Offset CDCOffset `json:"offset"`
}

// CDCCutting is where the cutting of a table into chunks goes on.
type CDCCutting struct {
	Table string `json:"table"`
	Next  Bound  `json:"nextStart"`
	ID    int32  `json:"nextId"`
}

func (s *CDCEnumerator) code(c *coder, version int32) {
	c.i32(&s.SplitVersion)
	c.i32(&s.Form)
	if c.r != nil && (!c.reading() || s.SplitVersion < 1 || s.SplitVersion > 4 || s.Form < 1 || s.Form > 3) {
		c.unfit = true
		return
	}
	if s.Form != 2 {
		if c.r != nil {
			s.Chunks = &CDCPending{}
		}
		s.Chunks.code(c, version, s.SplitVersion)
	}
	if s.Form != 1 {
		if c.r != nil {
			s.BinlogAssigned = new(bool)
		}
		c.boolean(s.BinlogAssigned)
	}
}

func (p *CDCPending) code(c *coder, version, splits int32) {
	split := func(s *CDCSplit) { c.framed(func(in *coder) { s.code(in, splits) }) }
	list(c, &p.Done, 2, c.utf)
	list(c, &p.Left, 4, split)
	list(c, &p.Assigned, 6, func(a *CDCAssigned) {
		c.utf(&a.ID)
		split(&a.Split)
	})
	list(c, &p.Finished, 3, func(f *CDCFinished) {
		c.utf(&f.ID)
		f.Offset.code(c, splits)
	})
	if version < 3 {
		if c.r != nil {
			p.OldFinished = new(bool)
		}
		c.boolean(p.OldFinished)
		return
	}
	if c.r != nil {
		p.Status, p.CaseSensitive = new(int32), new(bool)
	}
	c.i32(p.Status)
	list(c, &p.TablesLeft, 2, c.utf)
	c.boolean(p.CaseSensitive)
	if version >= 4 {
		schemas(c, &p.Schemas, splits)
	}
	if version >= 5 {
		optional(c, &p.Cutting, func(t *CDCCutting) {
			c.utf(&t.Table)
			c.bound(&t.Next)
			c.i32(&t.ID)
		})
	}
}

func (s *CDCEnumerator) plausible() bool {
	if s.Chunks == nil {
		return true
	}
	p := s.Chunks
	names := func(list []string) bool { return all(list, func(t *string) bool { return printable(*t) }) }
	return names(p.Done) && names(p.TablesLeft) && all(p.Left, func(s *CDCSplit) bool { return s.plausible() }) &&
		all(p.Assigned, func(a *CDCAssigned) bool { return a.Split.plausible() })
}

// Lines implements State.
func (s *CDCEnumerator) Lines() []string {
	var out []string
	if p := s.Chunks; p != nil {
		out = append(out, fmt.Sprintf("%d tables begun or done, %d to come; %d chunks not assigned, %d assigned, %d finished",
			len(p.Done), len(p.TablesLeft), len(p.Left), len(p.Assigned), len(p.Finished)))
		out = append(out, linesOf(p.Left, "", func(s *CDCSplit) []string { return prefixed("unassigned ", s.Lines()) })...)
		if t := p.Cutting; t != nil {
			out = append(out, fmt.Sprintf("table %s is being cut, next chunk %d starts at %s", t.Table, t.ID, t.Next.String()))
		}
	}
	if s.BinlogAssigned != nil {
		what := "binlog: not assigned"
		if *s.BinlogAssigned {
			what = "binlog: assigned"
		}
		out = append(out, what)
	}
	return out
}
