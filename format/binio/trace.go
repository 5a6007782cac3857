package binio

// Shape tells how the bytes of a traced field are best shown.
type Shape uint8

// The shapes of fields.
const (
	ShapeNumber Shape = iota // 1, 2, 4 or 8 bytes, big-endian; anything longer is raw
	ShapeText                // utf
	ShapeString              // StringValue encoding
)

// Tracer is told what each byte range of a structure means while it is decoded. Fields come in order, without gaps where
// the decoder labels all it reads, and nested in sections.
type Tracer interface {
	// Field: the bytes raw at the absolute offset were read as label.
	Field(offset int64, raw []byte, label string, shape Shape)
	// Enter opens a section that starts at offset; Leave closes it.
	Enter(offset int64, label string)
	Leave(offset int64)
}

// Trace makes the reader report to t from now on. Only decoders that label their fields report anything.
func (r *Reader) Trace(t Tracer) { r.tracer = t }

// Field labels what is read next, until the next label: the name appears in errors and traces. It returns the reader, so
// that r.Field("number of states").I16() reads like the format.
func (r *Reader) Field(label string) *Reader {
	if r.tracer != nil {
		r.closeField()
		r.open, r.start, r.shape = true, r.pos, ShapeNumber
	}
	if r.err == nil {
		r.field = label
	}
	return r
}

// Section opens a named section of a trace; EndSection closes it.
func (r *Reader) Section(label string) {
	if r.tracer != nil {
		r.closeField()
		r.tracer.Enter(r.Offset(), label)
	}
}

// EndSection closes the section that was opened last.
func (r *Reader) EndSection() {
	if r.tracer != nil {
		r.closeField()
		r.tracer.Leave(r.Offset())
	}
}

// Tracing reports whether a tracer listens, so that labels which cost something to make are made only then.
func (r *Reader) Tracing() bool { return r.tracer != nil }

func (r *Reader) closeField() {
	if r.open && r.pos > r.start {
		r.tracer.Field(r.base+int64(r.start), r.buf[r.start:r.pos], r.field, r.shape)
	}
	r.open = false
}
