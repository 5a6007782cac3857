package metadata

import (
	"encoding/binary"
	"strconv"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// section opens a numbered section of a trace.
func (d *decoder) section(label string, i int) {
	if d.r.Tracing() {
		d.r.Section(label + " " + strconv.Itoa(i))
	}
}

// code opens the section of a handle and reads its code. The caller ends the section.
func (d *decoder) code(place string) byte {
	if d.r.Tracing() {
		kind := "cut off"
		if rest := d.r.Rest(); len(rest) > 0 {
			kind = codeName(rest[0])
		}
		d.r.Section(place + ": " + kind)
	}
	return d.r.Field("handle code").U8()
}

// badCode records that a handle of this code cannot stand here.
func (d *decoder) badCode(code byte, place string) {
	if d.r.Err() != nil {
		return
	}
	at := d.r.Offset() - 1
	if int(code) < len(codes) {
		d.r.Fail(fault.Corrupt(at, "handle code %d (%s)", code, codeName(code)).WithExpected("a handle for %s", place))
		return
	}
	d.r.Fail(fault.Unsupported(at, "handle code %d for %s", code, place).WithHint("written by a Flink newer than this program, or damaged"))
}

// stream reads a stream handle; only where optional may it be none.
func (d *decoder) stream(place string, optional bool) StreamHandle {
	r := d.r
	if !r.Enter() {
		return nil
	}
	defer r.Leave()
	code := d.code(place)
	defer r.EndSection()
	if r.Err() != nil || (code == codeNull && optional) {
		return nil
	}
	switch code {
	case codeByteStream:
		h := &ByteStream{Name: r.Field("handle name").UTF()}
		n := r.Field("number of bytes").Length()
		h.Data = r.Field("inline bytes").Bytes(n)
		return h
	case codeFile:
		return &File{Length: d.i64In("file size", -1), Path: r.Field("absolute path").UTF()}
	case codeRelativeFile:
		return &RelativeFile{Path: r.Field("relative path").UTF(), Length: d.i64In("file size", -1)}
	case codeSegment:
		return d.segment()
	case codeEmptySegment:
		return &EmptySegment{}
	case codeKeyGroups:
		return d.keyGroups(KeyGroupsPlain)
	}
	d.badCode(code, place)
	return nil
}

func (d *decoder) segment() *Segment {
	h := &Segment{Start: d.i64In("start in the file", 0), Length: d.i64In("segment size", 0)}
	h.Scope = Scope(d.i32In("scope", int32(ScopeExclusive), int32(ScopeShared)))
	h.Path = d.r.Field("absolute path").UTF()
	h.LogicalFileID = d.r.Field("logical file id").UTF()
	return h
}

// keyed reads a keyed handle or none.
func (d *decoder) keyed(place string) KeyedHandle {
	r := d.r
	if !r.Enter() {
		return nil
	}
	defer r.Leave()
	code := d.code(place)
	defer r.EndSection()
	if r.Err() != nil {
		return nil
	}
	switch code {
	case codeNull:
		return nil
	case codeKeyGroups:
		return d.keyGroups(KeyGroupsPlain)
	case codeKeyGroupsV2:
		return d.keyGroups(KeyGroupsWithID)
	case codeSavepointKeyGroups:
		return d.keyGroups(KeyGroupsSavepoint)
	case codeIncremental, codeIncrementalV2:
		return d.incremental(code == codeIncrementalV2)
	case codeChangelog, codeChangelogV2:
		return d.changelog(code == codeChangelogV2)
	case codeMemoryLog:
		return d.memoryLog()
	case codeFileLog, codeFileLogV2:
		return d.fileLog(code == codeFileLogV2)
	}
	d.badCode(code, place)
	return nil
}

// keyGroupRange reads first key group and number of key groups.
func (d *decoder) keyGroupRange() keygroup.Range {
	first := d.i32In("first key group", 0, keygroup.MaxParallelism)
	n := d.i32In("number of key groups", 0, int32(keygroup.MaxParallelism-first))
	return keygroup.Range{First: first, Last: first + n - 1}
}

// offsets reads n offsets. In a trace each has its label and number.
func (d *decoder) offsets(n int, label string, first int) []int64 {
	if n == 0 || d.r.Err() != nil {
		return nil
	}
	if d.r.Tracing() {
		return list(d, n, func(i int) int64 { return d.r.Field(label + " " + strconv.Itoa(first+i)).I64() })
	}
	raw := d.r.Field(label).Bytes(8 * n)
	if raw == nil {
		return nil
	}
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(binary.BigEndian.Uint64(raw[8*i:]))
	}
	return out
}

