package maker;

import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.*;
import org.apache.flink.api.common.typeutils.base.array.*;
import org.apache.flink.api.java.tuple.*;
import org.apache.flink.api.java.typeutils.runtime.*;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.ArrayListSerializer;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.ttl.TtlStateFactory;
import org.apache.flink.runtime.state.ttl.TtlValue;
import org.apache.flink.streaming.api.datastream.CoGroupedStreams;
import org.apache.flink.streaming.api.operators.TimerHeapInternalTimer;
import org.apache.flink.streaming.api.operators.TimerSerializer;
import org.apache.flink.streaming.api.operators.co.IntervalJoinOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.api.windowing.windows.GlobalWindow;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.types.*;

/** Prints one JSON object a line: a serializer's snapshot and values, in the shape that vectors_test.go reads. */
public final class Main {
    private static String version;
    private static PrintStream out;

    private final String name;
    private final TypeSerializer<Object> serializer;
    private final StringBuilder values = new StringBuilder();

    @SuppressWarnings("unchecked")
    private Main(String name, TypeSerializer<?> serializer) {
        this.name = name;
        this.serializer = (TypeSerializer<Object>) serializer;
    }

    private static Main of(String name, TypeSerializer<?> serializer) {
        return new Main(name, serializer);
    }

    /** A value and the JSON it stands for. */
    private Main value(Object v, String json) throws Exception {
        return add(v, json, null);
    }

    /** The same for a value that may be a key: with its hashCode. */
    private Main key(Object v, String json) throws Exception {
        return add(v, json, v.hashCode());
    }

    private Main add(Object v, String json, Integer hash) throws Exception {
        DataOutputSerializer bytes = new DataOutputSerializer(64);
        serializer.serialize(v, bytes);
        values.append(values.length() > 0 ? "," : "")
                .append("{\"json\":").append(json).append(",\"hex\":\"").append(hex(bytes.getCopyOfBuffer())).append('"');
        if (hash != null) {
            values.append(",\"hashCode\":").append(hash);
        }
        values.append('}');
        return this;
    }

    private void print() throws Exception {
        DataOutputSerializer snapshot = new DataOutputSerializer(256);
        TypeSerializerSnapshot.writeVersionedSnapshot(snapshot, serializer.snapshotConfiguration());
        out.println("{\"name\":\"" + name + "\",\"flinkVersion\":\"" + version + "\",\"length\":" + serializer.getLength()
                + ",\"serializerSnapshotHex\":\"" + hex(snapshot.getCopyOfBuffer()) + "\",\"values\":[" + values + "]}");
    }

    private static String hex(byte[] b) {
        StringBuilder s = new StringBuilder();
        for (byte x : b) {
            s.append(String.format("%02x", x));
        }
        return s.toString();
    }

    private static <T> TypeSerializer<T> typed(Class<T> c, Class<?>... registered) {
        SerializerConfigImpl config = new SerializerConfigImpl();
        for (Class<?> r : registered) {
            config.registerPojoType(r);
        }
        return TypeInformation.of(c).createSerializer(config);
    }

    public static void main(String[] args) throws Exception {
        version = args[0];
        out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        primitives();
        values();
        numbersAndTimes();
        arrays();
        collections();
        products();
        pojos();
        stateParts();
        streams();
        if (version.startsWith("2.")) {
            flink2();
        }
    }

