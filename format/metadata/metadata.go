package metadata

import (
	"github.com/tarn-project/tarn/format/operatorid"
)

// OperatorID is the sixteen bytes under which an operator is stored.
type OperatorID = operatorid.ID

// Metadata is the content of a `_metadata` file (org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata). Byte slices
// in a decoded one alias the input. Orders are the file's: most are the iteration order of a hash map in the job that wrote
// it, mean nothing, and are kept so that the same bytes can be written.
type Metadata struct {
	Version      int   // 2 to 6
	CheckpointID int64 // not negative
	MasterStates []MasterState
	Operators    []Operator
	// Changelog114 says that changelog handles (codes 8, 9 and 10) stand in the shorter layout of Flink 1.14. Only version 3.
	Changelog114 bool
	// RawProperties is the Java serialization stream of the checkpoint's properties. From version 4 on; see Properties.
	RawProperties []byte
}

// MasterState is what a master hook of the job manager stored (MasterTriggerRestoreHook, for instance Pravega's).
type MasterState struct {
	Version int32
	Name    string
	Data    []byte
}

// Operator is one operator of the job, chained or not (OperatorState).
type Operator struct {
	ID   OperatorID
	Name string // from version 5 on; "" is none. Not unique in a job
	UID  string // from version 5 on; "" is none
	// Parallelism and MaxParallelism are the job's at the time of the snapshot, for operators without state too.
	Parallelism    int
	MaxParallelism int
	ChainLength    int32       // version 2 only; Flink wrote 1 and ignores it
	Coordinator    *ByteStream // state of the operator's coordinator, or nil. From version 3 on
	// FullyFinished says that all subtasks had finished; there is no state then. From version 3 on, Flink 1.14.
	FullyFinished bool
	// Subtasks holds those that are stored. A subtask without state may be missing or be there without handles.
	Subtasks []Subtask
}

// Subtask is the state of one parallel instance of an operator (OperatorSubtaskState). Each slot holds one handle or none.
type Subtask struct {
	Index    int   // 0 to parallelism − 1
	Finished bool  // it had finished and has no state. From version 3 on, Flink 1.14
	Duration int64 // version 2 only: milliseconds the checkpoint took, or −1

	ManagedOperator *OperatorHandle
	RawOperator     *OperatorHandle
	ManagedKeyed    KeyedHandle
	RawKeyed        KeyedHandle

	InputChannels       []ChannelHandle // in-flight data of unaligned checkpoints, from version 3 on
	ResultSubpartitions []ChannelHandle
}

// Slot names one of the places of a snapshot that hold handles.
type Slot uint8

// The slots, in the order of the file.
const (
	SlotCoordinator Slot = iota
	SlotManagedOperator
	SlotRawOperator
	SlotManagedKeyed
	SlotRawKeyed
	SlotInputChannel
	SlotResultSubpartition
)

var slotNames = [...]string{
	"coordinator state", "managed operator state", "raw operator state", "managed keyed state", "raw keyed state",
	"input channel state", "result subpartition state",
}

// String names the slot in words.
func (s Slot) String() string {
	if int(s) < len(slotNames) {
		return slotNames[s]
	}
	return "unknown slot"
}

// Owner says where in a snapshot a handle stands.
type Owner struct {
	Operator *Operator
	Subtask  *Subtask // nil for the coordinator
	Slot     Slot
}

// EachHandle calls f with every handle of the snapshot, in the order of the file.
func (m *Metadata) EachHandle(f func(Owner, Handle)) {
	for i := range m.Operators {
		m.Operators[i].EachHandle(f)
	}
}

// EachHandle calls f with every handle of the operator, in the order of the file.
func (o *Operator) EachHandle(f func(Owner, Handle)) {
	if o.Coordinator != nil {
		f(Owner{o, nil, SlotCoordinator}, o.Coordinator)
	}
	for i := range o.Subtasks {
		s := &o.Subtasks[i]
		s.EachHandle(func(slot Slot, h Handle) { f(Owner{o, s, slot}, h) })
	}
}

// EachHandle calls f with every handle of the subtask, in the order of the file.
func (s *Subtask) EachHandle(f func(Slot, Handle)) {
	if s.ManagedOperator != nil {
		f(SlotManagedOperator, s.ManagedOperator)
	}
	if s.RawOperator != nil {
		f(SlotRawOperator, s.RawOperator)
	}
	if s.ManagedKeyed != nil {
		f(SlotManagedKeyed, s.ManagedKeyed)
	}
	if s.RawKeyed != nil {
		f(SlotRawKeyed, s.RawKeyed)
	}
	for _, h := range s.InputChannels {
		f(SlotInputChannel, h)
	}
	for _, h := range s.ResultSubpartitions {
		f(SlotResultSubpartition, h)
	}
}