func (d *decoder) keyGroups(kind KeyGroupsKind) *KeyGroups {
	h := &KeyGroups{Kind: kind, Range: d.keyGroupRange()}
	h.Offsets = d.offsets(h.Range.Len(), "offset of key group", h.Range.First)
	h.Stream = d.stream("stream", false)
	if kind == KeyGroupsWithID {
		h.HandleID = d.r.Field("handle id").UTF()
	}
	return h
}

func (d *decoder) incremental(v2 bool) *Incremental {
	r := d.r
	h := &Incremental{V2: v2, CheckpointID: r.Field("checkpoint id").I64(), BackendID: r.Field("backend id").UTF(), Range: d.keyGroupRange()}
	if v2 {
		h.CheckpointedSize = r.Field("checkpointed size").I64()
	}
	h.Meta = d.stream("meta stream", false)
	h.Shared = d.namedStreams("shared file")
	h.Private = d.namedStreams("private file")
	if v2 {
		h.HandleID = r.Field("handle id").UTF()
	}
	return h
}

func (d *decoder) namedStreams(label string) []NamedStream {
	n := d.r.Field("number of " + label + "s").Count(3)
	return list(d, n, func(i int) NamedStream {
		d.section(label, i)
		defer d.r.EndSection()
		return NamedStream{LocalPath: d.r.Field("local path").UTF(), Stream: d.stream("stream", false)}
	})
}

// shortChangelog says whether a handle without a version of its own has the layout of Flink 1.14.
func (d *decoder) shortChangelog() bool {
	d.ambiguous = d.ambiguous || d.l.changelog114
	return d.changelog114
}

func (d *decoder) changelog(v2 bool) *Changelog {
	r := d.r
	short := !v2 && d.shortChangelog()
	h := &Changelog{V2: v2, Range: d.keyGroupRange()}
	if !short {
		h.CheckpointedSize = r.Field("checkpointed size").I64()
	}
	n := r.Field("number of materialized handles").Count(1)
	h.Materialized = list(d, n, func(int) KeyedHandle { return d.keyed("materialized part") })
	n = r.Field("number of changelog handles").Count(1)
	h.NonMaterialized = list(d, n, d.logHandle)
	if !short {
		h.MaterializationID = r.Field("materialization id").I64()
	}
	if v2 {
		h.CheckpointID = r.Field("checkpoint id").I64()
	}
	if !short {
		h.HandleID = r.Field("handle id").UTF()
	}
	return h
}

// logHandle reads a keyed handle that must be a log.
func (d *decoder) logHandle(int) KeyedHandle {
	at := d.r.Offset()
	h := d.keyed("changelog")
	switch h.(type) {
	case *MemoryLog, *FileLog:
	default:
		if d.r.Err() == nil {
			d.r.Fail(fault.Corrupt(at, "a handle that is no changelog among the changelog handles"))
		}
	}
	return h
}

func (d *decoder) memoryLog() *MemoryLog {
	r := d.r
	short := d.shortChangelog()
	h := &MemoryLog{Range: d.keyGroupRange(), From: r.Field("first sequence number").I64(), To: r.Field("last sequence number").I64()}
	n := r.Field("number of changes").Count(8)
	h.Changes = list(d, n, func(int) StateChange {
		group := d.i32In("key group of the change", MetaKeyGroup, keygroup.MaxParallelism)
		size := r.Field("length of the change").Length()
		return StateChange{KeyGroup: int32(group), Data: r.Field("change").Bytes(size)}
	})
	if !short {
		h.HandleID = r.Field("handle id").UTF()
	}
	return h
}

