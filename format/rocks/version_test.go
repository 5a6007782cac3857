package rocks

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
)

// TestLogRecords writes records around the borders of blocks and reads them back.
func TestLogRecords(t *testing.T) {
	for _, first := range []int{0, 1, logBlock - 2*logHeader - 1, logBlock - 2*logHeader, logBlock - logHeader - 3, logBlock - logHeader, 3 * logBlock} {
		var want [][]byte
		var file []byte
		for i, n := range []int{first, 0, 5, 2*logBlock + 77, 9} {
			r := bytes.Repeat([]byte{byte(i + 1)}, n)
			want = append(want, r)
			file = appendLogRecord(file, r)
		}
		if got := logRecords(t, file); !equalRecords(got, want) {
			t.Errorf("first record of %d bytes: %d records, expected %d", first, len(got), len(want))
		}
		file = append(file, make([]byte, 3*logBlock-len(file)%logBlock)...) // preallocated space
		if got := logRecords(t, file); !equalRecords(got, want) {
			t.Errorf("first record of %d bytes, zeros at the end: %d records, expected %d", first, len(got), len(want))
		}
	}
}

func equalRecords(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func logRecords(t *testing.T, file []byte) (all [][]byte) {
	t.Helper()
	r := newLogReader(inMemory(file), int64(len(file)), "MANIFEST-000001", true)
	for {
		b, err := r.next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Error(err)
			return all
		}
		all = append(all, bytes.Clone(b))
	}
}

// fragment makes one fragment of a log.
func fragment(typ byte, body string) []byte {
	b := append([]byte{0, 0, 0, 0, byte(len(body)), byte(len(body) >> 8), typ}, body...)
	binary.LittleEndian.PutUint32(b, blockSum(ChecksumCRC32C, b[6:]))
	return b
}

func TestLogFragments(t *testing.T) {
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for what, c := range map[string]struct {
		file []byte
		want []string
		kind error
	}{
		"whole":               {join(fragment(1, "a"), fragment(1, "b")), []string{"a", "b"}, nil},
		"in fragments":        {join(fragment(2, "a"), fragment(3, "b"), fragment(4, "c")), []string{"abc"}, nil},
		"recycled":            {join(fragment(5, "\x01\x02\x03\x04a"), fragment(6, "\x01\x02\x03\x04b"), fragment(8, "\x01\x02\x03\x04c")), []string{"a", "bc"}, nil},
		"ignorable":           {join(fragment(130, "xyz"), fragment(1, "a")), []string{"a"}, nil},
		"unknown":             {fragment(9, "x"), nil, fault.ErrUnsupported},
		"last without first":  {fragment(4, "x"), nil, fault.ErrCorrupt},
		"first within record": {join(fragment(2, "a"), fragment(2, "b")), nil, fault.ErrCorrupt},
		"no last":             {fragment(2, "a"), nil, fault.ErrTruncated},
		"half a header":       {join(fragment(1, "a"), []byte{1, 2, 3}), []string{"a"}, fault.ErrTruncated},
		"half a body":         {fragment(1, "abcdef")[:10], nil, fault.ErrTruncated},
	} {
		r := newLogReader(inMemory(c.file), int64(len(c.file)), "MANIFEST-000001", true)
		var got []string
		var err error
		for err == nil {
			var b []byte
			if b, err = r.next(); err == nil {
				got = append(got, string(b))
			}
		}
		if !reflect.DeepEqual(got, c.want) || (c.kind == nil) != (err == io.EOF) || c.kind != nil && !errors.Is(err, c.kind) {
			t.Errorf("%s: %q and %v, expected %q and %v", what, got, err, c.want, c.kind)
		}
	}
}

// edits makes a MANIFEST of edits.
func manifestOf(edits ...edit) []byte {
	var file []byte
	for _, e := range edits {
		file = appendLogRecord(file, e.append(nil))
	}
	return file
}

func newFile(family, number uint64, level uint32) edit {
	k := AppendInternalKey(nil, []byte("k"), number, KindPut)
	return edit{fields: []field{
		{tag: tagFamily, num: family},
		{tag: tagNewFile2, file: &TableFile{form: tagNewFile2, Number: number, Level: level, Size: 9, Smallest: k, Largest: k, LargestSeq: number}},
	}}
}

func (e edit) with(f ...field) edit { return edit{fields: append(f, e.fields...)} }

