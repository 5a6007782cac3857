package describe

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tarn-project/tarn/format/rocks"
)

// rocksFile is a rocks.File over the file at hand.
type rocksFile struct {
	io.ReaderAt
	size int64
}

func (f rocksFile) Size() int64  { return f.size }
func (f rocksFile) Close() error { return nil }

func (f *file) rocks() rocksFile { return rocksFile{f.src, f.size} }

const footerRead = 64

// isTable: the last bytes are a footer.
func isTable(f *file, _ []byte) bool {
	n := min(f.size, footerRead)
	tail, err := f.bytes(f.size-n, n)
	if err != nil {
		return false
	}
	_, err = rocks.DecodeFooter(tail, f.size)
	return err == nil
}

// table prints a table from its end: the footer says where the metaindex is, which says where all other blocks are but those of data.
func (f *file) table() error {
	t, err := rocks.OpenTable(f.rocks(), "table", nil, rocks.ReadConfig{})
	if err != nil {
		return err
	}
	type block struct {
		rocks.Handle
		name string
	}
	blocks := []block{{t.Footer.MetaIndex, "metaindex"}, {t.Footer.Index, "index"}}
	for _, m := range t.Meta {
		blocks = append(blocks, block{m.Handle, m.Name})
	}
	blocks = slices.DeleteFunc(blocks, func(b block) bool { return b.Size == 0 && b.Offset == 0 })
	slices.SortFunc(blocks, func(a, b block) int { return int(int64(a.Offset) - int64(b.Offset)) })
	f.p.Enter(0, "RocksDB table")
	defer f.p.Leave(f.size)
	f.note(0, "number of data blocks", t.Properties.DataBlocks)
	f.note(0, "bytes of data blocks", t.Properties.DataSize)
	properties := f.size
	for _, b := range blocks {
		n := min(int64(b.Size)+5, f.size-int64(b.Offset))
		raw, err := f.bytes(int64(b.Offset), n)
		if err != nil {
			return err
		}
		if strings.HasPrefix(b.name, "rocksdb.prop") {
			properties = int64(b.Offset)
		}
		label := fmt.Sprintf("block %s: %d bytes", b.name, b.Size)
		if uint64(len(raw)) > b.Size {
			label += fmt.Sprintf(", compression %v, checksum %x", rocks.Compression(raw[b.Size]), raw[b.Size+1:])
		}
		f.p.Leaf(int64(b.Offset), raw, label, nil)
	}
	f.p.Enter(properties, "properties")
	names := make([]string, 0, len(t.Properties.All))
	for name := range t.Properties.All {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f.p.Leaf(properties, nil, name, propertyText(name, t.Properties.All[name]))
	}
	f.p.Leave(f.size)
	f.p.Enter(f.size, "footer")
	f.note(f.size, "format version", uint64(t.Footer.FormatVersion))
	f.note(f.size, "checksum type", uint64(t.Footer.Checksum))
	f.p.Leave(f.size)
	return nil
}

// propertyText shows a property: as a number where it is a varint, which is how RocksDB writes most of its numbers, as text where it is
// printable, else in hex. Whether filters hold prefixes and whole keys is said by the digits 0 and 1.
func propertyText(name, v string) []byte {
	if n, size := binary.Uvarint([]byte(v)); v != "" && size == len(v) && !strings.HasSuffix(name, ".filtering") {
		return strconv.AppendUint(nil, n, 10)
	}
	if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
		return appendHex(nil, []byte(v))
	}
	return appendString(nil, v)
}

func (f *file) note(at int64, label string, n uint64) {
	f.p.Leaf(at, nil, label, strconv.AppendUint(nil, n, 10))
}

func isCurrent(_ *file, b []byte) bool {
	_, err := rocks.ParseCurrent(b)
	return err == nil
}

func (f *file) current() error {
	b, err := f.bytes(0, f.size)
	if err != nil {
		return err
	}
	name, err := rocks.ParseCurrent(b)
	f.p.Leaf(0, b, "CURRENT: name of the MANIFEST", appendString(nil, name))
	return err
}

func isOptions(f *file, b []byte) bool {
	return bytes.Contains(b, []byte("[Version]")) && bytes.Contains(b, []byte("rocksdb_version=")) || bytes.HasPrefix(b, []byte("# This is a RocksDB option file"))
}

func (f *file) options() error {
	b, err := f.bytes(0, min(f.size, maxWhole))
	if err != nil {
		return err
	}
	f.p.Enter(0, "OPTIONS")
	defer f.p.Leave(f.size)
	at := int64(0)
	for line := range strings.Lines(string(b)) {
		if text := strings.TrimSpace(line); text != "" {
			f.p.Leaf(at, []byte(line), "line", appendString(nil, text))
		}
		at += int64(len(line))
	}
	_, err = rocks.ParseOptionsFile(b)
	return err
}

func isManifest(f *file, _ []byte) bool {
	v, err := rocks.ReadManifest(f.src, f.size, "MANIFEST", true)
	return err == nil && v.Edits > 0
}

// manifest prints what a MANIFEST says in the end: its column families and their tables.
func (f *file) manifest() error {
	v, err := rocks.ReadManifest(f.src, f.size, "MANIFEST", true)
	if err != nil {
		return err
	}
	f.p.Enter(0, fmt.Sprintf("MANIFEST, %d edits", v.Edits))
	defer f.p.Leave(f.size)
	f.note(0, "next file number", v.NextFile)
	f.note(0, "last sequence number", v.LastSequence)
	for _, c := range v.Families {
		f.p.Enter(0, fmt.Sprintf("column family %d, %q", c.ID, c.Name))
		for _, t := range c.Files() {
			f.p.Leaf(0, nil, fmt.Sprintf("level %d, %s, %d bytes, keys", t.Level, t.Name(), t.Size), appendString(nil, t.Smallest.String()+" to "+t.Largest.String()))
		}
		f.p.Leave(0)
	}
	return nil
}
