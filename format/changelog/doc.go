// Package changelog reads what the changelog state backend logs between two materializations: files of change sets, and the changes
// in them (StateChangeFormat, AbstractStateChangeLogger, StateChangeOperation; Flink 1.15 … 2.3).
//
//	file        u8 compressed, then change sets; all of them one framed snappy stream (package frame) if it is 1
//	change set  i4 n, n × group
//	group       i4 n, i4 key group, n × (i4 length, change)         −1 is metadata and comes first; the others in any order
//	change      u8 operation, i2 state, [key, namespace], payload   no key and namespace for timer queues
//	metadata    u8 8, i4 7, state description, [bool TTL, Java-serialized StateTtlConfig, bool default, default value],
//	            i2 state, u8 type                                   no TTL and default value for timer queues
//
// A handle names change sets by their offset in the uncompressed stream behind the first byte. Several subtasks can share a file.
// A state's number holds from the metadata that gives it until the next metadata of that number, through all change sets of
// a handle in their order. Changes of Flink 1.14, where the feature was unfinished, look different and are refused.
package changelog
