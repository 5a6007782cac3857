package connector

import (
	"fmt"
	"math"
	"strings"

	"github.com/tarn-project/tarn/format/binio"
)

// Offsets that are none: where to start, or never to stop (KafkaPartitionSplit).
const (
	KafkaLatest    = -1
	KafkaEarliest  = -2
	KafkaCommitted = -3
	KafkaNone      = math.MinInt64
)

// KafkaSplit is a partition that a Kafka source reads (KafkaPartitionSplitSerializer, version 0): utf topic, i4 partition, i8 offset,
// i8 stopping offset. The offset is that of the next record.
type KafkaSplit struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Stop      int64  `json:"stoppingOffset"`
}

func (s *KafkaSplit) code(c *coder, _ int32) {
	c.utf(&s.Topic)
	c.i32(&s.Partition)
	c.i64(&s.Offset)
	c.i64(&s.Stop)
}

func (s *KafkaSplit) plausible() bool {
	return isTopic(s.Topic) && s.Partition >= 0 && (s.Offset >= KafkaCommitted || s.Offset == KafkaNone) && (s.Stop >= KafkaCommitted || s.Stop == KafkaNone)
}

// isTopic reports whether Kafka allows the name.
func isTopic(name string) bool {
	if name == "" || len(name) > 249 {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-')
	}) < 0
}

// Lines implements State.
func (s *KafkaSplit) Lines() []string {
	line := fmt.Sprintf("%s-%d: next offset %s", s.Topic, s.Partition, kafkaOffset(s.Offset))
	if s.Stop != KafkaNone {
		line += ", stops at " + kafkaOffset(s.Stop)
	}
	return []string{line}
}

func kafkaOffset(n int64) string {
	switch n {
	case KafkaLatest:
		return "latest"
	case KafkaEarliest:
		return "earliest"
	case KafkaCommitted:
		return "as committed"
	case KafkaNone:
		return "not known"
	}
	return fmt.Sprint(n)
}

// DynamicKafkaSplit is a partition of one of several clusters (DynamicKafkaSourceSplitSerializer): utf cluster, since version 2 bool and i8
// time up to which it is kept, i4 version, split.
type DynamicKafkaSplit struct {
	Cluster string     `json:"cluster"`
	Until   *int64     `json:"retainedUntil,omitempty"` // milliseconds since 1970
	Version int32      `json:"splitVersion"`
	Split   KafkaSplit `json:"split"`
}

func (s *DynamicKafkaSplit) code(c *coder, version int32) {
	c.utf(&s.Cluster)
	if version > 1 {
		there := s.Until != nil
		if c.boolean(&there); there {
			if c.r != nil {
				s.Until = new(int64)
			}
			c.i64(s.Until)
		}
	}
	c.i32(&s.Version)
	s.Split.code(c, s.Version)
}

func (s *DynamicKafkaSplit) plausible() bool {
	return s.Cluster != "" && printable(s.Cluster) && s.Version == 0 && s.Split.plausible()
}

// Lines implements State.
func (s *DynamicKafkaSplit) Lines() []string { return prefixed(s.Cluster+" ", s.Split.Lines()) }

// KafkaEnumerator is the partitions that a Kafka source knows (KafkaSourceEnumStateSerializer).
//
//	version 0  i4 n, i4 version, n × (i4 reader, i4 m, m × (i4 length, split))   Flink 1.12
//	version 1  i4 n, n × (utf topic, i4 partition)                               assigned
//	version 2  i4 n, n × (utf topic, i4 partition, i4 status), bool discovered
//	version 3  i4 n, i4 version, n × (i4 length, split, i4 status), bool discovered
type KafkaEnumerator struct {
	Partitions   []KafkaPartition `json:"partitions"`
	Readers      []KafkaReader    `json:"readers,omitempty"` // version 0
	SplitVersion int32            `json:"splitVersion,omitempty"`
	Discovered   bool             `json:"initialDiscoveryFinished"`
}

// KafkaPartition is a partition and whether a reader has it.
type KafkaPartition struct {
	Topic      string      `json:"topic"`
	Partition  int32       `json:"partition"`
	Unassigned int32       `json:"unassigned"` // 0 assigned to a reader, 1 not
	Split      *KafkaSplit `json:"split,omitempty"`
}

// KafkaReader is the splits of one reader, the number of a subtask.
type KafkaReader struct {
	Subtask int32        `json:"subtask"`
	Splits  []KafkaSplit `json:"splits"`
}

func (s *KafkaEnumerator) code(c *coder, version int32) {
	switch version {
	case 0:
		counted(c, &s.Readers, 8, &s.SplitVersion, func(r *KafkaReader) {
			c.i32(&r.Subtask)
			list(c, &r.Splits, 4, func(k *KafkaSplit) { c.framed(func(in *coder) { k.code(in, 0) }) })
		})
	case 3:
		s.code3(c)
	default:
		list(c, &s.Partitions, 2+4, func(p *KafkaPartition) {
			c.utf(&p.Topic)
			c.i32(&p.Partition)
			if version == 2 {
				c.i32(&p.Unassigned)
			}
		})
	}
	if version >= 2 {
		c.boolean(&s.Discovered)
	}
	if version < 2 && c.r != nil {
		s.Discovered = true // so those versions were read
	}
}

func (s *KafkaEnumerator) code3(c *coder) {
	counted(c, &s.Partitions, 8, &s.SplitVersion, func(p *KafkaPartition) {
		if c.r != nil {
			p.Split = &KafkaSplit{}
		}
		c.framed(func(in *coder) { p.Split.code(in, s.SplitVersion) })
		p.Topic, p.Partition = p.Split.Topic, p.Split.Partition
		c.i32(&p.Unassigned)
	})
}

// counted is list with the version of the things between their number and them.
func counted[T any](c *coder, v *[]T, min int, version *int32, each func(*T)) {
	if c.r == nil {
		c.w = binio.AppendI32(c.w, int32(len(*v)))
		c.i32(version)
		for i := range *v {
			each(&(*v)[i])
		}
		return
	}
	n := c.r.Count(min)
	c.i32(version)
	elements(c, n, v, each)
}

func (s *KafkaEnumerator) plausible() bool {
	return s.SplitVersion == 0 && all(s.Partitions, func(p *KafkaPartition) bool {
		return isTopic(p.Topic) && p.Partition >= 0 && p.Unassigned&^1 == 0 && (p.Split == nil || p.Split.plausible())
	}) && all(s.Readers, func(r *KafkaReader) bool {
		return r.Subtask >= 0 && all(r.Splits, func(s *KafkaSplit) bool { return s.plausible() })
	})
}

// Lines implements State.
func (s *KafkaEnumerator) Lines() []string {
	lines := linesOf(s.Readers, "", func(r *KafkaReader) []string {
		return linesOf(r.Splits, "", func(s *KafkaSplit) []string { return prefixed(fmt.Sprintf("subtask %d: ", r.Subtask), s.Lines()) })
	})
	lines = append(lines, linesOf(s.Partitions, "", func(p *KafkaPartition) []string {
		what := "assigned"
		if p.Unassigned == 1 {
			what = "not assigned"
		}
		line := fmt.Sprintf("%s-%d: %s", p.Topic, p.Partition, what)
		if p.Split != nil && p.Split.Offset != KafkaNone {
			line += ", offset " + kafkaOffset(p.Split.Offset)
		}
		return []string{line}
	})...)
	if len(lines) == 0 {
		lines = append(lines, "no partitions")
	}
	if !s.Discovered {
		lines = append(lines, "the first discovery of partitions is not finished")
	}
	return lines
}
