// Package operatorid knows how Flink names the operators of a snapshot.
//
// An operator is stored under sixteen bytes (org.apache.flink.runtime.jobgraph.OperatorID), which people see as 32 hex
// digits in the order of the bytes. An operator with a uid has the MurmurHash3 x64 128 of the uid's UTF-8 bytes, seed 0:
// the first half little-endian, then the second half little-endian (StreamGraphHasherV2 and Guava's HashCode.asBytes, all
// Flink versions since 1.2). An operator without a uid has a hash of its place in the job graph, which no snapshot
// lets us compute again.
package operatorid

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
)

// ID is the sixteen bytes under which an operator is stored.
type ID [16]byte

// String gives 32 lower-case hex digits, the form that Flink prints.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText gives the form of String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form of String.
func (id *ID) UnmarshalText(text []byte) error {
	v, err := Parse(string(text))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// Parse reads 32 hex digits in either case. Anything else is an ErrUsage.
func Parse(s string) (ID, error) {
	var id ID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, fault.New(fault.ErrUsage, "operator id %q", s).WithExpected("32 hex digits")
	}
	copy(id[:], b)
	return id, nil
}

// UIDHash gives the id of an operator whose uid was set in the job. Like Java's encoder it turns an unpaired surrogate into
// a question mark.
func UIDHash(uid string) ID {
	h1, h2 := murmur128([]byte(replaceSurrogates(uid)))
	var id ID
	binary.LittleEndian.PutUint64(id[:8], h1)
	binary.LittleEndian.PutUint64(id[8:], h2)
	return id
}

// replaceSurrogates turns each surrogate, three bytes ED A0..BF xx in WTF-8, into the question mark of String.getBytes.
func replaceSurrogates(s string) string {
	if !strings.Contains(s, "\xED") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == 0xED && i+2 < len(s) && s[i+1] >= 0xA0 {
			b.WriteByte('?')
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

const (
	murmurC1 = 0x87C37B91114253D5
	murmurC2 = 0x4CF5AD432745937F
)

// murmur128 is MurmurHash3 x64 128 with seed 0.
func murmur128(b []byte) (h1, h2 uint64) {
	n := uint64(len(b))
	for ; len(b) >= 16; b = b[16:] {
		h1 ^= mixK1(binary.LittleEndian.Uint64(b))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52DCE729
		h2 ^= mixK2(binary.LittleEndian.Uint64(b[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495AB5
	}
	var tail [16]byte
	copy(tail[:], b) // zeros mix to zero, so a short tail needs no case of its own
	h1 ^= mixK1(binary.LittleEndian.Uint64(tail[:]))
	h2 ^= mixK2(binary.LittleEndian.Uint64(tail[8:]))
	h1 ^= n
	h2 ^= n
	h1 += h2
	h2 += h1
	h1, h2 = finish(h1), finish(h2)
	h1 += h2
	h2 += h1
	return h1, h2
}

func mixK1(k uint64) uint64 { return bits.RotateLeft64(k*murmurC1, 31) * murmurC2 }

func mixK2(k uint64) uint64 { return bits.RotateLeft64(k*murmurC2, 33) * murmurC1 }

func finish(k uint64) uint64 {
	k = (k ^ k>>33) * 0xFF51AFD7ED558CCD
	k = (k ^ k>>33) * 0xC4CEB9FE1A85EC53
	return k ^ k>>33
}
