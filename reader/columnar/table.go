package columnar

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/typedecl"
	"github.com/tarn-project/tarn/reader"
)

// Table is one state of one operator: rows of one schema.
type Table struct {
	typedecl.State
	// Options of the tables it came with.
	Options Options

	schema *arrow.Schema
	cols   []*node
	parts  []part
}

// Options change what tables hold.
type Options struct {
	// Raw fills the column raw in every row, not only where something could not be decoded.
	Raw bool
	// Columns are the only columns there are, in the order of the schema; empty means all.
	Columns []string
}

// part is what a column of a table is filled from.
type part uint8

const (
	partOperatorID part = iota
	partUID
	partState
	partKind
	partSubtask
	partKeyGroup
	partKey
	partNamespace
	partMapKey
	partValue
	partTTL
	partTimestamp
	partRaw
	parts
)

var partNames = [parts]string{"operatorId", "uid", "state", "kind", "subtask", "kg", "key", "ns", "mapKey", "value", "ttlTs", "timestamp", "raw"}

// id tells the tables of a snapshot apart.
type id struct {
	operator, state string
	kind            entry.Kind
}

func idOf(s *entry.State) id { return id{s.OperatorID, s.Name, s.Kind} }

// Tables finds the states of a selection and the types of each, as all the handles together have them: only what describes the state is
// read. The error names columns that no table has (fault.ErrUsage), or is what could not be read (*reader.PartialError), beside the rest.
func Tables(ctx context.Context, snap *reader.Snapshot, sel reader.Selection, o Options) ([]*Table, error) {
	states, err := States(ctx, snap, sel)
	tables := make([]*Table, len(states))
	used := map[string]bool{}
	for i, s := range states {
		tables[i] = Of(s, o, snap)
		for _, c := range tables[i].cols {
			used[c.name] = true
		}
	}
	for _, c := range o.Columns {
		if len(tables) > 0 && !used[c] {
			return nil, fault.New(fault.ErrUsage, "no column %q", c)
		}
	}
	return tables, err
}

// States finds the states of a selection: see Tables.
func States(ctx context.Context, snap *reader.Snapshot, sel reader.Selection) ([]typedecl.State, error) {
	var out []typedecl.State
	index := map[id]int{}
	var problems reader.Problems
	for _, op := range snap.Operators {
		if sel.Operator != nil && !sel.Operator(op) {
			continue
		}
		for _, p := range op.Parts() {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if sel.Part != nil && !sel.Part(p) {
				continue
			}
			src, err := p.Open(ctx)
			problems.Add(err)
			if src == nil {
				continue
			}
			for i := range src.States() {
				s := &src.States()[i].State
				if sel.State != nil && !sel.State(s) || sel.KeyGroups != nil && !s.Kind.Keyed() {
					continue
				}
				if at, ok := index[idOf(s)]; ok {
					out[at].Add(s)
				} else {
					index[idOf(s)] = len(out)
					out = append(out, typedecl.Of(s))
				}
			}
			problems.Add(src.Close())
		}
	}
	return out, problems.Err()
}

// Of makes the table of a state.
func Of(s typedecl.State, o Options, snap *reader.Snapshot) *Table {
	t := &Table{State: s, Options: o}
	for p := range parts {
		n := t.column(p)
		if n == nil || len(o.Columns) > 0 && !slices.Contains(o.Columns, n.name) {
			continue
		}
		t.cols = append(t.cols, n)
		t.parts = append(t.parts, p)
	}
	fields := make([]arrow.Field, len(t.cols))
	for i, n := range t.cols {
		fields[i] = n.field()
		fields[i].Metadata = t.fieldMetadata(t.parts[i], fields[i].Metadata)
	}
	meta := t.metadata(snap)
	t.schema = arrow.NewSchema(fields, &meta)
	return t
}

// Schema is the Arrow schema of the table's records.
func (t *Table) Schema() *arrow.Schema { return t.schema }

