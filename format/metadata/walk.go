package metadata

// Size is the number of inline bytes.
func (h *ByteStream) Size() int64 { return int64(len(h.Data)) }

// Size is the length of the file, 0 if unknown.
func (h *File) Size() int64 { return max(h.Length, 0) }

// Size is the length of the file, 0 if unknown.
func (h *RelativeFile) Size() int64 { return max(h.Length, 0) }

// Size is the length of the segment.
func (h *Segment) Size() int64 { return h.Length }

// Size is 0.
func (h *EmptySegment) Size() int64 { return 0 }

// Size is the size of the stream.
func (h *KeyGroups) Size() int64 { return sizeOf(h) }

// Size is the size of all files and of the meta stream.
func (h *Incremental) Size() int64 { return sizeOf(h) }

// Size is the size of the materialized part and of the changes.
func (h *Changelog) Size() int64 {
	var n int64
	for _, part := range h.parts() {
		n += part.Size()
	}
	return n
}

// Size is the number of bytes of all changes.
func (h *MemoryLog) Size() int64 {
	var n int64
	for _, c := range h.Changes {
		n += int64(len(c.Data))
	}
	return n
}

// Size is the number of bytes of the change sets that belong to the handle. The files may hold those of other subtasks too.
func (h *FileLog) Size() int64 { return h.StateSize }

// Size is the size of the stream.
func (h *OperatorHandle) Size() int64 { return sizeOf(h) }

// Size is the number of bytes of this channel.
func (h *Channel) Size() int64 { return h.Length }

// Size is the number of bytes of all channels.
func (h *MergedChannels) Size() int64 { return h.Length }

func sizeOf(h Handle) int64 {
	var n int64
	h.eachStream(func(s StreamHandle) { n += s.Size() })
	return n
}

func (h *ByteStream) eachStream(f func(StreamHandle))   { f(h) }
func (h *File) eachStream(f func(StreamHandle))         { f(h) }
func (h *RelativeFile) eachStream(f func(StreamHandle)) { f(h) }
func (h *Segment) eachStream(f func(StreamHandle))      { f(h) }
func (h *EmptySegment) eachStream(f func(StreamHandle)) { f(h) }
func (h *KeyGroups) eachStream(f func(StreamHandle))    { EachStream(h.Stream, f) }

func (h *Incremental) eachStream(f func(StreamHandle)) {
	EachStream(h.Meta, f)
	for _, list := range [][]NamedStream{h.Shared, h.Private} {
		for _, s := range list {
			EachStream(s.Stream, f)
		}
	}
}

// parts are the handles inside that are not nil.
func (h *Changelog) parts() []KeyedHandle {
	out := make([]KeyedHandle, 0, len(h.Materialized)+len(h.NonMaterialized))
	for _, list := range [][]KeyedHandle{h.Materialized, h.NonMaterialized} {
		for _, part := range list {
			if part != nil {
				out = append(out, part)
			}
		}
	}
	return out
}

func (h *Changelog) eachStream(f func(StreamHandle)) {
	for _, part := range h.parts() {
		part.eachStream(f)
	}
}

func (h *MemoryLog) eachStream(func(StreamHandle)) {}

func (h *FileLog) eachStream(f func(StreamHandle)) {
	for _, part := range h.Parts {
		EachStream(part.Stream, f)
	}
}

func (h *OperatorHandle) eachStream(f func(StreamHandle)) { EachStream(h.Stream, f) }
func (h *Channel) eachStream(f func(StreamHandle))        { EachStream(h.Stream, f) }
func (h *MergedChannels) eachStream(f func(StreamHandle)) { EachStream(h.Stream, f) }
