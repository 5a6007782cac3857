package connector

import "fmt"

// NumberSplit is what a reader of a NumberSequenceSource has before it (NumberSequenceSplit, SplitSerializer version 1):
// utf id, i8 next number, i8 last number. The data generator source keeps the same.
type NumberSplit struct {
	ID   string `json:"id"`
	Next int64  `json:"next"`
	Last int64  `json:"last"`
}

func (s *NumberSplit) code(c *coder, _ int32) {
	c.utf(&s.ID)
	c.i64(&s.Next)
	c.i64(&s.Last)
}

func (s *NumberSplit) plausible() bool { return s.ID != "" && printable(s.ID) && s.Next-1 <= s.Last }

// Lines implements State.
func (s *NumberSplit) Lines() []string {
	if s.Next > s.Last {
		return []string{fmt.Sprintf("split %s: all read, up to %d", s.ID, s.Last)}
	}
	return []string{fmt.Sprintf("split %s: next %d, last %d", s.ID, s.Next, s.Last)}
}

// NumberEnumerator is the splits that no reader has yet (CheckpointSerializer of NumberSequenceSource, version 1): i4 n, n × split.
type NumberEnumerator struct {
	Splits []NumberSplit `json:"splits"`
}

func (s *NumberEnumerator) code(c *coder, version int32) {
	list(c, &s.Splits, 2+8+8, func(n *NumberSplit) { n.code(c, version) })
}

func (s *NumberEnumerator) plausible() bool {
	return all(s.Splits, func(n *NumberSplit) bool { return n.plausible() })
}

// Lines implements State.
func (s *NumberEnumerator) Lines() []string {
	return linesOf(s.Splits, "every split is assigned", func(n *NumberSplit) []string { return prefixed("unassigned ", n.Lines()) })
}
