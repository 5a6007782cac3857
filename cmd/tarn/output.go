package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader"
)

// result calls write with where results go: standard output, or the file that --output names. A file appears whole or not at all,
// and an existing one is not replaced without --force.
func (a *app) result(write func(w io.Writer) error) error {
	if a.output == "" || a.output == "-" {
		b := bufio.NewWriterSize(a.out, 64<<10)
		return errors.Join(write(b), b.Flush())
	}
	if info, err := os.Stat(a.output); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return a.toDevice(write)
	}
	if _, err := os.Lstat(a.output); !errors.Is(err, fs.ErrNotExist) && !a.force {
		return refused(a.output, "exists").WithHint("--force replaces it")
	}
	f, err := os.CreateTemp(filepath.Dir(a.output), ".tarn-*")
	if err != nil {
		return refused(a.output, "cannot be created: %v", errors.Unwrap(err))
	}
	b := bufio.NewWriterSize(f, 256<<10)
	werr := write(b)
	var partial *reader.PartialError
	if werr != nil && !errors.As(werr, &partial) { // a partial result is still one
		return errors.Join(werr, f.Close(), os.Remove(f.Name()))
	}
	err = errors.Join(b.Flush(), f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), a.output)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return werr
}

// toDevice writes to something that is there and is no file: a pipe, /dev/null. It cannot be replaced.
func (a *app) toDevice(write func(w io.Writer) error) error {
	f, err := os.OpenFile(a.output, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 256<<10)
	return errors.Join(write(b), b.Flush(), f.Close())
}

func refused(file, format string, args ...any) *fault.Error {
	e := fault.New(fault.ErrRefused, format, args...)
	e.File = file
	return e
}

// writeJSON writes one JSON document.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// maxInput bounds what is read from standard input.
const maxInput = 1 << 30

// standardInput reads it all, unless ctx ends first: whoever forgot to give any can still interrupt.
func (a *app) standardInput(ctx context.Context) ([]byte, error) {
	type input struct {
		data []byte
		err  error
	}
	done := make(chan input, 1)
	go func() {
		b, err := io.ReadAll(io.LimitReader(a.in, maxInput))
		done <- input{b, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case in := <-done:
		return in.data, in.err
	}
}
