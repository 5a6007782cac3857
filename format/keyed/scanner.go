package keyed

import (
	"errors"
	"io"
	"sync"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Scanner reads the key groups of one stream. It keeps its buffers between key groups, reads each key group's bytes once and
// allocates nothing per entry. It is not safe for concurrent use.
type Scanner struct {
	s      *Stream
	prefix int
	raw    section
	w      window
	snappy frame.Reader
	r      binio.Reader
	e      entry.Entry
	state  int    // canonical: the state of the next frame
	held   []byte // heap: key and namespace of a map while its entries are read
	seen   []bool // heap: the states of the key group that were met

	// What entries do not say, for those who write a key group back.
	onState func(number, entries int) // heap: a state begins
	onMap   func(entries int)         // heap: a map begins
	onRead  func(st *State, raw []byte, at int64, part heapPart)
}

// scanners keeps the buffers of closed scanners.
var scanners = sync.Pool{New: func() any { return &Scanner{} }}

// NewScanner makes a scanner.
func (s *Stream) NewScanner() *Scanner {
	sc := scanners.Get().(*Scanner)
	sc.s, sc.prefix = s, keygroup.PrefixLen(s.h.MaxParallelism)
	return sc
}

// Tally counts what a state has in a key group. A map counts by its entries, a list as one.
type Tally struct {
	Entries int64
	Bytes   int64 // of keys and values as they stand in the stream, uncompressed
}

func (t *Tally) add(entries, bytes int64) {
	t.Entries += entries
	t.Bytes += bytes
}

// Scan reads the entries of one key group in the order of the stream and gives those of the wanted states to yield, until it returns
// false. want is indexed by state; nil means all. An entry and its slices are valid until yield returns.
//
// In the canonical layout an error ends the key group; in the heap layout so does a state whose values cannot be delimited, unless
// compression makes each state a stream of its own. Other key groups can still be read. Entries of states that the header could not
// name are left out; those of a state with an error of its own are raw, and the error is given at the end.
func (sc *Scanner) Scan(group int, want []bool, yield func(*entry.Entry) bool) error {
	at, end, ok := sc.s.extent(group)
	if !ok {
		return nil
	}
	sc.e = entry.Entry{KeyGroup: group, Elements: sc.e.Elements[:0]}
	var err error
	if sc.s.Layout == Heap {
		err = sc.scanHeap(group, at, end, want, yield, nil)
	} else {
		err = sc.scanCanonical(group, at, end, want, yield)
	}
	sc.w.shrink()
	return place(err, group)
}

// Count adds up what each state has in one key group, without looking into entries more than the layout demands. tally is indexed
// by state.
func (sc *Scanner) Count(group int, tally []Tally) error {
	at, end, ok := sc.s.extent(group)
	if !ok {
		return nil
	}
	var err error
	if sc.s.Layout == Heap {
		sc.e = entry.Entry{KeyGroup: group, Elements: sc.e.Elements[:0]}
		err = sc.scanHeap(group, at, end, nil, func(*entry.Entry) bool { return true }, tally)
	} else {
		err = sc.countCanonical(group, at, end, tally)
	}
	sc.w.shrink()
	return place(err, group)
}

func place(err error, group int) error {
	if err == nil {
		return nil
	}
	return fault.At(err, fault.Place{KeyGroup: group, Subtask: fault.NoPlace})
}

// open points the window at the bytes from at to end of the stream, decompressed if need be.
func (sc *Scanner) open(at, end int64) {
	sc.raw = section{sc.s.src, at, end}
	if sc.s.Header.Compressed {
		sc.snappy.Single = sc.s.Layout == Heap
		sc.snappy.ResetAt(sc.s.src, at, end-at)
		sc.w.reset(&sc.snappy, 0)
		return
	}
	sc.w.reset(&sc.raw, at)
}

// locate adds the offset in the file to an error of the window, which does not know it.
func (sc *Scanner) locate(err error) error {
	if err == nil {
		return nil
	}
	var fe *fault.Error
	if errors.As(err, &fe) && fe.Offset < 0 {
		e := *fe
		e.Offset = sc.w.at
		if sc.s.Header.Compressed {
			e.Offset = sc.snappy.ChunkOffset()
		}
		return &e
	}
	if err == io.EOF {
		return fault.New(fault.ErrTruncated, "the key group ends here")
	}
	return err
}

// within corrects the offset of an error in an entry, which counts uncompressed bytes: with compression the chunk is the place.
func (sc *Scanner) within(err error) error {
	var fe *fault.Error
	if !sc.s.Header.Compressed || !errors.As(err, &fe) {
		return err
	}
	e := *fe
	e.Offset = sc.snappy.ChunkOffset()
	return &e
}

// Close gives the scanner's buffers back for other scanners to use.
func (sc *Scanner) Close() {
	if sc.s != nil {
		sc.s, sc.onState, sc.onMap, sc.onRead, sc.e.State = nil, nil, nil, nil, nil
		sc.raw, sc.w.src = section{}, nil
		sc.snappy.ResetBytes(nil, 0)
		scanners.Put(sc)
	}
}