// Describe gives the schema as text for people: a column a line.
func (t *Table) Describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s state %q of operator %s\n", t.Kind, t.Name, t.Operator())
	for _, f := range t.schema.Fields() {
		fmt.Fprintf(&b, "  %s: %s\n", f.Name, f.Type)
	}
	return b.String()
}

// column plans a column, or gives nil if the state has none of the kind.
func (t *Table) column(p part) *node {
	name := partNames[p]
	switch p {
	case partOperatorID:
		return constant(name, t.OperatorID)
	case partUID:
		if t.UID != "" {
			return constant(name, t.UID)
		}
	case partState:
		return constant(name, t.Name)
	case partKind:
		return constant(name, t.Kind.String())
	case partSubtask:
		if t.Kind != entry.Coordinator {
			return leaf(name, formInt32, arrow.PrimitiveTypes.Int32)
		}
	case partKeyGroup:
		if t.Kind.Keyed() || t.Kind == entry.RawKeyed {
			return leaf(name, formInt32, arrow.PrimitiveTypes.Int32)
		}
	case partKey:
		if t.Kind.Keyed() {
			return plan(name, t.Key)
		}
	case partNamespace:
		if t.HasNamespace() {
			return plan(name, t.Namespace)
		}
	case partMapKey:
		if t.HasMapKey() {
			return plan(name, t.MapKey)
		}
	case partValue:
		return t.value(name)
	case partTTL:
		if t.TTL && t.Kind != entry.List && t.HasValue() {
			return timestamp(name, arrow.Millisecond, "UTC")
		}
	case partTimestamp:
		if t.Kind == entry.Timer {
			return leaf(name, formInt64, arrow.PrimitiveTypes.Int64)
		}
	case partRaw:
		return t.raw(name)
	}
	return nil
}

func (t *Table) value(name string) *node {
	switch {
	case !t.HasValue():
		return nil
	case t.Kind == entry.List:
		return listOf(name, plan("element", t.Value))
	}
	return plan(name, typedecl.WithoutTTL(t.Value))
}

// raw is a struct of the serialized parts.
func (t *Table) raw(name string) *node {
	bytes := func(p part) *node { return leaf(partNames[p], formBinary, arrow.BinaryTypes.Binary) }
	var kids []*node
	if t.Kind.Keyed() {
		kids = append(kids, bytes(partKey))
	}
	if t.HasNamespace() {
		kids = append(kids, bytes(partNamespace))
	}
	if t.HasMapKey() {
		kids = append(kids, bytes(partMapKey))
	}
	if t.HasValue() {
		v := bytes(partValue)
		if t.Kind == entry.List {
			v.name = "element"
			v = listOf(partNames[partValue], v)
		}
		kids = append(kids, v)
	}
	return structFrom(&node{name: name, class: -1, kind: -1}, kids)
}

func (t *Table) metadata(snap *reader.Snapshot) arrow.Metadata {
	m := map[string]string{
		"tarn.snapshot": snap.Name, "tarn.checkpointId": strconv.FormatInt(snap.Metadata.CheckpointID, 10),
		"tarn.operatorId": t.OperatorID, "tarn.state": t.Name, "tarn.kind": t.Kind.String(),
	}
	if t.UID != "" {
		m["tarn.uid"] = t.UID
	}
	return arrow.MetadataFrom(m)
}

// fieldMetadata says what wrote a part, beside what is known of the column already.
func (t *Table) fieldMetadata(p part, m arrow.Metadata) arrow.Metadata {
	var of *serde.Type
	switch p {
	case partKey:
		of = t.Key
	case partNamespace:
		of = t.Namespace
	case partMapKey:
		of = t.MapKey
	case partValue:
		of = t.Value
	}
	if of == nil {
		return m
	}
	keys, values := slices.Clone(m.Keys()), slices.Clone(m.Values())
	for _, kv := range [][2]string{{"tarn.type", of.String()}, {"tarn.class", of.Class}, {"tarn.serializer", of.Serializer}} {
		if kv[1] != "" {
			keys, values = append(keys, kv[0]), append(values, kv[1])
		}
	}
	return arrow.NewMetadata(keys, values)
}
