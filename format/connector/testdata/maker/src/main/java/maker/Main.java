package maker;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.FileSourceSplitSerializer;
import org.apache.flink.connector.file.src.PendingSplitsCheckpoint;
import org.apache.flink.connector.file.src.PendingSplitsCheckpointSerializer;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumStateSerializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.kafka.common.TopicPartition;

/** Prints what the connectors' own serializers write, one JSON object a line: kind, connector, bytes, and the meaning that was put in. */
public class Main {
    static String flink;

    static void out(String name, String kind, String connector, byte[] bytes, String want) {
        StringBuilder hex = new StringBuilder();
        for (byte b : bytes) {
            hex.append(String.format("%02x", b));
        }
        System.out.println("{\"name\":\"" + name + "\",\"flink\":\"" + flink + "\",\"kind\":\"" + kind + "\",\"connector\":\"" + connector
                + "\",\"hex\":\"" + hex + "\",\"want\":" + want + "}");
    }

    @SuppressWarnings("unchecked")
    static void versioned(String name, String kind, String connector, Object serializer, Object value, String want) throws Exception {
        out(name, kind, connector, SimpleVersionedSerialization.writeVersionAndSerialize((SimpleVersionedSerializer<Object>) serializer, value), want);
    }

    /** The same bytes under an older version, for serializers whose layout did not change with it. */
    static byte[] envelope(int version, byte[] data) throws Exception {
        ByteArrayOutputStream b = new ByteArrayOutputStream();
        DataOutputStream d = new DataOutputStream(b);
        d.writeInt(version);
        d.writeInt(data.length);
        d.write(data);
        return b.toByteArray();
    }

    static Object make(String cls, Object... args) throws Exception {
        for (Constructor<?> c : Class.forName(cls).getDeclaredConstructors()) {
            if (c.getParameterCount() != args.length) {
                continue;
            }
            c.setAccessible(true);
            try {
                return c.newInstance(args);
            } catch (IllegalArgumentException e) {
                continue;
            }
        }
        throw new NoSuchMethodException(cls + " of " + args.length);
    }

    static Object call(Object o, String name, Object... args) throws Exception {
        for (Class<?> c = o.getClass(); c != null; c = c.getSuperclass()) {
            for (Method m : c.getDeclaredMethods()) {
                if (m.getName().equals(name) && m.getParameterCount() == args.length) {
                    m.setAccessible(true);
                    return m.invoke(o, args);
                }
            }
        }
        throw new NoSuchMethodException(name);
    }

    interface Part {
        void run() throws Exception;
    }

    static void part(String name, Part p) {
        try {
            p.run();
        } catch (ClassNotFoundException | NoClassDefFoundError e) {
            System.err.println(flink + " has no " + name + ": " + e.getMessage());
        } catch (Exception e) {
            throw new RuntimeException(name, e);
        }
    }

    public static void main(String[] args) {
        flink = args[0];
        part("numbers", Main::numbers);
        part("Kafka source", Main::kafkaSource);
        part("Kafka sink", Main::kafkaSink);
        part("files", Main::files);
        part("hybrid", Main::hybrid);
        part("file sink", () -> FileSinks.run());
        part("legacy Kafka", () -> Legacy.run());
        part("dynamic Kafka", Main::dynamicKafka);
        part("MySQL CDC", () -> {
            Class.forName("org.apache.flink.cdc.connectors.mysql.source.split.MySqlSplitSerializer");
            ((Part) Class.forName("maker.Cdc").getDeclaredConstructor().newInstance()).run();
        });
    }

