package rocks

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
)

// TestIndexInCircles: an index that points to a block again and again costs an error, not time.
func TestIndexInCircles(t *testing.T) {
	var b bytes.Buffer
	w, err := NewTableWriter(&b, TableOptions{BlockSize: 64})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := w.Put(fmt.Appendf(nil, "key-%03d", i), []byte("value")); err != nil {
			t.Fatal(err)
		}
	}
	for i := range w.index {
		w.index[i].handle = w.index[0].handle
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	table, err := OpenTable(inMemory(b.Bytes()), "000001.sst", nil, ReadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	it := table.Iter()
	defer it.Close()
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		n++
	}
	if !errors.Is(it.Err(), fault.ErrCorrupt) || !strings.Contains(it.Err().Error(), "a block at byte 0 after one at byte 0") || n > 5 {
		t.Errorf("%d entries, %v", n, it.Err())
	}
}

// disordered writes a table with a key that is smaller than the one before, and gives what its MANIFEST would say.
func disordered(t *testing.T) ([]byte, *TableFile) {
	t.Helper()
	var b bytes.Buffer
	w, err := NewTableWriter(&b, TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Put([]byte("b"), nil); err != nil {
		t.Fatal(err)
	}
	w.block.add(AppendInternalKey(nil, []byte("a"), 0, KindPut), nil)
	w.props.entries++
	meta, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), meta
}

func TestDisorder(t *testing.T) {
	b, meta := disordered(t)
	f, err := NewFamily(0, DefaultFamily, []*TableFile{meta})
	if err != nil {
		t.Fatal(err)
	}
	db := NewDB(oneFile(b), &Version{Families: []*Family{f}}, ReadConfig{})
	s := db.Scan(f, ScanConfig{})
	defer s.Close()
	for s.Next() {
	}
	if !errors.Is(s.Err(), fault.ErrCorrupt) || !strings.Contains(s.Err().Error(), "key 61 after 62") {
		t.Errorf("scan: %v", s.Err())
	}
	expectComplaint(t, b, meta, "keys in order")
}

// TestWrongBounds: what MANIFEST and properties declare is compared with what is there.
func TestWrongBounds(t *testing.T) {
	var b bytes.Buffer
	w, err := NewTableWriter(&b, TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range []string{"b", "c", "d"} {
		if err := w.Add([]byte(key), uint64(5+i), KindMerge, nil); err != nil {
			t.Fatal(err)
		}
	}
	w.props.entries, w.props.merges = 4, 2
	meta, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	expectComplaint(t, b.Bytes(), meta, "number of entries 4, expected 3")
	expectComplaint(t, b.Bytes(), meta, "number of merge operands 2, expected 3")
	for what, change := range map[string]func(*TableFile){
		"keys 62":                   func(f *TableFile) { f.Smallest = AppendInternalKey(nil, []byte("bb"), 5, KindMerge) },
		"64#7,merge, expected":      func(f *TableFile) { f.Largest = AppendInternalKey(nil, []byte("c"), 6, KindMerge) },
		"sequence numbers 5 to 7":   func(f *TableFile) { f.LargestSeq = 6 },
		"expected 6 to 7, as the M": func(f *TableFile) { f.SmallestSeq = 6 },
	} {
		wrong := *meta
		change(&wrong)
		expectComplaint(t, b.Bytes(), &wrong, what)
	}
}

func expectComplaint(t *testing.T, b []byte, meta *TableFile, says string) {
	t.Helper()
	table, err := OpenTable(inMemory(b), "000001.sst", meta, ReadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	table.Verify(meta, func(err error) { all = append(all, err.Error()) })
	if !strings.Contains(strings.Join(all, "\n"), says) {
		t.Errorf("%q, expected %q among them", all, says)
	}
}

// failing is a file on a disk that fails.
type failing struct{ memory }

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errors.New("input/output error") }

func TestUnreadable(t *testing.T) {
	b, meta := disordered(t)
	_, err := OpenTable(failing{inMemory(b)}, "000001.sst", meta, ReadConfig{})
	if !errors.Is(err, fault.ErrMissing) || !strings.Contains(err.Error(), "input/output error") || !strings.HasPrefix(err.Error(), "000001.sst") {
		t.Errorf("%v", err)
	}
}
