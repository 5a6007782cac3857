package connector

import "fmt"

// HybridSplit is a split of one of the sources that a hybrid source reads one after the other (HybridSourceSplitSerializer): i4 number of the
// source, utf id, i4 version, i4 n, n bytes, since version 1 bool finished.
type HybridSplit struct {
	Source   int32  `json:"source"`
	ID       string `json:"id"`
	Split    Inner  `json:"split"`
	Finished bool   `json:"finished"`
}

func (s *HybridSplit) code(c *coder, version int32) {
	c.i32(&s.Source)
	c.utf(&s.ID)
	c.inner(Split, &s.Split)
	if version > 0 {
		c.boolean(&s.Finished)
	}
}

func (s *HybridSplit) plausible() bool {
	return s.Source >= 0 && s.ID != "" && printable(s.ID) && s.Split.Version >= 0
}

// Lines implements State.
func (s *HybridSplit) Lines() []string {
	prefix := fmt.Sprintf("source %d: ", s.Source)
	if s.Finished {
		prefix = fmt.Sprintf("source %d, finished: ", s.Source)
	}
	return prefixed(prefix, s.Split.Lines())
}

// HybridEnumerator is what the enumerator of a hybrid source's current source stored (HybridSourceEnumeratorStateSerializer, version 0):
// i4 number of the source, i4 version, i4 n, n bytes.
type HybridEnumerator struct {
	Source     int32 `json:"source"`
	Enumerator Inner `json:"enumerator"`
}

func (s *HybridEnumerator) code(c *coder, _ int32) {
	c.i32(&s.Source)
	c.inner(Enumerator, &s.Enumerator)
}

func (s *HybridEnumerator) plausible() bool { return s.Source >= 0 && s.Enumerator.Version >= 0 }

// Lines implements State.
func (s *HybridEnumerator) Lines() []string {
	return prefixed(fmt.Sprintf("source %d: ", s.Source), s.Enumerator.Lines())
}
