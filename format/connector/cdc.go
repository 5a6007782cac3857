package connector

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/javaser"
)

// CDCSplit is what a reader of the MySQL change-data source is at (MySqlSplitSerializer, versions 1 to 4): a chunk of a table that is
// copied, or the binlog.
//
//	chunk   i4 1, utf table, utf id, utf type of the key, utf start, utf end, offset, schemas
//	binlog  i4 2, utf id, utf "", offset start, offset end, i4 n, n × (utf table, utf id, utf start, utf end, offset), schemas,
//	        since version 3 i4 number of finished chunks, in version 4 bool suspended (not in the first releases of it)
//	offset  bool, then version 1: utf file, i8 position; later: i4 n, n bytes JSON
//	schemas i4 n, n × (utf table, version 1: utf JSON; later: i4 n, n bytes JSON)
//
// Starts and ends are Java arrays in the Java serialization format, in hex digits.
type CDCSplit struct {
	Chunk  *CDCChunk  `json:"chunk,omitempty"`
	Binlog *CDCBinlog `json:"binlog,omitempty"`
}

// CDCChunk is the rows of a table whose keys are in a range.
type CDCChunk struct {
	Table   string      `json:"table"`
	ID      string      `json:"id"`
	KeyType string      `json:"keyType,omitempty"`
	Start   Bound       `json:"start"` // null: from the first
	End     Bound       `json:"end"`   // null: to the last
	High    CDCOffset   `json:"highWatermark"`
	Schemas []CDCSchema `json:"schemas,omitempty"`
}

// CDCBinlog is how far the binlog was read.
type CDCBinlog struct {
	ID        string      `json:"id"`
	KeyType   string      `json:"-"`
	Start     CDCOffset   `json:"offset"`
	End       CDCOffset   `json:"endingOffset"`
	Finished  []CDCChunk  `json:"finishedChunks,omitempty"`
	Schemas   []CDCSchema `json:"schemas,omitempty"`
	Total     *int32      `json:"totalFinishedChunks,omitempty"`
	Suspended *bool       `json:"suspended,omitempty"`
}

// CDCSchema is a table's description, in JSON.
type CDCSchema struct {
	Table string `json:"table"`
	Text  JSON   `json:"schema"`
}

// CDCOffset is a place in the binlog.
type CDCOffset struct {
	there    bool
	File     string
	Position int64
	Text     JSON // since version 2
}

const (
	cdcChunk  = 1
	cdcBinlog = 2
)

func (s *CDCSplit) code(c *coder, version int32) {
	kind := int32(cdcChunk)
	if s.Binlog != nil {
		kind = cdcBinlog
	}
	c.i32(&kind)
	switch {
	case !c.reading() && c.r != nil:
	case kind == cdcChunk:
		if c.r != nil {
			s.Chunk = &CDCChunk{}
		}
		s.Chunk.code(c, version)
	case kind == cdcBinlog:
		if c.r != nil {
			s.Binlog = &CDCBinlog{}
		}
		s.Binlog.code(c, version)
	default:
		c.unfit = true
	}
}

func (s *CDCChunk) code(c *coder, version int32) {
	c.utf(&s.Table)
	c.utf(&s.ID)
	c.utf(&s.KeyType)
	c.bound(&s.Start)
	c.bound(&s.End)
	s.High.code(c, version)
	schemas(c, &s.Schemas, version)
}

func (s *CDCBinlog) code(c *coder, version int32) {
	c.utf(&s.ID)
	c.utf(&s.KeyType)
	s.Start.code(c, version)
	s.End.code(c, version)
	list(c, &s.Finished, 9, func(f *CDCChunk) {
		c.utf(&f.Table)
		c.utf(&f.ID)
		c.bound(&f.Start)
		c.bound(&f.End)
		f.High.code(c, version)
	})
	schemas(c, &s.Schemas, version)
	if version >= 3 {
		if c.r != nil {
			s.Total = new(int32)
		}
		c.i32(s.Total)
	}
	if version >= 4 && (c.r == nil && s.Suspended != nil || c.r != nil && c.r.Len() > 0) {
		if c.r != nil {
			s.Suspended = new(bool)
		}
		c.boolean(s.Suspended)
	}
}

