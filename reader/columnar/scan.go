package columnar

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/reader"
)

// A batch is handed on when it has this many bytes or rows, about.
const (
	batchBytes = 8 << 20
	batchRows  = 64 << 10
)

// Scan is a run over the entries of some tables, as batches.
type Scan struct {
	Tables []*Table
	// Jobs is the number of goroutines.
	Jobs int
	// Limit is how many rows are wanted; 0 means all.
	Limit int64
	// ByKeyGroup makes every batch hold rows of one key group only.
	ByKeyGroup bool
	// OnError is told of every part that contradicts its serializer, by several goroutines at once. The part is null in its column and
	// stands in raw.
	OnError func(*entry.Entry, error)
	// Progress, if not nil, is told of stored bytes that were read.
	Progress func(int64)

	rows, lost atomic.Int64
	index      map[id]int
}

// Rows is the number of rows so far.
func (s *Scan) Rows() int64 { return s.rows.Load() }

// Lost is the number of parts so far that hold a value without room in its column: see Batch.Lost.
func (s *Scan) Lost() int64 { return s.lost.Load() }

// Group is the key group of a batch's rows, or -1.
type Group int

// Run reads what sel selects. to is called with one record after the other, in the order of the snapshot, for each table on its own; group is
// the key group if the scan goes by key group. Records are good during the call only. The error is that of to, or what could not be read.
func (s *Scan) Run(ctx context.Context, snap *reader.Snapshot, sel reader.Selection, to func(t *Table, group Group, rec arrow.Record) error) error {
	s.index = map[id]int{}
	for i, t := range s.Tables {
		s.index[id{t.OperatorID, t.Name, t.Kind}] = i
	}
	jobs := max(1, s.Jobs)
	if s.Limit > 0 {
		jobs = 1
	}
	out := &sequence{scan: s, to: to, ahead: jobs, done: map[int][]*filled{}, free: make([][]*Batch, len(s.Tables))}
	out.turn = sync.NewCond(&out.mu)
	workers := make([]worker, jobs)
	for i := range workers {
		workers[i] = worker{scan: s, out: out, open: make([]*filled, len(s.Tables))}
	}
	return snap.Scan(ctx, sel, jobs, func(i int, t *reader.Task) error {
		err := workers[i].read(t)
		if s.Progress != nil {
			s.Progress(t.Bytes())
		}
		return err
	})
}

// filled is a batch with what belongs to it.
type filled struct {
	*Batch
	table int
	group Group
}

// worker is one goroutine of a scan.
type worker struct {
	scan  *Scan
	out   *sequence
	open  []*filled // by table
	ready []*filled // full ones, until it is the task's turn
	state *entry.State
	table int
	seq   int
}

func (w *worker) read(t *reader.Task) error {
	s := w.scan
	w.seq, w.state = t.Seq, nil
	var err error
	t.Each(func(e *entry.Entry) bool {
		if s.Limit > 0 && s.rows.Load() >= s.Limit {
			err = errEnough
			return false
		}
		if e.State != w.state {
			w.lookUp(e.State)
		}
		if w.table < 0 {
			return true
		}
		err = w.add(e)
		return err == nil
	})
	for i := range w.open {
		w.close(i)
	}
	if ferr := w.out.finish(w.seq, w.ready); err == nil {
		err = ferr
	}
	w.ready = w.ready[:0]
	return err
}

func (w *worker) lookUp(s *entry.State) {
	w.state, w.table = s, -1
	if i, ok := w.scan.index[idOf(s)]; ok {
		w.table = i
	}
}

func (w *worker) add(e *entry.Entry) error {
	f := w.open[w.table]
	group := Group(-1)
	if w.scan.ByKeyGroup {
		group = Group(e.KeyGroup)
	}
	if f != nil && (f.group != group || f.bytes >= batchBytes || f.rows >= batchRows) {
		w.close(w.table)
		f = nil
		if err := w.out.offer(w.seq, &w.ready); err != nil {
			return err
		}
	}
	if f == nil {
		f = &filled{Batch: w.out.batch(w.table), table: w.table, group: group}
		f.OnError = w.scan.OnError
		w.open[w.table] = f
	}
	f.Append(e)
	w.scan.rows.Add(1)
	return nil
}

// close ends the open batch of a table.
func (w *worker) close(table int) {
	if f := w.open[table]; f != nil {
		w.ready = append(w.ready, f)
		w.open[table] = nil
	}
}

// sequence hands batches on in the order of tasks.
type sequence struct {
	scan  *Scan
	to    func(*Table, Group, arrow.Record) error
	ahead int // tasks that may be finished before their turn

	mu   sync.Mutex
	turn *sync.Cond
	next int
	done map[int][]*filled // finished tasks
	free [][]*Batch        // by table
	err  error
}

// batch gives an empty batch.
func (s *sequence) batch(table int) *Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free[table]); n > 0 {
		b := s.free[table][n-1]
		s.free[table] = s.free[table][:n-1]
		return b
	}
	return s.scan.Tables[table].NewBatch()
}

// offer hands on the batches of a task that goes on. If it is not the task's turn they stay, until there are too many.
func (s *sequence) offer(seq int, ready *[]*filled) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != seq && len(*ready) < 2 {
		return s.err
	}
	for s.next != seq && s.err == nil {
		s.turn.Wait()
	}
	s.hand(*ready)
	*ready = (*ready)[:0]
	return s.err
}

// finish ends a task.
func (s *sequence) finish(seq int, ready []*filled) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for seq-s.next > s.ahead && s.err == nil {
		s.turn.Wait()
	}
	s.done[seq] = append([]*filled(nil), ready...)
	for list, ok := s.done[s.next]; ok; list, ok = s.done[s.next] {
		delete(s.done, s.next)
		s.hand(list)
		s.next++
	}
	s.turn.Broadcast()
	return s.err
}

// hand is called with the lock held: only the task whose turn it is gets here.
func (s *sequence) hand(list []*filled) {
	for _, f := range list {
		if s.err == nil {
			rec := f.Record()
			s.err = s.to(f.Table, f.group, rec)
			rec.Release()
		}
		s.scan.lost.Add(int64(f.Lost))
		f.Lost = 0
		f.Reset()
		s.free[f.table] = append(s.free[f.table], f.Batch)
	}
	if s.err != nil {
		s.turn.Broadcast()
	}
}
