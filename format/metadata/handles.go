package metadata

import "github.com/tarn-project/tarn/format/keygroup"

// Handle is anything that says where state is. The set is closed: StreamHandle, KeyedHandle, *OperatorHandle and ChannelHandle.
type Handle interface {
	// Size is the number of bytes of state behind the handle, as the handle tells it. Flink does not check it at restore.
	Size() int64
	eachStream(f func(StreamHandle))
}

// StreamHandle is a run of bytes: inline, a file or a part of one (StreamStateHandle). The set is closed: *ByteStream, *File,
// *RelativeFile, *Segment, *EmptySegment and *KeyGroups.
type StreamHandle interface {
	Handle
	stream()
}

// KeyedHandle is keyed state of a range of key groups (KeyedStateHandle). The set is closed: *KeyGroups, *Incremental,
// *Changelog, *MemoryLog and *FileLog.
type KeyedHandle interface {
	Handle
	KeyGroupRange() keygroup.Range
	keyed()
}

// ChannelHandle is in-flight data of an unaligned checkpoint. The set is closed: *Channel and *MergedChannels.
type ChannelHandle interface {
	Handle
	channel()
}

// EachStream calls f with every run of bytes that belongs to h: *ByteStream, *File, *RelativeFile, *Segment and
// *EmptySegment, however deep they stand. A KeyGroups handle in the place of a stream is walked into. nil handles have none.
func EachStream(h Handle, f func(StreamHandle)) {
	if h != nil {
		h.eachStream(f)
	}
}

// Reference is the physical place that a stream handle names.
type Reference struct {
	Path     string // as it is written: absolute, or relative to the directory of `_metadata`
	Relative bool
	Start    int64 // where in the file the bytes begin
	Length   int64
	Shared   bool // a segment that later checkpoints may use too
}

// ReferenceOf gives the file that a stream handle names; ok is false for inline and empty ones.
func ReferenceOf(h StreamHandle) (ref Reference, ok bool) {
	switch h := h.(type) {
	case *File:
		return Reference{Path: h.Path, Length: h.Length}, true
	case *RelativeFile:
		return Reference{Path: h.Path, Relative: true, Length: h.Length}, true
	case *Segment:
		return Reference{Path: h.Path, Start: h.Start, Length: h.Length, Shared: h.Scope == ScopeShared}, true
	case *KeyGroups:
		return ReferenceOf(h.Stream)
	}
	return Reference{}, false
}

// ByteStream holds its bytes inline (ByteStreamStateHandle, code 1). The name is the path that the file would have had on the
// writing cluster; it is the handle's identity in Flink and never a place to look.
type ByteStream struct {
	Name string
	Data []byte
}

// File is a whole file by absolute path (FileStateHandle, code 2).
type File struct {
	Path   string
	Length int64 // −1 if unknown
}

// RelativeFile is a whole file by its path from the directory of `_metadata` (RelativeFileStateHandle, code 6, Flink 1.11).
type RelativeFile struct {
	Path   string
	Length int64 // −1 if unknown
}

// Scope says who may use a merged file (CheckpointedStateScope).
type Scope int32

// The scopes.
const (
	ScopeExclusive Scope = 0
	ScopeShared    Scope = 1
)

// Segment is a part of a file that several handles share (SegmentFileStateHandle, code 15, Flink 1.20). Offsets of handles around
// it count from Start.
type Segment struct {
	Path          string // absolute
	Start, Length int64
	Scope         Scope
	LogicalFileID string
}

// EmptySegment stands for no bytes (EmptySegmentFileStateHandle, code 16, Flink 1.20).
type EmptySegment struct{}

// KeyGroupsKind tells the KeyGroups handles apart.
type KeyGroupsKind uint8

// The kinds of KeyGroups handles.
const (
	// KeyGroupsPlain has no handle id: KeyGroupsStateHandle until Flink 1.14, code 3, and any that stands in the place of a stream.
	KeyGroupsPlain KeyGroupsKind = iota
	// KeyGroupsWithID is KeyGroupsStateHandle since Flink 1.15, code 12.
	KeyGroupsWithID
	// KeyGroupsSavepoint is KeyGroupsSavepointStateHandle, code 7, Flink 1.13. Its content is always the canonical layout.
	KeyGroupsSavepoint
)

// KeyGroups is one stream with the offset of each key group (KeyGroupsStateHandle and KeyGroupsSavepointStateHandle, codes 3, 7
// and 12). Neither code 3 nor 12 says whether the stream has the heap or the canonical layout.
type KeyGroups struct {
	Kind     KeyGroupsKind
	Range    keygroup.Range
	Offsets  []int64 // one for each key group of Range
	Stream   StreamHandle
	HandleID string // KeyGroupsWithID only: a UUID
}

// NamedStream is a file of a RocksDB or ForSt instance: the name it had there and where it is now (HandleAndLocalPath).
type NamedStream struct {
	LocalPath string // "000010.sst", "CURRENT", "MANIFEST-000005", …
	Stream    StreamHandle
}

// Incremental is a native snapshot of a RocksDB or ForSt instance (IncrementalRemoteKeyedStateHandle, codes 5 and 11).
type Incremental struct {
	// V2 is code 11, since Flink 1.15: CheckpointedSize and HandleID are stored. Else code 5.
	V2           bool
	CheckpointID int64
	BackendID    string // a UUID; keep the string even if it is none
	Range        keygroup.Range
	// CheckpointedSize is the number of bytes that this checkpoint added.
	CheckpointedSize int64
	Meta             StreamHandle  // names and serializers of the states, KeyedBackendSerializationProxy
	Shared           []NamedStream // tables that later checkpoints may refer to
	Private          []NamedStream // all other files
	HandleID         string
}

