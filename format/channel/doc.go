// Package channel reads and writes the in-flight data of unaligned checkpoints: what lay in the network buffers between two operators
// when the checkpoint overtook it (ChannelStateSerializerImpl, Flink 1.11 … 2.3). Savepoints have none.
//
// A stream is
//
//	i4  0            version
//	blocks           i4 length, length bytes
//
// A handle in `_metadata` has the offsets of its channel's blocks, of their length fields. One stream holds the blocks of all channels
// of a subtask, mixed, and since Flink 1.17 of several subtasks, of different operators even. A block is what one or several
// buffers held, and may be empty. Where state is kept inline, each channel has a stream of its own with one block, into which
// its blocks were joined.
//
// The blocks of a channel, joined, are a cut of what went over the network:
//
//	i4 length, length bytes of one stream element: see Element
//
// Elements span blocks. What the receiver had in hand (input channels) begins with an element; what the sender still had (result
// subpartitions) may begin in the middle of one, whose beginning is in the receiver's input channel. Either may end in the
// middle of one. The serializers of the elements are the network's, which no snapshot contains: records are bytes.
package channel
