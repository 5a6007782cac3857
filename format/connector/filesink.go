package connector

import (
	"fmt"
	"math"
	"strings"

	"github.com/tarn-project/tarn/format/valuejson"
)

// The numbers with which the parts of a file sink's state begin.
const (
	bucketMagic      = 0x1E764B79
	committableMagic = 0x1E765C80
	inProgressMagic  = 0xB3A4073D
	pendingMagic     = 0x2C853C89
	localMagic       = 0x1E744B57 // little-endian
)

// FileBucket is a bucket that a writer of a file sink has open (FileWriterBucketStateSerializer; versions 1 and 2 also BucketStateSerializer of
// the older StreamingFileSink).
//
//	i4 1E764B79, versioned id, utf path, i8 creation time of the open file, bool and versioned open file
//	versions 1, 2: i4 version, i4 n, n × (i8 checkpoint, i4 m, m × (i4 length, pending file))
//
// The id is a string of the bucket's own serializer: i4 version 0, i4 n, i4 m, m bytes UTF-8 with version 0 of Flink's. In version 1 the
// files are those of the file system, without what surrounds them since.
type FileBucket struct {
	ID       BucketID       `json:"bucket"`
	Path     string         `json:"path"`
	Created  int64          `json:"created"` // milliseconds since 1970 of the open file
	Open     *SinkFile      `json:"inProgress,omitempty"`
	Version  int32          `json:"-"`
	Pending  []PendingFiles `json:"pending,omitempty"` // by checkpoint
	oldFiles bool           // files stand without what surrounds them
}

// PendingFiles are the files that wait for the end of a checkpoint.
type PendingFiles struct {
	Checkpoint int64      `json:"checkpoint"`
	Files      []SinkFile `json:"files"`
}

func (s *FileBucket) code(c *coder, version int32) {
	s.oldFiles = version == 1
	c.magic(bucketMagic)
	s.ID.code(c)
	c.utf(&s.Path)
	c.i64(&s.Created)
	optional(c, &s.Open, func(f *SinkFile) {
		c.i32(&f.Version)
		f.code(c, inProgressMagic, s.oldFiles)
	})
	if version > 2 {
		return
	}
	c.i32(&s.Version)
	list(c, &s.Pending, 12, func(p *PendingFiles) {
		c.i64(&p.Checkpoint)
		list(c, &p.Files, 4, func(f *SinkFile) {
			f.Version = s.Version
			f.code(c, pendingMagic, s.oldFiles)
		})
	})
}

func (s *FileBucket) plausible() bool { return printable(s.Path) && s.ID.plausible() }

// Lines implements State.
func (s *FileBucket) Lines() []string {
	line := fmt.Sprintf("bucket %s: no open file", s.ID.String())
	if s.Open != nil {
		line = fmt.Sprintf("bucket %s: open file %s, since %s", s.ID.String(), s.Open.String(), when(s.Created))
	}
	return append([]string{line}, linesOf(s.Pending, "", func(p *PendingFiles) []string {
		return linesOf(p.Files, "", func(f *SinkFile) []string {
			return []string{fmt.Sprintf("bucket %s: pending since checkpoint %d: %s", s.ID.String(), p.Checkpoint, f.String())}
		})
	})...)
}

func when(ms int64) string {
	if ms == math.MaxInt64 {
		return "never"
	}
	return string(valuejson.AppendMillis(nil, ms))
}

// optional is bool and, if true, what each describes.
func optional[T any](c *coder, v **T, each func(*T)) {
	there := *v != nil
	if c.boolean(&there); !there {
		return
	}
	if c.r != nil {
		*v = new(T)
	}
	each(*v)
}

// BucketID is a bucket's id, as its serializer wrote it.
type BucketID struct {
	Version int32
	Data    Hex
}

func (b *BucketID) code(c *coder) {
	c.i32(&b.Version)
	c.bytes(&b.Data)
}

// text gives the id if it is a string of SimpleVersionedStringSerializer, version 1: i4 n little-endian, n bytes.
func (b *BucketID) text() (string, bool) {
	d := b.Data
	if b.Version != 1 || len(d) < 4 || int64(d[0])|int64(d[1])<<8|int64(d[2])<<16|int64(d[3])<<24 != int64(len(d)-4) {
		return "", false
	}
	return string(d[4:]), true
}

func (b *BucketID) plausible() bool {
	t, ok := b.text()
	return !ok || printable(t)
}

// String gives the id, or its bytes if another serializer wrote it.
func (b *BucketID) String() string {
	if t, ok := b.text(); ok {
		return t
	}
	return fmt.Sprintf("0x%x", []byte(b.Data))
}

