package opstate

import (
	"io"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/statemeta"
)

// Writer writes a managed stream with the bytes that Flink would write; a compressed one in the form of Flink 1.19 and newer. All states of the
// header are begun, in its order, by List and Broadcast, and each is followed by its content. Errors stay: Close gives the
// first.
type Writer struct {
	dst     io.Writer
	header  *Header
	started int    // states begun
	left    int    // map entries that are still to come
	pos     int64  // bytes written, when not compressed
	head    int64  // bytes of the header
	count   []byte // memory
	frames  *frame.Writer
	parts   []metadata.OperatorStatePart
	err     error
}

// NewWriter writes the header. rule matters for compressed streams only.
func NewWriter(dst io.Writer, h *Header, rule frame.Rule) (*Writer, error) {
	b, err := h.Append(nil)
	if err != nil {
		return nil, err
	}
	w := &Writer{dst: dst, header: h, head: int64(len(b))}
	if w.put(b); h.Compressed {
		w.frames = frame.NewWriter(dst, rule)
	}
	return w, w.err
}

// List begins the next list of the header.
func (w *Writer) List(name string, mode metadata.Mode) error {
	w.begin(name, mode, w.header.Lists, w.started)
	return w.err
}

// Broadcast begins the next broadcast map of the header, with n entries.
func (w *Writer) Broadcast(name string, n int) error {
	w.begin(name, metadata.ModeBroadcast, w.header.Broadcast, w.started-len(w.header.Lists))
	w.mark()
	w.count = binio.AppendI32(w.count[:0], int32(n))
	w.put(w.count)
	w.left = n
	return w.err
}

// BroadcastRaw writes the next broadcast map of the header as bytes that hold it whole, with the leading count: an entry of Each that is
// Unsplit.
func (w *Writer) BroadcastRaw(name string, content []byte) error {
	w.begin(name, metadata.ModeBroadcast, w.header.Broadcast, w.started-len(w.header.Lists))
	w.mark()
	w.put(content)
	return w.err
}

// Element writes an element of the list that was begun last.
func (w *Writer) Element(b []byte) error {
	if w.err == nil && (len(w.parts) == 0 || w.parts[len(w.parts)-1].Mode == metadata.ModeBroadcast) {
		w.err = fault.New(fault.ErrUsage, "an element outside a list")
	}
	w.mark()
	w.put(b)
	return w.err
}

// Entry writes an entry of the broadcast map that was begun last.
func (w *Writer) Entry(key, value []byte) error {
	if w.left--; w.err == nil && w.left < 0 {
		w.err = fault.New(fault.ErrUsage, "more map entries than were announced")
	}
	w.put(key)
	w.put(value)
	return w.err
}

// Close ends the stream, but not the destination, and gives what the handle must say of the states.
func (w *Writer) Close() ([]metadata.OperatorStatePart, error) {
	w.full()
	if all := len(w.header.Lists) + len(w.header.Broadcast); w.err == nil && w.started != all {
		w.err = fault.New(fault.ErrUsage, "%d states", w.started).WithExpected("%d, as the header says", all)
	}
	w.flush()
	return w.parts, w.err
}

// begin starts state number i of infos.
func (w *Writer) begin(name string, mode metadata.Mode, infos []statemeta.Info, i int) {
	w.full()
	if w.err != nil {
		return
	}
	if i < 0 || i >= len(infos) || infos[i].Name != name {
		w.err = fault.At(fault.New(fault.ErrUsage, "not the next state of the header"), place(name))
		return
	}
	w.started++
	w.parts = append(w.parts, metadata.OperatorStatePart{Name: name, Mode: mode})
}

func (w *Writer) full() {
	if w.err == nil && w.left > 0 {
		w.err = fault.New(fault.ErrUsage, "%d map entries too few", w.left)
	}
}

// mark notes the place of what is written next as a partition of the current state.
func (w *Writer) mark() {
	w.flush()
	if w.err == nil {
		p := &w.parts[len(w.parts)-1]
		p.Offsets = append(p.Offsets, w.pos)
	}
}

// flush brings everything to the destination, so that pos is the place of what comes next.
func (w *Writer) flush() {
	if w.err == nil && w.frames != nil {
		w.err = w.frames.Flush()
		w.pos = w.head + w.frames.Written()
	}
}

func (w *Writer) put(b []byte) {
	switch {
	case w.err != nil:
	case w.frames != nil:
		_, w.err = w.frames.Write(b)
	default:
		var n int
		n, w.err = w.dst.Write(b)
		w.pos += int64(n)
	}
}
