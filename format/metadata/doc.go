// Package metadata reads and writes `_metadata`, the file that makes a directory a Flink snapshot: which operators there are
// and where the state of each subtask lies. Versions 2 to 6, as Flink 1.3 to 2.3 write them.
//
// All primitives are Java's (package binio). The frame:
//
//	i4  magic 0x4960672D
//	i4  version
//	i8  checkpoint id
//	i4  number of master states, then each:  i4 0xC96B1696, i4 length, [i4 version, utf name, i4 n, n bytes]
//	i4  number of operators, then each:
//	      utf name, utf uid                 versions 5, 6; "" is none
//	      16  operator id
//	      i4  parallelism, i4 max parallelism
//	      i4  chain length                  version 2
//	      stream  coordinator state         from version 3: none or inline bytes
//	      i4  number of subtasks            −1: the operator has finished (from version 3, Flink 1.14)
//	      each:  i4 index                   negative: subtask −(index+1) has finished, nothing follows (likewise)
//	             i8 duration, i4 0          version 2
//	             i4 0 or 1, operator handle managed operator state
//	             i4 0 or 1, operator handle raw operator state
//	             keyed handle               managed keyed state
//	             keyed handle               raw keyed state
//	             i4 n, n channel handles    input channels, from version 3
//	             i4 n, n channel handles    result subpartitions, from version 3
//	…   properties                          from version 4: a Java serialization stream to the end of the file
//
// There is no length, no checksum and no end mark. A handle begins with a one-byte code; the codes do not follow the
// version of the file: see the types of this package, each of which names its code, and docs/format/metadata.md, which has the
// layouts.
package metadata