    private static void primitives() throws Exception {
        of("boolean", BooleanSerializer.INSTANCE).key(true, "true").key(false, "false").print();
        of("byte", ByteSerializer.INSTANCE).key((byte) -128, "-128").print();
        of("short", ShortSerializer.INSTANCE).key((short) -2, "-2").print();
        of("int", IntSerializer.INSTANCE).key(Integer.MIN_VALUE, "-2147483648").key(7, "7").print();
        of("long", LongSerializer.INSTANCE).key(Long.MIN_VALUE, "-9223372036854775808").key(1L << 40, "1099511627776").print();
        of("float", FloatSerializer.INSTANCE).key(1.5f, "1.5").key(-0.0f, "-0.0").key(Float.NaN, "\"NaN\"").print();
        of("double", DoubleSerializer.INSTANCE).key(-2.5, "-2.5").key(Double.NEGATIVE_INFINITY, "\"-Infinity\"").key(Double.NaN, "\"NaN\"").print();
        of("char", CharSerializer.INSTANCE).key('\u20ac', "\"\\u20ac\"").print();
        of("string", StringSerializer.INSTANCE).key("", "\"\"").key("order", "\"order\"").key("\u00e9\u4e2d\ud83d\ude00", "\"\\u00e9\\u4e2d\\ud83d\\ude00\"")
                .key("x".repeat(200), "\"" + "x".repeat(200) + "\"").value(null, "null").print();
    }

    private static void values() throws Exception {
        of("BooleanValue", BooleanValueSerializer.INSTANCE).key(new BooleanValue(true), "true").print();
        of("ByteValue", ByteValueSerializer.INSTANCE).key(new ByteValue((byte) 9), "9").print();
        of("ShortValue", ShortValueSerializer.INSTANCE).key(new ShortValue((short) -9), "-9").print();
        of("IntValue", IntValueSerializer.INSTANCE).key(new IntValue(9), "9").print();
        of("LongValue", LongValueSerializer.INSTANCE).key(new LongValue(-9), "-9").print();
        of("FloatValue", FloatValueSerializer.INSTANCE).key(new FloatValue(0.5f), "0.5").print();
        of("DoubleValue", DoubleValueSerializer.INSTANCE).key(new DoubleValue(0.5), "0.5").print();
        of("CharValue", CharValueSerializer.INSTANCE).key(new CharValue('c'), "\"c\"").print();
        of("StringValue", StringValueSerializer.INSTANCE).key(new StringValue("v\u00e9"), "\"v\\u00e9\"").print();
        of("NullValue", NullValueSerializer.INSTANCE).key(NullValue.getInstance(), "null").print();
        of("ValueSerializer<StringValue>", new ValueSerializer<>(StringValue.class)).key(new StringValue("v"), "\"v\"").print();
        of("ValueSerializer<NullValue>", new ValueSerializer<>(NullValue.class)).key(NullValue.getInstance(), "null").print();
        of("CopyableValueSerializer<DoubleValue>", new CopyableValueSerializer<>(DoubleValue.class)).key(new DoubleValue(2), "2.0").print();
        Types.Secret secret = new Types.Secret();
        secret.n = 258;
        of("ValueSerializer of a user's class", new ValueSerializer<>(Types.Secret.class)).value(secret, "{\"raw\":\"0102\"}").print();
    }

    private static void numbersAndTimes() throws Exception {
        of("BigInteger", BigIntSerializer.INSTANCE).key(BigInteger.ZERO, "\"0\"").key(BigInteger.TEN, "\"10\"").key(new BigInteger("10"), "\"10\"")
                .key(new BigInteger("-123456789012345678901234567890"), "\"-123456789012345678901234567890\"").value(null, "null").print();
        of("BigDecimal", BigDecSerializer.INSTANCE).key(BigDecimal.ONE, "{\"unscaled\":\"1\",\"scale\":0}")
                .key(new BigDecimal("-12.50"), "{\"unscaled\":\"-1250\",\"scale\":2}").value(null, "null").print();
        of("Date", DateSerializer.INSTANCE).key(new Date(-1), "{\"millis\":-1}").value(null, "null").print();
        of("sql.Date", SqlDateSerializer.INSTANCE).key(new java.sql.Date(86400000L), "{\"millis\":86400000}").value(null, "null").print();
        of("sql.Time", SqlTimeSerializer.INSTANCE).key(new java.sql.Time(3661000L), "{\"millis\":3661000}").value(null, "null").print();
        Timestamp ts = new Timestamp(-1001);
        ts.setNanos(998_000_007);
        of("sql.Timestamp", SqlTimestampSerializer.INSTANCE).key(ts, "{\"millis\":" + ts.getTime() + ",\"nanos\":998000007}").value(null, "null").print();
        of("Instant", InstantSerializer.INSTANCE).key(Instant.ofEpochSecond(-5, 6), "{\"seconds\":-5,\"nanos\":6}").value(null, "null").print();
        of("LocalDate", LocalDateSerializer.INSTANCE).key(LocalDate.of(2024, 2, 29), "\"2024-02-29\"").key(LocalDate.of(-44, 3, 15), "\"-0044-03-15\"").value(null, "null").print();
        of("LocalTime", LocalTimeSerializer.INSTANCE).key(LocalTime.of(23, 59, 58, 7), "\"23:59:58.000000007\"").value(null, "null").print();
        of("LocalDateTime", LocalDateTimeSerializer.INSTANCE).key(LocalDateTime.of(1999, 12, 31, 1, 2, 3), "\"1999-12-31T01:02:03\"").value(null, "null").print();
    }