// TestReplay applies edits; the result is the list of file numbers of each column family by level.
func TestReplay(t *testing.T) {
	first := edit{fields: []field{{tag: tagComparator, text: []byte(BytewiseComparator)}, {tag: tagNextFile, num: 9}}}
	add := edit{fields: []field{{tag: tagFamily, num: 3}, {tag: tagFamilyAdd, text: []byte("s")}}}
	group := func(remaining uint64) field { return field{tag: tagAtomicGroup, num: remaining} }
	gone := func(number uint64, level uint32) field { return field{tag: tagDeletedFile, level: level, num: number} }
	type shape map[string]map[uint32][]uint64
	for what, c := range map[string]struct {
		edits []edit
		want  shape
		says  string
	}{
		"two families":          {[]edit{first, add, newFile(0, 5, 1), newFile(3, 6, 0), newFile(3, 7, 0)}, shape{"default": {1: {5}}, "s": {0: {7, 6}}}, ""},
		"moved to a level":      {[]edit{first, newFile(0, 5, 0), newFile(0, 5, 2).with(gone(5, 0))}, shape{"default": {2: {5}}}, ""},
		"deleted":               {[]edit{first, newFile(0, 5, 0), {fields: []field{gone(5, 0)}}}, shape{"default": {}}, ""},
		"dropped":               {[]edit{first, add, newFile(3, 5, 0), {fields: []field{{tag: tagFamily, num: 3}, {tag: tagFamilyDrop}}}}, shape{"default": {}}, ""},
		"whole atomic group":    {[]edit{first, newFile(0, 5, 0).with(group(1)), newFile(0, 6, 0).with(group(0))}, shape{"default": {0: {6, 5}}}, ""},
		"half an atomic group":  {[]edit{first, newFile(0, 5, 0).with(group(1))}, shape{"default": {}}, ""},
		"group interrupted":     {[]edit{first, newFile(0, 5, 0).with(group(2)), newFile(0, 6, 0)}, nil, "atomic group"},
		"unknown family":        {[]edit{first, newFile(8, 5, 0)}, nil, "does not exist"},
		"added twice":           {[]edit{first, newFile(0, 5, 0), newFile(0, 5, 0)}, nil, "added twice"},
		"deleted where not":     {[]edit{first, newFile(0, 5, 1), {fields: []field{gone(5, 0)}}}, nil, "where it is not"},
		"overlapping":           {[]edit{first, newFile(0, 5, 1), newFile(0, 5, 1).fieldsOf(6)}, nil, "overlap"},
		"ignorable tag":         {[]edit{first, {fields: []field{{tag: tagIgnorable + 99, text: []byte("?")}}}}, shape{"default": {}}, ""},
		"family added twice":    {[]edit{first, add, add}, nil, "added twice"},
		"default is not for it": {[]edit{first, {fields: []field{{tag: tagFamilyDrop}}}}, nil, "default column family"},
	} {
		b := manifestOf(c.edits...)
		v, err := ReadManifest(inMemory(b), int64(len(b)), "MANIFEST-000001", true)
		if c.says != "" {
			if !errors.Is(err, fault.ErrCorrupt) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "MANIFEST-000001 at byte") {
				t.Errorf("%s: %v, expected a place and %q", what, err, c.says)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		got := shape{}
		for _, f := range v.Families {
			got[f.Name] = map[uint32][]uint64{}
			for _, l := range f.Levels {
				for _, file := range l.Files {
					got[f.Name][l.Number] = append(got[f.Name][l.Number], file.Number)
				}
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, expected %v", what, got, c.want)
		}
	}
}

// fieldsOf gives a new-file edit with another number and a copy of its bounds.
func (e edit) fieldsOf(number uint64) edit {
	f := *e.fields[1].file
	f.Number = number
	return edit{fields: []field{e.fields[0], {tag: tagNewFile2, file: &f}}}
}

func TestUnknownTags(t *testing.T) {
	k := "\x08abcdefgh"
	for what, c := range map[string]struct {
		b    string
		kind error
	}{
		"tag 99":                {"\x63", fault.ErrUnsupported},
		"custom field 90":       {"\x67\x00\x05\x09" + k + k + "\x01\x02\x5a\x01x\x01", fault.ErrUnsupported},
		"custom field 33":       {"\x67\x00\x05\x09" + k + k + "\x01\x02\x21\x01x\x01", nil},
		"no end of custom":      {"\x67\x00\x05\x09" + k + k + "\x01\x02\x21\x01x", fault.ErrTruncated},
		"short key":             {"\x07\x00\x05\x09\x01a\x01b", fault.ErrCorrupt},
		"a long varint":         {"\x03\x80\x00", fault.ErrCorrupt},
		"more than 64 bits":     {"\x03" + strings.Repeat("\xff", 10) + "\x01", fault.ErrCorrupt},
		"level beyond 32 bits":  {"\x06\xff\xff\xff\xff\xff\x01\x05", fault.ErrCorrupt},
		"length beyond the end": {"\x01\xff\xff\xff\x07x", fault.ErrTruncated},
	} {
		_, err := decodeEdit([]byte(c.b), 0)
		if (c.kind == nil) != (err == nil) || c.kind != nil && !errors.Is(err, c.kind) {
			t.Errorf("%s: %v, expected %v", what, err, c.kind)
		}
	}
}
