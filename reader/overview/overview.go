// Package overview answers what an engineer asks first about a snapshot: what it is, who wrote it, which operators and states
// it has, how big they are, and whether it can be moved. It reads _metadata and the headers of state files; entries only
// when asked to count them.
//
// An Overview is plain data, for screens and for JSON.
package overview

import (
	"time"

	"github.com/tarn-project/tarn/format/serde"
)

// Overview is one snapshot at a glance.
type Overview struct {
	Snapshot        string     `json:"snapshot"`
	Directory       string     `json:"directory"`
	Kind            string     `json:"kind"`            // savepoint, checkpoint
	KindReason      string     `json:"kindReason"`      // how that is known
	Format          string     `json:"format"`          // canonical, native, or what its backend wrote
	Name            string     `json:"name,omitempty"`  // Flink's own: "Savepoint", "Terminate Savepoint", …
	CheckpointID    int64      `json:"checkpointId"`    //
	FileTime        *time.Time `json:"fileTime"`        // of _metadata: a copy may be younger than the snapshot
	MetadataVersion int        `json:"metadataVersion"` //
	MetadataBytes   int64      `json:"metadataBytes"`   //
	Writer          Writer     `json:"writer"`          //
	Bytes           Bytes      `json:"bytes"`           //
	Files           Files      `json:"files"`           //
	Move            Move       `json:"move"`            //
	MasterStates    []string   `json:"masterStates"`    // names
	Operators       []Operator `json:"operators"`       // as in the file
	Counted         bool       `json:"counted"`         // entries were counted
	FileList        []File     `json:"fileList,omitempty"`
	InlineList      []File     `json:"inlineList,omitempty"`
	Notes           []string   `json:"notes"`             // what a person should know
	Problems        []string   `json:"problems"`          // what could not be read
	FullyFinished   int        `json:"finishedOperators"` //
}

// Writer is the Flink that wrote the snapshot, as far as the bytes tell.
type Writer struct {
	Flink   string   `json:"flink"`
	Reasons []string `json:"reasons"`
}

// Bytes are sizes as handles tell them, by kind of state.
type Bytes struct {
	Total       int64 `json:"total"`
	Keyed       int64 `json:"keyed"`
	RawKeyed    int64 `json:"rawKeyed"`
	Operator    int64 `json:"operator"`
	RawOperator int64 `json:"rawOperator"`
	Coordinator int64 `json:"coordinator"`
	InFlight    int64 `json:"inFlight"`
	Inline      int64 `json:"inline"` // of Total, what lies in _metadata itself
}

// Files tells how the files that the snapshot refers to were found.
type Files struct {
	Total    int `json:"total"` // distinct
	Relative int `json:"relative"`
	Absolute int `json:"absolute"`
	Moved    int `json:"moved"`
	Mapped   int `json:"mapped"`
	Missing  int `json:"missing"`
	Inline   int `json:"inlineHandles"`
}

// Move says whether a copy of the directory restores.
type Move struct {
	ByCopy  bool     `json:"byCopy"`
	Reasons []string `json:"reasons"` // why not
}

// Operator is one operator.
type Operator struct {
	ID               string    `json:"id"`
	UID              string    `json:"uid,omitempty"`
	UIDGiven         bool      `json:"uidGiven,omitempty"` // by the caller, not by the snapshot
	Name             string    `json:"name,omitempty"`
	Parallelism      int       `json:"parallelism"`
	MaxParallelism   int       `json:"maxParallelism"`
	FullyFinished    bool      `json:"fullyFinished,omitempty"`
	FinishedSubtasks []int     `json:"finishedSubtasks,omitempty"`
	Layouts          []string  `json:"layouts,omitempty"` // of keyed state
	Compressed       bool      `json:"compressed,omitempty"`
	Bytes            Bytes     `json:"bytes"`
	Subtasks         []Subtask `json:"subtasks,omitempty"`
	States           []State   `json:"states,omitempty"`
	InFlight         *InFlight `json:"inFlight,omitempty"`
	// Connectors is what sources and sinks say of where they are.
	Connectors []ConnectorState `json:"connectors,omitempty"`
	Levels     []Level          `json:"levels,omitempty"` // of native state, if files are wanted
}

// Subtask is what one subtask stores.
type Subtask struct {
	Index     int    `json:"index"`
	KeyGroups string `json:"keyGroups,omitempty"`
	Bytes     Bytes  `json:"bytes"`
}

// InFlight is the data that unaligned checkpoints carry.
type InFlight struct {
	InputChannels       int       `json:"inputChannels"`
	ResultSubpartitions int       `json:"resultSubpartitions"`
	InputBytes          int64     `json:"inputBytes"`
	ResultBytes         int64     `json:"resultBytes"`
	Buffers             int       `json:"buffers"`
	Channels            []Channel `json:"channels"`
}

// Channel is the in-flight data of one channel.
type Channel struct {
	Subtask int   `json:"subtask"`
	Output  bool  `json:"output"` // a result subpartition, else an input channel
	Gate    int32 `json:"gate"`   // input gate, or result partition
	Index   int32 `json:"index"`  // channel, or subpartition
	Buffers int   `json:"buffers"`
	Bytes   int64 `json:"bytes"`
}

// State is one state of an operator, over all subtasks.
type State struct {
	Name       string      `json:"name"`
	Kind       string      `json:"kind"`
	Key        *serde.Type `json:"-"`
	Namespace  *serde.Type `json:"-"` // nil if void
	UserKey    *serde.Type `json:"-"`
	Value      *serde.Type `json:"-"`
	Types      Types       `json:"types"`
	Tree       []TypePart  `json:"tree,omitempty"`
	Role       string      `json:"role,omitempty"` // of states that Flink's own operators keep
	TTL        bool        `json:"ttl,omitempty"`
	Subtasks   int         `json:"subtasks"` // that have the state
	Entries    *int64      `json:"entries,omitempty"`
	Bytes      *int64      `json:"bytes,omitempty"`      // of keys and values, uncompressed
	Incomplete bool        `json:"incomplete,omitempty"` // Entries and Bytes leave out what could not be read
	OldestTTL  *time.Time  `json:"oldestAccess,omitempty"`
	NewestTTL  *time.Time  `json:"newestAccess,omitempty"`
	Expired    *int64      `json:"expired,omitempty"` // values not accessed for the TTL that a hint gives, when the snapshot was taken
	Timed      *int64      `json:"timed,omitempty"`   // values with a time, of which they are
	Differs    bool        `json:"differs,omitempty"` // subtasks hold different types under this name
}

// Types are the types of a state's parts on one line each.
type Types struct {
	Key       string `json:"key,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	UserKey   string `json:"mapKey,omitempty"`
	Value     string `json:"value,omitempty"`
}

// Label is what people call the operator: its uid, else its name with the id, else the id.
func (o *Operator) Label() string {
	if o.UID != "" {
		return o.UID
	}
	return o.ID
}

func (b *Bytes) add(o Bytes) {
	b.Total += o.Total
	b.Keyed += o.Keyed
	b.RawKeyed += o.RawKeyed
	b.Operator += o.Operator
	b.RawOperator += o.RawOperator
	b.Coordinator += o.Coordinator
	b.InFlight += o.InFlight
	b.Inline += o.Inline
}
