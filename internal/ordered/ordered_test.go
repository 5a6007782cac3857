package ordered

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
)

func TestOrder(t *testing.T) {
	const pieces = 200
	var out, want bytes.Buffer
	w := New(&out, 4, 64)
	work := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range work {
				p := w.Piece(n)
				for i := range n % 7 {
					fmt.Fprintf(p, "%d.%d %s\n", n, i, strings.Repeat("x", n%40))
				}
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range pieces {
		for i := range n % 7 {
			fmt.Fprintf(&want, "%d.%d %s\n", n, i, strings.Repeat("x", n%40))
		}
		work <- n
	}
	close(work)
	wg.Wait()
	if out.String() != want.String() {
		t.Error("pieces came out in another order")
	}
}

func TestError(t *testing.T) {
	fail := errors.New("disk full")
	w := New(failing{fail}, 2, 4)
	late := w.Piece(1)
	done := make(chan error)
	go func() {
		_, err := late.Write([]byte("too much to be kept back"))
		late.Close()
		done <- err
	}()
	first := w.Piece(0)
	if _, err := io.WriteString(first, "more than it may keep"); err != fail {
		t.Errorf("Write: %v", err)
	}
	if err := first.Close(); err != fail {
		t.Errorf("Close: %v", err)
	}
	if err := <-done; err != fail {
		t.Errorf("waiting Write: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