    private static void arrays() throws Exception {
        of("boolean[]", BooleanPrimitiveArraySerializer.INSTANCE).value(new boolean[] {true, false}, "[true,false]").print();
        of("byte[]", BytePrimitiveArraySerializer.INSTANCE).value(new byte[] {1, -1}, "{\"bytes\":\"01ff\"}").value(new byte[0], "{\"bytes\":\"\"}").print();
        of("short[]", ShortPrimitiveArraySerializer.INSTANCE).value(new short[] {-3}, "[-3]").print();
        of("int[]", IntPrimitiveArraySerializer.INSTANCE).value(new int[] {1, -1}, "[1,-1]").print();
        of("long[]", LongPrimitiveArraySerializer.INSTANCE).value(new long[] {5}, "[5]").print();
        of("float[]", FloatPrimitiveArraySerializer.INSTANCE).value(new float[] {0.25f}, "[0.25]").print();
        of("double[]", DoublePrimitiveArraySerializer.INSTANCE).value(new double[] {0.25}, "[0.25]").print();
        of("char[]", CharPrimitiveArraySerializer.INSTANCE).value(new char[] {'a'}, "[\"a\"]").print();
        of("String[]", StringArraySerializer.INSTANCE).value(new String[] {"a", null}, "[\"a\",null]").print();
        of("Long[]", new GenericArraySerializer<>(Long.class, LongSerializer.INSTANCE)).value(new Long[] {1L, null}, "[1,null]").print();
    }

    private static void collections() throws Exception {
        of("list<long>", new ListSerializer<>(LongSerializer.INSTANCE)).key(Arrays.asList(1L, 2L), "[1,2]").key(List.of(), "[]").print();
        of("ArrayList<string>", new ArrayListSerializer<>(StringSerializer.INSTANCE)).key(new java.util.ArrayList<>(Arrays.asList("a", null)), "[\"a\",null]").print();
        Map<String, Integer> m = new LinkedHashMap<>();
        m.put("a", 1);
        m.put("b", null);
        of("map<string, int>", new MapSerializer<>(StringSerializer.INSTANCE, IntSerializer.INSTANCE)).key(m, "[[\"a\",1],[\"b\",null]]").print();
    }

