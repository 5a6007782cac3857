package rocks

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
)

// Files is a directory of RocksDB files under their logical names ("CURRENT", "MANIFEST-000005", "000010.sst"). In a
// Flink snapshot those names stand in the metadata only, so whoever opens a snapshot provides the mapping.
type Files interface {
	// Open opens a file for reading. A file that is not there gives an error that is fs.ErrNotExist or
	// fault.ErrMissing.
	Open(name string) (File, error)
}

// File is one file of a directory. ReadAt must be safe for concurrent use.
type File interface {
	io.ReaderAt
	io.Closer
	// Size is the length of the file in bytes.
	Size() int64
}

// CurrentName is the file that names the MANIFEST.
const CurrentName = "CURRENT"

// TableName is the logical name of a table file.
func TableName(number uint64) string { return fmt.Sprintf("%06d.sst", number) }

// ManifestName is the logical name of a MANIFEST.
func ManifestName(number uint64) string { return fmt.Sprintf("MANIFEST-%06d", number) }

// ParseTableName gives the number of a table file's logical name.
func ParseTableName(name string) (number uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, ".sst")
	if !ok || digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, err == nil
}

// open opens a file and turns absence into fault.ErrMissing.
func open(files Files, name string) (File, error) {
	f, err := files.Open(name)
	if err == nil {
		return f, nil
	}
	if errors.Is(err, fs.ErrNotExist) && fault.KindOf(err) == nil {
		e := fault.New(fault.ErrMissing, "no such file")
		e.File = name
		return nil, e
	}
	return nil, fault.File(err, name)
}

// readFull reads exactly len(dst) bytes at off.
func readFull(f io.ReaderAt, name string, dst []byte, off int64) error {
	n, err := f.ReadAt(dst, off)
	if n == len(dst) {
		return nil
	}
	e := fault.New(fault.ErrTruncated, "the file ends after %d of %d bytes", n, len(dst))
	e.File, e.Offset = name, off
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		e.Kind, e.Err = fault.ErrMissing, err
		e.Found = "cannot read"
	}
	return e
}

// ReadCurrent reads CURRENT and gives the name of the MANIFEST: one line "MANIFEST-NNNNNN".
func ReadCurrent(f File) (string, error) {
	const longest = 64
	if f.Size() > longest {
		return "", fault.File(fault.Corrupt(0, "%d bytes", f.Size()).WithExpected("one line naming a MANIFEST"), CurrentName)
	}
	b := make([]byte, f.Size())
	if err := readFull(f, CurrentName, b, 0); err != nil {
		return "", err
	}
	name, err := ParseCurrent(b)
	return name, fault.File(err, CurrentName)
}

// ParseCurrent is ReadCurrent for bytes in memory.
func ParseCurrent(b []byte) (string, error) {
	name, ok := strings.CutSuffix(string(b), "\n")
	digits, has := strings.CutPrefix(name, "MANIFEST-")
	if !ok || !has || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", fault.Corrupt(0, "%q", b).WithExpected(`"MANIFEST-NNNNNN\n"`)
	}
	return name, nil
}

// AppendCurrent appends the content of a CURRENT file.
func AppendCurrent(dst []byte, manifest uint64) []byte {
	return append(append(dst, ManifestName(manifest)...), '\n')
}
