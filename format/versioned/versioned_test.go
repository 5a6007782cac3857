package versioned

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/internal/snaptest"
)

func TestParse(t *testing.T) {
	// a split of a number sequence: from 0 … 6, next 6
	b, _ := hex.DecodeString("0000000300000018000000000000000100000000000000060000000000000006")
	v, err := Parse(b, 0)
	if err != nil || v.Version != 3 || len(v.Data) != 24 || !bytes.Equal(Append(nil, v), b) {
		t.Errorf("%+v, %v", v, err)
	}
	for cut := range b {
		if _, err := Parse(b[:cut], 0); !errors.Is(err, fault.ErrTruncated) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	for _, bad := range []string{string(b) + "?", "\x00\x00\x00\x03\xff\xff\xff\xff", "\x00\x00\x00\x03\x7f\xff\xff\xff?"} {
		if _, err := Parse([]byte(bad), 0); !errors.Is(err, fault.ErrCorrupt) {
			t.Errorf("%x: %v", bad, err)
		}
	}
}

func TestList(t *testing.T) {
	b := []byte("\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x01a\x00\x00\x00\x00")
	r := binio.NewReader(b, 0)
	l := ReadList(r)
	if r.End(); r.Err() != nil || l.Version != 1 || len(l.Items) != 2 || !bytes.Equal(AppendList(nil, l), b) {
		t.Errorf("%+v, %v", l, r.Err())
	}
	r = binio.NewReader([]byte("\x00\x00\x00\x01\x7f\xff\xff\xff"), 0)
	if ReadList(r); !errors.Is(r.Err(), fault.ErrTruncated) {
		t.Error(r.Err())
	}
}

func TestCoordinator(t *testing.T) {
	for name, c := range map[string]struct {
		b    string
		want error
	}{
		"number sequence": {"\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00\x00", nil},
		"of 1.12":         {"\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01x\x00\x00\x00\x00", nil},
		"newer":           {"\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x00", fault.ErrUnsupported},
		"another's":       {"\xac\xed\x00\x05sr", fault.ErrUnsupported},
		"short":           {"\x00\x00\x00\x01\x00\x00", fault.ErrTruncated},
		"length":          {"\x00\x00\x00\x01\x00\x00\x00\x01\xff\xff\xff\xff", fault.ErrCorrupt},
	} {
		got, err := ParseCoordinator([]byte(c.b), 0)
		if c.want != nil {
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || string(AppendCoordinator(nil, got)) != c.b {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// byteArrays are the list states whose elements are values.
var byteArrays = map[string]bool{"SourceReaderState": true, "writer_raw_states": true, "streaming_committer_raw_states": true}

// TestReal: the coordinators, splits and sink states of real snapshots are such envelopes and can be written back.
func TestReal(t *testing.T) {
	coordinators, values := 0, 0
	run := func(t *testing.T, f *fixtures.Fixture) {
		for _, o := range f.Truth.Operators {
			if o.CoordinatorState != nil {
				c, err := ParseCoordinator(*o.CoordinatorState, 0)
				if err != nil || len(c.Rest) > 0 || !bytes.Equal(AppendCoordinator(nil, c), *o.CoordinatorState) {
					t.Errorf("coordinator %s: %+v, %v", *o.CoordinatorState, c, err)
				}
				coordinators++
			}
			for _, st := range o.OperatorStates {
				for _, elements := range st.Subtasks {
					for _, e := range elements {
						if !byteArrays[st.Name] {
							continue
						}
						v, err := Parse(e.VX[4:], 0) // behind the length of the byte array
						if err != nil || !bytes.Equal(Append(nil, v), e.VX[4:]) {
							t.Errorf("%s %s: %v", st.Name, e.VX, err)
						}
						values++
					}
				}
			}
		}
	}
	fixtures.Each(t, nil, run)
	t.Run("shared", func(t *testing.T) {
		fixtures.EachIn(t, snaptest.Shared(t, "corpus"), nil, run)
	})
	t.Logf("%d coordinators, %d values", coordinators, values)
}

// FuzzEnvelopes: what was read can be written back to the same bytes.
func FuzzEnvelopes(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00\x00"))
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x01a\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := Parse(b, 0); err == nil && !bytes.Equal(Append(nil, v), b) {
			t.Errorf("value %+v", v)
		}
		if c, err := ParseCoordinator(b, 0); err == nil && !bytes.Equal(AppendCoordinator(nil, c), b) {
			t.Errorf("coordinator %+v", c)
		}
		r := binio.NewReader(b, 0)
		if l := ReadList(r); r.Err() == nil && !bytes.Equal(AppendList(nil, l), b[:r.Pos()]) {
			t.Errorf("list %+v", l)
		}
	})
}