    static void numbers() throws Exception {
        NumberSequenceSource source = new NumberSequenceSource(1, 10);
        List<NumberSequenceSource.NumberSequenceSplit> splits = Arrays.asList(
                new NumberSequenceSource.NumberSequenceSplit("7", 3, 10), new NumberSequenceSource.NumberSequenceSplit("é", -5, -5));
        versioned("number split", "split", "number sequence", source.getSplitSerializer(), splits.get(0), "{\"id\":\"7\",\"next\":3,\"last\":10}");
        versioned("number enumerator", "enumerator", "number sequence", source.getEnumeratorCheckpointSerializer(), splits,
                "{\"splits\":[{\"id\":\"7\",\"next\":3,\"last\":10},{\"id\":\"é\",\"next\":-5,\"last\":-5}]}");
        versioned("number enumerator empty", "enumerator", "", source.getEnumeratorCheckpointSerializer(), new ArrayList<>(), "null");
    }

    static final TopicPartition ORDERS = new TopicPartition("orders", 3);
    static final TopicPartition LOG = new TopicPartition("log.v_2-x", 0);

    static void kafkaSource() throws Exception {
        KafkaPartitionSplitSerializer splits = new KafkaPartitionSplitSerializer();
        versioned("kafka split", "split", "Kafka source", splits, new KafkaPartitionSplit(ORDERS, 42, 100),
                "{\"topic\":\"orders\",\"partition\":3,\"offset\":42,\"stoppingOffset\":100}");
        versioned("kafka split earliest", "split", "Kafka source", splits, new KafkaPartitionSplit(LOG, KafkaPartitionSplit.EARLIEST_OFFSET),
                "{\"topic\":\"log.v_2-x\",\"partition\":0,\"offset\":-2,\"stoppingOffset\":" + Long.MIN_VALUE + "}");
        KafkaSourceEnumStateSerializer s = new KafkaSourceEnumStateSerializer();
        String cls = "org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState";
        Set<TopicPartition> assigned = Collections.singleton(ORDERS);
        Set<TopicPartition> other = Collections.singleton(LOG);
        Object state;
        int version = s.getVersion();
        if (version == 2) {
            state = make(cls, assigned, other, false);
            Map<String, String> parts = new LinkedHashMap<>();
            versionedSet("kafka enumerator", s, state, version);
        } else {
            state = make(cls, assigned);
            versioned("kafka enumerator", "enumerator", "Kafka source", s, state,
                    "{\"partitions\":[{\"topic\":\"orders\",\"partition\":3,\"unassigned\":0}],\"initialDiscoveryFinished\":true}");
        }
        try {
            Method m = KafkaSourceEnumStateSerializer.class.getDeclaredMethod("serializeTopicPartitions", java.util.Collection.class);
            m.setAccessible(true);
            out("kafka enumerator 1", "enumerator", "Kafka source", envelope(1, (byte[]) m.invoke(null, Arrays.asList(ORDERS, LOG))),
                    "{\"partitions\":[{\"topic\":\"orders\",\"partition\":3,\"unassigned\":0},{\"topic\":\"log.v_2-x\",\"partition\":0,\"unassigned\":0}],"
                            + "\"initialDiscoveryFinished\":true}");
        } catch (NoSuchMethodException e) {
            System.err.println(flink + " has no writer of enumerators of version 1");
        }
        Map<Integer, Set<KafkaPartitionSplit>> old = new LinkedHashMap<>();
        old.put(5, new LinkedHashSet<>(Collections.singletonList(new KafkaPartitionSplit(ORDERS, 42))));
        Method m = Class.forName("org.apache.flink.connector.base.source.utils.SerdeUtils").getMethod("serializeSplitAssignments", Map.class,
                SimpleVersionedSerializer.class);
        out("kafka enumerator 0", "enumerator", "Kafka source", envelope(0, (byte[]) m.invoke(null, old, splits)),
                "{\"partitions\":null,\"readers\":[{\"subtask\":5,\"splits\":[{\"topic\":\"orders\",\"partition\":3,\"offset\":42,"
                        + "\"stoppingOffset\":" + Long.MIN_VALUE + "}]}],\"initialDiscoveryFinished\":true}");
    }