func (o *CDCOffset) code(c *coder, version int32) {
	if c.boolean(&o.there); !o.there {
		return
	}
	if version == 1 {
		c.utf(&o.File)
		c.i64(&o.Position)
		return
	}
	c.json(&o.Text)
}

func schemas(c *coder, v *[]CDCSchema, version int32) {
	list(c, v, 4, func(s *CDCSchema) {
		c.utf(&s.Table)
		if version == 1 {
			text := string(s.Text)
			c.utf(&text)
			s.Text = JSON(text)
			c.unfit = c.unfit || c.reading() && !json.Valid(s.Text)
			return
		}
		c.json(&s.Text)
	})
}

// JSON is text that a connector keeps as JSON, as it stands.
type JSON []byte

// MarshalJSON gives the text.
func (j JSON) MarshalJSON() ([]byte, error) {
	if len(j) == 0 {
		return []byte("null"), nil
	}
	return j, nil
}

func (c *coder) json(v *JSON) {
	b := Hex(*v)
	c.bytes(&b)
	*v = JSON(b)
	c.unfit = c.unfit || c.reading() && !json.Valid(b)
}

// Bound is the end of a chunk: a Java array of keys, in the Java serialization format and hex digits.
type Bound struct {
	Text   string
	object javaser.Value
}

func (c *coder) bound(v *Bound) {
	c.utf(&v.Text)
	if !c.reading() {
		return
	}
	b, err := hex.DecodeString(v.Text)
	if err != nil {
		c.unfit = true
		return
	}
	r := binio.NewReader(b, 0)
	v.object = javaser.Parse(r)
	r.End()
	c.unfit = c.unfit || r.Err() != nil
}

// MarshalJSON writes the keys.
func (b *Bound) MarshalJSON() ([]byte, error) { return javaser.AppendJSON(nil, b.object), nil }

// String gives the keys as JSON.
func (b *Bound) String() string { return string(javaser.AppendJSON(nil, b.object)) }

// MarshalJSON writes the offset as the connector keeps it, or null.
func (o *CDCOffset) MarshalJSON() ([]byte, error) {
	switch {
	case !o.there:
		return []byte("null"), nil
	case o.Text != nil:
		return o.Text, nil
	}
	return json.Marshal(map[string]any{"file": o.File, "pos": o.Position})
}

// String gives the offset on one line.
func (o *CDCOffset) String() string {
	if !o.there {
		return "none"
	}
	if o.Text == nil {
		return fmt.Sprintf("%s:%d", o.File, o.Position)
	}
	var m map[string]any
	if json.Unmarshal(o.Text, &m) != nil {
		return string(o.Text)
	}
	text := func(key string) string {
		if v, ok := m[key]; ok && v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	var parts []string
	if f := text("file"); f != "" {
		parts = append(parts, f+":"+text("pos"))
	}
	if g := text("gtids"); g != "" {
		parts = append(parts, "gtids "+g)
	}
	if k := text("kind"); k != "" && (k != "SPECIFIC" || len(parts) == 0) {
		parts = append(parts, strings.ToLower(k))
	}
	if len(parts) == 0 {
		return string(o.Text)
	}
	return strings.Join(parts, ", ")
}

func (s *CDCSplit) plausible() bool {
	if s.Chunk != nil {
		return printable(s.Chunk.Table) && printable(s.Chunk.ID) && printable(s.Chunk.KeyType)
	}
	return s.Binlog != nil && printable(s.Binlog.ID) && (s.Binlog.Total == nil || *s.Binlog.Total >= 0)
}

// Lines implements State.
func (s *CDCSplit) Lines() []string {
	if s.Chunk != nil {
		line := fmt.Sprintf("chunk %s of %s: keys %s to %s", s.Chunk.ID, s.Chunk.Table, s.Chunk.Start.String(), s.Chunk.End.String())
		if s.Chunk.High.there {
			line += ", copied at " + s.Chunk.High.String()
		}
		return []string{line}
	}
	line := fmt.Sprintf("binlog: %s", s.Binlog.Start.String())
	if n := len(s.Binlog.Finished); n > 0 {
		line += fmt.Sprintf(", behind %d copied chunks", n)
	}
	if s.Binlog.Suspended != nil && *s.Binlog.Suspended {
		line += ", suspended"
	}
	return []string{line}
}
