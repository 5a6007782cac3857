package maker;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.runtime.TupleSerializer;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** States of the older Kafka consumer and producer, which have type serializers: the snapshot and a value. */
class Legacy {
    @SuppressWarnings({"unchecked", "rawtypes"})
    static void value(String name, TypeSerializer serializer, Object value, String want) throws Exception {
        DataOutputSerializer snapshot = new DataOutputSerializer(256);
        TypeSerializerSnapshot.writeVersionedSnapshot(snapshot, serializer.snapshotConfiguration());
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(value, out);
        StringBuilder hex = new StringBuilder();
        for (byte b : snapshot.getCopyOfBuffer()) {
            hex.append(String.format("%02x", b));
        }
        Main.out(name, "value", hex.toString(), out.getCopyOfBuffer(), want);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static void run() throws Exception {
        String pkg = "org.apache.flink.streaming.connectors.kafka.";
        Class<?> partition = Class.forName(pkg + "internals.KafkaTopicPartition");
        TupleSerializer offsets = new TupleSerializer(Tuple2.class,
                new TypeSerializer[] {(TypeSerializer) Main.make(KryoSerializer.class.getName(), partition, new ExecutionConfig()), LongSerializer.INSTANCE});
        value("legacy consumer", offsets, Tuple2.of(Main.make(partition.getName(), "orders", 3), 41L),
                "{\"topic\":\"orders\",\"partition\":3,\"lastRead\":41}");
        value("legacy consumer earliest", offsets, Tuple2.of(Main.make(partition.getName(), "orders", 300), -915623761775L),
                "{\"topic\":\"orders\",\"partition\":300,\"lastRead\":-915623761775}");

        String p = pkg + "FlinkKafkaProducer$";
        TypeSerializer tx = (TypeSerializer) Main.make(p + "TransactionStateSerializer");
        TypeSerializer context = (TypeSerializer) Main.make(p + "ContextStateSerializer");
        Object pending = Main.make(p + "KafkaTransactionState", "sink-0-1", 77L, (short) 2, null);
        Object none = Main.make(p + "KafkaTransactionState", null, -1L, (short) -1, null);
        String pendingText = "{\"transactionalId\":\"sink-0-1\",\"producerId\":77,\"epoch\":2}";
        String noneText = "{\"transactionalId\":null,\"producerId\":-1,\"epoch\":-1}";
        value("legacy transaction", tx, pending, pendingText);
        value("legacy transaction none", tx, none, noneText);
        Object ids = Main.make(p + "KafkaTransactionContext", new LinkedHashSet<>(Collections.singletonList("sink-0-1")));
        value("legacy context", context, ids, "{\"transactionalIds\":[\"sink-0-1\"]}");
        value("legacy hint", (TypeSerializer) Main.make(p + "NextTransactionalIdHintSerializer"), Main.make(p + "NextTransactionalIdHint", 4, 20L),
                "{\"nextFreeTransactionalId\":20,\"lastParallelism\":4}");

        String t = "org.apache.flink.streaming.api.functions.sink.TwoPhaseCommitSinkFunction$";
        TypeSerializer state = (TypeSerializer) Main.make(t + "StateSerializer", tx, context);
        Object a = Main.make(t + "TransactionHolder", pending, 1000L);
        Object b = Main.make(t + "TransactionHolder", none, 2000L);
        String aText = "{\"transaction\":" + pendingText + ",\"startTime\":1000}";
        String bText = "{\"transaction\":" + noneText + ",\"startTime\":2000}";
        value("two-phase commit", state, Main.make(t + "State", a, Arrays.asList(b, a), Optional.of(ids)),
                "{\"pendingTransaction\":" + aText + ",\"pendingCommitTransactions\":[" + bText + "," + aText + "],\"context\":{\"transactionalIds\":[\"sink-0-1\"]}}");
        value("two-phase commit bare", state, Main.make(t + "State", b, Arrays.asList(), Optional.empty()),
                "{\"pendingTransaction\":" + bText + ",\"pendingCommitTransactions\":[],\"context\":null}");
    }
}
