package keyed

import (
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// kryo is the snapshot of a KryoSerializer for Objects without registrations.
func kryo(t *testing.T) *serde.Snapshot {
	t.Helper()
	b, _ := binio.AppendUTF(nil, "org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializerSnapshot")
	b, _ = binio.AppendUTF(binio.AppendI32(b, 2), "java.lang.Object")
	for range 3 {
		b = binio.AppendI32(binio.AppendI64(b, 0x4F2C69A3D70), 0)
	}
	r := binio.NewReader(b, 0)
	s := serde.NewContext(nil).ReadSnapshot(r)
	if r.End(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	return s
}

// Kryo values: the number 1, and one of a class that is not known.
const (
	kryoOne     = "0202"
	kryoUnknown = "0100412ec2 01 05"
)

// TestEndlessValues: a value without an end spoils its own entry and no other where entries have lengths, and what follows it where not.
func TestEndlessValues(t *testing.T) {
	list := []statemeta.Info{keyedState("list", "LIST", void, listOf(kryo(t)))}
	s := newBuilder(t, 128, 5, 5, Header{Key: text, States: list}).group(5,
		"0000", "00000005 05 036162 00", "00000005", kryoOne, "2c", kryoOne,
		"00000004 05 0261 00", "0000000a", kryoOne, "2c", kryoUnknown,
		"00000005 85 036163 00", "00000002", kryoOne, "ffff",
	).open()
	compare(t, rows(s),
		"5 list k=036162 e=[0202 0202]",
		"5 list k=0261 v=02022c0100412ec20105 unsplit",
		"5 list k=036163 e=[0202]",
	)
	writtenBack(t, s)

	value := []statemeta.Info{keyedState("value", "VALUE", void, long)}
	s = newBuilder(t, 128, 5, 5, Header{Key: kryo(t), States: value}).group(5,
		"0000", "00000004 05", kryoOne, "00", "00000008", one,
		"00000009 05", kryoUnknown, "00", "00000008", one,
		"00000004 85", kryoOne, "00", "00000008", one, "ffff",
	).open()
	compare(t, rows(s),
		"5 value k=0202 v=0000000000000001",
		"5 value k=0100412ec2010500 v=0000000000000001 unsplit",
		"5 value k=0202 v=0000000000000001",
	)
	writtenBack(t, s)

	s = newBuilder(t, 128, 5, 5, Header{Key: kryo(t), States: []statemeta.Info{timerQueue("q", kryo(t), void)}}).group(5,
		"0000", "00000011 05", one, kryoUnknown, "00", "00000000", "0000000c 85", one, kryoOne, "00", "00000000", "ffff",
	).open()
	compare(t, rows(s), "5 q k=0100412ec2010500 v= unsplit", "5 q k=0202 at=-9223372036854775807")
	writtenBack(t, s)

	s = newBuilder(t, 128, 5, 6, Header{Key: text, States: list}).
		heap(5, "0000 00000002 00 0261 00000001 "+kryoOne+" 00 0262 00000001 "+kryoUnknown).
		heap(6, "0000 00000001 00 0261 00000001 "+kryoOne).open()
	compare(t, rows(s), "5 list k=0261 e=[0202]", "error~ class A.B", "6 list k=0261 e=[0202]")
}
