// Package rocks reads and writes the files of RocksDB and ForSt that Flink's native snapshots hold, without RocksDB.
//
// A directory has one CURRENT, a line that names the MANIFEST; the MANIFEST, which lists the column families and the table files
// of each; and the tables. Flink puts each keyed state into a column family of the state's name; "default" is empty. The
// files have their logical names only in the snapshot's metadata, so the directory is an interface: Files.
//
//	MANIFEST      blocks of 32 KiB with fragments: masked CRC32C u32, length u16, type u8, payload; all little endian.
//	              Together the fragments of a record are a version edit: varint tags, each with its body (edit.go).
//	table         data blocks, [filter], index, [compression dictionary], [range deletions], properties, metaindex, footer
//	block         content, compression u8, checksum u32 over both; what points to it is a handle: varint offset, varint length of
//	              the content
//	content       entries sorted by key, each with the prefix left out that it shares with the one before (block.go)
//	internal key  user key, u64 of sequence number << 8 | kind
//	index         last key (or a short one between it and the next) → handle, for each data block (index.go)
//	metaindex     name → handle: properties, range deletions, filter, dictionary; in version 6 also the index
//	footer        checksum type, handles of metaindex and index, format version, magic number (footer.go)
//
// Read are format versions 0 to 6, all checksums, all compressions but XPRESS, and all index types.
// Written are versions 2 to 5 with CRC32C and Snappy or no compression, as RocksDB 5.17, 6.20 and 8.10 open them.
//
// A Scanner shows a column family as RocksDB does: the newest version of each key, without what deletions and range
// deletions hide, and with merge operands collected, since Flink's list state is made of them. docs/format/rocksdb.md is
// the whole description.
package rocks
