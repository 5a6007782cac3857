package changelog_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
)

// part is a change set of a fixture: the file that it is in, and where.
type part struct {
	file   []byte
	name   string
	offset int64
}

// realParts lists the change sets that the fixtures' handles name.
func realParts(t testing.TB) []part {
	t.Helper()
	all, err := fixtures.List()
	if err != nil {
		t.Fatal(err)
	}
	var out []part
	for _, i := range all {
		if !i.HasTag("changelog") {
			continue
		}
		f, err := fixtures.Load(i.Name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, partsOf(t, f)...)
	}
	if len(out) < 10 {
		t.Fatalf("only %d change sets", len(out))
	}
	return out
}

func partsOf(t testing.TB, f *fixtures.Fixture) (out []part) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(f.Dir, "_metadata"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := metadata.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	m.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
		c, ok := h.(*metadata.Changelog)
		if !ok {
			return
		}
		for _, n := range c.NonMaterialized {
			for _, p := range n.(*metadata.FileLog).Parts {
				ref, _ := metadata.ReferenceOf(p.Stream)
				name := filepath.Join(f.Root, strings.TrimPrefix(strings.TrimPrefix(ref.Path, "file:"), f.Truth.OriginalRoot))
				b, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, part{b, name, p.Offset})
			}
		}
	})
	return out
}

