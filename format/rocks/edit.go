package rocks

import (
	"encoding/binary"

	"github.com/tarn-project/tarn/format/fault"
)

// The tags of a version edit (enum Tag in RocksDB's db/version_edit.cc). Their bodies are given at field.read.
const (
	tagComparator     = 1
	tagLogNumber      = 2
	tagNextFile       = 3
	tagLastSequence   = 4
	tagCompactCursor  = 5
	tagDeletedFile    = 6
	tagNewFile        = 7
	tagPrevLogNumber  = 9
	tagMinLogToKeep   = 10
	tagNewFile2       = 100
	tagNewFile3       = 102
	tagNewFile4       = 103
	tagFamily         = 200
	tagFamilyAdd      = 201
	tagFamilyDrop     = 202
	tagMaxFamily      = 203
	tagAtomicGroup    = 300
	tagBlobAddition   = 400
	tagBlobGarbage    = 401
	tagIgnorable      = 1 << 13 // an unknown tag with this bit is skipped: its body is a string
	tagDBID           = tagIgnorable + 1
	tagBlobAdditionV0 = tagIgnorable + 2 // 6.12 to 6.14; these four have no length in front
	tagBlobGarbageV0  = tagIgnorable + 3
	tagWALAdditionV0  = tagIgnorable + 4 // 6.15 to 6.19
	tagWALDeletionV0  = tagIgnorable + 5
	tagPersistUDT     = tagIgnorable + 9
)

// The tags of the custom fields that follow a new file of tag 103.
const (
	customEnd                = 1
	customNeedCompaction     = 2
	customMinLogToKeep       = 3
	customOldestBlobFile     = 4
	customOldestAncestorTime = 5
	customCreationTime       = 6
	customChecksum           = 7
	customChecksumFunction   = 8
	customTemperature        = 9
	customUniqueID           = 12
	customEpochNumber        = 13
	customRangeDeletionSize  = 14
	customTailSize           = 15
	customUDTPersisted       = 16
	customNotIgnorable       = 1 << 6 // an unknown tag with this bit must not be skipped
	customPathID             = customNotIgnorable + 1
)

// edit is one record of a MANIFEST: its fields in the order they stand.
type edit struct {
	fields []field
}

// field is one field of an edit. Which members mean something depends on the tag.
type field struct {
	tag   uint32
	num   uint64 // numbers: log, file, sequence, column family, remaining edits
	level uint32 // compact cursor, deleted file
	text  []byte // names, keys, bodies that are kept as they are
	file  *TableFile
}

// decodeEdit reads a version edit. Offsets in errors count from base. Nothing of the result aliases b.
func decodeEdit(b []byte, base int64) (*edit, error) {
	c := &cursor{b: b, base: base}
	e := &edit{}
	for c.left() > 0 {
		f := field{tag: c.varint32("tag")}
		f.read(c)
		if c.err != nil {
			return nil, c.err
		}
		e.fields = append(e.fields, f)
	}
	return e, nil
}

func (f *field) read(c *cursor) {
	switch f.tag {
	case tagComparator, tagFamilyAdd:
		f.text = clone(c.text("name"))
	case tagLogNumber, tagPrevLogNumber, tagMinLogToKeep, tagNextFile, tagLastSequence:
		f.num = c.varint("number")
	case tagFamily, tagMaxFamily, tagAtomicGroup:
		f.num = uint64(c.varint32("number"))
	case tagFamilyDrop:
	case tagCompactCursor:
		f.level = c.varint32("level")
		f.text = clone(c.text("compact cursor"))
	case tagDeletedFile:
		f.level = c.varint32("level")
		f.num = c.varint("deleted file")
	case tagNewFile, tagNewFile2, tagNewFile3, tagNewFile4:
		f.file = readNewFile(c, f.tag)
	case tagBlobAddition, tagBlobAdditionV0, tagBlobGarbage, tagBlobGarbageV0, tagWALAdditionV0, tagWALDeletionV0:
		f.text = clone(readUnframed(c, f.tag))
	default:
		if f.tag&tagIgnorable == 0 {
			c.fail(fault.ErrUnsupported, "tag", "version edit tag %d", f.tag)
			return
		}
		f.text = clone(c.text("ignorable field"))
	}
}

// readNewFile reads: level, number, [path id: tag 102], size, smallest key, largest key, [smallest and largest sequence
// number: all but tag 7], [custom fields: tag 103].
func readNewFile(c *cursor, tag uint32) *TableFile {
	t := &TableFile{form: tag, LargestSeq: MaxSequence}
	t.Level = c.varint32("level")
	t.Number = c.varint("file number")
	if tag == tagNewFile3 {
		t.PathID = c.varint32("path id")
	}
	t.Size = c.varint("file size")
	t.Smallest = readBound(c, "smallest key")
	t.Largest = readBound(c, "largest key")
	if tag != tagNewFile {
		t.SmallestSeq = c.varint("smallest sequence number")
		t.LargestSeq = c.varint("largest sequence number")
	}
	if tag == tagNewFile4 {
		t.readCustom(c)
	}
	return t
}

