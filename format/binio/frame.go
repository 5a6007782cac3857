package binio

// Frame reads n bytes as a reader of their own: same offsets, same depth, same tracer. Errors inside stay inside, so that a frame
// that is not understood breaks nothing beside it. When tracing, the frame's fields end with its EndFrame.
func (r *Reader) Frame(n int) *Reader {
	if r.tracer != nil {
		r.closeField()
	}
	at := r.Offset()
	f := &Reader{buf: r.take(n), base: at, depth: r.depth, field: r.field, tracer: r.tracer}
	return f
}

// EndFrame reports the last field of a frame to the tracer.
func (r *Reader) EndFrame() {
	if r.tracer != nil {
		r.closeField()
	}
}

// FailWith records an error that happened in a frame or another reader, unless one is recorded already.
func (r *Reader) FailWith(err error) {
	if r.err == nil {
		r.err = err
	}
}
