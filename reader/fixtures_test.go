package reader_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store"
	"github.com/tarn-project/tarn/store/file"
)

const ledger = "1.20.3-ledger-hashmap-savepoint"

func load(t *testing.T, name string) *fixtures.Fixture {
	t.Helper()
	f, err := fixtures.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func open(t *testing.T, st store.Store, dir string, o reader.Options) *reader.Snapshot {
	t.Helper()
	s, err := reader.Open(context.Background(), st, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// each scans everything that sel wants with several goroutines and calls do for one entry at a time.
func each(s *reader.Snapshot, sel reader.Selection, jobs int, do func(*entry.Entry)) error {
	var mu sync.Mutex
	return s.Scan(context.Background(), sel, jobs, func(_ int, t *reader.Task) error {
		t.Each(func(e *entry.Entry) bool {
			mu.Lock()
			defer mu.Unlock()
			do(e)
			return true
		})
		return nil
	})
}

// TestKeysAreInTheirGroups: each key is in the key group that its hash code gives, and each key group in its subtask.
func TestKeysAreInTheirGroups(t *testing.T) {
	hashed := map[string]int{}
	unhashed := map[string]int{}
	fixtures.Each(t, nil, func(t *testing.T, f *fixtures.Fixture) {
		s := open(t, file.Store{}, f.Dir, reader.Options{})
		operators := map[string]*reader.Operator{}
		for _, o := range s.Operators {
			operators[o.ID.String()] = o
		}
		err := each(s, reader.Selection{}, 2, func(e *entry.Entry) {
			if !e.State.Kind.Keyed() || e.Unsplit {
				return
			}
			m := operators[e.State.OperatorID].Meta
			if want := keygroup.Subtask(e.KeyGroup, m.Parallelism, m.MaxParallelism); e.Subtask != want {
				t.Errorf("key group %d in subtask %d, want %d", e.KeyGroup, e.Subtask, want)
			}
			hash, ok := e.State.Key.Hash(binio.NewReader(e.Key, 0))
			if !ok {
				unhashed[e.State.Key.Type().String()]++
				return
			}
			hashed[e.State.Key.Type().String()]++
			if want := keygroup.Of(hash, m.MaxParallelism); e.KeyGroup != want {
				t.Errorf("key %x of type %s in key group %d, computed %d", e.Key, e.State.Key.Type(), e.KeyGroup, want)
			}
		})
		if err != nil && !errors.Is(err, fault.ErrUnsupported) {
			t.Error(err)
		}
	})
	for _, want := range []string{"string", "long", "int", "short", "byte", "boolean", "char", "float", "double", "BigInteger?", "decimal?", "date?", "timestamp?", "Tuple2{string, int}"} {
		if hashed[want] == 0 {
			t.Errorf("no key of type %s was checked, but %v", want, slices.Sorted(maps.Keys(hashed)))
		}
	}
	for typ := range unhashed {
		if strings.Trim(typ, "?") != "" && !strings.Contains(typ, "{") && !strings.Contains(typ, "raw") {
			t.Errorf("the hash code of %s is not known", typ)
		}
	}
	t.Log("hash codes of values: ", hashed, "; of their own classes: ", unhashed)
}

// line is one entry with everything that it holds, for comparing scans.
func line(e *entry.Entry) string {
	var b bytes.Buffer
	for _, part := range append([][]byte{[]byte(e.State.OperatorID), []byte(e.State.Name), e.Key, e.Namespace, e.UserKey, e.Value}, e.Elements...) {
		b.Write(binio.AppendI32(nil, int32(len(part))))
		b.Write(part)
	}
	b.Write(binio.AppendI64(nil, e.Timestamp))
	b.Write([]byte{byte(e.Subtask), byte(e.KeyGroup >> 8), byte(e.KeyGroup)})
	return b.String()
}

// inOrder gives the entries of a scan in the order of its tasks.
func inOrder(t *testing.T, s *reader.Snapshot, jobs int) ([]string, error) {
	t.Helper()
	var mu sync.Mutex
	tasks := map[int][]string{}
	err := s.Scan(context.Background(), reader.Selection{}, jobs, func(worker int, task *reader.Task) error {
		if worker < 0 || worker >= jobs {
			t.Errorf("worker %d of %d", worker, jobs)
		}
		var lines []string
		task.Each(func(e *entry.Entry) bool {
			lines = append(lines, line(e))
			return true
		})
		mu.Lock()
		tasks[task.Seq] = lines
		mu.Unlock()
		return nil
	})
	var all []string
	for seq := range len(tasks) {
		all = append(all, tasks[seq]...)
	}
	return all, err
}

// TestJobsDoNotMatter: a scan by several goroutines gives what one gives, in the same order.
func TestJobsDoNotMatter(t *testing.T) {
	fixtures.Each(t, func(i fixtures.Index) bool {
		return i.Group == fixtures.GroupCore && (i.Job == "ledger" || i.Job == "keys")
	}, func(t *testing.T, f *fixtures.Fixture) {
		s := open(t, file.Store{}, f.Dir, reader.Options{})
		one, err := inOrder(t, s, 1)
		if err != nil || len(one) == 0 {
			t.Fatal(len(one), err)
		}
		for _, jobs := range []int{2, 5} {
			if many, err := inOrder(t, s, jobs); err != nil || !slices.Equal(one, many) {
				t.Errorf("%d goroutines: %d entries, %v; one: %d", jobs, len(many), err, len(one))
			}
		}
	})
}

func TestCancel(t *testing.T) {
	s := open(t, file.Store{}, load(t, ledger).Dir, reader.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := s.Scan(ctx, reader.Selection{}, 2, func(int, *reader.Task) error {
		cancel()
		n++
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
	enough := errors.New("enough")
	err = s.Scan(context.Background(), reader.Selection{}, 3, func(int, *reader.Task) error { return enough })
	if err != enough {
		t.Errorf("a task's error became %v", err)
	}
}

func TestSelection(t *testing.T) {
	s := open(t, file.Store{}, load(t, ledger).Dir, reader.Options{})
	everything, err := inOrder(t, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	count := func(sel reader.Selection) (n int) {
		if err := each(s, sel, 2, func(*entry.Entry) { n++ }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	last := func(st *entry.State) bool { return st.Name == "last" }
	groups := func(first, last int) *keygroup.Range { return &keygroup.Range{First: first, Last: last} }
	if n := count(reader.Selection{}); n != len(everything) {
		t.Errorf("everything: %d entries, want %d", n, len(everything))
	}
	if n := count(reader.Selection{State: last}); n != 24 {
		t.Errorf("state last: %d entries, want 24", n)
	}
	lower, upper := count(reader.Selection{State: last, KeyGroups: groups(0, 40)}), count(reader.Selection{State: last, KeyGroups: groups(41, 127)})
	if lower == 0 || upper == 0 || lower+upper != 24 {
		t.Errorf("key groups 0-40 hold %d and 41-127 %d of 24 entries", lower, upper)
	}
	if n := count(reader.Selection{KeyGroups: groups(128, 500)}); n != 0 {
		t.Errorf("key groups that are not there hold %d entries", n)
	}
	none := func(*reader.Operator) bool { return false }
	if n := count(reader.Selection{Operator: none}); n != 0 {
		t.Errorf("no operator has %d entries", n)
	}
	sum := 0
	for _, o := range s.Operators {
		sum += count(reader.Selection{Operator: func(p *reader.Operator) bool { return p == o }})
	}
	if sum != len(everything) {
		t.Errorf("the operators one by one: %d entries, want %d", sum, len(everything))
	}
}
