package rocks

import (
	"encoding/binary"
	"fmt"
)

// Kind is the type of an entry, the low byte of an internal key's trailer (ValueType in RocksDB's db/dbformat.h).
type Kind uint8

// The kinds that occur in tables.
const (
	KindDelete       Kind = 0
	KindPut          Kind = 1
	KindMerge        Kind = 2
	KindSingleDelete Kind = 7
	KindRangeDelete  Kind = 15

	// Kinds of features that Flink never turns on; reading one is refused.
	kindBlobIndex       Kind = 0x11
	kindDeleteTimestamp Kind = 0x14
	kindWideColumn      Kind = 0x16
	kindPreferredSeqno  Kind = 0x18

	kindMax Kind = 0xff // sorts before every kind of the same sequence number
)

func (k Kind) String() string {
	switch k {
	case KindDelete:
		return "delete"
	case KindPut:
		return "put"
	case KindMerge:
		return "merge"
	case KindSingleDelete:
		return "single delete"
	case KindRangeDelete:
		return "range delete"
	case kindBlobIndex:
		return "blob index"
	case kindDeleteTimestamp:
		return "delete with timestamp"
	case kindWideColumn:
		return "wide-column entity"
	case kindPreferredSeqno:
		return "put with preferred sequence number"
	}
	return fmt.Sprintf("kind %#02x", uint8(k))
}

// MaxSequence is the largest sequence number: 56 bits.
const MaxSequence = 1<<56 - 1

// InternalKey is a user key with its trailer: eight bytes little endian, sequence number << 8 | kind. Internal keys sort by user
// key ascending (bytewise), then by trailer descending, so the newest version comes first.
type InternalKey []byte

// trailerLen is the length of the trailer in bytes.
const trailerLen = 8

// User is the user key.
func (k InternalKey) User() []byte {
	if len(k) < trailerLen {
		return nil
	}
	return k[:len(k)-trailerLen]
}

func (k InternalKey) trailer() uint64 {
	if len(k) < trailerLen {
		return 0
	}
	return binary.LittleEndian.Uint64(k[len(k)-trailerLen:])
}

// Seq is the sequence number.
func (k InternalKey) Seq() uint64 { return k.trailer() >> 8 }

// Kind is the kind of the entry.
func (k InternalKey) Kind() Kind { return Kind(k.trailer()) }

func (k InternalKey) String() string { return fmt.Sprintf("%x#%d,%s", k.User(), k.Seq(), k.Kind()) }

// AppendInternalKey appends user key and trailer.
func AppendInternalKey(dst, user []byte, seq uint64, kind Kind) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, user...), trailerOf(seq, kind))
}

func trailerOf(seq uint64, kind Kind) uint64 { return seq<<8 | uint64(kind) }
