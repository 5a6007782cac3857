package reader

import (
	"context"
	"sync"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/reader/backend"
)

// Selection says what of a snapshot is wanted. nil functions want everything.
type Selection struct {
	Operator func(*Operator) bool
	Part     func(Part) bool
	State    func(*entry.State) bool
	// KeyGroups, if not nil, are the only key groups that are read; state without key groups is left out.
	KeyGroups *keygroup.Range
	// Key gives the key that is wanted in a source, as its serializer writes it, and the key groups it can be in; ok is false
	// to leave the source out. nil wants all keys.
	Key func(p Part, src backend.Source) (key []byte, groups keygroup.Range, ok bool)
	// SameKey, if not nil, gives a function that tells which keys are the wanted one, for sources where equal keys can have different
	// bytes; it gives nil for all others. It is asked for each task, so that the function need not be safe for concurrent use.
	SameKey func(src backend.Source, key []byte) func(key []byte) bool
	// Problem, if not nil, is told of what could not be read, instead of collecting it for the scan's error: by several goroutines at a time.
	Problem func(error)
	// Filter, if not nil, gives a function that tells which entries are wanted. It is asked for each task, so that the function need not be
	// safe for concurrent use. Counting takes no notice of it.
	Filter func() func(*entry.Entry) bool
}

// Task is a piece of work that one goroutine reads on its own: some key groups of a part, or all of a part without key groups. Tasks
// are numbered in the order in which their entries belong: by part, then by key group.
type Task struct {
	Seq    int
	Part   Part
	Source backend.Source
	Groups keygroup.Range // or one group NoGroup

	want    []bool
	key     []byte
	same    func([]byte) bool
	filter  func(*entry.Entry) bool
	scanner backend.Scanner
	ctx     context.Context
	report  func(error)
}

// Each gives the task's entries to yield until it returns false. Trouble in one key group is reported to the scan and the next one is read.
func (t *Task) Each(yield func(*entry.Entry) bool) {
	more := true
	each := func(e *entry.Entry) bool {
		if t.same != nil && !t.same(e.Key) {
			return true
		}
		e.Subtask = t.Part.Subtask
		if t.filter != nil && !t.filter(e) {
			return true
		}
		more = yield(e)
		return more
	}
	for g := t.Groups.First; g <= t.Groups.Last && more && t.ctx.Err() == nil; g++ {
		t.trouble(t.scanner.Scan(backend.Query{Group: g, Want: t.want, Key: t.key}, each))
	}
}

// Count adds up the task's entries by state, without looking into them.
func (t *Task) Count() []keyed.Tally {
	tally := make([]keyed.Tally, len(t.Source.States()))
	for g := t.Groups.First; g <= t.Groups.Last && t.ctx.Err() == nil; g++ {
		t.trouble(t.scanner.Count(g, tally))
	}
	return tally
}

// trouble reports what could not be read of a key group: one error, or several that were joined.
func (t *Task) trouble(err error) {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range all.Unwrap() {
			t.trouble(e)
		}
		return
	}
	t.report(t.Part.trouble(t.ctx, err))
}

// Bytes is the stored size of what the task reads.
func (t *Task) Bytes() int64 {
	var n int64
	for g := t.Groups.First; g <= t.Groups.Last; g++ {
		n += t.Source.Size(g)
	}
	return n
}

// taskBytes is how much one task reads: enough to make its overhead small, little enough to share the work out evenly.
const taskBytes = 4 << 20

// Scan reads what sel wants with the given number of goroutines. do is called for each task, by several goroutines at a time; worker
// tells them apart. Tasks begin in their order. Errors of single pieces are collected and given as one when all the rest was read;
// an error of do, or the end of ctx, stops the scan.
func (s *Snapshot) Scan(ctx context.Context, sel Selection, jobs int, do func(worker int, t *Task) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sc := &scan{snap: s, sel: sel, ctx: ctx, cancel: cancel, tasks: make(chan *Task)}
	sc.problem = sc.problems.Add
	if sel.Problem != nil {
		sc.problem = func(err error) {
			if err != nil {
				sel.Problem(err)
			}
		}
	}
	var wg sync.WaitGroup
	for w := range max(1, jobs) {
		wg.Go(func() { sc.work(w, do) })
	}
	sc.produce()
	close(sc.tasks)
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return sc.problems.Err()
}