    /** The serializer writes a hash set: the order is its own. */
    static void versionedSet(String name, Object s, Object state, int version) throws Exception {
        List<String> parts = new ArrayList<>();
        for (Object p : (Iterable<?>) call(state, "partitions")) {
            TopicPartition tp = (TopicPartition) call(p, "topicPartition");
            parts.add("{\"topic\":\"" + tp.topic() + "\",\"partition\":" + tp.partition() + ",\"unassigned\":" + (tp.equals(LOG) ? 1 : 0) + "}");
        }
        versioned(name, "enumerator", "Kafka source", s, state,
                "{\"partitions\":[" + String.join(",", parts) + "],\"initialDiscoveryFinished\":false}");
    }

    static void kafkaSink() throws Exception {
        String pkg = "org.apache.flink.connector.kafka.sink.";
        versioned("kafka committable", "committable", "Kafka sink", make(pkg + "KafkaCommittableSerializer"),
                make(pkg + "KafkaCommittable", 1234567890123L, (short) 7, "tx-orders-0-12", null),
                "{\"epoch\":7,\"producerId\":1234567890123,\"transactionalId\":\"tx-orders-0-12\"}");
        Object s = make(pkg + "KafkaWriterStateSerializer");
        if (((SimpleVersionedSerializer<?>) s).getVersion() == 1) {
            versioned("kafka writer", "writer", "Kafka sink", s, make(pkg + "KafkaWriterState", "tx-orders"), "{\"transactionalIdPrefix\":\"tx-orders\"}");
            return;
        }
        Object own = Class.forName(pkg + "internal.TransactionOwnership").getEnumConstants()[1];
        Object tx = make(pkg + "internal.CheckpointTransaction", "tx-orders-0-13", 13L);
        versioned("kafka writer", "writer", "Kafka sink", s, make(pkg + "KafkaWriterState", "tx-orders", 2, 4, own, Collections.singletonList(tx)),
                "{\"transactionalIdPrefix\":\"tx-orders\",\"ownedSubtask\":2,\"numberOfOwnedSubtasks\":4,\"ownership\":1,"
                        + "\"precommitted\":[{\"transactionalId\":\"tx-orders-0-13\",\"checkpoint\":13}]}");
    }