func readBound(c *cursor, name string) InternalKey {
	k := c.text(name)
	if c.err == nil && len(k) < trailerLen {
		c.fail(fault.ErrCorrupt, name, "%d bytes", len(k))
	}
	return clone(k)
}

// readCustom reads (tag, string) pairs up to the tag 1, which has no string.
func (t *TableFile) readCustom(c *cursor) {
	for c.err == nil {
		tag := c.varint32("custom tag")
		if tag == customEnd {
			return
		}
		b := clone(c.text("custom field"))
		t.custom = append(t.custom, field{tag: tag, text: b})
		sub := &cursor{b: b, base: c.base + int64(c.pos-len(b))}
		t.setCustom(sub, tag)
		if c.err == nil {
			c.err = sub.err
		}
	}
}

func (t *TableFile) setCustom(c *cursor, tag uint32) {
	switch tag {
	case customNeedCompaction:
		t.NeedCompaction = c.u8("need compaction") == 1
	case customOldestBlobFile:
		t.OldestBlobFile = c.varint("oldest blob file")
	case customOldestAncestorTime:
		t.OldestAncestorTime = c.varint("oldest ancestor time")
	case customCreationTime:
		t.CreationTime = c.varint("creation time")
	case customChecksum:
		t.Checksum = c.b
	case customChecksumFunction:
		t.ChecksumFunction = string(c.b)
	case customTemperature:
		t.Temperature = c.u8("temperature")
	case customUniqueID:
		t.UniqueID = c.b
	case customEpochNumber:
		t.EpochNumber = c.varint("epoch number")
	case customRangeDeletionSize:
		t.RangeDeletionSize = c.varint("compensated range deletion size")
	case customTailSize:
		t.TailSize = c.varint("tail size")
	case customUDTPersisted:
		t.timestampsStripped = c.u8("timestamps persisted") == 0
	case customPathID:
		t.PathID = uint32(c.u8("path id"))
	default:
		if tag&customNotIgnorable != 0 {
			c.fail(fault.ErrUnsupported, "custom tag", "new-file field %d", tag)
		}
	}
}

// readUnframed gives the body of a field whose length is known only by reading it.
func readUnframed(c *cursor, tag uint32) []byte {
	start := c.pos
	switch tag {
	case tagWALDeletionV0:
		c.varint("log number")
	case tagWALAdditionV0: // log number, then (2, size) and an end tag 1
		c.varint("log number")
		for c.err == nil {
			switch t := c.varint32("WAL tag"); t {
			case 1:
				return c.b[start:c.pos]
			case 2:
				c.varint("synced size")
			default:
				c.fail(fault.ErrUnsupported, "WAL tag", "WAL tag %d", t)
			}
		}
	default: // number, count, bytes, [checksum method and value], (tag, string)* with an end tag 0
		for range 3 {
			c.varint("blob file")
		}
		if tag == tagBlobAddition || tag == tagBlobAdditionV0 {
			c.text("blob checksum method")
			c.text("blob checksum")
		}
		for c.err == nil && c.varint32("blob tag") != 0 {
			c.text("blob field")
		}
	}
	if c.err != nil {
		return nil
	}
	return c.b[start:c.pos]
}

// append is the inverse of decodeEdit.
func (e *edit) append(dst []byte) []byte {
	for i := range e.fields {
		dst = e.fields[i].append(dst)
	}
	return dst
}

func (f *field) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(f.tag))
	switch f.tag {
	case tagLogNumber, tagPrevLogNumber, tagMinLogToKeep, tagNextFile, tagLastSequence, tagFamily, tagMaxFamily, tagAtomicGroup:
		return binary.AppendUvarint(dst, f.num)
	case tagFamilyDrop:
		return dst
	case tagCompactCursor:
		return appendText(binary.AppendUvarint(dst, uint64(f.level)), f.text)
	case tagDeletedFile:
		return binary.AppendUvarint(binary.AppendUvarint(dst, uint64(f.level)), f.num)
	case tagNewFile, tagNewFile2, tagNewFile3, tagNewFile4:
		return f.file.append(dst)
	case tagBlobAddition, tagBlobAdditionV0, tagBlobGarbage, tagBlobGarbageV0, tagWALAdditionV0, tagWALDeletionV0:
		return append(dst, f.text...)
	}
	return appendText(dst, f.text)
}

func (t *TableFile) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(t.Level))
	dst = binary.AppendUvarint(dst, t.Number)
	if t.form == tagNewFile3 {
		dst = binary.AppendUvarint(dst, uint64(t.PathID))
	}
	dst = binary.AppendUvarint(dst, t.Size)
	dst = appendText(dst, t.Smallest)
	dst = appendText(dst, t.Largest)
	if t.form != tagNewFile {
		dst = binary.AppendUvarint(dst, t.SmallestSeq)
		dst = binary.AppendUvarint(dst, t.LargestSeq)
	}
	if t.form == tagNewFile4 {
		for _, f := range t.custom {
			dst = appendText(binary.AppendUvarint(dst, uint64(f.tag)), f.text)
		}
		dst = binary.AppendUvarint(dst, customEnd)
	}
	return dst
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
