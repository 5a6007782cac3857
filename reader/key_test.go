package reader_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/valuejson"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/store/file"
)

// TestEveryKeyIsFound: the JSON of a key, as rows show it, leads to the rows of that key, for every type of key.
func TestEveryKeyIsFound(t *testing.T) {
	fixtures.Each(t, func(i fixtures.Index) bool { return i.Job == "keys" || i.Job == "windows" && i.Backend == "rocksdb" }, func(t *testing.T, f *fixtures.Fixture) {
		s := open(t, file.Store{}, f.Dir, reader.Options{})
		type key struct{ text, bytes string }
		keys := map[*reader.Operator][]key{}
		var enc valuejson.Encoder
		ops := map[string]*reader.Operator{}
		for _, o := range s.Operators {
			ops[o.ID.String()] = o
		}
		if err := each(s, reader.Selection{}, 1, func(e *entry.Entry) {
			if o := ops[e.State.OperatorID]; e.State.Kind.Keyed() && len(keys[o]) < 3 && !e.Unsplit {
				text, err := enc.Append(nil, e.State.Key, e.Key)
				if err != nil {
					t.Error(err)
				}
				keys[o] = append(keys[o], key{string(text), string(e.Key)})
			}
		}); err != nil {
			t.Fatal(err)
		}
		if len(keys) < 3 {
			t.Fatalf("keys of %d operators", len(keys))
		}
		for o, list := range keys {
			for _, k := range list {
				for _, finder := range []*reader.KeyFinder{{Text: k.text}, {Raw: []byte(k.bytes)}, {Text: k.text, Everywhere: true}} {
					n := 0
					sel := reader.Selection{Operator: func(p *reader.Operator) bool { return p == o }, Key: finder.Find, SameKey: finder.SameKey}
					err := each(s, sel, 1, func(e *entry.Entry) {
						if string(e.Key) == k.bytes {
							n++
						} else if got, _ := enc.Append(nil, e.State.Key, e.Key); string(got) != k.text {
							t.Errorf("%s: key %s gave a row of key %s", o.Label(), k.text, got)
						}
					})
					if err != nil || n == 0 {
						t.Errorf("%s: key %s: %d rows, %v; %v", o.Label(), k.text, n, err, finder.Misfits())
					}
					if m := finder.Matches(); len(m) != 1 || m[0].Operator != o {
						t.Errorf("%s: key %s: matches %v", o.Label(), k.text, m)
					}
				}
			}
		}
	})
}

// keyedSource opens the keyed state of an operator.
func keyedSource(t *testing.T, s *reader.Snapshot, uid string) (reader.Part, backend.Source) {
	t.Helper()
	for _, o := range s.Operators {
		for _, p := range o.Parts() {
			if o.UID == uid && p.Slot == metadata.SlotManagedKeyed {
				src, err := p.Open(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { src.Close() })
				return p, src
			}
		}
	}
	t.Fatalf("no keyed state of operator %q", uid)
	return reader.Part{}, nil
}

// TestBothEncodings: Flink writes the constants 0, 1 and 10 in one way and equal numbers that were computed in another.
func TestBothEncodings(t *testing.T) {
	s := open(t, file.Store{}, load(t, "2.3.0-keys-hashmap-savepoint").Dir, reader.Options{})
	constant, computed := func(code byte) []byte { return []byte{0, 0, 0, code} }, func(n byte) []byte { return []byte{0, 0, 0, 5, n} }
	scaled := func(b []byte, scale byte) []byte { return append(b, 0, 0, 0, scale) }
	for _, c := range []struct {
		uid, text string
		same      [][]byte
		other     [][]byte
	}{
		{"by-big-integer", "0", [][]byte{constant(1), computed(0)}, [][]byte{constant(2), computed(1), constant(0)}},
		{"by-big-integer", "1", [][]byte{constant(2), computed(1)}, [][]byte{constant(1), computed(10)}},
		{"by-big-integer", "10", [][]byte{constant(3), computed(10)}, [][]byte{constant(1), computed(0)}},
		{"by-big-integer", "7", [][]byte{computed(7)}, [][]byte{computed(8), constant(3)}},
		{"by-big-decimal", "0", [][]byte{scaled(constant(1), 0), scaled(computed(0), 0)}, [][]byte{scaled(constant(1), 4), scaled(computed(1), 0)}},
		{"by-big-decimal", "0.0000", [][]byte{scaled(constant(1), 4), scaled(computed(0), 4)}, [][]byte{scaled(constant(1), 0)}},
		{"by-big-decimal", "0.1", [][]byte{scaled(constant(2), 1), scaled(computed(1), 1)}, [][]byte{scaled(constant(2), 0)}},
		{"by-big-decimal", "1.0", [][]byte{scaled(constant(3), 1), scaled(computed(10), 1)}, [][]byte{scaled(constant(2), 0), scaled(constant(2), 1)}},
	} {
		p, src := keyedSource(t, s, c.uid)
		f := &reader.KeyFinder{Text: c.text}
		key, _, ok := f.Find(p, src)
		if !ok {
			t.Errorf("%s %s: %v", c.uid, c.text, f.Misfits())
			continue
		}
		same := f.SameKey(src, key)
		if same == nil {
			t.Errorf("%s %s is compared by its bytes", c.uid, c.text)
			continue
		}
		for _, b := range c.same {
			if !same(b) {
				t.Errorf("%s %s is not found as %x", c.uid, c.text, b)
			}
		}
		for _, b := range append(c.other, nil, []byte{1}) {
			if same(b) {
				t.Errorf("%s %s is found as %x", c.uid, c.text, b)
			}
		}
		raw := &reader.KeyFinder{Raw: key}
		if raw.SameKey(src, key) != nil {
			t.Errorf("%s: a key given as bytes is compared by more", c.uid)
		}
	}
	_, src := keyedSource(t, s, "by-string")
	if f := (&reader.KeyFinder{Text: "k"}); f.SameKey(src, []byte{2, 'k'}) != nil {
		t.Error("texts have one encoding only")
	}
}

