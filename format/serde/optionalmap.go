package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// LinkedOptionalMap (LinkedOptionalMapSerializer): a map in insertion order whose keys and values stand in frames with a length, so
// that Flink survives a class that is gone. Equal since Flink 1.8:
//
//	i8 4F2C69A3D70, i4 n, n × { utf name, bool present, [i4 length, key], bool present, [i4 length, value] }

const optionalMapHeader = 0x4F2C69A3D70

// optionalEntry is one entry of a LinkedOptionalMap. Frames that are absent are nil.
type optionalEntry struct {
	name  string
	key   []byte
	value []byte
}

// readOptionalMap reads the map; value is given each value's frame.
func readOptionalMap(r *binio.Reader, value func(i int, f *binio.Reader)) []optionalEntry {
	if got := r.Field("map header").I64(); r.Err() == nil && got != optionalMapHeader {
		r.Fail(fault.Corrupt(r.Offset()-8, "%#x", got).WithExpected("%#x", int64(optionalMapHeader)))
	}
	n := r.Field("number of entries").Count(4)
	out := make([]optionalEntry, 0, min(n, 256))
	for i := 0; i < n && r.Err() == nil; i++ {
		e := optionalEntry{name: r.Field("name").UTF()}
		if r.Field("key present").Bool() {
			e.key = notNil(r.Field("key frame").Bytes(r.Field("key length").Length()))
		}
		if r.Field("value present").Bool() {
			n := r.Field("value length").Length()
			f := r.Frame(n)
			e.value = notNil(f.Rest())
			if value != nil && r.Err() == nil {
				value(i, f)
				if f.Err() != nil {
					r.FailWith(f.Err())
				}
			}
		}
		out = append(out, e)
	}
	return out
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// appendOptionalMap writes the map; value writes the i-th value, or is nil to write the frames as they are.
func appendOptionalMap(dst []byte, entries []optionalEntry, value func(dst []byte, i int) ([]byte, error)) ([]byte, error) {
	dst = binio.AppendI64(dst, optionalMapHeader)
	dst = binio.AppendI32(dst, int32(len(entries)))
	for i, e := range entries {
		var err error
		if dst, err = appendName(dst, e.name); err != nil {
			return dst, err
		}
		dst = binio.AppendBool(dst, e.key != nil)
		if e.key != nil {
			dst = append(binio.AppendI32(dst, int32(len(e.key))), e.key...)
		}
		dst = binio.AppendBool(dst, e.value != nil)
		if e.value == nil {
			continue
		}
		at := len(dst)
		dst = binio.AppendI32(dst, 0)
		if value == nil {
			dst = append(dst, e.value...)
		} else if dst, err = value(dst, i); err != nil {
			return dst, err
		}
		binio.AppendI32(dst[:at], int32(len(dst)-at-4))
	}
	return dst, nil
}

// appendName writes a name as utf.
func appendName(dst []byte, name string) ([]byte, error) {
	out, ok := binio.AppendUTF(dst, name)
	if !ok {
		return dst, fault.New(fault.ErrUsage, "a name of %d characters", len(name))
	}
	return out, nil
}
