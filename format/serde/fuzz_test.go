package serde

import (
	"bytes"
	"errors"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// FuzzSnapshot: no bytes panic or hang; what is read as a snapshot is written back to the same bytes and compiles or says why not.
func FuzzSnapshot(f *testing.F) {
	for _, v := range committedVectors(f) {
		f.Add(unhex(f, v.SerializerSnapshotHex))
	}
	f.Add(snapBytes(f, pojoSnap("A", namedSnap{"f", listSnap(customSnap("F", "body"))})))
	f.Add(snapBytes(f, &Snapshot{Class: simple("Int"), Version: 2, Body: &simpleBody{"x.IntSerializer"}}))
	f.Add(snapBytes(f, legacyTuple()))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := binio.NewReader(b, 0)
		c := NewContext(nil)
		s := c.ReadSnapshot(r)
		if r.Err() != nil {
			checkKind(t, r.Err())
			return
		}
		again, err := AppendSnapshot(nil, s)
		if err != nil || !bytes.Equal(again, b[:r.Pos()]) {
			t.Fatalf("written back: %v\n got %x\nwant %x", err, again, b[:r.Pos()])
		}
		codec, err := c.Families.Compile(s)
		if err != nil {
			checkKind(t, err)
			return
		}
		_ = codec.Type().String()
		checkLaws(t, codec, b[r.Pos():])
	})
}

// FuzzValue: for the codec of a snapshot, chosen by number, no bytes panic or hang; what Walk reads, Append writes back to the same bytes, and
// Skip finds the same end.
func FuzzValue(f *testing.F) {
	var codecs []Codec
	for _, v := range committedVectors(f) {
		if v.FlinkVersion != "2.3.0" {
			continue // the newest has all
		}
		for _, val := range v.Values {
			f.Add(uint8(len(codecs)), unhex(f, val.Hex))
		}
		codecs = append(codecs, compileVector(f, v))
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		checkLaws(t, codecs[int(which)%len(codecs)], b)
	})
}

func checkLaws(t *testing.T, c Codec, b []byte) {
	t.Helper()
	r := binio.NewReader(b, 0)
	v := Decode(c, r)
	if r.Err() != nil {
		checkKind(t, r.Err())
		c.Skip(binio.NewReader(b, 0))
		c.Hash(binio.NewReader(b, 0))
		return
	}
	again, err := c.Append(nil, v)
	if err != nil || !bytes.Equal(again, b[:r.Pos()]) {
		t.Fatalf("%s: %#v written back: %v\n got %x\nwant %x", c.Type(), v, err, again, b[:r.Pos()])
	}
	skip := binio.NewReader(b, 0)
	c.Skip(skip)
	if skip.Err() != nil || skip.Pos() != r.Pos() {
		t.Fatalf("%s: Skip ends at %d (%v), Walk at %d", c.Type(), skip.Pos(), skip.Err(), r.Pos())
	}
	hash := binio.NewReader(b, 0)
	if _, ok := c.Hash(hash); ok && (hash.Err() != nil || hash.Pos() != r.Pos()) {
		t.Fatalf("%s: Hash ends at %d (%v), Walk at %d", c.Type(), hash.Pos(), hash.Err(), r.Pos())
	}
}

func checkKind(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, fault.ErrCorrupt) && !errors.Is(err, fault.ErrUnsupported) {
		t.Fatalf("an error of no kind: %v", err)
	}
}
