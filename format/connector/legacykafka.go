package connector

import (
	"fmt"

	"github.com/tarn-project/tarn/format/serde"
)

// LegacyKafkaOffset is how far a FlinkKafkaConsumer read a partition: Tuple2 of a KafkaTopicPartition, by Kryo, and a Long. The offset is
// that of the last record that was read; negative ones stand for a place to start.
type LegacyKafkaOffset struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	LastRead  int64  `json:"lastRead"`
}

// The offsets that are none (KafkaTopicPartitionStateSentinel).
const (
	legacyNotSet   = -915623761776
	legacyEarliest = -915623761775
	legacyLatest   = -915623761774
	legacyGroup    = -915623761773
)

// legacyKafka reads one element of the consumer's state as its serializer describes it.
func legacyKafka(c serde.Codec, value []byte) (Meaning, bool) {
	m := Meaning{Kind: Split, Bytes: len(value)}
	if c == nil {
		return m, false
	}
	v, err := serde.DecodeAll(c, value)
	pair, ok := serde.Plain(v).(serde.Struct)
	if err != nil || !ok || len(pair.Fields) != 2 {
		return m, true
	}
	partition, ok := serde.Plain(pair.Fields[0]).(serde.Struct)
	offset, isInt := pair.Fields[1].(serde.Int)
	if !ok || !isInt {
		return m, true
	}
	s := &LegacyKafkaOffset{LastRead: int64(offset)}
	for i, f := range partition.Type.Fields {
		switch v := serde.Plain(partition.Fields[i]).(type) {
		case serde.Text:
			if f.Name == "topic" {
				s.Topic = string(v)
			}
		case serde.Int:
			if f.Name == "partition" {
				s.Partition = int32(v)
			}
		}
	}
	if s.plausible() {
		m.Connector, m.State = "legacy Kafka consumer", s
	}
	return m, true
}

// code has nothing to do: the serializer of the state describes the layout.
func (s *LegacyKafkaOffset) code(*coder, int32) {}

func (s *LegacyKafkaOffset) plausible() bool { return isTopic(s.Topic) && s.Partition >= 0 }

// Lines implements State.
func (s *LegacyKafkaOffset) Lines() []string {
	what := fmt.Sprintf("last read offset %d", s.LastRead)
	switch s.LastRead {
	case legacyNotSet:
		what = "offset not set"
	case legacyEarliest:
		what = "from earliest"
	case legacyLatest:
		what = "from latest"
	case legacyGroup:
		what = "from the group's offset"
	}
	return []string{fmt.Sprintf("%s-%d: %s", s.Topic, s.Partition, what)}
}

// LegacyClasses are the fields of the classes of Flink's connectors that Kryo writes.
func LegacyClasses() serde.ClassHints {
	return serde.ClassHints{
		"org.apache.flink.streaming.connectors.kafka.internals.KafkaTopicPartition": {
			Final:  true,
			Fields: []serde.FieldHint{{Name: "topic", Type: "java.lang.String"}, {Name: "partition", Type: "int"}, {Name: "cachedHash", Type: "int"}},
		},
	}
}
