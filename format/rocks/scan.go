package rocks

import (
	"bytes"
	"slices"

	"github.com/tarn-project/tarn/format/fault"
)

// ScanConfig says what a scan reads. The zero value is the whole column family, ended by the first error.
type ScanConfig struct {
	Lower []byte // the first user key; nil is open
	Upper []byte // the first user key that is not read; nil is open
	// OnDamage is asked what to do about a table, or a part of one, that cannot be read: nil goes on without it, an error
	// ends the scan with that error.
	OnDamage func(Damage) error
}

// ScanStats counts what a scan has met.
type ScanStats struct {
	Stored  uint64 // entries in tables
	Visible uint64 // keys
}

// Scanner walks over the keys of a column family as RocksDB would show them: in order, each once, the newest version winning,
// deleted ones left out, merge operands collected. What it gives is valid until the next call of Next.
type Scanner struct {
	Stats ScanStats

	db     *DB
	family *Family
	cfg    ScanConfig
	heap   []*run // a heap by current entry
	bad    map[uint64]bool
	dels   *rangeDels
	delAt  int // where dels has the current key
	err    error
	ahead  int // most that a run reads at once
	begun  bool
	keyed  bool // key is set
	stale  bool // the entry on top was given out or used up

	key []byte
	folded
}

// Scan begins a scan. It must be closed.
func (d *DB) Scan(f *Family, cfg ScanConfig) *Scanner {
	s := &Scanner{db: d, family: f, cfg: cfg, delAt: -1}
	if f.Comparator != BytewiseComparator {
		s.err = fault.New(fault.ErrUnsupported, "column family %q has comparator %q", f.Name, f.Comparator).WithExpected("%q", BytewiseComparator)
	}
	return s
}

// Key is the user key.
func (s *Scanner) Key() []byte { return s.key }

// Err is the error that ended the scan, or nil.
func (s *Scanner) Err() error { return s.err }

// Close gives tables and memory back. It may be called twice.
func (s *Scanner) Close() {
	for _, r := range s.heap {
		r.close()
	}
	s.heap, s.begun = nil, true
}

// Next moves to the next key. It is false at the end or after an error.
func (s *Scanner) Next() bool {
	if !s.begun {
		s.begin()
	}
	if s.stale {
		s.advance()
	}
	for len(s.heap) > 0 && s.err == nil {
		top := s.heap[0].it
		switch c := bytes.Compare(top.user, s.key); {
		case !s.keyed:
			s.keyed = true
		case c == 0: // an older version
			s.advance()
			continue
		case c < 0:
			s.disorder()
			return false
		}
		if s.cfg.Upper != nil && bytes.Compare(top.user, s.cfg.Upper) >= 0 {
			break
		}
		s.key = append(s.key[:0], top.user...)
		if s.resolve() {
			s.Stats.Visible++
			return true
		}
	}
	s.Close()
	return false
}

// scanMemory bounds the windows of all runs of a scan together, unless they are very many.
const scanMemory = 8 << 20

// begin opens the tables.
func (s *Scanner) begin() {
	s.begun = true
	if s.err != nil {
		return
	}
	all := s.family.runs(s.cfg.Lower, s.cfg.Upper)
	s.ahead = max(scanMemory/max(len(all), 1), firstReadAhead)
	s.readRangeDels(all)
	for _, r := range all {
		r.s = s
		if r.enter(s.cfg.Lower) {
			s.heap = append(s.heap, r)
			s.Stats.Stored++
		}
	}
	for i := len(s.heap)/2 - 1; i >= 0; i-- {
		s.down(i)
	}
}

// readRangeDels collects the range deletions of all tables that the scan will read: one in any table can hide entries of
// every other.
func (s *Scanner) readRangeDels(all []*run) {
	var dels []bounded
	for _, r := range all {
		for _, meta := range r.files {
			ref, err := s.db.acquire(meta)
			if err != nil {
				if !s.damage(meta, err, meta.Smallest.User(), meta.Largest.User()) {
					return
				}
				if s.bad == nil {
					s.bad = map[uint64]bool{}
				}
				s.bad[meta.Number] = true
				continue
			}
			dels = ref.appendDels(dels, meta)
			s.db.release(ref)
		}
	}
	s.dels = newRangeDels(dels)
}

// appendDels appends the table's range deletions, cut to the bounds that the MANIFEST gives.
func (t *Table) appendDels(dst []bounded, meta *TableFile) []bounded {
	for _, d := range t.dels {
		if t.hasGlobal {
			d.seq = t.global
		}
		if b, ok := d.cut(meta); ok {
			dst = append(dst, b)
		}
	}
	return dst
}

// resolve finds what is visible of the key on top. Entries of the key that are left over are skipped by Next.
func (s *Scanner) resolve() bool {
	s.folded.reset()
	for {
		top := s.heap[0].it
		if s.hidden(top) {
			break
		}
		if Kind(top.trailer) == KindPut && len(s.spans) == 0 { // by far the most frequent: nothing is copied
			s.value, s.hasValue, s.stale = top.val, true, true
			return true
		}
		more, err := s.folded.add(Kind(top.trailer), top.val)
		if err != nil {
			s.err = top.t.place(err, top.idx.handle, "data block")
			return false
		}
		if !more {
			break
		}
		s.advance()
		if len(s.heap) == 0 || s.err != nil || !bytes.Equal(s.heap[0].it.user, s.key) {
			break
		}
	}
	return s.err == nil && s.folded.finish()
}

func (s *Scanner) hidden(top *TableIter) bool {
	if s.dels == nil {
		return false
	}
	for s.delAt+1 < len(s.dels.bounds) && bytes.Compare(s.dels.bounds[s.delAt+1], s.key) <= 0 {
		s.delAt++
	}
	return s.dels.hides(s.delAt, s.key, top.trailer)
}

// advance moves the run on top to its next entry.
func (s *Scanner) advance() {
	s.stale = false
	if s.heap[0].next() {
		s.Stats.Stored++
	} else {
		n := len(s.heap) - 1
		s.heap[0] = s.heap[n]
		s.heap[n] = nil
		s.heap = s.heap[:n]
		if n == 0 {
			return
		}
	}
	if len(s.heap) > 1 {
		s.down(0)
	}
}

// down restores the heap below i.
func (s *Scanner) down(i int) {
	h := s.heap
	for {
		least := 2*i + 1
		if least >= len(h) {
			return
		}
		if right := least + 1; right < len(h) && before(h[right], h[least]) {
			least = right
		}
		if !before(h[least], h[i]) {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

func before(a, b *run) bool {
	if c := bytes.Compare(a.it.user, b.it.user); c != 0 {
		return c < 0
	}
	if a.it.trailer != b.it.trailer {
		return a.it.trailer > b.it.trailer
	}
	return a.level < b.level
}

// damage reports an error and says whether the scan goes on.
func (s *Scanner) damage(meta *TableFile, err error, lower, upper []byte) bool {
	if s.err != nil {
		return false
	}
	if s.cfg.OnDamage == nil {
		s.err = err
		return false
	}
	s.err = s.cfg.OnDamage(Damage{Family: s.family, Table: meta, Err: err, Lower: slices.Clone(lower), Upper: slices.Clone(upper)})
	return s.err == nil
}

func (s *Scanner) disorder() {
	r := s.heap[0]
	s.err = r.ref.errorAt(fault.ErrCorrupt, r.it.idx.handle, "data block", "key %x after %x", r.it.user, s.key).WithExpected("keys in order")
	s.Close()
}
