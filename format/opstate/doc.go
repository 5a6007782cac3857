// Package opstate reads and writes operator state: the lists, unions and broadcast maps that belong to a subtask rather than to
// keys (DefaultOperatorStateBackend), and the raw operator state that user code writes by itself.
//
// A managed stream is a header and the states, in the order of the header, lists first:
//
//	i4   version          OperatorBackendSerializationProxy: 5 in Flink 1.7 … 1.17, 6 since 1.18; see Header
//	bool compressed       from version 6 on
//	i2   n, n × state     lists: split and union (package statemeta)
//	i2   n, n × state     broadcast maps
//	list       its elements by the serializer VALUE_SERIALIZER, which is the element's, one after the other
//	broadcast  i4 n, n × (key by KEY_SERIALIZER, value by VALUE_SERIALIZER)
//
// How many elements a list has, and where each begins, is only in the handle in `_metadata`; a broadcast map has one offset. Offsets
// count from the start of the stream. A state of the header that the handle does not name, or names without offsets, is empty.
//
// When compressed, everything behind the header is snappy streams (package frame):
//
//	since 1.19       one stream for all states. Each element, and each broadcast map, begins a chunk of its own, and its offset is
//	                 the place of that chunk: entered there, the stream has no identifier
//	1.18, 1.18.1     one stream for each state, and the offsets of a list's elements are wrong: taken before the bytes were in the
//	                 file, they say where the next chunk begins. Usually all are equal
//
// The elements of a state lie together in all forms, so that decoding one after the other from the first offset on is right for all.
//
// A raw stream has no header: one state, `_default_`, whose partitions are bytes that only the operator understands.
package opstate
