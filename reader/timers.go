package reader

import (
	"context"
	"encoding/binary"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/backend"
)

// withoutTwins leaves out of a raw keyed source the timers that the subtask's managed keyed state holds as well. Full checkpoints of
// RocksDB jobs with heap timers write them to both places (seen up to Flink 1.14); a restore merges them into one queue.
func (p Part) withoutTwins(ctx context.Context, env *backend.Env, raw backend.Source) backend.Source {
	sub := p.Operator.Subtask(p.Subtask)
	if sub == nil {
		return raw
	}
	groups, ok := sub.ManagedKeyed.(*metadata.KeyGroups)
	if !ok {
		return raw
	}
	managed, err := openKeyed(ctx, env, groups)
	if err != nil {
		return raw // whoever reads that part says what is wrong with it
	}
	want := commonTimers(managed.States(), raw.States())
	if want == nil {
		managed.Close()
		return raw
	}
	return &rawTimers{Source: raw, managed: managed, want: want}
}

// commonTimers tells which of a source's states are timer queues that the raw keyed slot has too; nil if none is.
func commonTimers(managed, raw []backend.State) []bool {
	want, any := make([]bool, len(managed)), false
	for i := range managed {
		for j := range raw {
			if managed[i].Kind == entry.Timer && raw[j].Kind == entry.Timer && managed[i].Name == raw[j].Name {
				want[i], any = true, true
			}
		}
	}
	if !any {
		return nil
	}
	return want
}

// rawTimers is a raw keyed source without the timers that are in managed.
type rawTimers struct {
	backend.Source
	managed backend.Source
	want    []bool // of managed's states
}

// Close implements backend.Source.
func (t *rawTimers) Close() error {
	err := t.managed.Close()
	if e := t.Source.Close(); e != nil {
		err = e
	}
	return err
}

// NewScanner implements backend.Source.
func (t *rawTimers) NewScanner() backend.Scanner {
	return &rawTimersScanner{Scanner: t.Source.NewScanner(), managed: t.managed.NewScanner(), t: t}
}

type rawTimersScanner struct {
	backend.Scanner
	managed backend.Scanner
	t       *rawTimers
	key     []byte
}

// Scan implements backend.Scanner.
func (s *rawTimersScanner) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	twins := s.twins(q)
	return s.Scanner.Scan(q, func(e *entry.Entry) bool {
		if e.State.Kind == entry.Timer {
			if _, twin := twins[string(s.identity(e))]; twin {
				return true
			}
		}
		return yield(e)
	})
}

// twins gives the managed timers of one key group. Errors are told where those are read.
func (s *rawTimersScanner) twins(q backend.Query) map[string]struct{} {
	if r := s.t.managed.Groups(); q.Group < r.First || q.Group > r.Last {
		return nil
	}
	out := map[string]struct{}{}
	_ = s.managed.Scan(backend.Query{Group: q.Group, Want: s.t.want, Key: q.Key}, func(e *entry.Entry) bool {
		out[string(s.identity(e))] = struct{}{}
		return true
	})
	return out
}

// identity is what makes two timers the same: queue, time, key and namespace.
func (s *rawTimersScanner) identity(e *entry.Entry) []byte {
	b := append(s.key[:0], e.State.Name...)
	b = binary.BigEndian.AppendUint64(append(b, 0), uint64(e.Timestamp))
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Key)))
	s.key = append(append(b, e.Key...), e.Namespace...)
	return s.key
}

// Count implements backend.Scanner.
func (s *rawTimersScanner) Count(group int, tally []keyed.Tally) error {
	states := s.t.States()
	return s.Scan(backend.Query{Group: group}, func(e *entry.Entry) bool {
		for i := range states {
			if &states[i].State == e.State {
				tally[i].Entries++
				tally[i].Bytes += int64(len(e.Key) + len(e.Namespace) + len(e.Value) + 8)
			}
		}
		return true
	})
}

// Close implements backend.Scanner.
func (s *rawTimersScanner) Close() error {
	err := s.managed.Close()
	if e := s.Scanner.Close(); e != nil {
		err = e
	}
	return err
}
