// Package storetest is the contract that every store keeps: a store is done when it passes.
package storetest

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/store"
)

// Files are what the store under test must hold below its root before Run is called.
var Files = map[string]string{
	"empty":            "",
	"top":              "0123456789",
	"dir/one":          "1",
	"dir/sub/two":      "22",
	"dir/with space+%": "333",
}

// Run checks s, which holds Files below root.
func Run(t *testing.T, s store.Store, root string) {
	ctx := context.Background()
	for name, want := range Files {
		t.Run("read "+name, func(t *testing.T) { read(t, s, store.Join(root, name), want) })
	}
	t.Run("list", func(t *testing.T) {
		got, err := s.List(ctx, store.Join(root, "dir"))
		if err != nil || len(got) != 3 {
			t.Fatalf("List = %v, %v", got, err)
		}
		for i, want := range []store.Info{{Name: "one", Size: 1}, {Name: "sub", Dir: true}, {Name: "with space+%", Size: 3}} {
			g := got[i]
			if g.Name != want.Name || g.Dir != want.Dir || (!g.Dir && g.Size != want.Size) {
				t.Errorf("entry %d is %+v, want %+v", i, g, want)
			}
		}
	})
	t.Run("missing", func(t *testing.T) {
		if _, err := s.Open(ctx, store.Join(root, "nothing")); !errors.Is(err, fault.ErrMissing) {
			t.Errorf("Open: %v", err)
		}
		if _, err := s.Open(ctx, store.Join(root, "dir")); !errors.Is(err, fault.ErrMissing) {
			t.Errorf("Open of a directory: %v", err)
		}
		if _, err := s.Stat(ctx, store.Join(root, "nothing")); !errors.Is(err, fault.ErrMissing) {
			t.Errorf("Stat: %v", err)
		}
		if _, err := s.List(ctx, store.Join(root, "nothing")); !errors.Is(err, fault.ErrMissing) {
			t.Errorf("List: %v", err)
		}
		if _, err := s.List(ctx, store.Join(root, "top")); !errors.Is(err, fault.ErrMissing) {
			t.Errorf("List of a file: %v", err)
		}
	})
}

func read(t *testing.T, s store.Store, name, want string) {
	ctx := context.Background()
	info, err := s.Stat(ctx, name)
	if err != nil || info.Dir || info.Size != int64(len(want)) {
		t.Fatalf("Stat = %+v, %v", info, err)
	}
	o, err := s.Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if o.Size() != int64(len(want)) {
		t.Errorf("Size = %d, want %d", o.Size(), len(want))
	}
	var wg sync.WaitGroup
	for at := 0; at <= len(want); at++ {
		wg.Go(func() {
			b := make([]byte, len(want)-at)
			if n, err := o.ReadAt(b, int64(at)); n != len(b) || (err != nil && err != io.EOF) || string(b) != want[at:] {
				t.Errorf("ReadAt(%d) = %q, %v", at, b[:n], err)
			}
		})
	}
	wg.Wait()
	if _, err := o.ReadAt(make([]byte, 1), o.Size()); err != io.EOF {
		t.Errorf("ReadAt at the end: %v, want io.EOF", err)
	}
}
