package connector

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/versioned"
)

// vector is what a connector's own serializer wrote: see testdata/maker.
type vector struct {
	Name, Flink, Kind, Connector, Hex string
	Want                              json.RawMessage
}

func vectors(t testing.TB) []vector {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestVectors: what the connectors wrote is recognised, says what was put in, and is written back.
func TestVectors(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors(t) {
		if v.Kind == "value" {
			continue
		}
		t.Run(v.Flink+"/"+v.Name, func(t *testing.T) {
			b, err := hex.DecodeString(v.Hex)
			if err != nil {
				t.Fatal(err)
			}
			env, err := versioned.Parse(b, 0)
			if err != nil {
				t.Fatal(err)
			}
			m := Decode(Kind(v.Kind), env, "")
			if m.Connector != v.Connector {
				t.Fatalf("connector %q (%v), want %q", m.Connector, m.Others, v.Connector)
			}
			if v.Connector == "" {
				if m = Decode(Kind(v.Kind), env, "number sequence"); m.Connector != "number sequence" {
					t.Errorf("preferred: %q", m.Connector)
				}
				return
			}
			seen[v.Kind+" "+v.Connector] = true
			got, err := json.Marshal(m.State)
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, got, v.Want) {
				t.Errorf("got\n%s\nwant\n%s", got, v.Want)
			}
			if again := Append(nil, m.State, m.Version); !bytes.Equal(again, env.Data) {
				t.Errorf("written back as %x, want %x", again, env.Data)
			}
			for _, l := range m.Lines() {
				if l == "" || strings.ContainsAny(l, "\n\x00") {
					t.Errorf("line %q", l)
				}
			}
			t.Log(strings.Join(m.Lines(), "\n"))
			for cut := range env.Data {
				if m := Decode(Kind(v.Kind), versioned.Value{Version: env.Version, Data: env.Data[:cut]}, ""); m.Connector == v.Connector && len(m.Others) == 0 && m.Known() && cut > 0 && !prefixOK[v.Connector+" "+v.Kind] {
					t.Errorf("recognised in %d of %d bytes: %+v", cut, len(env.Data), m)
				}
			}
		})
	}
	for _, l := range layouts() {
		if l.kind != file && !seen[string(l.kind)+" "+l.connector] {
			t.Errorf("no vector of %s %s", l.kind, l.connector)
		}
	}
}

// prefixOK are the layouts whose beginnings are layouts too: a field at the end is not always there.
var prefixOK = map[string]bool{"MySQL CDC split": true}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatalf("%v: %s", err, a)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return reflect.DeepEqual(x, y)
}

// TestReal: the splits, writers and committables of real snapshots are recognised, all but those of the sources that only tests have.
func TestReal(t *testing.T) {
	run := func(t *testing.T, f *fixtures.Fixture) {
		for _, o := range f.Truth.Operators {
			for _, st := range o.OperatorStates {
				kind, ok := map[string]Kind{"SourceReaderState": Split, "writer_raw_states": Writer, "streaming_committer_raw_states": Committer}[st.Name]
				if !ok {
					continue
				}
				for _, elements := range st.Subtasks {
					for _, e := range elements {
						v, err := versioned.Parse(e.VX[4:], 0) // behind the length of the byte array
						if err != nil {
							t.Fatal(err)
						}
						m := Decode(kind, v, "")
						idle := kind == Split && (v.Version == 3 || v.Version == 1 && len(v.Data) == 16)
						if m.Known() == idle {
							t.Errorf("%s %s: %+v", st.Name, e.VX, m)
						}
						if c, ok := m.State.(*Collector); ok {
							for _, p := range c.Checkpoints {
								for _, part := range p.Parts {
									for _, q := range part.Requests {
										if !q.Committable.Known() {
											t.Errorf("committable %+v", q.Committable)
										}
									}
								}
							}
						}
					}
				}
			}
		}
	}
	fixtures.Each(t, nil, run)
	t.Run("shared", func(t *testing.T) {
		dir := os.Getenv("TARN_SHARED")
		if dir == "" {
			dir = filepath.Join("..", "..", "..", "shared")
		}
		dir = filepath.Join(dir, "corpus")
		if _, err := os.Stat(filepath.Join(dir, "index.json")); err != nil {
			t.Skip("the shared corpus of snapshots is not on this machine (set TARN_SHARED to the directory that holds it)")
		}
		fixtures.EachIn(t, dir, nil, run)
	})
}

// TestNesting: a hybrid source in a hybrid source and so on ends somewhere.
func TestNesting(t *testing.T) {
	data := []byte{}
	for range 50 {
		b := binio.AppendI32(nil, 1)
		b, _ = binio.AppendUTF(b, "x")
		b = versioned.Append(b, versioned.Value{Version: 0, Data: data})
		data = b
	}
	m := Decode(Split, versioned.Value{Version: 0, Data: data}, "")
	if !m.Known() || len(m.Lines()) != 1 || !strings.Contains(m.Lines()[0], "unknown connector") {
		t.Errorf("%+v %q", m, m.Lines())
	}
	if _, err := json.Marshal(&m); err != nil {
		t.Error(err)
	}
}

// FuzzDecode: nothing panics, what is recognised is written back to the same bytes, and can be said.
func FuzzDecode(f *testing.F) {
	kinds := []Kind{Split, Enumerator, Writer, Committer, Committable, file}
	for _, v := range vectors(f) {
		b, _ := hex.DecodeString(v.Hex)
		for i, k := range kinds {
			if string(k) == v.Kind {
				f.Add(byte(i), byte(b[3]), b[8:])
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind, version byte, data []byte) {
		m := Decode(kinds[int(kind)%len(kinds)], versioned.Value{Version: int32(version), Data: data}, "")
		m.Lines()
		if _, err := json.Marshal(&m); err != nil {
			t.Errorf("%v: %+v", err, m)
		}
		if m.Known() && !bytes.Equal(Append(nil, m.State, m.Version), data) {
			t.Errorf("%+v", m)
		}
	})
}
