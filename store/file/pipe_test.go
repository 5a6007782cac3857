//go:build unix

package file_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/store/file"
)

// TestPipe: a pipe is no file. Opening it is an error at once, and does not wait until somebody writes to it.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "_metadata")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	if _, err := (file.Store{}).Stat(t.Context(), name); !errors.Is(err, fault.ErrMissing) {
		t.Error(err)
	}
	if list, err := (file.Store{}).List(t.Context(), dir); len(list) > 0 || err != nil {
		t.Error(list, err)
	}
	opened := make(chan error, 1)
	go func() {
		_, err := file.Store{}.Open(t.Context(), name)
		opened <- err
	}()
	select {
	case err := <-opened:
		if !errors.Is(err, fault.ErrMissing) {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("still waiting for the pipe's other end")
	}
}