func TestMisfits(t *testing.T) {
	s := open(t, file.Store{}, load(t, "2.3.0-keys-hashmap-savepoint").Dir, reader.Options{})
	f := &reader.KeyFinder{Text: `["t1",6]`}
	if err := each(s, reader.Selection{Key: f.Find, SameKey: f.SameKey}, 2, func(e *entry.Entry) {
		if e.State.UID != "by-tuple" || !bytes.Equal(e.Key, []byte{3, 't', '1', 0, 0, 0, 6}) {
			t.Errorf("a row of %s, key %x", e.State.UID, e.Key)
		}
	}); err != nil {
		t.Fatal(err)
	}
	matched := map[string]bool{}
	for _, m := range f.Matches() {
		matched[m.Operator.UID] = true
		if m.KeyGroup < 0 || m.Subtask < 0 || m.Subtask > 1 {
			t.Errorf("%s: key group %d, subtask %d", m.Operator.UID, m.KeyGroup, m.Subtask)
		}
	}
	if !matched["by-tuple"] || matched["by-long"] {
		t.Errorf("matches: %v", matched)
	}
	text := ""
	for _, err := range f.Misfits() {
		if !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%v is no error of usage", err)
		}
		text += err.Error() + "\n"
	}
	for _, want := range []string{"by-long", "by-pojo", "of type long"} {
		if !strings.Contains(text, want) {
			t.Errorf("no word of %s in\n%s", want, text)
		}
	}
}

func TestNames(t *testing.T) {
	f := load(t, ledger)
	bare := open(t, file.Store{}, f.Dir, reader.Options{})
	var n reader.Names
	n.AddUID("accounts")
	n.AddUID("nobody")
	var more reader.Names
	more.SetName(bare.Operators[0].ID, "a name")
	n.Add(more)
	named := open(t, file.Store{}, f.Dir, reader.Options{Names: n})
	given := 0
	for i, o := range named.Operators {
		if o.UIDGiven {
			given++
			if o.UID != "accounts" || o.Label() != "accounts" {
				t.Errorf("%s, %s", o.UID, o.Label())
			}
		} else if o.UID != "" || o.Label() != o.ID.String() {
			t.Errorf("%s, %s", o.UID, o.Label())
		}
		if (i == 0) != (o.Name == "a name") {
			t.Errorf("operator %d has the name %q", i, o.Name)
		}
	}
	if given != 1 {
		t.Errorf("%d operators were named", given)
	}
	// What the snapshot says is not overruled.
	v6 := open(t, file.Store{}, load(t, "2.3.0-ledger-hashmap-savepoint").Dir, reader.Options{})
	var wrong reader.Names
	wrong.SetUID(v6.Operators[0].ID, "wrong")
	wrong.SetName(v6.Operators[0].ID, "wrong")
	again := open(t, file.Store{}, load(t, "2.3.0-ledger-hashmap-savepoint").Dir, reader.Options{Names: wrong})
	if o := again.Operators[0]; o.UID != v6.Operators[0].UID || o.Name != v6.Operators[0].Name || o.UIDGiven {
		t.Errorf("%q %q, given: %v", o.UID, o.Name, o.UIDGiven)
	}
}

func TestProblems(t *testing.T) {
	var p reader.Problems
	p.Add(nil)
	if p.Err() != nil {
		t.Error("an error of nothing")
	}
	for i := range 1500 {
		e := fault.Corrupt(int64(i), "a thing")
		e.File, e.KeyGroup = "file", i%128
		p.Add(e)
	}
	missing := fault.New(fault.ErrMissing, "gone")
	missing.File = "other"
	err := p.Err()
	if !errors.Is(err, fault.ErrCorrupt) || errors.Is(err, fault.ErrMissing) {
		t.Errorf("%v", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 || !strings.Contains(err.Error(), "999 more like this") || !strings.Contains(err.Error(), "500 more problems") {
		t.Errorf("%d lines: %v", len(lines), err)
	}
	var many reader.Problems
	for i := range 30 {
		many.Add(fault.Corrupt(1, "thing %d", i))
	}
	if lines := strings.Split(many.Err().Error(), "\n"); len(lines) != 11 || lines[10] != "and 20 more problems" {
		t.Errorf("%d lines: %v", len(lines), many.Err())
	}
	var q reader.Problems
	q.Add(fault.Corrupt(1, "a thing"))
	q.Add(missing)
	if got := q.Err().Error(); got != "at byte 1: corrupt: a thing\nother: missing: gone" {
		t.Errorf("%q", got)
	}
}
