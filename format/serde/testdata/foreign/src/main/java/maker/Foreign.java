package maker;

import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDateTime;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.*;
import org.apache.flink.cep.nfa.*;
import org.apache.flink.cep.nfa.sharedbuffer.*;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;
import org.apache.flink.runtime.state.JavaSerializer;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.*;
import org.apache.flink.table.data.binary.*;
import org.apache.flink.table.data.writer.BinaryRowWriter;
import org.apache.flink.table.runtime.typeutils.*;
import org.apache.flink.table.types.logical.*;

/** Prints one JSON object a line: a serializer's snapshot and values, with the JSON that tarn shows of them. */
public final class Foreign {
    private static String version;

    private final String name;
    private final TypeSerializer<?> serializer;
    private final List<String> values = new ArrayList<>();

    private Foreign(String name, TypeSerializer<?> serializer) {
        this.name = name;
        this.serializer = serializer;
    }

    private static Foreign of(String name, TypeSerializer<?> serializer) { return new Foreign(name, serializer); }

    @SuppressWarnings("unchecked")
    private Foreign put(Object value, String json, Integer hash) throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(64);
        ((TypeSerializer<Object>) serializer).serialize(value, out);
        values.add("{\"hex\":\"" + hex(out) + "\",\"json\":" + json + (hash == null ? "" : ",\"hashCode\":" + hash) + "}");
        return this;
    }

    private Foreign value(Object value, String json) throws Exception { return put(value, json, null); }

    private Foreign key(Object value, String json) throws Exception { return put(value, json, value.hashCode()); }

    private void print() throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(64);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
        System.out.println("{\"name\":\"" + name + "\",\"flinkVersion\":\"" + version + "\",\"length\":" + serializer.getLength()
            + ",\"serializerSnapshotHex\":\"" + hex(out) + "\",\"values\":[" + String.join(",", values) + "]}");
    }

    private static String hex(DataOutputSerializer out) { return HexFormat.of().formatHex(out.getCopyOfBuffer()); }

    public static void main(String[] args) throws Exception {
        version = args[0];
        sql();
        java();
        avro();
        cep();
        if (version.startsWith("1.")) {
            scala();
        }
    }

    private static RowDataSerializer row(LogicalType... types) { return new RowDataSerializer(types); }

    public static class Point implements Serializable {
        public int x;
        public String y;
    }

    private static void sql() throws Exception {
        BinaryRowData twoInts = new BinaryRowData(2);
        BinaryRowWriter w = new BinaryRowWriter(twoInts);
        w.writeInt(0, 7);
        w.writeString(1, StringData.fromString("a text that is not inline"));
        w.complete();
        of("row as a key", row(new IntType(), new VarCharType(VarCharType.MAX_LENGTH)))
            .key(twoInts, "{\"f0\":7,\"f1\":\"a text that is not inline\"}").print();

        Foreign f = of("row kinds", row(new BigIntType()));
        for (org.apache.flink.types.RowKind k : org.apache.flink.types.RowKind.values()) {
            GenericRowData r = GenericRowData.of(5L);
            r.setRowKind(k);
            f.value(r, k.shortString().equals("+I") ? "{\"f0\":5}" : "{\"$kind\":\"" + k.shortString() + "\",\"f0\":5}");
        }
        f.print();

        BinaryRowData spare = new BinaryRowData(3);
        w = new BinaryRowWriter(spare);
        w.writeDecimal(0, null, 30);
        w.writeTimestamp(1, null, 9);
        w.writeInt(2, 1);
        w.complete();
        of("row with room for nulls", row(new DecimalType(30, 2), new TimestampType(9), new IntType()))
            .value(spare, "{\"f0\":null,\"f1\":null,\"f2\":1}").print();

        of("times", row(new DateType(), new DateType(), new TimeType(3), new TimestampType(0), new TimestampType(9), new LocalZonedTimestampType(3),
                new LocalZonedTimestampType(6), new YearMonthIntervalType(YearMonthIntervalType.YearMonthResolution.MONTH),
                new DayTimeIntervalType(DayTimeIntervalType.DayTimeResolution.SECOND)))
            .value(GenericRowData.of(-1, 11016, 86399999, TimestampData.fromEpochMillis(-1), TimestampData.fromEpochMillis(1, 999999),
                    TimestampData.fromEpochMillis(1700000000123L), TimestampData.fromEpochMillis(-1, 1000), 14, -1000L),
                "{\"f0\":\"1969-12-31\",\"f1\":\"2000-02-29\",\"f2\":\"23:59:59.999\",\"f3\":\"1969-12-31T23:59:59.999\",\"f4\":\"1970-01-01T00:00:00.001999999\","
                    + "\"f5\":\"2023-11-14T22:13:20.123Z\",\"f6\":\"1969-12-31T23:59:59.999001Z\",\"f7\":14,\"f8\":-1000}").print();

        of("decimals and bytes", row(new DecimalType(5, 2), new DecimalType(18, 0), new DecimalType(19, 0), new DecimalType(38, 38), new BinaryType(3),
                new VarBinaryType(100), new CharType(8), new FloatType(), new DoubleType(), new BooleanType(), new TinyIntType(), new SmallIntType()))
            .value(GenericRowData.of(dec("-1.05", 5, 2), dec("999999999999999999", 18, 0), dec("-1", 19, 0), dec("0." + "9".repeat(38), 38, 38),
                    new byte[] {1, 2, 3}, new byte[8], StringData.fromString("12345678"), Float.NaN, -0.0, true, (byte) -128, (short) 32767),
                "{\"f0\":\"-1.05\",\"f1\":\"999999999999999999\",\"f2\":\"-1\",\"f3\":\"0." + "9".repeat(38) + "\",\"f4\":{\"$hex\":\"010203\"},"
                    + "\"f5\":{\"$hex\":\"0000000000000000\"},\"f6\":\"12345678\",\"f7\":\"NaN\",\"f8\":-0,\"f9\":true,\"f10\":-128,\"f11\":32767}").print();

        RowType inner = RowType.of(new LogicalType[] {new IntType(false), new VarCharType(9)}, new String[] {"id", "name"});
        Map<Object, Object> counts = new LinkedHashMap<>();
        counts.put(StringData.fromString("x"), 2);
        Map<Object, Object> rows = new LinkedHashMap<>();
        rows.put(1, GenericRowData.of(4, null));
        rows.put(2, null);
        of("nested", row(inner, new ArrayType(new ArrayType(new IntType())), new MapType(new IntType(), inner), new MultisetType(new VarCharType(5)),
                new ArrayType(new TinyIntType()), new ArrayType(new DecimalType(20, 1)), new ArrayType(new TimestampType(6))))
            .value(GenericRowData.of(GenericRowData.of(3, StringData.fromString("n")),
                    new GenericArrayData(new Object[] {new GenericArrayData(new int[] {1, 2}), null}), new GenericMapData(rows), new GenericMapData(counts),
                    new GenericArrayData(new Object[] {(byte) 1, null, (byte) -3}), new GenericArrayData(new Object[] {dec("1.5", 20, 1), null}),
                    new GenericArrayData(new Object[] {TimestampData.fromEpochMillis(5, 7000)})),
                "{\"f0\":{\"id\":3,\"name\":\"n\"},\"f1\":[[1,2],null],\"f2\":[[1,{\"id\":4,\"name\":null}],[2,null]],\"f3\":{\"x\":2},"
                    + "\"f4\":[1,null,-3],\"f5\":[\"1.5\",null],\"f6\":[\"1970-01-01T00:00:00.005007\"]}").print();

        StructuredType point = StructuredType.newBuilder(Point.class)
            .attributes(List.of(new StructuredType.StructuredAttribute("x", new IntType(false)), new StructuredType.StructuredAttribute("y", new VarCharType(5))))
            .build();
        DistinctType money = DistinctType.newBuilder(org.apache.flink.table.catalog.ObjectIdentifier.of("c", "d", "Money"), new DecimalType(10, 2)).build();
        of("structured and distinct", row(point, money)).value(GenericRowData.of(GenericRowData.of(1, StringData.fromString("p")), null), // the generic writer refuses distinct types
            "{\"f0\":{\"x\":1,\"y\":\"p\"},\"f1\":null}").print();

        RawType<Integer> raw = new RawType<>(Integer.class, IntSerializer.INSTANCE);
        of("raw", row(raw, new ArrayType(raw))).value(GenericRowData.of(RawValueData.fromObject(9), new GenericArrayData(new Object[] {RawValueData.fromObject(-1)})),
            "{\"f0\":9,\"f1\":[-1]}").print();

        of("array of raw", new ArrayDataSerializer(raw)).value(new GenericArrayData(new Object[] {RawValueData.fromObject(5), null}), "[5,null]").print();
        of("string", StringDataSerializer.INSTANCE).key(StringData.fromString("ä\uD83D\uDE00x"), "\"ä\uD83D\uDE00x\"").print();
        of("decimal", new DecimalDataSerializer(10, 2)).key(dec("-12.50", 10, 2), "\"-12.50\"").print();
        of("long decimal", new DecimalDataSerializer(30, 3)).key(dec("123456789012345678901.5", 30, 3), "\"123456789012345678901.500\"").print();
        of("timestamp", new TimestampDataSerializer(9)).key(TimestampData.fromLocalDateTime(LocalDateTime.of(1900, 1, 1, 0, 0, 0, 1)), "\"1900-01-01T00:00:00.000000001\"").print();

        of("linked list", new LinkedListSerializer<>(LongSerializer.INSTANCE)).key(new LinkedList<>(Arrays.asList(1L, null, 3L, 4L, 5L, 6L, 7L, 8L, null)), "[1,null,3,4,5,6,7,8,null]").print();
        Map<String, Long> nulls = new LinkedHashMap<>();
        nulls.put("k", 3L);
        nulls.put(null, null);
        of("null-aware map", new org.apache.flink.table.dataview.NullAwareMapSerializer<>(StringSerializer.INSTANCE, LongSerializer.INSTANCE))
            .key(nulls, "[[\"k\",3],[null,null]]").print();
        SortedMap<Integer, String> sorted = new TreeMap<>(Map.of(1, "a", 2, "b"));
        of("sorted map", new SortedMapSerializer<>(new Descending(), IntSerializer.INSTANCE, StringSerializer.INSTANCE))
            .key(sorted, "[[1,\"a\"],[2,\"b\"]]").print();
        of("window key", new WindowKeySerializer(row(new IntType(), new VarCharType(VarCharType.MAX_LENGTH))))
            .key(new org.apache.flink.table.runtime.util.WindowKey(9L, twoInts), "{\"window\":9,\"key\":{\"f0\":7,\"f1\":\"a text that is not inline\"}}").print();
        of("external int", ExternalSerializer.of(DataTypes.INT())).key(12, "12").print();
        of("external string", ExternalSerializer.of(DataTypes.STRING())).value("text", "\"text\"").print();
        variant();
        bitmap();
        sequenced(twoInts);
    }

    private static Object hidden(String name, Class<?>[] types, Object... args) throws Exception {
        java.lang.reflect.Constructor<?> c = Class.forName(name).getDeclaredConstructor(types);
        c.setAccessible(true);
        return c.newInstance(args);
    }

    /** What is new in 2.3: the global window and the sequenced multiset state, whose classes are not public. */
    private static void sequenced(BinaryRowData r) throws Exception {
        String pkg = "org.apache.flink.table.runtime.sequencedmultisetstate.linked.";
        try {
            Class.forName(pkg + "NodeSerializer");
        } catch (ClassNotFoundException e) {
            return;
        }
        RowDataSerializer rows = row(new IntType(), new VarCharType(VarCharType.MAX_LENGTH));
        Class<?>[] longs = {long.class, long.class};
        Object node = hidden(pkg + "Node", new Class<?>[] {RowData.class, long.class, Long.class, Long.class, Long.class, Long.class}, r, 5L, null, 6L, null, 7L);
        of("sorted long", (TypeSerializer<?>) hidden("org.apache.flink.table.runtime.operators.sink.SortedLongSerializer", new Class<?>[0]))
            .key(-5L, "-5").key(Long.MAX_VALUE, "9223372036854775807").print();
        String window = "org.apache.flink.table.runtime.operators.window.GlobalWindow";
        of("global window of SQL", (TypeSerializer<?>) hidden(window + "$Serializer", new Class<?>[0]))
            .value(Class.forName(window).getMethod("get").invoke(null), "{\"global\":true}").print();
        of("sequenced node", (TypeSerializer<?>) hidden(pkg + "NodeSerializer", new Class<?>[] {TypeSerializer.class}, rows)).value(node,
            "{\"row\":{\"f0\":7,\"f1\":\"a text that is not inline\"},\"sqn\":5,\"prevSqn\":null,\"nextSqn\":6,\"nextSqnForRecord\":null,\"timestamp\":7}").print();
        of("sequenced row info", (TypeSerializer<?>) hidden(pkg + "RowSqnInfoSerializer", new Class<?>[0]))
            .value(hidden(pkg + "RowSqnInfo", longs, 1L, 2L), "{\"firstSqn\":1,\"lastSqn\":2}").print();
        of("sequenced meta info", (TypeSerializer<?>) hidden(pkg + "MetaSqnInfoSerializer", new Class<?>[0]))
            .value(hidden(pkg + "MetaSqnInfo", longs, 9L, 2L), "{\"highSqn\":9,\"size\":2}").print();
    }

    public static class Descending implements Comparator<Integer>, Serializable {
        public int compare(Integer a, Integer b) { return b - a; }
    }

    private static DecimalData dec(String s, int precision, int scale) { return DecimalData.fromBigDecimal(new BigDecimal(s), precision, scale); }

    private static void variant() throws Exception {
        Class<?> variant;
        try {
            variant = Class.forName("org.apache.flink.types.variant.BinaryVariantInternalBuilder");
        } catch (ClassNotFoundException e) {
            return; // before 2.1
        }
        TypeSerializer<?> s = (TypeSerializer<?>) Class.forName("org.apache.flink.api.common.typeutils.base.VariantSerializer").getField("INSTANCE").get(null);
        Foreign f = of("variant", s);
        for (String json : new String[] {"1", "-300", "70000", "5000000000", "true", "false", "null", "1.25", "\"\"", "[]", "{}", "{\"a\":{\"b\":[1,null,\"x\"]},\"c\":1.5}",
            "\"" + "long ".repeat(20) + "\""}) {
            Object v = variant.getMethod("parseJson", String.class, boolean.class).invoke(null, json, false);
            f.value(v, json.equals("1.25") ? "\"1.25\"" : json.replace("1.5}", "\"1.5\"}"));
        }
        f.print();
    }

    /** Bitmaps exist from 2.3 on. */
    private static void bitmap() throws Exception {
        Class<?> bitmap;
        try {
            bitmap = Class.forName("org.apache.flink.types.bitmap.Bitmap");
        } catch (ClassNotFoundException e) {
            return;
        }
        TypeSerializer<?> s = (TypeSerializer<?>) Class.forName("org.apache.flink.api.common.typeutils.base.BitmapSerializer").getField("INSTANCE").get(null);
        LogicalType type = (LogicalType) Class.forName("org.apache.flink.table.types.logical.BitmapType").getConstructor().newInstance();
        Foreign f = of("bitmap", s), row = of("bitmap in a row", row(type));
        List<int[]> sets = new ArrayList<>(List.of(new int[0], new int[] {0}, new int[] {7, 65536, 1 << 30}));
        sets.add(java.util.stream.IntStream.range(0, 5000).map(i -> 2 * i).toArray());
        sets.add(java.util.stream.IntStream.range(100, 3000).toArray());
        for (int[] set : sets) {
            Object b = bitmap.getMethod("fromArray", int[].class).invoke(null, (Object) set);
            f.value(b, Arrays.toString(set).replace(" ", ""));
            if (set.length < 10) {
                row.value(GenericRowData.of(b), "{\"f0\":" + Arrays.toString(set).replace(" ", "") + "}");
            }
        }
        f.print();
        row.print();
    }

    private static void java() throws Exception {
        of("java", new JavaSerializer<Serializable>()).key("text", "\"text\"").key(5, "5").key(1L << 40, "1099511627776")
            .value(new ArrayList<>(List.of(1, "x")), "[1,\"x\"]").value(null, "null").value(new java.util.Date(0), "\"1970-01-01T00:00:00Z\"").print();
    }

    private static void avro() throws Exception {
        Schema schema = new Schema.Parser().parse("{\"type\":\"record\",\"name\":\"All\",\"namespace\":\"a.b\",\"fields\":["
            + "{\"name\":\"date\",\"type\":{\"type\":\"int\",\"logicalType\":\"date\"}},"
            + "{\"name\":\"time\",\"type\":{\"type\":\"long\",\"logicalType\":\"time-micros\"}},"
            + "{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}},"
            + "{\"name\":\"local\",\"type\":[\"null\",{\"type\":\"long\",\"logicalType\":\"local-timestamp-micros\"}]},"
            + "{\"name\":\"price\",\"type\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}},"
            + "{\"name\":\"fix\",\"type\":{\"type\":\"fixed\",\"name\":\"Fix\",\"size\":4}},"
            + "{\"name\":\"any\",\"type\":[\"int\",\"string\",\"null\",\"Fix\"]},"
            + "{\"name\":\"kind\",\"type\":{\"type\":\"enum\",\"name\":\"Kind\",\"symbols\":[\"A\",\"B\"]}},"
            + "{\"name\":\"kids\",\"type\":{\"type\":\"array\",\"items\":\"All\"}},"
            + "{\"name\":\"map\",\"type\":{\"type\":\"map\",\"values\":[\"null\",\"boolean\"]}}]}");
        GenericRecord kid = record(schema, null, null, List.of(), Map.of());
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("t", true);
        map.put("n", null);
        String kidJson = avroJson("null", "null", "[]", "{}");
        of("avro", new AvroSerializer<>(GenericRecord.class, schema)).value(record(schema, 1500L, "s", List.of(kid), map),
            avroJson("\"1970-01-01T00:00:00.001500\"", "{\"string\":\"s\"}", "[" + kidJson + "]", "{\"t\":true,\"n\":null}")).print();

        Schema key = new Schema.Parser().parse("{\"type\":\"record\",\"name\":\"Key\",\"fields\":[{\"name\":\"s\",\"type\":\"string\"},{\"name\":\"l\",\"type\":\"long\"},"
            + "{\"name\":\"b\",\"type\":\"boolean\"},{\"name\":\"u\",\"type\":[\"null\",\"double\"]},{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":\"int\"}}]}");
        GenericRecord k = new GenericData.Record(key);
        k.put("s", new org.apache.avro.util.Utf8("key"));
        k.put("l", 1L << 33);
        k.put("b", true);
        k.put("u", 0.5);
        k.put("a", List.of(1, 2));
        of("avro as a key", new AvroSerializer<>(GenericRecord.class, key)).key(k, "{\"s\":\"key\",\"l\":8589934592,\"b\":true,\"u\":0.5,\"a\":[1,2]}").print();
    }

    private static String avroJson(String local, String any, String kids, String map) {
        return "{\"date\":\"1969-12-31\",\"time\":\"00:00:01.000001\",\"at\":\"1970-01-01T00:00:00.005Z\",\"local\":" + local
            + ",\"price\":\"-0.01\",\"fix\":{\"$hex\":\"00010203\"},\"any\":" + any + ",\"kind\":\"B\",\"kids\":" + kids + ",\"map\":" + map + "}";
    }

    private static GenericRecord record(Schema schema, Long local, String any, List<?> kids, Map<?, ?> map) {
        GenericRecord r = new GenericData.Record(schema);
        r.put("date", -1);
        r.put("time", 1000001L);
        r.put("at", 5L);
        r.put("local", local);
        r.put("price", ByteBuffer.wrap(new byte[] {-1}));
        r.put("fix", new GenericData.Fixed(schema.getField("fix").schema(), new byte[] {0, 1, 2, 3}));
        r.put("any", any);
        r.put("kind", new GenericData.EnumSymbol(schema.getField("kind").schema(), "B"));
        r.put("kids", kids);
        r.put("map", map);
        return r;
    }

    private static void cep() throws Exception {
        EventId event = new EventId(3, 77L);
        NodeId node = new NodeId(event, "start");
        DeweyNumber dewey = DeweyNumber.fromString("1.0.2");
        String eventJson = "{\"id\":3,\"timestamp\":77}";
        String nodeJson = "{\"event\":" + eventJson + ",\"page\":\"start\"}";
        of("dewey number", DeweyNumber.DeweyNumberSerializer.INSTANCE).value(dewey, "[1,0,2]").print();
        of("node id", new NodeId.NodeIdSerializer()).key(node, nodeJson).value(null, "null").print();
        of("lockable", new Lockable.LockableTypeSerializer<>(IntSerializer.INSTANCE)).value(new Lockable<>(5, 2), "{\"refs\":2,\"element\":5}").print();
        SharedBufferEdge edge = new SharedBufferEdge(node, dewey);
        String edgeJson = "{\"target\":" + nodeJson + ",\"deweyNumber\":[1,0,2]}";
        of("shared buffer edge", new SharedBufferEdge.SharedBufferEdgeSerializer()).value(edge, edgeJson).print();
        SharedBufferNode shared = new SharedBufferNode();
        shared.addEdge(edge);
        shared.addEdge(new SharedBufferEdge(null, dewey));
        of("shared buffer node", new SharedBufferNodeSerializer())
            .value(shared, "[{\"refs\":0,\"element\":" + edgeJson + "},{\"refs\":0,\"element\":{\"target\":null,\"deweyNumber\":[1,0,2]}}]").print();
        Queue<ComputationState> partial = new PriorityQueue<>(NFAState.COMPUTATION_STATE_COMPARATOR);
        partial.add(ComputationState.createState("middle", node, dewey, 5L, 6L, event));
        Queue<ComputationState> completed = new PriorityQueue<>(NFAState.COMPUTATION_STATE_COMPARATOR);
        completed.add(ComputationState.createState("end", null, dewey, -1L, -1L, null));
        of("nfa state", new NFAStateSerializer()).value(new NFAState(partial, completed),
            "{\"partial\":[{\"state\":\"middle\",\"previousBufferEntry\":" + nodeJson + ",\"version\":[1,0,2],\"startTimestamp\":5,\"previousTimestamp\":6,\"startEvent\":" + eventJson
                + "}],\"completed\":[{\"state\":\"end\",\"previousBufferEntry\":null,\"version\":[1,0,2],\"startTimestamp\":-1,\"previousTimestamp\":-1,\"startEvent\":null}]}").print();
    }

    private static TypeSerializer<?> scala(String name, TypeSerializer<?>... nested) throws Exception {
        Class<?>[] types = new Class<?>[nested.length];
        Arrays.fill(types, TypeSerializer.class);
        return (TypeSerializer<?>) Class.forName("org.apache.flink.api.scala.typeutils." + name).getConstructor(types).newInstance((Object[]) nested);
    }

    private static Object make(String name, Object... args) throws Exception {
        return Class.forName(name).getConstructors()[0].newInstance(args);
    }

    private static Object module(String name) throws Exception { return Class.forName(name + "$").getField("MODULE$").get(null); }

    private static TypeSerializer<?> caseClass(String name, TypeSerializer<?>... fields) throws Exception {
        return (TypeSerializer<?>) Class.forName("org.apache.flink.api.scala.typeutils.ScalaCaseClassSerializer")
            .getConstructor(Class.class, TypeSerializer[].class).newInstance(Class.forName(name), fields);
    }

    private static void scala() throws Exception {
        TypeSerializer<?> s = StringSerializer.INSTANCE, i = IntSerializer.INSTANCE, l = LongSerializer.INSTANCE, d = DoubleSerializer.INSTANCE;
        of("scala tuple", caseClass("scala.Tuple4", s, i, l, d)).key(make("scala.Tuple4", "a", 1, 1L << 40, 2.0), "[\"a\",1,1099511627776,2]")
            .key(make("scala.Tuple4", "b", -1, -1L, 0.0), "[\"b\",-1,-1,0]").print();
        of("scala nested tuple", caseClass("scala.Tuple2", caseClass("scala.Tuple2", s, s), scala("OptionSerializer", l)))
            .key(make("scala.Tuple2", make("scala.Tuple2", "x", "y"), make("scala.Some", 5L)), "[[\"x\",\"y\"],{\"some\":5}]")
            .key(make("scala.Tuple2", make("scala.Tuple2", "x", "y"), module("scala.None")), "[[\"x\",\"y\"],null]").print();
        of("scala either", scala("EitherSerializer", s, i)).key(make("scala.util.Left", "l"), "{\"left\":\"l\"}").key(make("scala.util.Right", 5), "{\"right\":5}").print();
        of("scala try", scala("TrySerializer", i, s)).key(make("scala.util.Success", 5), "{\"success\":5}").print();
        of("scala unit", scala("UnitSerializer")).value(Class.forName("scala.runtime.BoxedUnit").getField("UNIT").get(null), "{}").print();
    }
}
