// Package statemeta reads and writes what a state backend stores about each of its states: name, sort, options and serializers
// (org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot). The headers of keyed state, of operator state and of native
// RocksDB snapshots hold lists of them.
//
// Layout, by StateMetaInfoSnapshotReadersWriters version 6 and 7, which have the same bytes (Flink 1.7 … 2.3):
//
//	utf name
//	i4  type            the ordinal, not the code, of BackendStateType: see Type
//	i4  n, n × option   option: utf key, utf value
//	i4  n, n × serializer
//	                    serializer: utf key, i4 2, serializer snapshot (see package serde), without a length
//
// Options and serializers stand in the iteration order of a hash map; both are kept as they come. The order of the states
// in a header is the number that streams call them by.
package statemeta

import (
	"slices"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Type is the sort of a state (StateMetaInfoSnapshot.BackendStateType, by its ordinal).
type Type int32

// The sorts.
const (
	KeyValue      Type = 0 // keyed state
	Operator      Type = 1 // operator state, a list or a union
	Broadcast     Type = 2 // operator state, a map
	PriorityQueue Type = 3 // timers
	KeyValueV2    Type = 4 // keyed state by the asynchronous API of Flink 2.0 and newer
)

var typeNames = [...]string{"KEY_VALUE", "OPERATOR", "BROADCAST", "PRIORITY_QUEUE", "KEY_VALUE_V2"}

// String gives Flink's name of the sort.
func (t Type) String() string {
	if t >= 0 && int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "unknown state type"
}

// Keys of options (StateMetaInfoSnapshot.CommonOptionsKeys).
const (
	OptionKeyedStateType   = "KEYED_STATE_TYPE"                 // of KeyValue: VALUE, LIST, REDUCING, FOLDING, AGGREGATING, MAP
	OptionDistributionMode = "OPERATOR_STATE_DISTRIBUTION_MODE" // of Operator and Broadcast: SPLIT_DISTRIBUTE, UNION, BROADCAST
)

// Keys of serializers (StateMetaInfoSnapshot.CommonSerializerKeys).
const (
	SerializerKey       = "KEY_SERIALIZER" // of Broadcast
	SerializerNamespace = "NAMESPACE_SERIALIZER"
	SerializerValue     = "VALUE_SERIALIZER"
	SerializerUserKey   = "USER_KEY_SERIALIZER" // of KeyValueV2 maps
)

// Option is one option as it is stored.
type Option struct{ Key, Value string }

// NamedSnapshot is a serializer snapshot with the key that says what it is for.
type NamedSnapshot struct {
	Key      string
	Snapshot *serde.Snapshot
}

// Info describes one state.
type Info struct {
	Name        string
	Type        Type
	Options     []Option
	Serializers []NamedSnapshot
}

// Option gives the value of an option, or "". Of an option that is stored twice, which Flink does not do, the last one counts,
// as it does there.
func (i *Info) Option(key string) string {
	for k := len(i.Options) - 1; k >= 0; k-- {
		if i.Options[k].Key == key {
			return i.Options[k].Value
		}
	}
	return ""
}

// KeyedStateType is VALUE, LIST, REDUCING, FOLDING, AGGREGATING or MAP for keyed state, else "".
func (i *Info) KeyedStateType() string { return i.Option(OptionKeyedStateType) }

// DistributionMode is SPLIT_DISTRIBUTE, UNION or BROADCAST for operator state, else "".
func (i *Info) DistributionMode() string { return i.Option(OptionDistributionMode) }

// Serializer gives the serializer snapshot that is stored under a key, or nil.
func (i *Info) Serializer(key string) *serde.Snapshot {
	for k := len(i.Serializers) - 1; k >= 0; k-- {
		if i.Serializers[k].Key == key {
			return i.Serializers[k].Snapshot
		}
	}
	return nil
}

// Bytes that an option and a serializer take at least: two empty texts; an empty text, the form, an empty class and a version.
const (
	minOption     = 4
	minSerializer = 12
)

// Read reads one description. Trouble, an unknown serializer among it, is the reader's error: c then names the class.
func Read(c *serde.Context, r *binio.Reader) Info {
	r.Section("state")
	defer r.EndSection()
	i := Info{Name: r.Field("state name").UTF()}
	at := r.Offset()
	i.Type = Type(r.Field("state type").I32())
	if r.Err() == nil && (i.Type < KeyValue || i.Type > KeyValueV2) {
		r.Fail(fault.Corrupt(at, "state type %d", i.Type).WithExpected("0 to %d", KeyValueV2))
	}
	n := r.Field("number of options").Count(minOption)
	for k := 0; k < n && r.Err() == nil; k++ {
		i.Options = append(i.Options, Option{r.Field("option key").UTF(), r.Field("option value").UTF()})
	}
	n = r.Field("number of serializers").Count(minSerializer)
	for k := 0; k < n && r.Err() == nil; k++ {
		i.Serializers = append(i.Serializers, NamedSnapshot{r.Field("serializer key").UTF(), c.ReadWrapped(r)})
	}
	if c.Guessing() && r.Err() == nil && !i.plausible() {
		r.Corrupt("a state that is not described as Flink does")
	}
	return i
}

// plausible reports whether a description has just what Flink writes for its type. Newer Flinks may write more: this is for telling
// whether a guess of where an unknown serializer snapshot ends was right.
func (i *Info) plausible() bool {
	wanted := map[Type][]string{
		KeyValue: {SerializerNamespace, SerializerValue}, KeyValueV2: {SerializerNamespace, SerializerValue},
		Operator: {SerializerValue}, Broadcast: {SerializerKey, SerializerValue}, PriorityQueue: {SerializerValue},
	}[i.Type]
	for _, key := range wanted {
		if i.Serializer(key) == nil {
			return false
		}
	}
	for _, s := range i.Serializers {
		if s.Key != SerializerUserKey && !slices.Contains(wanted, s.Key) {
			return false
		}
	}
	for _, o := range i.Options {
		if o.Key != OptionKeyedStateType && o.Key != OptionDistributionMode {
			return false
		}
	}
	return true
}

// ReadAll reads an i2 number of descriptions and the descriptions, as headers hold them.
func ReadAll(c *serde.Context, r *binio.Reader, label string) []Info {
	at := r.Offset()
	n := int(r.Field(label).I16())
	if r.Err() == nil && n < 0 {
		r.Fail(fault.Corrupt(at, "%d", n))
	}
	var out []Info
	for len(out) < n && r.Err() == nil {
		out = append(out, Read(c, r))
	}
	return out
}

// Append writes one description. The error is of kind fault.ErrUsage when a text is too long for the format.
func Append(dst []byte, i *Info) ([]byte, error) {
	var err error
	if dst, err = appendUTF(dst, i.Name); err != nil {
		return dst, err
	}
	dst = binio.AppendI32(dst, int32(i.Type))
	dst = binio.AppendI32(dst, int32(len(i.Options)))
	for _, o := range i.Options {
		if dst, err = appendUTF(dst, o.Key); err != nil {
			return dst, err
		}
		if dst, err = appendUTF(dst, o.Value); err != nil {
			return dst, err
		}
	}
	dst = binio.AppendI32(dst, int32(len(i.Serializers)))
	for _, s := range i.Serializers {
		if dst, err = appendUTF(dst, s.Key); err != nil {
			return dst, err
		}
		if dst, err = serde.AppendWrapped(dst, s.Snapshot); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// AppendAll writes an i2 number of descriptions and the descriptions.
func AppendAll(dst []byte, infos []Info) ([]byte, error) {
	if len(infos) > maxStates {
		return dst, fault.New(fault.ErrUsage, "%d states", len(infos)).WithExpected("at most %d", maxStates)
	}
	dst = binio.AppendI16(dst, int16(len(infos)))
	var err error
	for i := range infos {
		if dst, err = Append(dst, &infos[i]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// maxStates is the highest number that a header can say.
const maxStates = 1<<15 - 1

func appendUTF(dst []byte, s string) ([]byte, error) {
	dst, ok := binio.AppendUTF(dst, s)
	if !ok {
		return dst, fault.New(fault.ErrUsage, "text of %d characters in a state's description", len(s)).WithExpected("at most 65535 bytes")
	}
	return dst, nil
}