    private static void products() throws Exception {
        of("Tuple0", Tuple0Serializer.INSTANCE).key(Tuple0.INSTANCE, "[]").print();
        of("tuple<string, int>", new TupleSerializer<>(Tuple2.class, new TypeSerializer<?>[] {StringSerializer.INSTANCE, IntSerializer.INSTANCE}))
                .key(Tuple2.of("a", 1), "[\"a\",1]").key(Tuple2.of(null, 1), "[null,1]").print();
        of("tuple<long, short>", new TupleSerializer<>(Tuple2.class, new TypeSerializer<?>[] {LongSerializer.INSTANCE, ShortSerializer.INSTANCE}))
                .key(Tuple2.of(1L, (short) 2), "[1,2]").print();
        TypeSerializer<?>[] fields = {
            StringSerializer.INSTANCE, LongSerializer.INSTANCE, new ListSerializer<>(IntSerializer.INSTANCE),
            new MapSerializer<>(StringSerializer.INSTANCE, LongSerializer.INSTANCE), BooleanSerializer.INSTANCE,
            IntSerializer.INSTANCE, IntSerializer.INSTANCE, IntSerializer.INSTANCE};
        Row row = Row.ofKind(RowKind.UPDATE_AFTER, "a", null, List.of(1, 2), Map.of("k", 5L), true, 1, null, 3);
        of("row", new RowSerializer(fields, null, true))
                .key(row, "{\"kind\":\"+U\",\"fields\":[\"a\",null,[1,2],[[\"k\",5]],true,1,null,3]}").print();
        of("row without kind", new RowSerializer(new TypeSerializer<?>[] {StringSerializer.INSTANCE, IntSerializer.INSTANCE}, null, false))
                .key(Row.of("a", null), "{\"kind\":\"+I\",\"fields\":[\"a\",null]}").print();
        of("either<string, long>", new EitherSerializer<>(StringSerializer.INSTANCE, LongSerializer.INSTANCE))
                .key(Either.Left("l"), "{\"left\":\"l\"}").key(Either.Right(5L), "{\"right\":5}").print();
        of("nullable long, padded", NullableSerializer.wrap(LongSerializer.INSTANCE, true)).key(5L, "5").value(null, "null").print();
        of("nullable string", NullableSerializer.wrap(new ListSerializer<>(StringSerializer.INSTANCE), false)).key(List.of("a"), "[\"a\"]").value(null, "null").print();
        of("enum", new EnumSerializer<>(Types.Colour.class)).value(Types.Colour.BLUE, "\"BLUE\"").print();
        of("void", VoidSerializer.INSTANCE).value(null, "null").print();
    }

    private static void pojos() throws Exception {
        Types.Order o = new Types.Order();
        o.amount = 12.5;
        o.id = 7;
        o.customer = "c";
        o.notes = new String[] {"n", null};
        o.colour = Types.Colour.GREEN;
        o.at = Instant.ofEpochSecond(1, 2);
        o.price = new BigDecimal("1.5");
        o.first = new Types.Line(3, "i");
        of("pojo", typed(Types.Order.class))
                .value(o, "{\"$class\":\"maker.Types$Order\",\"amount\":12.5,\"id\":7,\"customer\":\"c\",\"notes\":[\"n\",null],\"paid\":null,"
                        + "\"colour\":\"GREEN\",\"at\":{\"seconds\":1,\"nanos\":2},\"price\":{\"unscaled\":\"15\",\"scale\":1},"
                        + "\"first\":{\"$class\":\"maker.Types$Line\",\"quantity\":3,\"item\":\"i\"}}")
                .value(null, "null").print();
        TypeSerializer<Types.Shape> shapes = typed(Types.Shape.class, Types.Circle.class);
        Types.Shape shape = new Types.Shape();
        shape.name = "s";
        Types.Circle circle = new Types.Circle();
        circle.name = "c";
        circle.radius = 0.5;
        Types.Square square = new Types.Square();
        square.side = 4;
        of("pojo with subclasses", shapes)
                .value(shape, "{\"$class\":\"maker.Types$Shape\",\"name\":\"s\"}")
                .value(circle, "{\"$class\":\"maker.Types$Circle\",\"name\":\"c\",\"radius\":0.5}")
                .value(square, "{\"$class\":\"maker.Types$Square\",\"name\":null,\"side\":4}").print();
        of("record", typed(Types.Point.class)).value(new Types.Point(1, -1, null), "{\"$class\":\"maker.Types$Point\",\"x\":1,\"y\":-1,\"label\":null}").print();
    }

