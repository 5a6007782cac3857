// Package file is the store of local files. Names are paths, or file: URLs as Flink writes them (file:/a/b, file:///a/b).
package file

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/store"
)

// Store reads local files. The zero value is ready.
type Store struct{}

// Path turns a name into a local path; ok is false for a URL of another scheme.
func Path(name string) (path string, ok bool) {
	scheme, rest, found := strings.Cut(name, ":")
	switch {
	case !found, strings.ContainsAny(scheme, "/\\"), len(scheme) == 1: // "a/b", "./x:y", a Windows drive
		return name, true
	case scheme != "file":
		return name, !strings.HasPrefix(rest, "/") // a plain file name may hold a colon
	}
	if strings.HasPrefix(rest, "//") {
		rest = rest[2:]
		if i := strings.IndexByte(rest, '/'); i > 0 {
			rest = rest[i:] // the host
		}
	}
	if p, err := url.PathUnescape(rest); err == nil {
		if _, err := os.Lstat(rest); err != nil {
			return p, true
		}
	}
	return rest, true // Flink writes paths unescaped
}

// Open implements store.Store.
func (Store) Open(_ context.Context, name string) (store.Object, error) {
	path, err := local(name)
	if err != nil {
		return nil, err
	}
	before, err := stat(path) // before it is opened: opening a pipe waits until somebody writes to it
	if err == nil && before.IsDir() {
		err = errors.New("is a directory")
	}
	if err != nil {
		return nil, missing(name, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, missing(name, err)
	}
	now, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, missing(name, err)
	}
	return object{f, now.Size()}, nil
}

// stat is os.Stat for files and directories; pipes, sockets and devices are errors.
func stat(path string) (fs.FileInfo, error) {
	fi, err := os.Stat(path)
	if err == nil && !fi.Mode().IsRegular() && !fi.IsDir() {
		err = errors.New("neither a file nor a directory")
	}
	return fi, err
}

// Stat implements store.Store.
func (Store) Stat(_ context.Context, name string) (store.Info, error) {
	path, err := local(name)
	if err != nil {
		return store.Info{}, err
	}
	fi, err := stat(path)
	if err != nil {
		return store.Info{}, missing(name, err)
	}
	return info(name, fi), nil
}

// List implements store.Store.
func (Store) List(_ context.Context, dir string) ([]store.Info, error) {
	path, err := local(dir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, missing(dir, err)
	}
	out := make([]store.Info, 0, len(entries))
	for _, e := range entries {
		fi, err := stat(filepath.Join(path, e.Name()))
		if err != nil {
			continue // vanished, a dangling link, or no file
		}
		out = append(out, info(e.Name(), fi))
	}
	slices.SortFunc(out, func(a, b store.Info) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func local(name string) (string, error) {
	path, ok := Path(name)
	if !ok {
		e := fault.New(fault.ErrUnsupported, "the storage of this name is not built in").WithHint("copy the snapshot to a local directory; --map OLD=NEW tells where its files are")
		e.File = name
		return "", e
	}
	return path, nil
}

func info(name string, fi fs.FileInfo) store.Info {
	return store.Info{Name: name, Dir: fi.IsDir(), Size: fi.Size(), ModTime: fi.ModTime()}
}

func missing(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	e := fault.New(fault.ErrMissing, "%v", err)
	e.File = name
	return e
}

type object struct {
	*os.File
	size int64
}

func (o object) Size() int64 { return o.size }