// Changelog is a materialized snapshot plus the changes since then (ChangelogStateBackendHandle, codes 8 and 14).
type Changelog struct {
	// V2 is code 14, since Flink 1.16: CheckpointID is stored. Else code 8.
	V2                bool
	Range             keygroup.Range
	CheckpointedSize  int64         // not in Flink 1.14
	Materialized      []KeyedHandle // nil elements are possible and mean nothing
	NonMaterialized   []KeyedHandle // *MemoryLog and *FileLog
	MaterializationID int64         // not in Flink 1.14
	CheckpointID      int64
	HandleID          string // not in Flink 1.14
}

// MetaKeyGroup is the key group of a StateChange that registers a state.
const MetaKeyGroup = -1

// StateChange is one change of a MemoryLog.
type StateChange struct {
	KeyGroup int32 // or MetaKeyGroup
	Data     []byte
}

// MemoryLog is a changelog that is kept inline (InMemoryChangelogStateHandle, code 9, Flink 1.14).
type MemoryLog struct {
	Range    keygroup.Range
	From, To int64 // sequence numbers
	Changes  []StateChange
	HandleID string // not in Flink 1.14
}

// LogPart is one change set in a changelog file.
type LogPart struct {
	Offset int64 // in the uncompressed stream, after the flag byte
	Stream StreamHandle
}

// FileLog is a changelog in files (ChangelogStateHandleStreamImpl, codes 10 and 13, Flink 1.14).
type FileLog struct {
	// V2 is code 13, since Flink 1.16: StorageID is stored. Else code 10.
	V2               bool
	Range            keygroup.Range
	Parts            []LogPart
	StateSize        int64  // bytes of the change sets, uncompressed
	CheckpointedSize int64  // not in Flink 1.14
	HandleID         string // not in Flink 1.14
	StorageID        string // "filesystem"
}

// Mode says how the partitions of an operator state are dealt out at restore (OperatorStateHandle.Mode).
type Mode uint8

// The modes.
const (
	ModeSplit     Mode = 0 // SPLIT_DISTRIBUTE: each partition to one subtask
	ModeUnion     Mode = 1 // UNION: all partitions to every subtask
	ModeBroadcast Mode = 2 // BROADCAST: one copy to every subtask
)

var modeNames = [...]string{"SPLIT_DISTRIBUTE", "UNION", "BROADCAST"}

// String gives Flink's name of the mode.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return "unknown mode"
}

// OperatorStatePart is one named state in an operator handle (OperatorStateHandle.StateMetaInfo).
type OperatorStatePart struct {
	Name    string
	Mode    Mode
	Offsets []int64 // of the partitions in the stream
}

// RawOperatorStateName is the name of the only state of a raw operator handle.
const RawOperatorStateName = "_default_"

// MergedDirs are the directories that an operator handle keeps alive when file merging is on.
type MergedDirs struct {
	TaskOwned string // absolute
	Shared    string // absolute
	Empty     bool   // the handle holds no state: only the directories matter
}

// OperatorHandle is operator state: one stream with the partitions of every state (OperatorStreamStateHandle, code 4, and
// FileMergingOperatorStreamStateHandle, code 17, Flink 1.20).
type OperatorHandle struct {
	States []OperatorStatePart
	Merged *MergedDirs // code 17, else nil; Stream is a *Segment or an *EmptySegment then
	Stream StreamHandle
}

// Channel is in-flight data of one channel (InputChannelStateHandle, ResultSubpartitionStateHandle).
type Channel struct {
	Subtask int32 // the one that wrote it
	Gate    int32 // input gate; for a result subpartition its partition
	Index   int32 // channel; for a result subpartition its subpartition
	Offsets []int64
	Length  int64 // bytes that belong to this channel
	Stream  StreamHandle
}

// ChannelOffsets is the part of one channel in a MergedChannels.
type ChannelOffsets struct {
	Gate    int32 // as in Channel
	Index   int32
	Length  int64
	Offsets []int64
}

// MergedChannels is in-flight data of all channels of a subtask that lie in one file (MergedInputChannelStateHandle,
// MergedResultSubpartitionStateHandle, version 6).
type MergedChannels struct {
	Subtask  int32
	Length   int64 // bytes of all channels
	Stream   StreamHandle
	Channels []ChannelOffsets
}

func (*ByteStream) stream()   {}
func (*File) stream()         {}
func (*RelativeFile) stream() {}
func (*Segment) stream()      {}
func (*EmptySegment) stream() {}
func (*KeyGroups) stream()    {}

func (*KeyGroups) keyed()   {}
func (*Incremental) keyed() {}
func (*Changelog) keyed()   {}
func (*MemoryLog) keyed()   {}
func (*FileLog) keyed()     {}

func (*Channel) channel()        {}
func (*MergedChannels) channel() {}

// KeyGroupRange gives the key groups that the handle holds.
func (h *KeyGroups) KeyGroupRange() keygroup.Range { return h.Range }

// KeyGroupRange gives the key groups that the handle holds.
func (h *Incremental) KeyGroupRange() keygroup.Range { return h.Range }

// KeyGroupRange gives the key groups that the handle holds.
func (h *Changelog) KeyGroupRange() keygroup.Range { return h.Range }

// KeyGroupRange gives the key groups that the handle holds.
func (h *MemoryLog) KeyGroupRange() keygroup.Range { return h.Range }

// KeyGroupRange gives the key groups that the handle holds.
func (h *FileLog) KeyGroupRange() keygroup.Range { return h.Range }
