package changelog_test

import (
	"bytes"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/serde"
)

// smallLogs are logs as small as fuzzing likes them.
func smallLogs() [][]byte {
	set := &changelog.ChangeSet{Groups: []changelog.Group{
		{KeyGroup: changelog.MetaGroup, Changes: [][]byte{{8, 0, 0, 0, 7}}},
		{KeyGroup: 5, Changes: [][]byte{{0, 0, 1, 'k', 0}, {1, 0, 1, 'k', 0, 9}}},
		{KeyGroup: 3, Changes: [][]byte{{}}},
	}}
	plain, _ := logOf(false, set)
	compressed, _ := logOf(true, set, set)
	return [][]byte{plain, compressed}
}

// FuzzChangeSet: what was read is written back to the same bytes; both ways of reading agree.
func FuzzChangeSet(f *testing.F) {
	for _, file := range smallLogs() {
		f.Add(file[1:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := binio.NewReader(b, 0)
		set := changelog.DecodeSet(r)
		if r.Err() != nil {
			return
		}
		if got := set.Append(nil); !bytes.Equal(got, b[:r.Pos()]) {
			t.Fatalf("%x\n%x", got, b[:r.Pos()])
		}
		file := append([]byte{0}, b...)
		log, err := changelog.OpenLog(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		_, runs, err := log.Index(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range runs {
			b, err := log.Read(run)
			if err == nil {
				err = changelog.EachChange(b, run.N, func([]byte) {})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzLog: no file makes reading panic, hang or take memory that it does not have.
func FuzzLog(f *testing.F) {
	for _, file := range smallLogs() {
		f.Add(file, int64(0))
	}
	f.Fuzz(func(t *testing.T, file []byte, offset int64) {
		log, err := changelog.OpenLog(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		_, runs, err := log.Index(offset)
		if err != nil {
			return
		}
		for _, run := range runs {
			if b, err := log.Read(run); err != nil || int64(len(b)) != run.Len {
				t.Fatalf("%+v: %d bytes, %v", run, len(b), err)
			}
		}
	})
}

// FuzzMetadata: what was read is written back to the same bytes.
func FuzzMetadata(f *testing.F) {
	for _, p := range realParts(f)[:4] {
		log, err := changelog.OpenLog(bytes.NewReader(p.file), int64(len(p.file)))
		if err != nil {
			f.Fatal(err)
		}
		meta, _, err := log.Index(p.offset)
		if err != nil {
			f.Fatal(err)
		}
		for _, m := range meta {
			f.Add(m)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := changelog.DecodeMetadata(serde.NewContext(nil), b, 0)
		if err != nil {
			return
		}
		got, err := m.Append(nil)
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%v\n%x\n%x", err, got, b)
		}
	})
}

// FuzzChange: what was read is written back to the same bytes.
func FuzzChange(f *testing.F) {
	f.Add([]byte{1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := changelog.DecodeChange(b, 0); err == nil && !bytes.Equal(c.Append(nil), b) {
			t.Fatalf("%+v of %x", c, b)
		}
	})
}
