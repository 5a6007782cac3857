package rocks

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
)

func isFault(err error) bool { return fault.KindOf(err) != nil }

// TestRangeDels compares the sweep with the definition, on random tombstones, file bounds and versions.
func TestRangeDels(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	key := func() []byte { return []byte{'a' + byte(r.Intn(8))} }
	seq := func() uint64 { return uint64(r.Intn(12)) }
	for round := range 3000 {
		var cut []bounded
		var all []tombstone
		var files []*TableFile
		for range 1 + r.Intn(3) {
			file := randomFile(key, seq)
			for range 1 + r.Intn(4) {
				d := tombstone{start: key(), end: key(), seq: seq()}
				if bytes.Compare(d.start, d.end) >= 0 {
					continue
				}
				all, files = append(all, d), append(files, file)
				if b, ok := d.cut(file); ok {
					cut = append(cut, b)
				}
			}
		}
		dels := newRangeDels(cut)
		for k := byte('a'); k <= 'i'; k++ {
			for s := range uint64(12) {
				entry := InternalKey(AppendInternalKey(nil, []byte{k}, s, KindPut))
				want := false
				for i, d := range all {
					want = want || covers(d, files[i], entry)
				}
				got := dels != nil && dels.hides(dels.find([]byte{k}), []byte{k}, entry.trailer())
				if got != want {
					t.Fatalf("round %d: %v hidden: %v, expected %v by %s", round, entry, got, want, describe(all, files))
				}
			}
		}
	}
}

func randomFile(key func() []byte, seq func() uint64) *TableFile {
	a, b := InternalKey(AppendInternalKey(nil, key(), seq(), KindPut)), InternalKey(AppendInternalKey(nil, key(), seq(), KindPut))
	if compareInternal(a, b) > 0 {
		a, b = b, a
	}
	if seq()%2 == 0 { // the upper bound is the end of a range deletion
		b = AppendInternalKey(nil, b.User(), MaxSequence, KindRangeDelete)
		if compareInternal(a, b) > 0 {
			b = AppendInternalKey(nil, append(bytes.Clone(b.User()), '0'), MaxSequence, KindRangeDelete)
		}
	}
	return &TableFile{Smallest: a, Largest: b}
}

// covers says it as RocksDB's TruncatedRangeDelIterator has it: the range in internal keys, start with the highest
// trailer, is cut to the file's bounds; the upper one is moved down by one sequence number to take its entry in, unless it
// is the end of a range deletion or has sequence number 0.
func covers(d tombstone, file *TableFile, entry InternalKey) bool {
	start := InternalKey(binary.LittleEndian.AppendUint64(bytes.Clone(d.start), ^uint64(0)))
	end := InternalKey(binary.LittleEndian.AppendUint64(bytes.Clone(d.end), ^uint64(0)))
	low := InternalKey(AppendInternalKey(nil, file.Smallest.User(), file.Smallest.Seq(), kindMax))
	high := file.Largest
	switch {
	case high.Kind() == KindRangeDelete && high.Seq() == MaxSequence:
		high = binary.LittleEndian.AppendUint64(bytes.Clone(high.User()), ^uint64(0))
	case high.Seq() > 0:
		high = AppendInternalKey(nil, high.User(), high.Seq()-1, kindMax)
	}
	if compareInternal(start, low) < 0 {
		start = low
	}
	if compareInternal(high, end) < 0 {
		end = high
	}
	return compareInternal(start, entry) <= 0 && compareInternal(entry, end) < 0 && entry.Seq() < d.seq
}

func describe(all []tombstone, files []*TableFile) (s string) {
	for i, d := range all {
		s += fmt.Sprintf("[%s,%s)@%d in %v..%v ", d.start, d.end, d.seq, files[i].Smallest, files[i].Largest)
	}
	return s
}
