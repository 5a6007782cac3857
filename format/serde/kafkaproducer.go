package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// What the older Kafka producer (FlinkKafkaProducer and FlinkKafkaProducer011, up to version 3 of the connector) keeps in the state of a sink
// that commits in two phases.
//
//	transaction  version 3                      bool, [utf transactional id], i8 producer id, i2 epoch
//	context      version 3                      i4 n, n × utf transactional id
//	hint         version 3                      i8 next free transactional id, i4 last parallelism

func kafkaProducerFamilies() []Family {
	kafka := func(name string) []string {
		var out []string
		for _, class := range []string{"FlinkKafkaProducer", "FlinkKafkaProducer011"} {
			out = append(out, "org.apache.flink.streaming.connectors.kafka."+class+"$"+name+"Serializer$"+name+snapshot)
		}
		return out
	}
	return []Family{
		{Classes: kafka("TransactionState"), Read: readSimple, Compile: compileKafkaTransaction},
		{Classes: kafka("ContextState"), Read: readSimple, Compile: compileKafkaContext},
		{Classes: kafka("NextTransactionalIdHint"), Read: readSimple, Compile: compileKafkaHint},
	}
}

func compileKafkaTransaction(s *Snapshot, _ []Codec) (Codec, error) {
	id := newOptional(&utfCodec{&Type{Kind: KindString, Length: variable}})
	return newProduct(newType(s, KindStruct, variable), []string{"transactionalId", "producerId", "epoch"},
		[]Codec{id, plainLong(), plain(intScalar(2), KindInt16)}), nil
}

func compileKafkaContext(s *Snapshot, _ []Codec) (Codec, error) {
	id := &utfCodec{&Type{Kind: KindString, Length: variable}}
	list := newList(&Type{Kind: KindList, Length: variable, Args: []*Type{id.t}, Note: "set"}, id)
	list.min = 2
	return newProduct(newType(s, KindStruct, variable), []string{"transactionalIds"}, []Codec{&list}), nil
}

func compileKafkaHint(s *Snapshot, _ []Codec) (Codec, error) {
	return newProduct(newType(s, KindStruct, variable), []string{"nextFreeTransactionalId", "lastParallelism"}, []Codec{plainLong(), plainInt()}), nil
}

// utfCodec is a text as java.io.DataOutput.writeUTF writes it.
type utfCodec struct{ t *Type }

func (c *utfCodec) Type() *Type                      { return c.t }
func (c *utfCodec) Skip(r *binio.Reader)             { r.Skip(int(r.U16())) }
func (c *utfCodec) Walk(r *binio.Reader, s Sink)     { s.Text([]byte(r.UTF())) }
func (c *utfCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }

func (c *utfCodec) Append(dst []byte, v Value) ([]byte, error) {
	text, ok := v.(Text)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	dst, ok = binio.AppendUTF(dst, string(text))
	if !ok {
		return dst, fault.New(fault.ErrUsage, "a text of %d bytes", len(text)).WithExpected("at most 65,535 bytes")
	}
	return dst, nil
}
