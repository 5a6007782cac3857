package overview

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/backend"
)

// FilePart is what a handle of native keyed state or of a changelog uses a file for. Merged files have many parts.
type FilePart struct {
	User    string `json:"user"`                  // operator, subtask and slot
	Role    string `json:"role"`                  // shared, private, states, changes
	Logical string `json:"logicalName,omitempty"` // in the database's directory
	Offset  int64  `json:"offset"`                // in the file
	Bytes   int64  `json:"bytes"`
	Table   *Table `json:"table,omitempty"`
}

// Table is what a database says of one of its tables.
type Table struct {
	Level          *int       `json:"level,omitempty"` // absent if the database does not use the file
	State          string     `json:"state,omitempty"` // whose column family it belongs to
	KeyGroups      string     `json:"keyGroups,omitempty"`
	Smallest       string     `json:"smallestKey,omitempty"` // composite keys in hex
	Largest        string     `json:"largestKey,omitempty"`
	Entries        uint64     `json:"entries"` // deletions included
	Deletions      uint64     `json:"deletions"`
	MergeOperands  uint64     `json:"mergeOperands"`
	RangeDeletions uint64     `json:"rangeDeletions"`
	FormatVersion  int        `json:"formatVersion"`
	Compression    string     `json:"compression,omitempty"`
	Created        *time.Time `json:"created,omitempty"`
	Unreadable     bool       `json:"unreadable,omitempty"`
}

// tableKey finds a table by the handle that it belongs to.
type tableKey struct{ user, logical string }

// Level is what a level of a state's column family holds, over all subtasks. Records are all versions that are stored, deletions
// and operands of lists among them: those above the state's entries wait for compaction.
type Level struct {
	State          string `json:"state"`
	Level          int    `json:"level"`
	Tables         int    `json:"tables"`
	Bytes          int64  `json:"bytes"`
	Records        uint64 `json:"records"`
	Deletions      uint64 `json:"deletions"`
	MergeOperands  uint64 `json:"mergeOperands"`
	RangeDeletions uint64 `json:"rangeDeletions"`
}

// addLevel counts a table into its level.
func (o *Operator) addLevel(t *backend.Table) {
	at, found := slices.BinarySearchFunc(o.Levels, t, func(l Level, t *backend.Table) int {
		return cmp.Or(strings.Compare(l.State, t.State), l.Level-t.Level)
	})
	if !found {
		o.Levels = slices.Insert(o.Levels, at, Level{State: t.State, Level: t.Level})
	}
	l := &o.Levels[at]
	l.Tables++
	l.Bytes += t.Bytes
	l.Records += t.Entries
	l.Deletions += t.Deletions
	l.MergeOperands += t.Merges
	l.RangeDeletions += t.Ranges
}

// rememberTables keeps what a source says of its tables.
func (m *maker) rememberTables(o *Operator, p reader.Part, src backend.Source) {
	t, ok := src.(backend.Tabled)
	if !ok || !m.o.Files {
		return
	}
	user := m.user(metadata.Owner{Operator: p.Operator.Meta, Subtask: p.Operator.Subtask(p.Subtask), Slot: p.Slot})
	for _, table := range t.Tables() {
		if m.tables == nil {
			m.tables = map[tableKey]*Table{}
		}
		m.problem(table.Err)
		m.tables[tableKey{user, table.Name}] = describe(&table)
		if table.Level != backend.NoLevel {
			o.addLevel(&table)
		}
	}
}

func describe(t *backend.Table) *Table {
	d := &Table{
		State: t.State, Smallest: hex.EncodeToString(t.Smallest), Largest: hex.EncodeToString(t.Largest),
		Entries: t.Entries, Deletions: t.Deletions, MergeOperands: t.Merges, RangeDeletions: t.Ranges,
		FormatVersion: t.Format, Compression: t.Codec, Unreadable: t.Err != nil,
	}
	if t.Level != backend.NoLevel {
		level := t.Level
		d.Level, d.KeyGroups = &level, t.Groups.String()
	}
	if !t.Created.IsZero() {
		d.Created = &t.Created
	}
	return d
}

// parts says what the streams of a handle are for.
func (m *maker) parts(owner metadata.Owner, h metadata.Handle) map[metadata.StreamHandle]*FilePart {
	if !m.o.Files {
		return nil
	}
	out := map[metadata.StreamHandle]*FilePart{}
	m.addParts(out, m.user(owner), h)
	return out
}

func (m *maker) addParts(out map[metadata.StreamHandle]*FilePart, user string, h metadata.Handle) {
	switch h := h.(type) {
	case *metadata.Changelog:
		for _, list := range [][]metadata.KeyedHandle{h.Materialized, h.NonMaterialized} {
			for _, part := range list {
				if part != nil {
					m.addParts(out, user, part)
				}
			}
		}
	case *metadata.FileLog:
		for _, p := range h.Parts {
			out[p.Stream] = &FilePart{User: user, Role: "changes", Logical: fmt.Sprintf("change set at %d", p.Offset)}
		}
	case *metadata.Incremental:
		out[h.Meta] = &FilePart{User: user, Role: "states"}
		m.addNamed(out, user, "shared", h.Shared)
		m.addNamed(out, user, "private", h.Private)
	}
}

func (m *maker) addNamed(out map[metadata.StreamHandle]*FilePart, user, role string, list []metadata.NamedStream) {
	for _, f := range list {
		out[f.Stream] = &FilePart{User: user, Role: role, Logical: f.LocalPath, Table: m.tables[tableKey{user, f.LocalPath}]}
	}
}

// addPart adds to a file what a stream in it is for, if that is known.
func (f *File) addPart(p *FilePart, st metadata.StreamHandle) {
	if p == nil {
		return
	}
	p.Bytes = st.Size()
	if ref, ok := metadata.ReferenceOf(st); ok {
		p.Offset = ref.Start
	}
	f.Parts = append(f.Parts, *p)
}
