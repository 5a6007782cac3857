package metadata

import "github.com/tarn-project/tarn/format/keygroup"

func (e *encoder) stream(h StreamHandle) {
	if h == nil {
		e.refuse("stream", "no handle")
		return
	}
	e.u8(codeOf(h))
	switch h := h.(type) {
	case *ByteStream:
		e.utf("handle name", h.Name)
		e.bytes(h.Data)
	case *File:
		e.size(h.Length, -1)
		e.utf("absolute path", h.Path)
	case *RelativeFile:
		e.utf("relative path", h.Path)
		e.size(h.Length, -1)
	case *Segment:
		e.size(h.Start, 0)
		e.size(h.Length, 0)
		if h.Scope != ScopeExclusive && h.Scope != ScopeShared {
			e.refuse("scope", "%d", h.Scope)
		}
		e.i32(int32(h.Scope))
		e.utf("absolute path", h.Path)
		e.utf("logical file id", h.LogicalFileID)
	case *KeyGroups:
		if h.Kind != KeyGroupsPlain {
			e.refuse("stream", "key groups of another kind than plain in the place of a stream")
		}
		e.keyGroups(h)
	}
}

func (e *encoder) keyed(h KeyedHandle) {
	if h == nil {
		e.u8(codeNull)
		return
	}
	e.u8(codeOf(h))
	switch h := h.(type) {
	case *KeyGroups:
		e.keyGroups(h)
	case *Incremental:
		e.incremental(h)
	case *Changelog:
		e.changelog(h)
	case *MemoryLog:
		e.memoryLog(h)
	case *FileLog:
		e.fileLog(h)
	}
}

func (e *encoder) keyGroupRange(r keygroup.Range) {
	n := r.Last - r.First + 1
	if r.First < 0 || n < 0 || r.Last >= keygroup.MaxParallelism {
		e.refuse("key groups", "%d to %d", r.First, r.Last)
	}
	e.count(r.First)
	e.count(n)
}

func (e *encoder) keyGroups(h *KeyGroups) {
	e.keyGroupRange(h.Range)
	if len(h.Offsets) != h.Range.Len() {
		e.refuse("offsets", "%d for %d key groups", len(h.Offsets), h.Range.Len())
	}
	e.longs(h.Offsets)
	e.stream(h.Stream)
	e.optionalUTF(h.Kind == KeyGroupsWithID, "handle id", h.HandleID)
}

// optionalUTF appends a text that only some forms of a handle have.
func (e *encoder) optionalUTF(has bool, field, s string) {
	if has {
		e.utf(field, s)
	} else if s != "" {
		e.refuse(field, "this form of the handle has none")
	}
}

// optionalI64 appends a number that only some forms of a handle have.
func (e *encoder) optionalI64(has bool, field string, v int64) {
	if has {
		e.i64(v)
	} else if v != 0 {
		e.refuse(field, "this form of the handle has none")
	}
}

func (e *encoder) incremental(h *Incremental) {
	e.i64(h.CheckpointID)
	e.utf("backend id", h.BackendID)
	e.keyGroupRange(h.Range)
	e.optionalI64(h.V2, "checkpointed size", h.CheckpointedSize)
	e.stream(h.Meta)
	e.namedStreams(h.Shared)
	e.namedStreams(h.Private)
	e.optionalUTF(h.V2, "handle id", h.HandleID)
}

func (e *encoder) namedStreams(list []NamedStream) {
	e.count(len(list))
	for _, s := range list {
		e.utf("local path", s.LocalPath)
		e.stream(s.Stream)
	}
}

func (e *encoder) changelog(h *Changelog) {
	long := h.V2 || !e.changelog114
	e.keyGroupRange(h.Range)
	e.optionalI64(long, "checkpointed size", h.CheckpointedSize)
	e.count(len(h.Materialized))
	for _, part := range h.Materialized {
		e.keyed(part)
	}
	e.count(len(h.NonMaterialized))
	for _, part := range h.NonMaterialized {
		switch part.(type) {
		case *MemoryLog, *FileLog:
		default:
			e.refuse("changelog handles", "a handle that is no changelog")
		}
		e.keyed(part)
	}
	e.optionalI64(long, "materialization id", h.MaterializationID)
	e.optionalI64(h.V2, "checkpoint id", h.CheckpointID)
	e.optionalUTF(long, "handle id", h.HandleID)
}

func (e *encoder) memoryLog(h *MemoryLog) {
	e.keyGroupRange(h.Range)
	e.i64(h.From)
	e.i64(h.To)
	e.count(len(h.Changes))
	for _, c := range h.Changes {
		if c.KeyGroup < MetaKeyGroup || c.KeyGroup > keygroup.MaxParallelism {
			e.refuse("key group of a change", "%d", c.KeyGroup)
		}
		e.i32(c.KeyGroup)
		e.bytes(c.Data)
	}
	e.optionalUTF(!e.changelog114, "handle id", h.HandleID)
}

func (e *encoder) fileLog(h *FileLog) {
	long := h.V2 || !e.changelog114
	e.keyGroupRange(h.Range)
	e.count(len(h.Parts))
	for _, p := range h.Parts {
		e.i64(p.Offset)
		e.stream(p.Stream)
	}
	e.i64(h.StateSize)
	e.optionalI64(long, "checkpointed size", h.CheckpointedSize)
	e.optionalUTF(long, "handle id", h.HandleID)
	e.optionalUTF(h.V2, "storage id", h.StorageID)
}

func (e *encoder) maybeOperatorHandle(h *OperatorHandle) {
	if h == nil {
		e.i32(0)
		return
	}
	e.i32(1)
	e.u8(codeOf(h))
	e.count(len(h.States))
	for _, s := range h.States {
		e.utf("state name", s.Name)
		if s.Mode > ModeBroadcast {
			e.refuse("distribution mode", "%d", s.Mode)
		}
		e.u8(byte(s.Mode))
		e.offsets(s.Offsets)
	}
	if d := h.Merged; d != nil {
		e.utf("task-owned directory", d.TaskOwned)
		e.utf("shared directory", d.Shared)
		e.bool(d.Empty)
	}
	e.stream(h.Stream)
}

func (e *encoder) channels(slot Slot, list []ChannelHandle) {
	if e.l.channels == channelsNone {
		e.needs(false, len(list) > 0, slot.String())
		return
	}
	tagged := e.l.channels == channelsTagged
	plain, merged := byte(channelInput), byte(channelMergedInput)
	if slot == SlotResultSubpartition {
		plain, merged = channelOutput, channelMergedOutput
	}
	e.count(len(list))
	for _, h := range list {
		switch h := h.(type) {
		case *Channel:
			if tagged {
				e.u8(plain)
			}
			e.channel(h)
		case *MergedChannels:
			e.needs(tagged, true, "merged "+slot.String())
			e.u8(merged)
			e.mergedChannels(h)
		default:
			e.refuse(slot.String(), "no handle")
		}
	}
}

func (e *encoder) channel(h *Channel) {
	e.i32(h.Subtask)
	e.i32(h.Gate)
	e.i32(h.Index)
	e.offsets(h.Offsets)
	e.i64(h.Length)
	e.stream(h.Stream)
}

func (e *encoder) mergedChannels(h *MergedChannels) {
	e.i32(h.Subtask)
	e.i64(h.Length)
	e.stream(h.Stream)
	at := len(e.b)
	e.i32(0) // the length of the table, when it is known
	e.count(len(h.Channels))
	for _, c := range h.Channels {
		e.i32(c.Gate)
		e.i32(c.Index)
		e.i64(c.Length)
		e.offsets(c.Offsets)
	}
	e.length(at)
}
