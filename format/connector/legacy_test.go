package connector

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

// TestTypeSerializers: what the older Kafka consumer and producer wrote reads by its serializer snapshot, and is written back.
func TestTypeSerializers(t *testing.T) {
	families := serde.WithKryo(serde.KryoOptions{Writer: serde.Kryo2, Hints: LegacyClasses()})
	n := 0
	for _, v := range vectors(t) {
		if v.Kind != "value" {
			continue
		}
		n++
		t.Run(v.Flink+"/"+v.Name, func(t *testing.T) {
			head, _ := hex.DecodeString(v.Connector)
			value, _ := hex.DecodeString(v.Hex)
			r := binio.NewReader(head, 0)
			s := serde.NewContext(families).ReadSnapshot(r)
			if r.End(); r.Err() != nil {
				t.Fatal(r.Err())
			}
			c, err := families.Compile(s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := valuejson.Append(nil, c, value)
			if err != nil {
				t.Fatal(err)
			}
			if v.Name == "legacy consumer" || v.Name == "legacy consumer earliest" {
				st := &entry.State{Name: legacyOffsets, Kind: entry.OperatorUnion, Value: c}
				m, ok := Of(st, value, "")
				if !ok || !m.Known() || len(m.Lines()) != 1 {
					t.Fatalf("%+v of %s", m, got)
				}
				got, _ = json.Marshal(m.State)
			}
			if !sameJSON(t, got, v.Want) {
				t.Errorf("got\n%s\nwant\n%s", got, v.Want)
			}
			decoded, err := serde.DecodeAll(c, value)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := c.Append(nil, decoded); err != nil || !bytes.Equal(again, value) {
				t.Errorf("written back as %x, %v, want %x", again, err, value)
			}
			r = binio.NewReader(value, 0)
			if c.Skip(r); r.Err() != nil || r.Len() > 0 {
				t.Errorf("skipping leaves %d bytes, %v", r.Len(), r.Err())
			}
		})
	}
	if n == 0 {
		t.Error("no vectors of type serializers")
	}
}
