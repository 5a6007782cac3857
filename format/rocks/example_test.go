package rocks

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/example.txt and its copy in docs/format/rocksdb.md")

const (
	exampleFile = "testdata/example.txt"
	exampleDoc  = "../../docs/format/rocksdb.md"
	exampleMark = "<!-- example -->\n```\n"
)

// exampleSink keeps files in the order they are written.
type exampleSink struct {
	names []string
	files []*bytes.Buffer
}

func (s *exampleSink) Create(name string) (io.WriteCloser, error) {
	s.names, s.files = append(s.names, name), append(s.files, new(bytes.Buffer))
	return exampleWriter{s.files[len(s.files)-1]}, nil
}

type exampleWriter struct{ *bytes.Buffer }

func (exampleWriter) Close() error { return nil }

// TestExample writes a small directory and says what each of its bytes means. The specification shows the same text.
func TestExample(t *testing.T) {
	sink := &exampleSink{}
	d, err := NewDirWriter(sink, DirConfig{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.Family("count")
	if err != nil {
		t.Fatal(err)
	}
	// A value state of Longs in key group 1 and 2: key group, key, void namespace.
	for _, e := range [][2]string{
		{"\x01\x00\x00\x00\x00\x00\x00\x00\x0d\x00", "\x00\x00\x00\x00\x00\x00\x00\x0a"},
		{"\x01\x00\x00\x00\x00\x00\x00\x00\x11\x00", "\x00\x00\x00\x00\x00\x00\x00\x07"},
		{"\x02\x00\x00\x00\x00\x00\x00\x00\x05\x00", "\x00\x00\x00\x00\x00\x00\x00\x01"},
	} {
		if err := f.Put([]byte(e[0]), []byte(e[1])); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Finish(); err != nil {
		t.Fatal(err)
	}
	a := &annotator{t: t}
	for i, name := range sink.names {
		a.open(name, sink.files[i].Bytes())
		switch {
		case name == CurrentName:
			a.line(len(a.b), fmt.Sprintf("%q", a.b))
		case strings.HasPrefix(name, "MANIFEST"):
			a.manifest()
		default:
			a.table()
		}
	}
	checkExample(t, a.out.String())
}

func checkExample(t *testing.T, got string) {
	t.Helper()
	doc, err := os.ReadFile(exampleDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(doc), exampleMark)
	shown, after, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatalf("%s has no example after %q", exampleDoc, exampleMark)
	}
	if *update {
		if err := os.WriteFile(exampleFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(exampleDoc, []byte(before+exampleMark+got+"```\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the bytes are now\n%s", got)
	}
	if shown != string(want) {
		t.Errorf("%s shows other bytes than %s; run with -update", exampleDoc, exampleFile)
	}
}

// annotator prints bytes with their offset and meaning, each exactly once.
type annotator struct {
	t   *testing.T
	out strings.Builder
	b   []byte
	at  int
}

func (a *annotator) open(name string, b []byte) {
	if a.out.Len() > 0 {
		a.out.WriteByte('\n')
	}
	fmt.Fprintf(&a.out, "%s, %d bytes\n", name, len(b))
	a.b, a.at = b, 0
}

// line prints n bytes, ten in a row.
func (a *annotator) line(n int, meaning string) []byte {
	a.t.Helper()
	if a.at+n > len(a.b) {
		a.t.Fatalf("%d bytes at %d of %d for %s", n, a.at, len(a.b), meaning)
	}
	b := a.b[a.at : a.at+n]
	for i := 0; i == 0 || i < n; i += 10 {
		row := fmt.Sprintf("%4d  %-29s  %s", a.at+i, fmt.Sprintf("% x", b[i:min(i+10, n)]), meaning)
		a.out.WriteString(strings.TrimRight(row, " ") + "\n")
		meaning = ""
	}
	a.at += n
	return b
}

func (a *annotator) varint(meaning string) uint64 {
	v, n := uvarint(a.b[a.at:])
	a.line(max(n, 1), fmt.Sprintf("%s: %d", meaning, v))
	return v
}

func (a *annotator) title(s string) { fmt.Fprintf(&a.out, "      -- %s\n", s) }

func (a *annotator) table() {
	t, err := OpenTable(inMemory(a.b), "", nil, ReadConfig{})
	if err != nil {
		a.t.Fatal(err)
	}
	a.block("data block", func() {
		shared := a.varint("bytes shared with the key before")
		n, m := a.varint("more bytes of the key"), a.varint("bytes of the value")
		a.line(int(n)-trailerLen, fmt.Sprintf("user key, after %d shared bytes", shared))
		a.line(trailerLen, "sequence number 0, kind 1 (put)")
		a.line(int(m), "value")
	}, 3)
	a.block("index", func() {
		a.varint("bytes shared")
		n, _ := a.varint("more bytes of the key"), a.varint("bytes of the value")
		a.line(int(n), "internal key: the last of the block")
		a.varint("offset of the data block")
		a.varint("size of the data block")
	}, 1)
	a.block("properties: shared 0, length of name and value; name = value", func() {
		n, m := int(a.b[a.at+1]), int(a.b[a.at+2])
		fmt.Fprintf(&a.out, "%4d  % x  %s = % x\n", a.at, a.b[a.at:a.at+3], a.b[a.at+3:a.at+3+n], a.b[a.at+3+n:a.at+3+n+m])
		a.at += 3 + n + m
	}, len(t.Properties.All))
	a.block("metaindex", func() {
		a.varint("bytes shared")
		n, _ := a.varint("more bytes of the key"), a.varint("bytes of the value")
		a.line(int(n), metaProperties)
		a.varint("offset of the properties")
		a.varint("size of the properties")
	}, 1)
	a.title("footer")
	a.line(1, "checksum type: CRC32C")
	a.varint("offset of the metaindex")
	a.varint("size of the metaindex")
	a.varint("offset of the index")
	a.varint("size of the index")
	a.line(len(a.b)-12-a.at, "padding to 40 bytes")
	a.line(4, "format version: 2")
	a.line(8, "magic number")
}

func (a *annotator) block(name string, entry func(), entries int) {
	a.title(name)
	for range entries {
		entry()
	}
	restarts := 1
	if strings.HasPrefix(name, "properties") {
		restarts = entries
	}
	a.line(4*restarts, "restarts: offsets of entries that share nothing")
	a.line(4, "number of restarts")
	a.line(1, "compression: none")
	a.line(4, "masked CRC32C of the block and the byte before")
}

func (a *annotator) manifest() {
	for a.at < len(a.b) {
		length := int(a.b[a.at+4]) | int(a.b[a.at+5])<<8
		a.title("record")
		a.line(4, "masked CRC32C of type and payload")
		a.line(2, fmt.Sprintf("length: %d", length))
		a.line(1, "type: full")
		for end := a.at + length; a.at < end; {
			a.field()
		}
	}
}

func (a *annotator) field() {
	names := map[uint64]string{
		tagLogNumber: "log number", tagPrevLogNumber: "previous log number", tagNextFile: "next file number",
		tagLastSequence: "last sequence number", tagFamily: "for column family", tagMaxFamily: "highest column family",
	}
	tag, n := uvarint(a.b[a.at:])
	switch tag {
	case tagComparator, tagFamilyAdd:
		length := int(a.b[a.at+n])
		text := string(a.b[a.at+n+1 : a.at+n+1+length])
		a.line(n+1+length, fmt.Sprintf("%d %s: %q", tag, map[uint64]string{tagComparator: "comparator", tagFamilyAdd: "add column family"}[tag], text))
	case tagNewFile2:
		a.line(n, "100 new file")
		a.varint("level")
		a.varint("file number")
		a.varint("size")
		for _, which := range []string{"smallest", "largest"} {
			a.line(int(a.b[a.at])+1, which+" internal key, its length in front")
		}
		a.varint("smallest sequence number")
		a.varint("largest sequence number")
	default:
		v, m := uvarint(a.b[a.at+n:])
		a.line(n+m, fmt.Sprintf("%d %s: %d", tag, names[tag], v))
	}
}
