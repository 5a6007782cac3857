// Package ordered puts what several workers write in parallel into one order, in bounded memory.
package ordered

import (
	"io"
	"sync"
)

// Writer writes numbered pieces to one io.Writer in the order of their numbers. Pieces may be written at the same time by several
// goroutines, as long as they are begun in their order: what comes too early waits in memory, and a piece that has too much
// waiting blocks its goroutine until its turn.
type Writer struct {
	out   io.Writer
	ahead int // pieces that may be finished before their turn
	hold  int // bytes that a piece may keep back

	mu      sync.Mutex
	turn    *sync.Cond
	next    int            // the piece whose turn it is
	waiting map[int][]byte // finished pieces
	free    [][]byte       // buffers to use again
	err     error
}

// New makes a Writer for the given number of goroutines. Each piece keeps at most hold bytes back.
func New(out io.Writer, goroutines, hold int) *Writer {
	w := &Writer{out: out, ahead: 2 * max(1, goroutines), hold: hold, waiting: map[int][]byte{}}
	w.turn = sync.NewCond(&w.mu)
	return w
}

// Piece begins piece number n. Numbers start at 0 and none is left out.
func (w *Writer) Piece(n int) *Piece { return &Piece{w: w, n: n} }

// Piece is one part of the output, written by one goroutine.
type Piece struct {
	w    *Writer
	n    int
	kept []byte
}

// Write implements io.Writer. It blocks when it is not the piece's turn and too much is kept back already.
func (p *Piece) Write(b []byte) (int, error) {
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next != p.n && len(p.kept)+len(b) <= w.hold {
		if n := len(w.free); p.kept == nil && n > 0 {
			p.kept, w.free = w.free[n-1], w.free[:n-1]
		}
		p.kept = append(p.kept, b...)
		return len(b), w.err
	}
	for w.next != p.n && w.err == nil {
		w.turn.Wait()
	}
	w.write(p.kept)
	p.kept = p.kept[:0]
	w.write(b)
	return len(b), w.err
}

// Close ends the piece. It must be called for every piece.
func (p *Piece) Close() error {
	w := p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	for p.n-w.next > w.ahead && w.err == nil {
		w.turn.Wait()
	}
	w.waiting[p.n] = p.kept
	p.kept = nil
	for b, ok := w.waiting[w.next]; ok; b, ok = w.waiting[w.next] {
		delete(w.waiting, w.next)
		w.write(b)
		w.next++
		if cap(b) > 0 {
			w.free = append(w.free, b[:0])
		}
	}
	w.turn.Broadcast()
	return w.err
}

// write is called with the lock held: only the piece whose turn it is gets here.
func (w *Writer) write(b []byte) {
	if w.err == nil && len(b) > 0 {
		if _, w.err = w.out.Write(b); w.err != nil {
			w.turn.Broadcast()
		}
	}
}