// MarshalText gives the id.
func (b *BucketID) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// SinkFile is a file that is being written, or that is written and waits to be renamed (OutputStreamBasedPartFileWriter).
//
//	in progress  i4 B3A4073D, since version 2 bool and utf path, versioned position
//	pending      i4 2C853C89, since version 2 bool and utf path, i8 size, versioned position
type SinkFile struct {
	Version  int32  `json:"-"`
	Path     string `json:"path,omitempty"`
	hasPath  bool
	Size     *int64 `json:"size,omitempty"`
	Position Inner  `json:"position"`
}

// code is i4 n and n bytes; the version is not part of it.
func (f *SinkFile) code(c *coder, magic uint32, old bool) {
	if old {
		f.Position.Version = f.Version
		c.innerData(file, &f.Position)
		return
	}
	if c.reading() && (f.Version < 1 || f.Version > 2) {
		c.unfit = true
		return
	}
	c.framed(func(in *coder) {
		in.magic(magic)
		if f.Version > 1 {
			if in.boolean(&f.hasPath); f.hasPath {
				in.utf(&f.Path)
			}
			if magic == pendingMagic {
				if in.r != nil {
					f.Size = new(int64)
				}
				in.i64(f.Size)
			}
		}
		in.inner(file, &f.Position)
	})
}

// String gives what is known of the file on one line.
func (f *SinkFile) String() string {
	if l, ok := f.Position.State.(*LocalFile); ok {
		return fmt.Sprintf("%s (%d bytes in %s)", l.Target, l.Offset, l.Temporary[strings.LastIndexByte(l.Temporary, '/')+1:])
	}
	if f.Path != "" {
		return f.Path
	}
	return fmt.Sprintf("a file of %d bytes of version %d", len(f.Position.Data), f.Position.Version)
}

// FileCommittable is a file that is to be renamed, or removed (FileSinkCommittableSerializer).
//
//	version 1  i4 1E765C80, bool and versioned pending file, bool and versioned file to remove
//	version 2  i4 1E765C80, utf bucket, both as before, bool and utf compacted file to remove
type FileCommittable struct {
	Bucket    *string   `json:"bucket,omitempty"`
	Pending   *SinkFile `json:"pending,omitempty"`
	Remove    *SinkFile `json:"inProgressToRemove,omitempty"`
	Compacted *string   `json:"compactedToRemove,omitempty"`
}

func (s *FileCommittable) code(c *coder, version int32) {
	c.magic(committableMagic)
	if version > 1 {
		if c.r != nil {
			s.Bucket = new(string)
		}
		c.utf(s.Bucket)
	}
	versionedFile := func(magic uint32) func(*SinkFile) {
		return func(f *SinkFile) {
			c.i32(&f.Version)
			f.code(c, magic, false)
		}
	}
	optional(c, &s.Pending, versionedFile(pendingMagic))
	optional(c, &s.Remove, versionedFile(inProgressMagic))
	if version > 1 {
		optional(c, &s.Compacted, c.utf)
	}
}

func (s *FileCommittable) plausible() bool { return s.Bucket == nil || printable(*s.Bucket) }

// Lines implements State.
func (s *FileCommittable) Lines() []string {
	var out []string
	if s.Pending != nil {
		out = append(out, "to publish: "+s.Pending.String())
	}
	if s.Remove != nil {
		out = append(out, "to remove: "+s.Remove.String())
	}
	if s.Compacted != nil {
		out = append(out, "to remove: "+*s.Compacted)
	}
	if len(out) == 0 {
		out = append(out, "nothing to do")
	}
	return out
}

// LocalFile is a file of the local file system that is being written (LocalRecoverableSerializer, version 1), numbers little-endian: i4
// 1E744B57, i8 offset, i4 n, i4 m, n bytes target, m bytes temporary file.
type LocalFile struct {
	Target    string `json:"target"`
	Temporary string `json:"temporary"`
	Offset    int64  `json:"offset"`
}

func (s *LocalFile) code(c *coder, _ int32) {
	magic, n, m := uint32(localMagic), uint32(len(s.Target)), uint32(len(s.Temporary))
	c.le32(&magic)
	c.le64(&s.Offset)
	c.le32(&n)
	c.le32(&m)
	c.unfit = c.unfit || magic != localMagic
	c.leBytes(n, &s.Target)
	c.leBytes(m, &s.Temporary)
}

func (s *LocalFile) plausible() bool {
	return s.Offset >= 0 && printable(s.Target) && printable(s.Temporary)
}

// Lines implements State.
func (s *LocalFile) Lines() []string {
	return []string{fmt.Sprintf("%s, %d bytes", s.Target, s.Offset)}
}
