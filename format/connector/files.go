package connector

import (
	"fmt"
	"strconv"
	"strings"
)

// FileSplit is a part of a file that a file source reads (FileSourceSplitSerializer, version 1): utf id, path, i8 offset, i8 length, since
// Flink 1.14 i8 modification time and i8 file size, i4 n, n × utf host, bool and i8 offset, i8 records to skip.
type FileSplit struct {
	ID       string        `json:"id"`
	Path     Path          `json:"path"`
	Offset   int64         `json:"offset"`
	Length   int64         `json:"length"`
	Modified *int64        `json:"modified,omitempty"` // milliseconds since 1970
	Size     *int64        `json:"fileSize,omitempty"`
	Hosts    []string      `json:"hosts,omitempty"`
	Position *FilePosition `json:"position,omitempty"` // nil if nothing was read
}

// FilePosition is how far a reader came.
type FilePosition struct {
	Offset  int64 `json:"offset"`  // −1 for none: only records are counted
	Records int64 `json:"records"` // to skip behind it
}

func (s *FileSplit) code(c *coder, _ int32) {
	c.utf(&s.ID)
	s.Path.code(c)
	c.i64(&s.Offset)
	c.i64(&s.Length)
	if s.Modified != nil {
		c.i64(s.Modified)
		c.i64(s.Size)
	}
	list(c, &s.Hosts, 2, c.utf)
	there := s.Position != nil
	if c.boolean(&there); there {
		if c.r != nil {
			s.Position = &FilePosition{}
		}
		c.i64(&s.Position.Offset)
		c.i64(&s.Position.Records)
	}
}

// newFileSplit is for splits with the time and size of the file, which the version does not tell from those without.
func newFileSplit() *FileSplit { return &FileSplit{Modified: new(int64), Size: new(int64)} }

func (s *FileSplit) plausible() bool {
	return printable(s.ID) && s.Offset >= 0 && s.Length >= 0 && s.Path.plausible() && all(s.Hosts, func(h *string) bool { return printable(*h) }) &&
		(s.Position == nil || s.Position.Offset >= -1 && s.Position.Records >= 0)
}

// Lines implements State.
func (s *FileSplit) Lines() []string {
	line := fmt.Sprintf("split %s: %s bytes %d to %d", s.ID, s.Path.String(), s.Offset, s.Offset+s.Length)
	if p := s.Position; p != nil {
		line += fmt.Sprintf(", at offset %d and %d records", p.Offset, p.Records)
		if p.Offset < 0 {
			line = fmt.Sprintf("split %s: %s bytes %d to %d, %d records read", s.ID, s.Path.String(), s.Offset, s.Offset+s.Length, p.Records)
		}
	}
	return []string{line}
}

// Path is a URI in its parts (org.apache.flink.core.fs.Path): bool, then text scheme, user, host, i4 port, texts path, query, fragment; each text
// with a bool before it.
type Path struct {
	there                 bool
	scheme, user, host    *string
	port                  int32
	path, query, fragment *string
}

func (p *Path) code(c *coder) {
	c.boolean(&p.there)
	if !p.there {
		return
	}
	c.nullable(&p.scheme)
	c.nullable(&p.user)
	c.nullable(&p.host)
	c.i32(&p.port)
	c.nullable(&p.path)
	c.nullable(&p.query)
	c.nullable(&p.fragment)
}

func (p *Path) plausible() bool { return p.port >= -1 && p.port <= 65535 && printable(p.String()) }

// String gives the URI.
func (p *Path) String() string {
	var b strings.Builder
	add := func(before string, s *string, after string) {
		if s != nil {
			b.WriteString(before + *s + after)
		}
	}
	add("", p.scheme, ":")
	if p.host != nil {
		b.WriteString("//")
		add("", p.user, "@")
		add("", p.host, "")
		if p.port >= 0 {
			b.WriteString(":" + strconv.Itoa(int(p.port)))
		}
	}
	add("", p.path, "")
	add("?", p.query, "")
	add("#", p.fragment, "")
	return b.String()
}

// MarshalText gives the URI.
func (p *Path) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// FileEnumerator is the splits that no reader has yet and the files that are known (PendingSplitsCheckpointSerializer, version 1), with all
// numbers little-endian: i4 DEADBEEF, i4 version of the splits, i4 n, i4 m, n × (i4 length, split), m × (i4 length, path).
type FileEnumerator struct {
	SplitVersion uint32      `json:"splitVersion"`
	Splits       []FileSplit `json:"splits"`
	Processed    []string    `json:"processed"`
}

const pendingSplitsMagic = 0xDEADBEEF

func (s *FileEnumerator) code(c *coder, _ int32) {
	magic, n, m := uint32(pendingSplitsMagic), uint32(len(s.Splits)), uint32(len(s.Processed))
	c.le32(&magic)
	c.le32(&s.SplitVersion)
	c.le32(&n)
	c.le32(&m)
	split := func(f *FileSplit) { s.split(c, f) }
	path := func(p *string) {
		size := uint32(len(*p))
		c.le32(&size)
		c.leBytes(size, p)
	}
	if c.r == nil {
		for i := range s.Splits {
			split(&s.Splits[i])
		}
		for i := range s.Processed {
			path(&s.Processed[i])
		}
		return
	}
	if magic != pendingSplitsMagic || s.SplitVersion != 1 || int64(n)+int64(m) > int64(c.r.Len()/4) {
		c.unfit = true
		return
	}
	elements(c, int(n), &s.Splits, split)
	elements(c, int(m), &s.Processed, path)
}

func (s *FileEnumerator) split(c *coder, f *FileSplit) {
	if c.r == nil {
		b := string(Append(nil, f, 1))
		size := uint32(len(b))
		c.le32(&size)
		c.leBytes(size, &b)
		return
	}
	var size uint32
	var b string
	c.le32(&size)
	c.leBytes(size, &b)
	if !c.reading() {
		return
	}
	if *f = *newFileSplit(); fitsBytes(f, []byte(b)) {
		return
	}
	*f = FileSplit{}
	c.unfit = c.unfit || !fitsBytes(f, []byte(b))
}

func (s *FileEnumerator) plausible() bool {
	return all(s.Processed, func(p *string) bool { return printable(*p) })
}

// Lines implements State.
func (s *FileEnumerator) Lines() []string {
	lines := linesOf(s.Splits, "every split is assigned", func(f *FileSplit) []string { return prefixed("unassigned ", f.Lines()) })
	if n := len(s.Processed); n > 0 {
		lines = append(lines, fmt.Sprintf("%d paths are known, the last is %s", n, s.Processed[n-1]))
	}
	return lines
}