    private static void stateParts() throws Exception {
        of("void namespace", VoidNamespaceSerializer.INSTANCE).key(VoidNamespace.INSTANCE, "null").print();
        of("time window", new TimeWindow.Serializer()).key(new TimeWindow(-60000, 0), "{\"start\":-60000,\"end\":0}").print();
        of("global window", new GlobalWindow.Serializer()).key(GlobalWindow.get(), "{\"global\":true}").print();
        of("timer", new TimerSerializer<>(StringSerializer.INSTANCE, VoidNamespaceSerializer.INSTANCE))
                .key(new TimerHeapInternalTimer<>(-7, "k", VoidNamespace.INSTANCE), "{\"timestamp\":-7,\"key\":\"k\",\"namespace\":null}").print();
        of("ttl<list<string>>", new TtlStateFactory.TtlSerializer<>(LongSerializer.INSTANCE, new ListSerializer<>(StringSerializer.INSTANCE)))
                .value(new TtlValue<>(List.of("a"), 9), "{\"ts\":9,\"value\":[\"a\"]}").print();
        of("map<string, ttl<long?>>", new MapSerializer<>(StringSerializer.INSTANCE,
                        new TtlStateFactory.TtlSerializer<>(LongSerializer.INSTANCE, NullableSerializer.wrap(LongSerializer.INSTANCE, true))))
                .value(Map.of("k", new TtlValue<Long>(null, 9)), "[[\"k\",{\"ts\":9,\"value\":null}]]").print();
    }

    private static void streams() throws Exception {
        of("stream element", new StreamElementSerializer<>(StringSerializer.INSTANCE))
                .value(new StreamRecord<>("r", 5), "{\"record\":\"r\",\"ts\":5}").value(new StreamRecord<>("r"), "{\"record\":\"r\"}")
                .value(new Watermark(9), "{\"watermark\":9}").print();
        of("co-group union", new CoGroupedStreams.UnionSerializer<>(StringSerializer.INSTANCE, LongSerializer.INSTANCE))
                .value(union("one", "a"), "{\"one\":\"a\"}").value(union("two", 4L), "{\"two\":4}").print();
        Constructor<?> entry = IntervalJoinOperator.BufferEntry.class.getDeclaredConstructors()[0];
        entry.setAccessible(true);
        of("interval join entry", new ListSerializer<>(new IntervalJoinOperator.BufferEntrySerializer<>(StringSerializer.INSTANCE)))
                .value(List.of(entry.newInstance("e", true)), "[{\"hasBeenJoined\":true,\"element\":\"e\"}]").print();
    }

    /** The class moved in 2.x. */
    private static Object union(String side, Object v) throws Exception {
        Class<?> c;
        try {
            c = Class.forName("org.apache.flink.util.TaggedUnion");
        } catch (ClassNotFoundException e) {
            c = Class.forName("org.apache.flink.streaming.api.datastream.CoGroupedStreams$TaggedUnion");
        }
        return c.getMethod(side, Object.class).invoke(null, v);
    }

    private static void flink2() throws Exception {
        TypeSerializer<?> set = (TypeSerializer<?>) Class.forName("org.apache.flink.api.common.typeutils.base.SetSerializer")
                .getConstructor(TypeSerializer.class).newInstance(LongSerializer.INSTANCE);
        Set<Long> s = new LinkedHashSet<>(Arrays.asList(3L, null, 4L));
        of("set<long>", set).key(s, "[3,null,4]").print();
        Constructor<?> aware = Class.forName("org.apache.flink.runtime.state.ttl.TtlAwareSerializer").getConstructor(TypeSerializer.class);
        of("ttl aware", (TypeSerializer<?>) aware.newInstance(
                        new TtlStateFactory.TtlSerializer<>(LongSerializer.INSTANCE, StringSerializer.INSTANCE)))
                .value(new TtlValue<>("v", 3), "{\"ts\":3,\"value\":\"v\"}").print();
        of("ttl aware, off", (TypeSerializer<?>) aware.newInstance(StringSerializer.INSTANCE)).value("v", "\"v\"").print();
        Types.Bag bag = new Types.Bag();
        bag.items = List.of("a");
        bag.counts = Map.of("k", 1L);
        of("pojo with collections", typed(Types.Bag.class)).value(bag, "{\"$class\":\"maker.Types$Bag\",\"items\":[\"a\"],\"counts\":[[\"k\",1]]}").print();
    }

}
