// Package keyed reads the streams of managed keyed state: what stands behind a KeyGroupsStateHandle or a
// KeyGroupsSavepointStateHandle.
//
// Both layouts begin with the same header (KeyedBackendSerializationProxy, version 6 since Flink 1.8), which is never
// compressed:
//
//	i4 version, bool compressed, wrapped key serializer snapshot, i2 n, n × state meta info (package statemeta)
//
// A state's number in the stream is its position in this list. Then, for each key group at the offset that the handle gives:
//
// Canonical (savepoints since 1.13, full RocksDB snapshots until 1.15). A key group without entries has offset 0 and no
// bytes; with compression each key group is one framed snappy stream (package frame).
//
//	i2 state
//	repeat: i4 length, composite key, i4 length, value
//	        if the composite key's first bit is set: i2 next state, or FFFF at the end
//
// Heap (checkpoints and native savepoints of the HashMap backend, its savepoints until 1.12). All key groups are there, and in each all
// states; with compression each state is one framed snappy stream.
//
//	i4 key group
//	for each state: i2 state, i4 n, n × entry
//	entry: namespace, key, value         a timer: timestamp, key, namespace
//
// A composite key is the key group (1 byte up to max parallelism 128, else 2), key, namespace and, of map state, the user
// key. If key and namespace are both of variable length, each is followed by its length, low byte first, without leading zeros. A
// timer's is the key group, the timestamp with its sign bit flipped, key and namespace; its value is empty.
//
// In the canonical layout list elements are joined by a comma byte and each map entry is an entry of its own, its value
// after a null flag. In the heap layout lists and maps are whole: i4 n, elements; i4 n, n × (user key, null flag, value).
//
// Scanner turns both into the same entries (package entry).
package keyed
