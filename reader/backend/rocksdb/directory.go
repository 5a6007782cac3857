package rocksdb

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/rocks"
	"github.com/tarn-project/tarn/reader/backend"
)

// directory is the database directory that a handle describes: logical names, and where the bytes are. It implements rocks.Files.
type directory struct {
	ctx     context.Context
	env     *backend.Env
	streams map[string]metadata.StreamHandle
}

func newDirectory(ctx context.Context, env *backend.Env, h *metadata.Incremental) *directory {
	d := &directory{ctx: ctx, env: env, streams: map[string]metadata.StreamHandle{}}
	for _, list := range [][]metadata.NamedStream{h.Shared, h.Private} {
		for _, f := range list {
			d.streams[f.LocalPath] = f.Stream
		}
	}
	return d
}

// Open implements rocks.Files.
func (d *directory) Open(name string) (rocks.File, error) {
	h, ok := d.streams[name]
	if !ok {
		e := fault.New(fault.ErrMissing, "the handle has no such file")
		e.File, e.Err = name, fs.ErrNotExist
		return nil, e
	}
	return d.env.Open(d.ctx, h)
}

// physical names a file of the directory by where it is.
func (d *directory) physical(name string) string {
	h, ok := d.streams[name]
	if !ok {
		return name
	}
	return d.env.Name(h) + " (" + name + ")"
}

// place replaces the logical name that an error carries.
func (d *directory) place(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	placed := *e
	placed.File = d.physical(e.File)
	return &placed
}

// options reads the OPTIONS file; nil if there is none that can be read. Nothing depends on it but what people are told.
func (d *directory) options() *rocks.OptionsFile {
	for name := range d.streams {
		if !strings.HasPrefix(name, "OPTIONS-") {
			continue
		}
		f, err := d.Open(name)
		if err != nil {
			return nil
		}
		defer f.Close()
		o, err := rocks.ReadOptionsFile(f, name)
		if err != nil {
			return nil
		}
		return o
	}
	return nil
}
