package serde_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/javaser"
	"github.com/tarn-project/tarn/format/valuejson"
)

// snapshotOf starts the snapshot of a class.
func snapshotOf(class string, version int32, body ...[]byte) []byte {
	b, _ := binio.AppendUTF(nil, class)
	return append(binio.AppendI32(b, version), bytes.Join(body, nil)...)
}

func i32(vs ...int32) []byte {
	var b []byte
	for _, v := range vs {
		b = binio.AppendI32(b, v)
	}
	return b
}

func utf(s string) []byte {
	b, _ := binio.AppendUTF(nil, s)
	return b
}

// nestedIn is the body of a composite with an outer version and outer fields.
func nestedIn(outer int32, fields []byte, nested ...[]byte) []byte {
	return bytes.Join([][]byte{i32(911108, outer), fields, i32(1333245, 1, int32(len(nested))), bytes.Join(nested, nil)}, nil)
}

func base(name string) string {
	return "org.apache.flink.api.common.typeutils.base." + name + "Serializer$" + name + "SerializerSnapshot"
}

// TestSourceOnly: snapshots and values made by hand after Flink's sources, of versions and classes that no fixture holds.
func TestSourceOnly(t *testing.T) {
	row := caseOf(t, "row as a key")
	rowBody := row.snapshot[2+len("org.apache.flink.table.runtime.typeutils.RowDataSerializer$RowDataSerializerSnapshot")+4:]
	rowJSON := `{"f0":7,"f1":"a text that is not inline"}`
	stringJava, err := javaser.Append(nil, &javaser.Object{Class: &javaser.ClassDesc{Name: "org.apache.flink.api.common.typeutils.base.StringSerializer", UID: 1, Flags: javaser.FlagSerializable}})
	if err != nil {
		t.Fatal(err)
	}
	function := append(i32(int32(len(stringJava))), stringJava...)
	str, long := snapshotOf(base("String"), 3), snapshotOf(base("Long"), 3)
	table, blink := "org.apache.flink.table.runtime.", "org.apache.flink.table.typeutils."
	for name, c := range map[string]struct {
		snapshot []byte
		value    string
		json     string
	}{
		"row of 1.9":       {snapshotOf(blink+"BaseRowSerializer$BaseRowSerializerSnapshot", 3, rowBody), row.value, rowJSON},
		"row of 1.10":      {snapshotOf(table+"typeutils.BaseRowSerializer$BaseRowSerializerSnapshot", 3, rowBody), row.value, rowJSON},
		"raw value of 1.9": {snapshotOf(blink+"BinaryGenericSerializer$BinaryGenericSerializerSnapshot", 3, stringJava), "00000003037276", `"rv"`},
		"string of 1.9":    {snapshotOf(blink+"BinaryStringSerializer$BinaryStringSerializerSnapshot", 3), "0000000161", `"a"`},
		"decimal of 1.9":   {snapshotOf(blink+"DecimalSerializer$DecimalSerializerSnapshot", 3, i32(10, 2)), "0000000000000001", `"0.01"`},
		"timestamp of 1.10": {
			snapshotOf(table+"typeutils.SqlTimestampSerializer$SqlTimestampSerializerSnapshot", 1, i32(3)), "0000000000000001", `"1970-01-01T00:00:00.001"`,
		},
		"binary row": {
			snapshotOf(table+"typeutils.BinaryRowDataSerializer$BinaryRowDataSerializerSnapshot", 3, i32(2)), row.value,
			`{"f0":{"$hex":"0700000000000000"},"f1":{"$hex":"1900000018000000"},"rest":{"$hex":"6120746578742074686174206973206e6f7420696e6c696e6500000000000000"}}`,
		},
		"linked list without a mask": {
			snapshotOf(table+"typeutils.LinkedListSerializer$LinkedListSerializerSnapshot", 3, nestedIn(1, nil, str)), "0000000202610262", `["a","b"]`,
		},
		"linked list of 1.13": {
			snapshotOf(table+"typeutils.LinkedListSerializer$LinkedListSerializerSnapshot", 3, nestedIn(2, nil, str)), "00000002400261", `["a",null]`,
		},
		"map view":     {snapshotOf("org.apache.flink.table.dataview.MapViewSerializerSnapshot", 3, nestedIn(1, nil, snapshotOf("org.apache.flink.api.common.typeutils.base.MapSerializerSnapshot", 3, nestedIn(1, nil, str, long)))), "000000010261000000000000000007", `{"a":7}`},
		"stand-in":     {snapshotOf("org.apache.flink.table.dataview.NullSerializer$NullSerializerSnapshot", 3), "00", `{}`},
		"old planner":  {snapshotOf(table+"types.CRowSerializerSnapshot", 3, nestedIn(1, nil, str)), "026101", `{"row":"a","change":true}`},
		"row data key": {snapshotOf(table+"sequencedmultisetstate.linked.RowDataKeySerializerSnapshot", 0, function, function, row.snapshot), row.value, rowJSON},
		"enumeration": {
			snapshotOf("org.apache.flink.api.scala.typeutils.ScalaEnumSerializerSnapshot", 2, utf("acme.Color$"), i32(2), utf("Red"), i32(5), utf("Blue"), i32(-1)),
			"ffffffff", `"Blue"`,
		},
		"shared buffer of 1.12": {
			snapshotOf("org.apache.flink.cep.nfa.sharedbuffer.SharedBufferNode$SharedBufferNodeSerializer$SharedBufferNodeSerializerSnapshot", 3,
				nestedIn(1, nil, snapshotOf("org.apache.flink.api.common.typeutils.base.ListSerializerSnapshot", 3, nestedIn(1, nil, str)))), "000000010261", `["a"]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			codec := compile(t, hex.EncodeToString(c.snapshot))
			b, err := hex.DecodeString(c.value)
			if err != nil {
				t.Fatal(err)
			}
			checkValue(t, codec, b)
			if out, err := valuejson.Append(nil, codec, b); err != nil || string(out) != c.json {
				t.Errorf("got  %s, %v\nwant %s", out, err, c.json)
			}
		})
	}
}

// caseOf gives snapshot and first value of a case that Flink wrote.
func caseOf(t *testing.T, name string) (c struct {
	snapshot []byte
	value    string
},
) {
	t.Helper()
	for _, v := range foreign(t) {
		if v.Name == name {
			c.snapshot, _ = hex.DecodeString(v.SerializerSnapshotHex)
			c.value = v.Values[0].Hex
			return c
		}
	}
	t.Fatalf("no case %q", name)
	return c
}