type scan struct {
	snap     *Snapshot
	sel      Selection
	ctx      context.Context
	cancel   context.CancelCauseFunc
	tasks    chan *Task
	problems Problems
	problem  func(error)
	seq      int
}

// produce opens one part after the other and cuts it into tasks.
func (sc *scan) produce() {
	for _, op := range sc.snap.Operators {
		if sc.sel.Operator != nil && !sc.sel.Operator(op) {
			continue
		}
		for _, p := range op.Parts() {
			if sc.sel.Part != nil && !sc.sel.Part(p) {
				continue
			}
			if sc.ctx.Err() != nil {
				return
			}
			sc.part(p)
		}
	}
}

func (sc *scan) part(p Part) {
	src, err := p.Open(sc.ctx)
	if err != nil {
		sc.problem(err)
	}
	if src == nil {
		return
	}
	shared := &sharedSource{Source: src, refs: 1}
	defer shared.release(sc)
	want, any := sc.wanted(src)
	groups := src.Groups()
	if groups.Len() == 0 {
		groups = keygroup.Range{First: backend.NoGroup, Last: backend.NoGroup}
	}
	if sc.sel.KeyGroups != nil {
		groups = groups.Intersect(*sc.sel.KeyGroups)
	}
	var key []byte
	if sc.sel.Key != nil && any {
		k, in, ok := sc.sel.Key(p, src)
		if !ok {
			return
		}
		key, groups = k, groups.Intersect(in)
	}
	if !any {
		return
	}
	sc.cut(p, shared, groups, want, key)
}

// wanted tells which states of a source the selection wants.
func (sc *scan) wanted(src backend.Source) (want []bool, any bool) {
	states := src.States()
	if sc.sel.State == nil {
		return nil, true
	}
	want = make([]bool, len(states))
	for i := range states {
		want[i] = sc.sel.State(&states[i].State)
		any = any || want[i]
	}
	return want, any
}

func (sc *scan) cut(p Part, src *sharedSource, groups keygroup.Range, want []bool, key []byte) {
	for g := groups.First; g <= groups.Last; {
		t := &Task{Seq: sc.seq, Part: p, Source: src, Groups: keygroup.Range{First: g, Last: g}, want: want, key: key, ctx: sc.ctx, report: sc.problem}
		if key != nil && sc.sel.SameKey != nil {
			if t.same = sc.sel.SameKey(src.Source, key); t.same != nil {
				t.key = nil
			}
		}
		if sc.sel.Filter != nil {
			t.filter = sc.sel.Filter()
		}
		size := src.Size(g)
		for g++; g <= groups.Last; g++ {
			if size += src.Size(g); size > taskBytes {
				break
			}
			t.Groups.Last = g
		}
		src.hold()
		select {
		case sc.tasks <- t:
			sc.seq++
		case <-sc.ctx.Done():
			src.release(sc)
			return
		}
	}
}

// work reads tasks. A worker keeps its scanner from task to task of the same source.
func (sc *scan) work(worker int, do func(int, *Task) error) {
	var current *sharedSource
	var scanner backend.Scanner
	drop := func() {
		if current != nil {
			sc.problem(scanner.Close())
			current.release(sc)
			current = nil
		}
	}
	defer drop()
	for t := range sc.tasks {
		src := t.Source.(*sharedSource)
		if src != current {
			drop()
			current, scanner = src, src.NewScanner()
			src.hold()
		}
		t.scanner = scanner
		if sc.ctx.Err() == nil {
			if err := do(worker, t); err != nil {
				sc.cancel(err)
			}
		}
		src.release(sc)
	}
}

// sharedSource closes its source when nobody needs it any more.
type sharedSource struct {
	backend.Source
	mu   sync.Mutex
	refs int
}

func (s *sharedSource) hold() {
	s.mu.Lock()
	s.refs++
	s.mu.Unlock()
}

func (s *sharedSource) release(sc *scan) {
	s.mu.Lock()
	s.refs--
	last := s.refs == 0
	s.mu.Unlock()
	if last {
		sc.problem(s.Close())
	}
}

// KeyedBytes is the stored size of the keyed state that a selection reads, for showing progress.
func (s *Snapshot) KeyedBytes(sel Selection) int64 {
	var n int64
	for _, o := range s.Operators {
		if sel.Operator != nil && !sel.Operator(o) {
			continue
		}
		for _, p := range o.Parts() {
			if sel.Part == nil || sel.Part(p) {
				n += p.Handle.Size()
			}
		}
	}
	return n
}