func (d *decoder) fileLog(v2 bool) *FileLog {
	r := d.r
	short := !v2 && d.shortChangelog()
	h := &FileLog{V2: v2, Range: d.keyGroupRange()}
	n := r.Field("number of change sets").Count(9)
	h.Parts = list(d, n, func(int) LogPart {
		return LogPart{Offset: r.Field("offset of the change set").I64(), Stream: d.stream("stream", false)}
	})
	h.StateSize = r.Field("state size").I64()
	if !short {
		h.CheckpointedSize = r.Field("checkpointed size").I64()
		h.HandleID = r.Field("handle id").UTF()
	}
	if v2 {
		h.StorageID = r.Field("storage id").UTF()
	}
	return h
}

// maybeOperatorHandle reads a flag and, if it is set, an operator handle.
func (d *decoder) maybeOperatorHandle(place string) *OperatorHandle {
	if d.i32In(place, 0, 1) == 0 || d.r.Err() != nil {
		return nil
	}
	r := d.r
	code := d.code(place)
	defer r.EndSection()
	if r.Err() != nil {
		return nil
	}
	if code != codeOperator && code != codeMergedOperator {
		d.badCode(code, place)
		return nil
	}
	h := &OperatorHandle{}
	h.States = list(d, r.Field("number of states").Count(7), d.statePart)
	if code == codeMergedOperator {
		h.Merged = &MergedDirs{TaskOwned: r.Field("task-owned directory").UTF(), Shared: r.Field("shared directory").UTF(), Empty: r.Field("empty").Bool()}
	}
	h.Stream = d.stream("stream", false)
	return h
}

func (d *decoder) statePart(i int) OperatorStatePart {
	r := d.r
	d.section("state", i)
	defer r.EndSection()
	p := OperatorStatePart{Name: r.Field("state name").UTF()}
	at := r.Offset()
	p.Mode = Mode(r.Field("distribution mode").U8())
	if r.Err() == nil && p.Mode > ModeBroadcast {
		r.Fail(fault.Corrupt(at, "%d", p.Mode).WithExpected("0, 1 or 2"))
	}
	p.Offsets = d.offsets(r.Field("number of partitions").Count(8), "offset of partition", 0)
	return p
}

// channels reads the in-flight data of one direction.
func (d *decoder) channels(place string, plain, merged byte) []ChannelHandle {
	r := d.r
	tagged := d.l.channels == channelsTagged
	minSize := 29
	if tagged {
		minSize = 18
	}
	n := r.Field("number of " + place).Count(minSize)
	return list(d, n, func(i int) ChannelHandle {
		d.section(place, i)
		defer r.EndSection()
		if !tagged {
			return d.channel()
		}
		at := r.Offset()
		switch code := r.Field("handle code").U8(); {
		case r.Err() != nil:
		case code == plain:
			return d.channel()
		case code == merged:
			return d.mergedChannels()
		default:
			r.Fail(fault.Corrupt(at, "channel handle code %d", code).WithExpected("%d or %d", plain, merged))
		}
		return nil
	})
}

func (d *decoder) channel() *Channel {
	r := d.r
	h := &Channel{Subtask: r.Field("subtask that wrote it").I32(), Gate: r.Field("gate or partition").I32(), Index: r.Field("channel or subpartition").I32()}
	h.Offsets = d.offsets(r.Field("number of buffers").Count(8), "offset of buffer", 0)
	h.Length = r.Field("state size").I64()
	h.Stream = d.stream("stream", false)
	return h
}

func (d *decoder) mergedChannels() *MergedChannels {
	r := d.r
	h := &MergedChannels{Subtask: r.Field("subtask that wrote it").I32(), Length: r.Field("state size").I64(), Stream: d.stream("stream", false)}
	size := r.Field("length of the channel table").Length()
	end := r.Pos() + size
	h.Channels = list(d, r.Field("number of channels").Count(20), func(i int) ChannelOffsets {
		d.section("channel", i)
		defer r.EndSection()
		c := ChannelOffsets{Gate: r.Field("gate or partition").I32(), Index: r.Field("channel or subpartition").I32(), Length: r.Field("state size").I64()}
		c.Offsets = d.offsets(r.Field("number of buffers").Count(8), "offset of buffer", 0)
		return c
	})
	if r.Err() == nil && r.Pos() != end {
		r.Corrupt("a channel table of %d bytes with a length of %d", size+r.Pos()-end, size)
	}
	return h
}
