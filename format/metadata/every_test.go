package metadata

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/operatorid"
)

// properties reads one of the serialized properties in testdata.
func properties(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "properties", name+".bin"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Handles of every kind, with no two numbers alike.
var (
	inline  = &ByteStream{Name: "file:/cluster/chk-1/a", Data: []byte("bytes")}
	file    = &File{Path: "s3://bucket/shared/b", Length: 101}
	rel     = &RelativeFile{Path: "c", Length: 102}
	segment = &Segment{Path: "hdfs://nn:8020/d", Start: 103, Length: 104, Scope: ScopeShared, LogicalFileID: "e"}
	nested  = &KeyGroups{Range: keygroup.Range{First: 3, Last: 4}, Offsets: []int64{105, 106}, Stream: rel}

	groups     = &KeyGroups{Range: keygroup.Range{First: 0, Last: 2}, Offsets: []int64{0, -1, 107}, Stream: file}
	groupsV2   = &KeyGroups{Kind: KeyGroupsWithID, Range: keygroup.Range{First: 5, Last: 5}, Offsets: []int64{108}, Stream: rel, HandleID: "f"}
	groupsSave = &KeyGroups{Kind: KeyGroupsSavepoint, Range: keygroup.Range{First: 7, Last: 6}, Stream: inline} // no groups
	incr       = &Incremental{
		CheckpointID: 109, BackendID: "no uuid", Range: keygroup.Range{First: 0, Last: 63}, Meta: inline,
		Shared: []NamedStream{{"000010.sst", file}}, Private: []NamedStream{{"CURRENT", inline}, {"OPTIONS-000009", rel}},
	}
	incrV2 = &Incremental{
		V2: true, CheckpointID: 110, BackendID: "g", Range: keygroup.Range{First: 64, Last: 127}, CheckpointedSize: 111,
		Meta: rel, Shared: []NamedStream{{"000011.sst", segment}}, HandleID: "h",
	}
	memLog    = &MemoryLog{Range: keygroup.Range{First: 0, Last: 1}, From: 112, To: 113, Changes: []StateChange{{MetaKeyGroup, []byte("m")}, {1, []byte{}}}, HandleID: "i"}
	fileLog   = &FileLog{Range: keygroup.Range{First: 0, Last: 1}, Parts: []LogPart{{114, file}, {115, segment}}, StateSize: 116, CheckpointedSize: 117, HandleID: "j"}
	fileLogV2 = &FileLog{V2: true, Range: keygroup.Range{First: 0, Last: 1}, Parts: []LogPart{{118, file}}, StateSize: 119, CheckpointedSize: 120, HandleID: "k", StorageID: "filesystem"}
	changes   = &Changelog{
		Range: keygroup.Range{First: 0, Last: 1}, CheckpointedSize: 121, Materialized: []KeyedHandle{incr, nil, groupsV2},
		NonMaterialized: []KeyedHandle{memLog, fileLog}, MaterializationID: 122, HandleID: "l",
	}
	changesV2 = &Changelog{
		V2: true, Range: keygroup.Range{First: 0, Last: 1}, CheckpointedSize: 123, Materialized: []KeyedHandle{incrV2},
		NonMaterialized: []KeyedHandle{fileLogV2}, MaterializationID: 124, CheckpointID: 125, HandleID: "m",
	}
	nestedChanges = &Changelog{V2: true, Materialized: []KeyedHandle{changesV2, changes}, HandleID: "n"}

	memLog114  = &MemoryLog{From: 126, To: 127, Changes: []StateChange{{1, []byte("n")}}}
	fileLog114 = &FileLog{Parts: []LogPart{{128, file}}, StateSize: 129}
	changes114 = &Changelog{Materialized: []KeyedHandle{groups}, NonMaterialized: []KeyedHandle{memLog114, fileLog114}}

	opState = &OperatorHandle{
		States: []OperatorStatePart{{"splits", ModeSplit, []int64{130, 131}}, {"union\x00😀", ModeUnion, nil}, {"rules", ModeBroadcast, []int64{132}}},
		Stream: inline,
	}
	rawOpState  = &OperatorHandle{States: []OperatorStatePart{{RawOperatorStateName, ModeSplit, []int64{133}}}, Stream: nested}
	mergedState = &OperatorHandle{States: []OperatorStatePart{{"s", ModeSplit, []int64{134}}}, Merged: &MergedDirs{TaskOwned: "o", Shared: "p"}, Stream: segment}
	emptyState  = &OperatorHandle{Merged: &MergedDirs{TaskOwned: "q", Shared: "r", Empty: true}, Stream: &EmptySegment{}}

	channel  = &Channel{Subtask: 1, Gate: 2, Index: 3, Offsets: []int64{4, 135}, Length: 136, Stream: rel}
	channels = &MergedChannels{Subtask: 1, Length: 137, Stream: rel, Channels: []ChannelOffsets{{2, 3, 138, []int64{4}}, {5, 6, 139, nil}}}
)

// everything builds a snapshot of a version with all that the version can hold.
func everything(t testing.TB, version int) *Metadata {
	t.Helper()
	l := layoutOf(version)
	m := &Metadata{Version: version, CheckpointID: 140, MasterStates: []MasterState{{Version: 1, Name: "hook", Data: []byte("state")}}}
	op := Operator{ID: operatorid.UIDHash("all"), Parallelism: 20, MaxParallelism: 128}
	keyed := []KeyedHandle{groups, groupsV2, groupsSave, incr, incrV2, changes, changesV2, nestedChanges, memLog, fileLog, fileLogV2}
	for i, h := range keyed {
		op.Subtasks = append(op.Subtasks, Subtask{Index: i, ManagedKeyed: h, RawKeyed: keyed[len(keyed)-1-i]})
	}
	op.Subtasks = append(op.Subtasks,
		Subtask{Index: 12, ManagedOperator: opState, RawOperator: rawOpState},
		Subtask{Index: 11, ManagedOperator: mergedState, RawOperator: emptyState}, // order is kept
		Subtask{Index: 13})
	if l.legacy {
		op.ChainLength, op.Subtasks[0].Duration = 1, -1
	}
	if l.names {
		op.Name, op.UID = "Sink: Unnamed", "all"
	}
	if l.coordinator {
		op.Coordinator = &ByteStream{Name: op.ID.String(), Data: []byte{0, 1}}
	}
	if l.finished {
		op.Subtasks = append(op.Subtasks, Subtask{Index: 19, Finished: true})
		m.Operators = append(m.Operators, Operator{ID: operatorid.UIDHash("done"), Parallelism: 2, MaxParallelism: 128, FullyFinished: true})
	}
	if l.channels != channelsNone {
		op.Subtasks = append(op.Subtasks, Subtask{Index: 14, InputChannels: []ChannelHandle{channel, channel}, ResultSubpartitions: []ChannelHandle{channel}})
	}
	if l.channels == channelsTagged {
		op.Subtasks = append(op.Subtasks, Subtask{Index: 15, InputChannels: []ChannelHandle{channels}, ResultSubpartitions: []ChannelHandle{channel, channels}})
	}
	if l.properties {
		m.RawProperties = properties(t, "checkpoint")
	}
	m.Operators = append(m.Operators, op, Operator{ID: operatorid.UIDHash("stateless"), MaxParallelism: 128})
	return m
}

// everything114 is version 3 with the changelog handles of Flink 1.14.
func everything114() *Metadata {
	return &Metadata{Version: 3, Changelog114: true, Operators: []Operator{{
		Parallelism: 3, MaxParallelism: 3,
		Subtasks: []Subtask{{Index: 0, ManagedKeyed: changes114}, {Index: 1, ManagedKeyed: memLog114}, {Index: 2, ManagedKeyed: fileLog114}},
	}}}
}

// encode writes m or fails the test.
func encode(t testing.TB, m *Metadata) []byte {
	t.Helper()
	b, err := m.Append(nil)
	if err != nil {
		t.Fatalf("version %d: %v", m.Version, err)
	}
	return b
}

// checkLaw checks that what b decodes to is written back to the same bytes.
func checkLaw(t testing.TB, b []byte) *Metadata {
	t.Helper()
	m, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	prefix := []byte("before")
	out, err := m.Append(prefix)
	if err != nil {
		t.Fatalf("what was decoded cannot be written: %v", err)
	}
	if !bytes.Equal(out, append(prefix, b...)) {
		t.Fatalf("written back to other bytes:\n% x\n% x", out[len(prefix):], b)
	}
	return m
}
