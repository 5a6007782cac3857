package connector

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/versioned"
)

// legacyOffsets is the union state of the legacy Kafka consumer (FlinkKafkaConsumerBase).
const legacyOffsets = "topic-partition-offset-states"

// KindOf says what a state of an operator holds, if Flink's own sources and sinks keep something under that name and in that form.
func KindOf(s *entry.State) (Kind, bool) {
	if s.Kind == entry.Coordinator {
		return Enumerator, true
	}
	if s.Kind == entry.OperatorUnion && s.Name == legacyOffsets {
		return Split, true
	}
	if s.Kind != entry.OperatorList || s.Value == nil || s.Value.Type().Kind != serde.KindBytes {
		return "", false
	}
	switch s.Name {
	case "SourceReaderState":
		return Split, true
	case "writer_raw_states", "bucket-states":
		return Writer, true
	case "streaming_committer_raw_states", "global_committer_raw_states":
		return Committer, true
	}
	return "", false
}

// Of says what one value of a state is: an element of a list state, or the state of a coordinator. ok is false for states that are none of a
// connector's, and for bytes without the form that all connectors share. prefer is as in Decode.
func Of(s *entry.State, value []byte, prefer string) (m Meaning, ok bool) {
	kind, ok := KindOf(s)
	if !ok {
		return m, false
	}
	switch {
	case s.Name == legacyOffsets:
		return legacyKafka(s.Value, value)
	case kind == Enumerator:
		c, err := versioned.ParseCoordinator(value, 0)
		if err != nil || len(c.Rest) > 0 && c.Serde > 0 {
			return m, false
		}
		return Decode(kind, c.Enumerator, prefer), true
	}
	r := binio.NewReader(value, 0)
	b := r.Bytes(r.Length())
	r.End()
	if r.Err() != nil {
		return m, false
	}
	v, err := versioned.Parse(b, 0)
	if err != nil {
		return m, false
	}
	return Decode(kind, v, prefer), true
}

// Siblings gives the connector that the rest of an operator's state is known to be of: what Of takes as prefer.
func Siblings(known []Meaning) string {
	for i := range known {
		if known[i].Connector != "" {
			return known[i].Connector
		}
	}
	return ""
}
