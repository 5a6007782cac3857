package rocks_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/rocks"
)

// TestFlippedBit flips a bit of every byte of tables of several forms. Verify must complain, naming file and place, and a scan
// that goes on must either complain or give exactly what is right.
func TestFlippedBit(t *testing.T) {
	for _, name := range []string{"5.17-default", "5.17-v2-none-two-level", "6.20-v5-lz4hc-first-key", "8.10-ranges-two-level", "8.10-v6-crc-two-level-lz4", "8.10-ingest"} {
		t.Run(name, func(t *testing.T) {
			files := load(t, "testdata/db/"+name)
			db := openDB(t, files)
			f := db.Version.Family("val")
			meta := f.Files()[0]
			whole, _ := scanRows(t, db, f)
			original := files[meta.Name()]
			sums := table(t, original).Footer.Checksum != rocks.ChecksumNone
			for at := 0; at < len(original); at++ {
				if at > 8 && at < len(original)-100 && at%4 > 0 {
					continue // for speed; every bit position has its turn
				}
				b := bytes.Clone(original)
				b[at] ^= 1 << (at / 4 % 8)
				damaged := openDB(t, files.with(meta.Name(), b))
				rows, damage := scanRows(t, damaged, damaged.Version.Family("val"))
				if sums && len(damage) == 0 && !slices.Equal(rows, whole) {
					t.Fatalf("byte %d: a scan gives other rows and says nothing", at)
				}
				for _, d := range damage {
					checkPlace(t, at, meta.Name(), d.Err)
				}
				if sums && !complains(t, meta, b) && !unprotected(original, at) {
					t.Fatalf("byte %d of %d: nothing is said of a flipped bit", at, len(b))
				}
			}
		})
	}
}