    static void files() throws Exception {
        String cls = FileSourceSplit.class.getName();
        Path one = new Path("hdfs://nn:8020/in/a b.csv");
        Path two = new Path("/in/b.csv");
        String[] hosts = {"h1", "h2"};
        CheckpointedPosition position = new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, 17);
        FileSourceSplit fresh;
        FileSourceSplit read;
        String times = ",\"modified\":1600000000000,\"fileSize\":2048";
        String times2 = ",\"modified\":1600000000001,\"fileSize\":4096";
        try {
            fresh = (FileSourceSplit) make(cls, "0000000001", one, 0L, 1024L, 1600000000000L, 2048L, hosts);
            read = (FileSourceSplit) make(cls, "0000000002", two, 1024L, 1024L, 1600000000001L, 4096L, new String[0], position);
        } catch (NoSuchMethodException e) {
            fresh = (FileSourceSplit) make(cls, "0000000001", one, 0L, 1024L, hosts);
            read = (FileSourceSplit) make(cls, "0000000002", two, 1024L, 1024L, new String[0], position);
            times = "";
            times2 = "";
        }
        String a = "{\"id\":\"0000000001\",\"path\":\"hdfs://nn:8020/in/a b.csv\",\"offset\":0,\"length\":1024" + times
                + ",\"hosts\":[\"h1\",\"h2\"]}";
        String b = "{\"id\":\"0000000002\",\"path\":\"/in/b.csv\",\"offset\":1024,\"length\":1024" + times2
                + ",\"position\":{\"offset\":-1,\"records\":17}}";
        versioned("file split", "split", "file source", FileSourceSplitSerializer.INSTANCE, fresh, a);
        versioned("file split read", "split", "file source", FileSourceSplitSerializer.INSTANCE, read, b);
        versioned("file enumerator", "enumerator", "file source", new PendingSplitsCheckpointSerializer<>(FileSourceSplitSerializer.INSTANCE),
                PendingSplitsCheckpoint.fromCollectionSnapshot(Arrays.asList(fresh, read), Arrays.asList(new Path("/in/a.csv"), new Path("/in/b.csv"))),
                "{\"splitVersion\":1,\"splits\":[" + a + "," + b + "],\"processed\":[\"/in/a.csv\",\"/in/b.csv\"]}");
        versioned("file enumerator empty", "enumerator", "file source", new PendingSplitsCheckpointSerializer<>(FileSourceSplitSerializer.INSTANCE),
                PendingSplitsCheckpoint.fromCollectionSnapshot(new HashSet<FileSourceSplit>()), "{\"splitVersion\":1,\"splits\":[],\"processed\":[]}");
    }

    static void hybrid() throws Exception {
        String pkg = "org.apache.flink.connector.base.source.hybrid.";
        KafkaPartitionSplitSerializer k = new KafkaPartitionSplitSerializer();
        byte[] inner = k.serialize(new KafkaPartitionSplit(ORDERS, 42));
        String split = "{\"topic\":\"orders\",\"partition\":3,\"offset\":42,\"stoppingOffset\":" + Long.MIN_VALUE + "}";
        String meaning = "{\"kind\":\"split\",\"connector\":\"Kafka source\",\"version\":0,\"bytes\":" + inner.length + ",\"state\":" + split + "}";
        Object s = make(pkg + "HybridSourceSplitSerializer");
        boolean old = ((SimpleVersionedSerializer<?>) s).getVersion() == 0;
        Object v = old ? make(pkg + "HybridSourceSplit", 1, inner, 0, "orders-3") : make(pkg + "HybridSourceSplit", 1, inner, 0, "orders-3", true);
        versioned("hybrid split", "split", "hybrid source", s, v,
                "{\"source\":1,\"id\":\"orders-3\",\"split\":" + meaning + ",\"finished\":" + !old + "}");
        Map<Integer, Object> sources = new LinkedHashMap<>();
        sources.put(0, new NumberSequenceSource(1, 10));
        List<NumberSequenceSource.NumberSequenceSplit> numbers = Arrays.asList(new NumberSequenceSource.NumberSequenceSplit("7", 3, 10));
        Object state;
        Object serializer;
        try {
            state = make(pkg + "HybridSourceEnumeratorState", 0, numbers);
            serializer = make(pkg + "HybridSourceEnumeratorStateSerializer", sources);
        } catch (NoSuchMethodException e) {
            state = make(pkg + "HybridSourceEnumeratorState", 0, new NumberSequenceSource(1, 10).getEnumeratorCheckpointSerializer().serialize(numbers), 1);
            serializer = make(pkg + "HybridSourceEnumeratorStateSerializer");
        }
        versioned("hybrid enumerator", "enumerator", "hybrid source", serializer, state,
                "{\"source\":0,\"enumerator\":{\"kind\":\"enumerator\",\"connector\":\"number sequence\",\"version\":1,\"bytes\":23,"
                        + "\"state\":{\"splits\":[{\"id\":\"7\",\"next\":3,\"last\":10}]}}}");
    }

    static void dynamicKafka() throws Exception {
        String pkg = "org.apache.flink.connector.kafka.dynamic.source.split.DynamicKafkaSourceSplit";
        Object v = make(pkg, "cluster-1", new KafkaPartitionSplit(ORDERS, 42));
        versioned("dynamic kafka split", "split", "dynamic Kafka source", make(pkg + "Serializer"), v,
                "{\"cluster\":\"cluster-1\",\"splitVersion\":0,\"split\":{\"topic\":\"orders\",\"partition\":3,\"offset\":42,\"stoppingOffset\":"
                        + Long.MIN_VALUE + "}}");
    }
}
