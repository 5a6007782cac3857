// Package store is where bytes live: one small interface that readers and writers need, and nothing about any one kind of
// storage. Implementations are sub-packages, each held to the contract in storetest.
//
// Names are what Flink calls paths: an absolute or relative file name here, a URL for object stores. A store answers for the
// names that it understands; Join and Base treat them all alike, since all use '/'.
package store

import (
	"context"
	"io"
	"strings"
	"time"
)

// Store opens and lists. A name that does not exist is an error of kind fault.ErrMissing.
type Store interface {
	// Open opens an object for reading. A directory is an error of kind fault.ErrMissing.
	Open(ctx context.Context, name string) (Object, error)
	// Stat tells what a name is.
	Stat(ctx context.Context, name string) (Info, error)
	// List gives the entries of a directory, sorted by name. Entries that vanish meanwhile are left out.
	List(ctx context.Context, dir string) ([]Info, error)
}

// Object is an open file. ReadAt may be called from several goroutines at a time.
type Object interface {
	io.ReaderAt
	io.Closer
	// Size is the number of bytes.
	Size() int64
}

// Info describes a name.
type Info struct {
	Name    string // the last element in lists, the whole name in Stat
	Dir     bool
	Size    int64 // bytes, of files
	ModTime time.Time
}

// Join puts names together with one slash between them.
func Join(dir, name string) string {
	if dir == "" {
		return name
	}
	return strings.TrimRight(dir, "/") + "/" + strings.TrimLeft(name, "/")
}

// Base is the last element of a name.
func Base(name string) string {
	name = strings.TrimRight(name, "/")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// Dir is all but the last element of a name: "" if there is only one, "/" at the root.
func Dir(name string) string {
	name = strings.TrimRight(name, "/")
	i := strings.LastIndexByte(name, '/')
	switch {
	case i < 0:
		return ""
	case i == 0:
		return "/"
	}
	return name[:i]
}
