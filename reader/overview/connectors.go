package overview

import (
	"slices"

	"github.com/tarn-project/tarn/format/connector"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/backend"
)

// ConnectorState is what one state of a source or sink says: where it reads, what it has yet to commit.
type ConnectorState struct {
	State     string          `json:"state"`
	Kind      connector.Kind  `json:"kind"`
	Connector string          `json:"connector,omitempty"` // "" if it is not known
	Elements  int             `json:"elements"`            // over all subtasks
	Lines     int             `json:"lines"`               // of all elements together
	Items     []ConnectorItem `json:"items"`               // the first ones
}

// ConnectorItem is one element of such a state.
type ConnectorItem struct {
	Subtask int               `json:"subtask"` // −1 for a coordinator
	Lines   []string          `json:"text"`    // for people
	Meaning connector.Meaning `json:"meaning"`
}

// maxItems is how many elements and lines of each state an overview holds.
const maxItems = 20

// connectorView gathers the connector states of one operator.
type connectorView struct {
	states      []ConnectorState
	coordinator []byte
	of          *entry.State
	known       []connector.Meaning
}

// part looks at the states of a part that are a connector's.
func (v *connectorView) part(m *maker, p reader.Part, src backend.Source) {
	want := make([]bool, len(src.States()))
	for i := range src.States() {
		_, want[i] = connector.KindOf(&src.States()[i].State)
	}
	if !slices.Contains(want, true) {
		return
	}
	sc := src.NewScanner()
	m.problem(sc.Scan(backend.Query{Group: backend.NoGroup, Want: want}, func(e *entry.Entry) bool {
		if e.State.Kind == entry.Coordinator {
			v.coordinator, v.of = slices.Clone(e.Value), e.State
			return true
		}
		v.element(e.State, p.Subtask, e.Value)
		return m.ctx.Err() == nil
	}))
	m.problem(sc.Close())
}

func (v *connectorView) element(s *entry.State, subtask int, value []byte) {
	meaning, ok := connector.Of(s, value, connector.Siblings(v.known))
	if !ok {
		return
	}
	at := slices.IndexFunc(v.states, func(c ConnectorState) bool { return c.State == s.Name })
	if at < 0 {
		at = len(v.states)
		v.states = append(v.states, ConnectorState{State: s.Name, Kind: meaning.Kind, Items: []ConnectorItem{}})
	}
	c := &v.states[at]
	c.Elements++
	if c.Connector == "" {
		c.Connector = meaning.Connector
	}
	if meaning.Known() && len(v.known) == 0 {
		v.known = append(v.known, meaning)
	}
	lines := meaning.Lines()
	room := maxItems - c.shown()
	c.Lines += len(lines)
	if len(c.Items) < maxItems && room > 0 {
		c.Items = append(c.Items, ConnectorItem{subtask, lines[:min(room, len(lines))], meaning})
	}
}

func (c *ConnectorState) shown() int {
	n := 0
	for _, i := range c.Items {
		n += len(i.Lines)
	}
	return n
}

// finish gives what was gathered. The coordinator comes last, since its splits' connector tells whose it is.
func (v *connectorView) finish() []ConnectorState {
	if v.of != nil {
		v.element(v.of, -1, v.coordinator)
	}
	return v.states
}
