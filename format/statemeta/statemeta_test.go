package statemeta

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// snapshots of serializers that every Flink since 1.8 writes
var (
	long    = &serde.Snapshot{Class: "org.apache.flink.api.common.typeutils.base.LongSerializer$LongSerializerSnapshot", Version: 3}
	text    = &serde.Snapshot{Class: "org.apache.flink.api.common.typeutils.base.StringSerializer$StringSerializerSnapshot", Version: 3}
	unknown = &serde.Snapshot{Class: "com.acme.CustomSnapshot", Version: 1}
)

var infos = []Info{
	{
		Name: "last", Type: KeyValue,
		Options:     []Option{{OptionKeyedStateType, "VALUE"}},
		Serializers: []NamedSnapshot{{SerializerValue, text}, {SerializerNamespace, long}},
	},
	{
		Name: "rules \U0001F600\x00", Type: Broadcast,
		Options:     []Option{{OptionDistributionMode, "UNION"}, {OptionDistributionMode, "BROADCAST"}},
		Serializers: []NamedSnapshot{{SerializerValue, text}, {SerializerKey, long}},
	},
	{Name: "_timer_state/event_user-timers", Type: PriorityQueue, Serializers: []NamedSnapshot{{SerializerValue, long}}},
	{Name: "", Type: KeyValueV2},
}

func TestRoundTrip(t *testing.T) {
	b, err := AppendAll(nil, infos)
	if err != nil {
		t.Fatal(err)
	}
	r := binio.NewReader(b, 0)
	got := ReadAll(serde.NewContext(nil), r, "number of states")
	if r.End(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	again, err := AppendAll(nil, got)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("written back: %v\n got %x\nwant %x", err, again, b)
	}
	for i, want := range []struct {
		name, keyed, mode string
		value             *serde.Snapshot
	}{
		{"last", "VALUE", "", text},
		{"rules \U0001F600\x00", "", "BROADCAST", text},
		{"_timer_state/event_user-timers", "", "", long},
		{"", "", "", nil},
	} {
		g := got[i]
		value := g.Serializer(SerializerValue)
		if g.Name != want.name || g.KeyedStateType() != want.keyed || g.DistributionMode() != want.mode || g.Type != infos[i].Type ||
			(value == nil) != (want.value == nil) || value != nil && value.Class != want.value.Class {
			t.Errorf("state %d: %+v", i, g)
		}
	}
}

func TestBad(t *testing.T) {
	b, _ := Append(nil, &infos[0])
	for cut := range b {
		r := binio.NewReader(b[:cut], 0)
		if Read(serde.NewContext(nil), r); !errors.Is(r.Err(), fault.ErrCorrupt) {
			t.Errorf("cut at %d: %v", cut, r.Err())
		}
	}
	u, _ := Append(nil, &Info{Name: "u", Serializers: []NamedSnapshot{{SerializerValue, unknown}}})
	for name, c := range map[string]struct {
		b    []byte
		kind error
		say  string
	}{
		"type":       {[]byte("\x00\x01n\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00"), fault.ErrCorrupt, "state type 5"},
		"options":    {[]byte("\x00\x01n\x00\x00\x00\x00\x7f\xff\xff\xff\x00\x00\x00\x00"), fault.ErrTruncated, "number of options"},
		"serializer": {[]byte("\x00\x01n\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff"), fault.ErrCorrupt, "number of serializers"},
		"unknown":    {u, fault.ErrUnsupported, "com.acme.CustomSnapshot"},
	} {
		r := binio.NewReader(c.b, 0)
		Read(serde.NewContext(nil), r)
		if err := r.Err(); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := binio.NewReader([]byte("\xff\xff"), 0)
	if ReadAll(serde.NewContext(nil), r, "n"); !errors.Is(r.Err(), fault.ErrCorrupt) {
		t.Error(r.Err())
	}
	if _, err := Append(nil, &Info{Name: strings.Repeat("x", 1<<16)}); !errors.Is(err, fault.ErrUsage) {
		t.Error(err)
	}
	if _, err := AppendAll(nil, make([]Info, 1<<15)); !errors.Is(err, fault.ErrUsage) {
		t.Error(err)
	}
}

// FuzzRead: what was read can be written back to the same bytes.
func FuzzRead(f *testing.F) {
	for i := range infos {
		b, _ := Append(nil, &infos[i])
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := binio.NewReader(b, 0)
		i := Read(serde.NewContext(nil), r)
		if r.Err() != nil {
			return
		}
		if again, err := Append(nil, &i); err != nil || !bytes.Equal(again, b[:r.Pos()]) {
			t.Fatalf("written back: %v\n got %x\nwant %x", err, again, b[:r.Pos()])
		}
	})
}
