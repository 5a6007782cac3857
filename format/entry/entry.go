// Package entry is the one normal form of state: whatever backend and layout held it, every piece of state is an Entry, raw
// first, decoded where someone looks.
//
// An Entry holds byte slices exactly as the part's own serializer wrote them. What a layout adds around them (lengths, key-group
// prefixes, null flags, list delimiters) is gone; what belongs to the value (a leading TTL timestamp) stays.
package entry

import (
	"strings"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/serde"
)

// Kind says what sort of state an entry belongs to.
type Kind uint8

// The kinds of entries.
const (
	Value Kind = iota
	List
	Map
	Reducing
	Aggregating
	Timer
	OperatorList
	OperatorUnion
	Broadcast
	Coordinator
	RawKeyed
	RawOperator
	ChannelInput
	ChannelOutput
)

var kindNames = [...]string{
	"value", "list", "map", "reducing", "aggregating", "timer", "operator-list", "operator-union", "broadcast",
	"coordinator", "raw-keyed", "raw-operator", "channel-input", "channel-output",
}

// String gives the kind as rows name it, for instance "operator-union".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "?"
}

// Keyed reports whether entries of this kind have a key and a key group.
func (k Kind) Keyed() bool { return k <= Timer }

// State describes one state of one operator as one handle stored it: the codecs are those of that handle's serializer
// snapshots. A codec is nil where the kind has no such part.
type State struct {
	OperatorID string // 32 hex digits
	UID        string // "" if not known
	Name       string
	Kind       Kind
	Key        serde.Codec // of keyed state and timers
	Namespace  serde.Codec // of keyed state and timers
	UserKey    serde.Codec // of map and broadcast state
	Value      serde.Codec // of the value, of one element of a list, of a map's value
	TTL        bool        // Value wraps a last-access time
	Void       bool        // the namespace is VoidNamespace: rows leave it out
	File       string      // where the state is stored, for messages; "" if not known
}

// Entry is one row: see the package comment. Slices are valid until the next step of whatever produced it.
type Entry struct {
	State     *State
	Subtask   int
	KeyGroup  int // -1 where there is none
	Key       []byte
	Namespace []byte // nil if void
	UserKey   []byte
	Value     []byte
	Elements  [][]byte // of list state, instead of Value
	NullValue bool     // a map value that is null: Value is empty
	Timestamp int64    // of timers: milliseconds
	// Unsplit says that the serializers are not known well enough to tell the parts apart: Key holds everything that the layout gave as
	// the key, or Value everything of a list.
	Unsplit bool
}

// TTLTime gives the last-access time, in milliseconds since 1970, of a value or element of a state with TTL.
func TTLTime(value []byte) (int64, bool) {
	if len(value) < 8 {
		return 0, false
	}
	return binio.NewReader(value, 0).I64(), true
}

// ParseKind finds a kind by its name.
func ParseKind(name string) (Kind, bool) {
	for i, n := range kindNames {
		if n == name {
			return Kind(i), true
		}
	}
	return 0, false
}

// KindNames lists the names of all kinds, with commas between them.
func KindNames() string { return strings.Join(kindNames[:], ", ") }
