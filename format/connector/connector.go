// Package connector says what sources, sinks and their coordinators keep: splits with their offsets, enumerators, writers,
// transactions and files that wait to be committed. Flink stores them as bytes with a version (package versioned), and a snapshot does not
// say whose they are.
//
//	list state SourceReaderState                   each element a split
//	coordinator state                              what a source's enumerator stored
//	list state writer_raw_states, bucket-states    each element what a sink's writer stored
//	list state streaming_committer_raw_states      each element what waits to be committed
//
// A layout is tried if the version is one of its own, and is recognised only if it takes up every byte, says nothing that cannot be,
// and writes the same bytes again. Where several are, none is, unless what else the operator keeps decides it. All else
// is shown with its version and its length, and stays as it is.
//
// One method of each type describes its layout; reading and writing both follow it.
package connector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/versioned"
)

// Kind says what part of a source or sink keeps something.
type Kind string

// The kinds of connector state.
const (
	Split       Kind = "split"       // a piece of the input that a source reader is at
	Enumerator  Kind = "enumerator"  // what a source's coordinator knows of the input
	Writer      Kind = "writer"      // what a sink's writer needs to go on
	Committer   Kind = "committer"   // what a sink has yet to commit, by checkpoint
	Committable Kind = "committable" // one transaction or file of it
	file        Kind = "file"        // an unfinished file, as a file system keeps it
)

// State is what bytes of one connector and version mean.
type State interface {
	// Lines says it for people: one line for each split, partition, file or transaction.
	Lines() []string
	// code describes the layout.
	code(c *coder, version int32)
	// plausible reports whether the state says nothing that cannot be.
	plausible() bool
}

// Meaning is what some bytes of a connector are.
type Meaning struct {
	Kind      Kind
	Connector string   // whose they are, "" if that is not known
	Version   int32    // of the connector's serializer
	Bytes     int      // that it wrote
	State     State    // nil if it is not known
	Others    []string // where several connectors could have written the bytes: all of them
}

// Known reports whether the bytes were understood.
func (m *Meaning) Known() bool { return m.State != nil }

// Lines says it for people.
func (m *Meaning) Lines() []string {
	if m.State != nil {
		return m.State.Lines()
	}
	return []string{fmt.Sprintf("%s of an unknown connector, version %d, %d bytes", m.Kind, m.Version, m.Bytes)}
}

// MarshalJSON writes {"kind":…,"connector":…,"version":…,"bytes":…,"state":…}.
func (m *Meaning) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Kind      Kind     `json:"kind"`
		Connector string   `json:"connector,omitempty"`
		Version   int32    `json:"version"`
		Bytes     int      `json:"bytes"`
		State     State    `json:"state,omitempty"`
		Others    []string `json:"couldBe,omitempty"`
	}{m.Kind, m.Connector, m.Version, m.Bytes, m.State, m.Others})
}

// layout is one connector's way to write one kind of state.
type layout struct {
	kind      Kind
	connector string
	versions  []int32
	make      func() State
}

// layouts lists every connector that is known, in the order in which they are tried.
func layouts() []layout {
	return []layout{
		{Split, "Kafka source", []int32{0}, func() State { return new(KafkaSplit) }},
		{Split, "number sequence", []int32{1}, func() State { return new(NumberSplit) }},
		{Split, "file source", []int32{1}, func() State { return newFileSplit() }},
		{Split, "file source", []int32{1}, func() State { return new(FileSplit) }}, // before Flink 1.14
		{Split, "hybrid source", []int32{0, 1}, func() State { return new(HybridSplit) }},
		{Split, "dynamic Kafka source", []int32{1, 2}, func() State { return new(DynamicKafkaSplit) }},
		{Split, "MySQL CDC", []int32{1, 2, 3, 4}, func() State { return new(CDCSplit) }},

		{Enumerator, "Kafka source", []int32{0, 1, 2, 3}, func() State { return new(KafkaEnumerator) }},
		{Enumerator, "number sequence", []int32{1}, func() State { return new(NumberEnumerator) }},
		{Enumerator, "file source", []int32{1}, func() State { return new(FileEnumerator) }},
		{Enumerator, "hybrid source", []int32{0}, func() State { return new(HybridEnumerator) }},
		{Enumerator, "MySQL CDC", []int32{1, 2, 3, 4, 5}, func() State { return new(CDCEnumerator) }},

		{Writer, "file sink", []int32{1, 2, 3}, func() State { return new(FileBucket) }},
		{Writer, "Kafka sink", []int32{1, 2}, func() State { return new(KafkaWriter) }},

		{Committer, "sink", []int32{1, 2}, func() State { return new(Collector) }},

		{Committable, "file sink", []int32{1, 2}, func() State { return new(FileCommittable) }},
		{Committable, "Kafka sink", []int32{1}, func() State { return new(KafkaCommittable) }},

		{file, "local file system", []int32{1}, func() State { return new(LocalFile) }},
	}
}

// maxNesting is how deep sources may stand in sources and committables in committers.
const maxNesting = 4

// Decode says what v, of a kind, is. prefer names the connector that is meant where several could have written the bytes; "" where
// that is not known.
func Decode(kind Kind, v versioned.Value, prefer string) Meaning { return decode(kind, v, prefer, 0) }

func decode(kind Kind, v versioned.Value, prefer string, depth int) Meaning {
	m := Meaning{Kind: kind, Version: v.Version, Bytes: len(v.Data)}
	if depth > maxNesting {
		return m
	}
	for _, l := range layouts() {
		if l.kind != kind || !slices.Contains(l.versions, v.Version) {
			continue
		}
		s := l.make()
		if !fits(s, v, depth) {
			continue
		}
		m.Others = append(m.Others, l.connector)
		if m.State == nil || l.connector == prefer {
			m.State, m.Connector = s, l.connector
		}
	}
	switch {
	case len(m.Others) > 1 && m.Connector != prefer:
		m.State, m.Connector = nil, ""
	default:
		m.Others = nil
	}
	return m
}

// fits reads v into s and reports whether it is that.
func fits(s State, v versioned.Value, depth int) bool {
	c := &coder{r: binio.NewReader(v.Data, 0), depth: depth}
	s.code(c, v.Version)
	c.r.End()
	return c.r.Err() == nil && !c.unfit && s.plausible() && bytes.Equal(Append(nil, s, v.Version), v.Data)
}

// Append writes a state as the serializer of the given version does.
func Append(dst []byte, s State, version int32) []byte {
	c := &coder{w: dst}
	s.code(c, version)
	return c.w
}

// fitsBytes is fits for a state whose version is known to be the first.
func fitsBytes(s State, b []byte) bool { return fits(s, versioned.Value{Version: 1, Data: b}, 0) }