// plain gives the uncompressed content of a log file behind its first byte.
func plain(t testing.TB, file []byte) []byte {
	t.Helper()
	if file[0] == 0 {
		return file[1:]
	}
	var r frame.Reader
	r.ResetBytes(file[1:], 1)
	var b bytes.Buffer
	if _, err := b.ReadFrom(&r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRealLogs: every change set of the fixtures is read in both ways, the same, and everything in it is written back to its bytes.
func TestRealLogs(t *testing.T) {
	ops := map[changelog.Op]int{}
	compressed := map[bool]int{}
	for _, p := range realParts(t) {
		log, err := changelog.OpenLog(bytes.NewReader(p.file), int64(len(p.file)))
		if err != nil {
			t.Fatal(err)
		}
		compressed[log.Compressed]++
		content := plain(t, p.file)
		r := binio.NewReader(content[p.offset:], 0)
		set := changelog.DecodeSet(r)
		if r.Err() != nil {
			t.Fatalf("%s at %d: %v", p.name, p.offset, r.Err())
		}
		if got := set.Append(nil); !bytes.Equal(got, content[p.offset:][:r.Pos()]) {
			t.Errorf("%s at %d: %d bytes written back, %d read", p.name, p.offset, len(got), r.Pos())
		}
		meta, runs, err := log.Index(p.offset)
		if err != nil {
			t.Fatalf("%s at %d: %v", p.name, p.offset, err)
		}
		for _, g := range set.Groups {
			if g.KeyGroup == changelog.MetaGroup {
				if !slices.EqualFunc(meta, g.Changes, bytes.Equal) {
					t.Errorf("%s at %d: other metadata", p.name, p.offset)
				}
				registers(t, meta)
				continue
			}
			var got [][]byte
			b, err := log.Read(runs[0])
			if err == nil {
				err = changelog.EachChange(b, runs[0].N, func(c []byte) { got = append(got, c) })
			}
			if err != nil || runs[0].KeyGroup != g.KeyGroup || !slices.EqualFunc(got, g.Changes, bytes.Equal) {
				t.Errorf("%s at %d: key group %d: %v", p.name, p.offset, g.KeyGroup, err)
			}
			runs = runs[1:]
			for _, b := range g.Changes {
				c, err := changelog.DecodeChange(b, 0)
				if err != nil || !bytes.Equal(c.Append(nil), b) {
					t.Errorf("change %x: %v", b, err)
				}
				ops[c.Op]++
			}
		}
		if len(runs) > 0 {
			t.Errorf("%s at %d: %d key groups more", p.name, p.offset, len(runs))
		}
	}
	if ops[changelog.Set] == 0 || ops[changelog.AddElement] == 0 || ops[changelog.PutElement] == 0 || ops[changelog.SetInternal] == 0 {
		t.Error(ops)
	}
	t.Log(ops, compressed)
}

// TestCompressedLog reads a compressed log of Flink's, which two subtasks share, where there is one: TARN_SHARED, or the folder "shared"
// beside the checkout.
func TestCompressedLog(t *testing.T) {
	dir := os.Getenv("TARN_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	file, err := os.ReadFile(filepath.Join(dir, "corpus-rocksdb", "changelog-1.20.1", "dstl-two-change-sets.bin"))
	if err != nil {
		t.Skip("no shared corpus: ", err)
	}
	log, err := changelog.OpenLog(bytes.NewReader(file), int64(len(file)))
	if err != nil || !log.Compressed {
		t.Fatal(log, err)
	}
	for offset, want := range map[int64]int{0: 204, 6951: 268} {
		meta, runs, err := log.Index(offset)
		if err != nil {
			t.Fatal(err)
		}
		registers(t, meta)
		n := len(meta)
		for _, r := range runs {
			b, err := log.Read(r)
			if err == nil {
				err = changelog.EachChange(b, r.N, func([]byte) { n++ })
			}
			if err != nil {
				t.Error(err)
			}
		}
		if n != want {
			t.Errorf("%d changes at %d, want %d", n, offset, want)
		}
	}
}

// registers reads metadata and writes it back.
func registers(t *testing.T, meta [][]byte) {
	for _, b := range meta {
		m, err := changelog.DecodeMetadata(serde.NewContext(nil), b, 0)
		if err != nil {
			t.Errorf("%x: %v", b, err)
			continue
		}
		got, err := m.Append(nil)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s: %v\n%x\n%x", m.Info.Name, err, got, b)
		}
	}
}

// logOf makes a log file of change sets.
func logOf(compressed bool, sets ...*changelog.ChangeSet) (file []byte, offsets []int64) {
	var b []byte
	for _, s := range sets {
		offsets = append(offsets, int64(len(b)))
		b = s.Append(b)
	}
	if !compressed {
		return append([]byte{0}, b...), offsets
	}
	var out bytes.Buffer
	out.WriteByte(1)
	w := frame.NewWriter(&out, frame.Older)
	_, _ = w.Write(b)
	_ = w.Flush()
	return out.Bytes(), offsets
}

// TestSeek: positions far behind the first compressed chunk are found, in any order.
func TestSeek(t *testing.T) {
	var sets []*changelog.ChangeSet
	for i := range 40 {
		sets = append(sets, &changelog.ChangeSet{Groups: []changelog.Group{{KeyGroup: i, Changes: [][]byte{bytes.Repeat([]byte{byte(i), 7, byte(i * i)}, 5000)}}}})
	}
	for _, compressed := range []bool{false, true} {
		file, offsets := logOf(compressed, sets...)
		log, err := changelog.OpenLog(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{39, 3, 20, 0, 21, 39} {
			_, runs, err := log.Index(offsets[i])
			if err != nil || len(runs) != 1 || runs[0].KeyGroup != i {
				t.Fatalf("change set %d: %v, %v", i, runs, err)
			}
			b, err := log.Read(runs[0])
			if err != nil || !bytes.Equal(b[4:], sets[i].Groups[0].Changes[0]) {
				t.Errorf("change set %d: %d bytes, %v", i, len(b), err)
			}
		}
		_, _, err = log.Index(offsets[39] + 15012)
		if !errors.Is(err, fault.ErrTruncated) {
			t.Errorf("behind the end: %v", err)
		}
	}
}

// TestDamagedLogs: what is not a log, or not all of it, is refused.
func TestDamagedLogs(t *testing.T) {
	good := &changelog.ChangeSet{Groups: []changelog.Group{{KeyGroup: changelog.MetaGroup, Changes: [][]byte{{8}}}, {KeyGroup: 5, Changes: [][]byte{{0, 0, 1, 'k', 0}}}}}
	set := good.Append(nil)
	with := func(at int, b byte) []byte {
		c := append([]byte{0}, set...)
		c[1+at] = b
		return c
	}
	for _, c := range []struct {
		name string
		file []byte
		want error
	}{
		{"empty", nil, fault.ErrTruncated},
		{"flag", []byte{2}, fault.ErrCorrupt},
		{"nothing", []byte{0}, fault.ErrTruncated},
		{"cut", append([]byte{0}, set[:len(set)-1]...), fault.ErrTruncated},
		{"no snappy", append([]byte{1}, set...), fault.ErrCorrupt},
		{"more groups", with(3, 3), fault.ErrTruncated},
		{"negative groups", with(0, 0xff), fault.ErrCorrupt},
		{"negative changes", with(4, 0x80), fault.ErrCorrupt},
		{"group below -1", with(11, 0xfe), fault.ErrCorrupt},
		{"negative length", with(12, 0x80), fault.ErrCorrupt},
		{"group above all", with(19, 1), fault.ErrCorrupt},
	} {
		log, err := changelog.OpenLog(bytes.NewReader(c.file), int64(len(c.file)))
		if err == nil {
			_, _, err = log.Index(0)
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	late := &changelog.ChangeSet{Groups: []changelog.Group{good.Groups[1], good.Groups[0]}}
	r := binio.NewReader(late.Append(nil), 0)
	if changelog.DecodeSet(r); !errors.Is(r.Err(), fault.ErrCorrupt) {
		t.Errorf("metadata at the end: %v", r.Err())
	}
	if _, err := changelog.DecodeMetadata(serde.NewContext(nil), []byte{9, 0, 0, 0, 7}, 0); !errors.Is(err, fault.ErrUnsupported) || !strings.Contains(err.Error(), "1.14") {
		t.Errorf("metadata of 1.14: %v", err)
	}
	if _, err := changelog.DecodeChange([]byte{8, 0, 1}, 0); !errors.Is(err, fault.ErrCorrupt) {
		t.Errorf("metadata among changes: %v", err)
	}
}
