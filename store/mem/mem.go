// Package mem is a store in memory, for tests and for snapshots that are made from nothing.
package mem

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/store"
)

// Store holds files by name. The zero value is empty and ready; it may be used from several goroutines.
type Store struct {
	mu    sync.RWMutex
	files map[string]file
}

type file struct {
	data []byte
	at   time.Time
}

// Put stores a file. The data is not copied.
func (s *Store) Put(name string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = map[string]file{}
	}
	s.files[clean(name)] = file{data, time.Now()}
}

// Delete forgets a file.
func (s *Store) Delete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, clean(name))
}

func clean(name string) string { return strings.Trim(name, "/") }

// Open implements store.Store.
func (s *Store) Open(_ context.Context, name string) (store.Object, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, ok := s.files[clean(name)]
	if !ok {
		return nil, missing(name)
	}
	return object{bytes.NewReader(f.data)}, nil
}

// Stat implements store.Store.
func (s *Store) Stat(_ context.Context, name string) (store.Info, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := clean(name)
	if f, ok := s.files[n]; ok {
		return store.Info{Name: name, Size: int64(len(f.data)), ModTime: f.at}, nil
	}
	for k := range s.files {
		if n == "" || strings.HasPrefix(k, n+"/") {
			return store.Info{Name: name, Dir: true}, nil
		}
	}
	return store.Info{}, missing(name)
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, dir string) ([]store.Info, error) {
	if i, err := s.Stat(ctx, dir); err != nil {
		return nil, err
	} else if !i.Dir {
		return nil, missing(dir)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	prefix := clean(dir)
	if prefix != "" {
		prefix += "/"
	}
	seen := map[string]store.Info{}
	for k, f := range s.files {
		rest, ok := strings.CutPrefix(k, prefix)
		if !ok {
			continue
		}
		name, _, sub := strings.Cut(rest, "/")
		if sub {
			seen[name] = store.Info{Name: name, Dir: true}
		} else {
			seen[name] = store.Info{Name: name, Size: int64(len(f.data)), ModTime: f.at}
		}
	}
	out := make([]store.Info, 0, len(seen))
	for _, i := range seen {
		out = append(out, i)
	}
	slices.SortFunc(out, func(a, b store.Info) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func missing(name string) error {
	e := fault.New(fault.ErrMissing, "no such file")
	e.File = name
	return e
}

type object struct{ *bytes.Reader }

func (object) Close() error  { return nil }
func (o object) Size() int64 { return o.Reader.Size() }
