package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Windows, which are namespaces of window state. TimeWindow of the DataStream API and of SQL: i8 start, i8 end (exclusive), in
// milliseconds. CountWindow of SQL: i8 id. GlobalWindow: one byte 00.

const (
	streamWindows = "org.apache.flink.streaming.api.windowing.windows."
	tableWindows  = "org.apache.flink.table.runtime.operators.window."
	blinkWindows  = "org.apache.flink.table.api.window." // Flink 1.9
	noteGlobal    = "global"
)

func windowFamilies() []Family {
	time := func(hash func(start, end int64) int32, pkgs ...string) Family {
		return windowFamily("TimeWindow", []string{"start", "end"}, func(r *binio.Reader) int32 { return hash(r.I64(), r.I64()) }, pkgs)
	}
	return []Family{
		time(keygroup.TimeWindow, streamWindows),
		time(keygroup.TableTimeWindow, tableWindows, blinkWindows),
		windowFamily("CountWindow", []string{"id"}, func(r *binio.Reader) int32 { return keygroup.CountWindow(r.I64()) },
			[]string{tableWindows, blinkWindows}),
		{
			Classes: []string{windowSnapshot(streamWindows, "GlobalWindow")},
			Read:    readSimple,
			Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
				t := newType(s, KindStruct, 1)
				t.Class, t.Note = streamWindows+"GlobalWindow", noteGlobal
				return &unitCodec{t: t}, nil
			},
		},
	}
}

func windowSnapshot(pkg, name string) string {
	return pkg + name + "$Serializer$" + name + snapshot
}

// windowFamily makes the family of a window class that is written as longs.
func windowFamily(name string, fields []string, hash func(r *binio.Reader) int32, pkgs []string) Family {
	f := Family{Read: readSimple}
	for _, pkg := range pkgs {
		f.Classes = append(f.Classes, windowSnapshot(pkg, name))
	}
	f.Compile = func(s *Snapshot, _ []Codec) (Codec, error) {
		t := newType(s, KindStruct, 8*len(fields))
		t.Class = s.Class[:len(s.Class)-len("$Serializer$"+name+snapshot)]
		parts := make([]Codec, len(fields))
		for i := range parts {
			c := intScalar(8)
			c.t = &Type{Kind: KindInt64, Length: 8}
			parts[i] = &c
		}
		return &window{newProduct(t, fields, parts), hash}, nil
	}
	return f
}

// window is a product with a hash of its own.
type window struct {
	*product
	mix func(r *binio.Reader) int32
}

func (c *window) Hash(r *binio.Reader) (int32, bool) { return c.mix(r), true }
