package rocks

import "encoding/binary"

// blockWriter makes the plain content of a block; see blockIter.
type blockWriter struct {
	buf      []byte
	restarts []uint32
	last     []byte // key
	interval int    // entries from one restart to the next
	since    int    // entries since the last restart
}

func newBlockWriter(interval int) *blockWriter { return &blockWriter{interval: interval} }

// reset starts a new block in the same memory.
func (w *blockWriter) reset() {
	w.buf, w.restarts, w.last, w.since = w.buf[:0], w.restarts[:0], w.last[:0], 0
}

func (w *blockWriter) empty() bool { return len(w.buf) == 0 }

// size is the length of the block if it were finished now.
func (w *blockWriter) size() int { return len(w.buf) + 4*max(len(w.restarts), 1) + 4 }

// add appends an entry. Keys come in order.
func (w *blockWriter) add(key, value []byte) {
	shared := 0
	if w.since%w.interval == 0 {
		w.restarts = append(w.restarts, uint32(len(w.buf)))
	} else {
		shared = commonPrefix(w.last, key)
	}
	w.since++
	w.buf = appendLength(w.buf, shared)
	w.buf = appendLength(w.buf, len(key)-shared)
	w.buf = appendLength(w.buf, len(value))
	w.buf = append(w.buf, key[shared:]...)
	w.buf = append(w.buf, value...)
	w.last = append(w.last[:shared], key[shared:]...)
}

// finish appends the restarts and gives the block, valid until reset. An empty block has one restart, as RocksDB writes it.
func (w *blockWriter) finish() []byte {
	if len(w.restarts) == 0 {
		w.restarts = append(w.restarts, 0)
	}
	for _, r := range w.restarts {
		w.buf = binary.LittleEndian.AppendUint32(w.buf, r)
	}
	w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(len(w.restarts)))
	return w.buf
}

func appendLength(dst []byte, n int) []byte {
	if n < 0x80 {
		return append(dst, byte(n))
	}
	return binary.AppendUvarint(dst, uint64(n))
}

// commonPrefix is the number of leading bytes that a and b share.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if le64(a, i) != le64(b, i) {
			break
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// addBare appends an entry without a value length, as an index from version 4 on has it. Every entry must be a restart.
func (w *blockWriter) addBare(key, value []byte) {
	w.restarts = append(w.restarts, uint32(len(w.buf)))
	w.buf = appendLength(w.buf, 0)
	w.buf = appendLength(w.buf, len(key))
	w.buf = append(append(w.buf, key...), value...)
}
