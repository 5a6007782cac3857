package connector

import "fmt"

// KafkaWriter is what a Kafka sink's writer keeps (KafkaWriterStateSerializer).
//
//	version 1  utf prefix of transactional ids                                      connector 3
//	version 2  utf prefix, i4 owned subtask, i4 number of owned subtasks, i4 who owns, i4 n, n × (utf transactional id, i8 checkpoint)   connector 4
type KafkaWriter struct {
	Prefix       string             `json:"transactionalIdPrefix"`
	Subtask      *int32             `json:"ownedSubtask,omitempty"` // version 2 from here on; −1 not known
	Total        *int32             `json:"numberOfOwnedSubtasks,omitempty"`
	Ownership    *int32             `json:"ownership,omitempty"` // 0 by the subtask's number, 1 by this state
	Transactions []KafkaTransaction `json:"precommitted,omitempty"`
}

// KafkaTransaction is a transaction that waits for the end of a checkpoint.
type KafkaTransaction struct {
	ID         string `json:"transactionalId"`
	Checkpoint int64  `json:"checkpoint"`
}

func (s *KafkaWriter) code(c *coder, version int32) {
	c.utf(&s.Prefix)
	if version < 2 {
		return
	}
	if c.r != nil {
		s.Subtask, s.Total, s.Ownership = new(int32), new(int32), new(int32)
	}
	c.i32(s.Subtask)
	c.i32(s.Total)
	c.i32(s.Ownership)
	list(c, &s.Transactions, 2+8, func(t *KafkaTransaction) {
		c.utf(&t.ID)
		c.i64(&t.Checkpoint)
	})
}

func (s *KafkaWriter) plausible() bool {
	if s.Subtask != nil && (*s.Subtask < -1 || *s.Total < -1 || *s.Ownership < 0 || *s.Ownership > 1) {
		return false
	}
	return s.Prefix != "" && printable(s.Prefix) && all(s.Transactions, func(t *KafkaTransaction) bool { return printable(t.ID) && t.Checkpoint >= 0 })
}

// Lines implements State.
func (s *KafkaWriter) Lines() []string {
	line := fmt.Sprintf("transactional id prefix %q", s.Prefix)
	if s.Subtask != nil && *s.Ownership == 1 {
		line += fmt.Sprintf(", ids of subtask %d of %d", *s.Subtask, *s.Total)
	}
	return append([]string{line}, linesOf(s.Transactions, "", func(t *KafkaTransaction) []string {
		return []string{fmt.Sprintf("transaction %s of checkpoint %d", t.ID, t.Checkpoint)}
	})...)
}

// KafkaCommittable is a transaction that is to be committed (KafkaCommittableSerializer, version 1): i2 epoch, i8 producer id,
// utf transactional id.
type KafkaCommittable struct {
	Epoch    int16  `json:"epoch"`
	Producer int64  `json:"producerId"`
	ID       string `json:"transactionalId"`
}

func (s *KafkaCommittable) code(c *coder, _ int32) {
	c.i16(&s.Epoch)
	c.i64(&s.Producer)
	c.utf(&s.ID)
}

func (s *KafkaCommittable) plausible() bool {
	return s.Epoch >= -1 && s.Producer >= -1 && s.ID != "" && printable(s.ID)
}

// Lines implements State.
func (s *KafkaCommittable) Lines() []string {
	return []string{fmt.Sprintf("transaction %s, producer %d, epoch %d", s.ID, s.Producer, s.Epoch)}
}