func table(t *testing.T, b []byte) *rocks.Table {
	t.Helper()
	table, err := rocks.OpenTable(memFile{bytes.NewReader(b)}, "x.sst", nil, rocks.ReadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// unprotected are bytes that nothing in the file vouches for: the format version before 6, all of which read alike where
// nothing is compressed by an algorithm that changed, and the sequence number that RocksDB patches in after summing.
func unprotected(b []byte, at int) bool {
	return at >= len(b)-12 && at < len(b)-8 || bytes.Contains(b[max(0, at-50):at+1], []byte("global_seqno"))
}

func complains(t *testing.T, meta *rocks.TableFile, b []byte) bool {
	t.Helper()
	table, err := rocks.OpenTable(memFile{bytes.NewReader(b)}, meta.Name(), meta, rocks.ReadConfig{})
	if err != nil {
		return true
	}
	n := 0
	table.Verify(meta, func(error) { n++ })
	return n > 0
}

func checkPlace(t *testing.T, at int, name string, err error) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.File != name || e.Kind == nil || e.Offset < 0 && !strings.Contains(e.Field, "global_seqno") {
		t.Errorf("byte %d: %v has no file, place or kind", at, err)
	}
}

// scanRows scans past damage.
func scanRows(t *testing.T, db *rocks.DB, f *rocks.Family) (rows []string, damage []rocks.Damage) {
	t.Helper()
	s := db.Scan(f, rocks.ScanConfig{OnDamage: func(d rocks.Damage) error {
		damage = append(damage, d)
		return nil
	}})
	defer s.Close()
	for s.Next() {
		rows = append(rows, hex.EncodeToString(s.Key())+"="+hex.EncodeToString(s.AppendJoined(nil, ',')))
	}
	if s.Err() != nil && !errors.Is(s.Err(), fault.ErrCorrupt) && !errors.Is(s.Err(), fault.ErrUnsupported) {
		t.Errorf("%v", s.Err())
	}
	return rows, damage
}

// TestDamagedBlock damages one data block: the keys outside the range that is named must all be there.
func TestDamagedBlock(t *testing.T) {
	files := load(t, "testdata/db/8.10-default")
	db := openDB(t, files)
	f := db.Version.Family("val")
	whole, _ := scanRows(t, db, f)
	levels := f.Levels
	meta := levels[len(levels)-1].Files[0]
	for at := 40; at < 3000; at += 200 {
		b := bytes.Clone(files[meta.Name()])
		b[at] ^= 4
		damaged := openDB(t, files.with(meta.Name(), b))
		rows, damage := scanRows(t, damaged, damaged.Version.Family("val"))
		if len(damage) != 1 || len(rows) == 0 || len(rows) >= len(whole) {
			t.Fatalf("byte %d: %d complaints, %d of %d rows", at, len(damage), len(rows), len(whole))
		}
		d := damage[0]
		for _, row := range whole {
			key := unhex(t, row[:strings.IndexByte(row, '=')])
			lost := bytes.Compare(d.Lower, key) <= 0 && (d.Upper == nil || bytes.Compare(key, d.Upper) <= 0)
			if !lost && !slices.Contains(rows, row) {
				t.Fatalf("byte %d: %x is missing, though only %x to %x is said to be", at, key, d.Lower, d.Upper)
			}
		}
		const firstBlock = 440 // ends before this byte; only its range is open
		if open := at < firstBlock; open != (d.Lower == nil) || bytes.Equal(d.Upper, meta.Largest.User()) {
			t.Errorf("byte %d: %x to %x is said to be lost, in a table of %x to %x", at, d.Lower, d.Upper, meta.Smallest.User(), meta.Largest.User())
		}
		if d.Family.Name != "val" || d.Table.Number != meta.Number || d.Upper == nil {
			t.Errorf("byte %d: %+v", at, d)
		}
	}
}

// TestMissingAndCutTables takes tables away or cuts them: without OnDamage the scan ends with an error, with it the rest reads,
// and other column families do not notice.
func TestMissingAndCutTables(t *testing.T) {
	files := load(t, "testdata/db/6.20-ranges")
	meta := openDB(t, files).Version.Family("val").Files()[0]
	for what, c := range map[string]struct {
		b    []byte
		kind error
	}{
		"missing": {nil, fault.ErrMissing},
		"empty":   {[]byte{}, fault.ErrTruncated},
		"cut":     {files[meta.Name()][:len(files[meta.Name()])-1], fault.ErrTruncated},
		"longer":  {append(bytes.Clone(files[meta.Name()]), 0), fault.ErrCorrupt},
	} {
		db := openDB(t, files.with(meta.Name(), c.b))
		s := db.Scan(db.Version.Family("val"), rocks.ScanConfig{})
		if s.Next() || !errors.Is(s.Err(), c.kind) || !strings.Contains(s.Err().Error(), meta.Name()) {
			t.Errorf("%s: %v, expected %v and the file's name", what, s.Err(), c.kind)
		}
		s.Close()
		rows, damage := scanRows(t, db, db.Version.Family("val"))
		if len(damage) != 1 || len(rows) == 0 || !bytes.Equal(damage[0].Lower, meta.Smallest.User()) || !bytes.Equal(damage[0].Upper, meta.Largest.User()) {
			t.Errorf("%s: %d rows, damage %+v", what, len(rows), damage)
		}
		if rows, damage := scanRows(t, db, db.Version.Family("list")); len(damage) > 0 || len(rows) == 0 {
			t.Errorf("%s: column family list has %d rows, damage %v", what, len(rows), damage)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	files := load(t, "testdata/db/8.10-default")
	manifest := files["MANIFEST-000005"]
	flipped := bytes.Clone(manifest)
	flipped[len(flipped)/2] ^= 1
	for what, c := range map[string]struct {
		files memFiles
		kind  error
		says  string
	}{
		"no CURRENT":          {files.with("CURRENT", nil), fault.ErrMissing, "CURRENT"},
		"CURRENT of 1 GB":     {files.with("CURRENT", make([]byte, 1<<12)), fault.ErrCorrupt, "CURRENT"},
		"CURRENT elsewhere":   {files.with("CURRENT", []byte("../MANIFEST-000005\n")), fault.ErrCorrupt, "CURRENT"},
		"no MANIFEST":         {files.with("MANIFEST-000005", nil), fault.ErrMissing, "MANIFEST-000005"},
		"empty MANIFEST":      {files.with("MANIFEST-000005", []byte{}), fault.ErrTruncated, "MANIFEST-000005"},
		"MANIFEST cut":        {files.with("MANIFEST-000005", manifest[:len(manifest)-3]), fault.ErrTruncated, "MANIFEST-000005"},
		"bit in the MANIFEST": {files.with("MANIFEST-000005", flipped), fault.ErrCorrupt, "checksum"},
	} {
		if _, err := rocks.Open(c.files, rocks.ReadConfig{}); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, expected %v and %q", what, err, c.kind, c.says)
		}
	}
}

// TestNoVerify reads what a wrong checksum alone makes unreadable.
func TestNoVerify(t *testing.T) {
	files := load(t, "testdata/db/6.20-default")
	f := openDB(t, files).Version.Family("val")
	name := f.Files()[0].Name()
	b := bytes.Clone(files[name])
	h := firstBlockEnd(t, b)
	b[h+1] ^= 0xff // the stored checksum of the first block
	files = files.with(name, b)
	if _, damage := scanRows(t, openDB(t, files), f); len(damage) != 1 || damage[0].Err.(*fault.Error).Offset != 0 {
		t.Errorf("damage %v, expected one in the block at byte 0", damage)
	}
	db, err := rocks.Open(files, rocks.ReadConfig{NoVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if rows, damage := scanRows(t, db, f); len(damage) > 0 || len(rows) == 0 {
		t.Errorf("%d rows, damage %v", len(rows), damage)
	}
}

// firstBlockEnd finds the compression byte of the first block: the first place whose checksum fits.
func firstBlockEnd(t *testing.T, b []byte) int {
	t.Helper()
	for end := 1; end < len(b)-5; end++ {
		if rocks.BlockSum(rocks.ChecksumCRC32C, b[:end+1]) == uint32(b[end+1])|uint32(b[end+2])<<8|uint32(b[end+3])<<16|uint32(b[end+4])<<24 {
			return end
		}
	}
	t.Fatal("no block")
	return 0
}
