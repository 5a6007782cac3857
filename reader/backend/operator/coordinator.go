package operator

import (
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/backend"
)

// CoordinatorState is the name under which rows show the state of an operator's coordinator.
const CoordinatorState = "coordinator"

// OpenCoordinator shows the state of an operator's coordinator: one value, bytes that the coordinator understands.
func OpenCoordinator(h *metadata.ByteStream) backend.Source {
	c := &coordinator{data: h.Data, states: make([]backend.State, 1)}
	c.states[0].Name, c.states[0].Kind = CoordinatorState, entry.Coordinator
	return c
}

type coordinator struct {
	data   []byte
	states []backend.State
}

func (c *coordinator) Layout() string              { return "coordinator" }
func (c *coordinator) Compressed() bool            { return false }
func (c *coordinator) States() []backend.State     { return c.states }
func (c *coordinator) Groups() keygroup.Range      { return keygroup.Range{First: 0, Last: -1} }
func (c *coordinator) Size(int) int64              { return int64(len(c.data)) }
func (c *coordinator) NewScanner() backend.Scanner { return c }
func (c *coordinator) Close() error                { return nil }

// Scan implements backend.Scanner.
func (c *coordinator) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	if q.Want == nil || q.Want[0] {
		yield(&entry.Entry{State: &c.states[0].State, KeyGroup: backend.NoGroup, Value: c.data})
	}
	return nil
}

// Count implements backend.Scanner.
func (c *coordinator) Count(_ int, tally []keyed.Tally) error {
	tally[0].Entries++
	tally[0].Bytes += int64(len(c.data))
	return nil
}
