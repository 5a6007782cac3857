package kryomaker;

import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.*;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.*;
import java.util.regex.Pattern;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.tuple.*;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Prints one JSON object a line: a serializer's snapshot, and values with the JSON that rows have for them. */
public final class Main {
    private static String version;
    private static PrintStream out;

    private final String name;
    private final TypeSerializer<Object> serializer;
    private final StringBuilder values = new StringBuilder();

    @SuppressWarnings("unchecked")
    Main(String name, TypeSerializer<?> serializer) {
        this.name = name;
        this.serializer = (TypeSerializer<Object>) serializer;
    }

    static Main of(String name, Class<?> type) {
        return new Main(name, new KryoSerializer<>(type, new SerializerConfigImpl()));
    }

    /** A value and its JSON; null if that is not to be compared. */
    Main value(Object v, String json) throws Exception {
        return add(v, json, null);
    }

    /** The same with the value's hashCode. */
    Main key(Object v, String json) throws Exception {
        return add(v, json, v.hashCode());
    }

    private Main add(Object v, String json, Integer hash) throws Exception {
        if (json == null) {
            json = "\"*\"";
        }
        DataOutputSerializer bytes = new DataOutputSerializer(64);
        try {
            serializer.serialize(v, bytes);
        } catch (RuntimeException e) {
            System.err.println(version + " " + name + ": " + json + ": " + e);
            return this;
        }
        values.append(values.length() > 0 ? "," : "")
                .append("{\"json\":").append(json).append(",\"hex\":\"").append(hex(bytes.getCopyOfBuffer())).append('"');
        if (hash != null) {
            values.append(",\"hashCode\":").append(hash);
        }
        values.append('}');
        return this;
    }

    void print() throws Exception {
        DataOutputSerializer snapshot = new DataOutputSerializer(256);
        TypeSerializerSnapshot.writeVersionedSnapshot(snapshot, serializer.snapshotConfiguration());
        out.println("{\"name\":\"" + name + "\",\"flinkVersion\":\"" + version + "\",\"serializerSnapshotHex\":\""
                + hex(snapshot.getCopyOfBuffer()) + "\",\"values\":[" + values + "]}");
    }

    private static String hex(byte[] b) {
        StringBuilder s = new StringBuilder();
        for (byte x : b) {
            s.append(String.format("%02x", x));
        }
        return s.toString();
    }

    static boolean kryo2() {
        return version.startsWith("1.");
    }

    public static void main(String[] args) throws Exception {
        version = args[0];
        out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        scalars();
        collections();
        maps();
        arrays();
        references();
        times();
        classes();
        registered();
        topLevel();
        if (kryo2()) {
            Class.forName("kryomaker.ScalaValues").getMethod("print").invoke(null);
        }
    }

    private static void scalars() throws Exception {
        String letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        of("scalars", Object.class)
                .key(Integer.MAX_VALUE, "2147483647").key(Integer.MIN_VALUE, "-2147483648")
                .key(Long.MIN_VALUE, "-9223372036854775808").key(Long.MAX_VALUE, "9223372036854775807").key(300L, "300")
                .key((short) -2, "-2").key((byte) -3, "-3").key('x', "\"x\"").key(true, "true")
                .key(1.5f, "1.5").key(-2.25, "-2.25").key(Double.NaN, "\"NaN\"")
                .key("", "\"\"").key("a", "\"a\"").key("ab", "\"ab\"")
                .key(letters.substring(0, 32), "\"" + letters.substring(0, 32) + "\"")
                .key(letters.substring(0, 33), "\"" + letters.substring(0, 33) + "\"")
                .key(letters + letters, "\"" + letters + letters + "\"")
                .key((letters + letters).substring(0, 63), "\"" + (letters + letters).substring(0, 63) + "\"")
                .key((letters + letters).substring(0, 64), "\"" + (letters + letters).substring(0, 64) + "\"")
                .key("h\u00e9 \u4e16\ud83d\ude00", "\"h\\u00e9 \\u4e16\\ud83d\\ude00\"")
                .key("x".repeat(200), "\"" + "x".repeat(200) + "\"")
                .key(new BigInteger("-123456789012345678901234567890"), "\"-123456789012345678901234567890\"")
                .key(BigInteger.ZERO, "\"0\"").key(new BigDecimal("-1.50"), "\"-1.50\"").key(BigDecimal.ONE, "\"1\"")
                .key(new UUID(1, -1), "\"00000000-0000-0001-ffff-ffffffffffff\"")
                .value(URI.create("http://h/p?q"), "\"http://h/p?q\"").value(new URL("http://h/p?q#r"), "\"http://h/p?q#r\"")
                .value(Locale.CANADA_FRENCH, "\"fr_CA\"").value(Locale.GERMAN, "\"de\"").value(Currency.getInstance("EUR"), "\"EUR\"")
                .value(new StringBuilder("sb"), "\"sb\"").value(new StringBuffer("s"), "\"s\"")
                .value(Pattern.compile("a+b", Pattern.CASE_INSENSITIVE), "\"a+b\"")
                .value(InetSocketAddress.createUnresolved("host.example", 8081), "\"host.example:8081\"")
                .value(int.class, "\"int\"").value(Integer.class, "\"java.lang.Integer\"").value(String.class, "\"java.lang.String\"")
                .value(Types.Order.class, "\"kryomaker.Types$Order\"").value(TimeZone.getTimeZone("Europe/Paris"), "\"Europe/Paris\"")
                .key(Optional.of("o"), "{\"some\":\"o\"}").key(Optional.empty(), "null")
                .value(OptionalInt.of(5), "{\"some\":5}").value(OptionalInt.empty(), "null").value(OptionalLong.of(-5), "{\"some\":-5}")
                .value(OptionalDouble.of(0.5), "{\"some\":0.5}").value(OptionalDouble.empty(), "null")
                .value(new AtomicInteger(4), "4").value(new AtomicLong(-4), "-4").value(new AtomicBoolean(true), "true")
                .value(new AtomicReference<>("r"), "\"r\"")
                .value(StandardCharsets.UTF_8, "\"UTF-8\"")
                .value(new IllegalStateException("boom"), null)
                .value(new Object(), "{\"@class\":\"java.lang.Object\"}")
                .print();
    }

    private static void collections() throws Exception {
        List<Object> nulls = new ArrayList<>(Arrays.asList(null, null, null));
        BitSet bits = new BitSet();
        bits.set(1);
        bits.set(70);
        TreeSet<String> reverse = new TreeSet<>(Comparator.reverseOrder());
        reverse.addAll(List.of("a", "b"));
        PriorityQueue<Integer> queue = new PriorityQueue<>(List.of(3, 1, 2));
        PriorityQueue<Integer> reversed = new PriorityQueue<>(4, Collections.reverseOrder());
        reversed.addAll(List.of(1, 2));
        of("collections", Object.class)
                .key(new ArrayList<>(List.of(1, 2)), "[1,2]").key(nulls, "[null,null,null]")
                .key(new ArrayList<>(Arrays.asList(1, null, 2)), "[1,null,2]").key(new ArrayList<>(Arrays.asList("a", null)), "[\"a\",null]")
                .key(new ArrayList<>(List.of(1, "a")), "[1,\"a\"]").key(new LinkedList<>(List.of(1L)), "[1]")
                .key(new Vector<>(List.of("v")), "[\"v\"]").value(new ArrayDeque<>(List.of(1, 2)), "[1,2]")
                .key(List.of(), "[]").key(List.of("a"), "[\"a\"]").key(List.of(1, 2, 3), "[1,2,3]").key(List.of("a", 2, true), "[\"a\",2,true]")
                .key(Set.of("x"), "[\"x\"]").key(List.of(1, 2, 3, 4).subList(1, 3), "[2,3]")
                .key(Arrays.asList(1, null), "[1,null]").key(Arrays.asList("a", 2), "[\"a\",2]")
                .key(Collections.emptyList(), "[]").key(Collections.emptySet(), "[]").key(Collections.singletonList("s"), "[\"s\"]")
                .key(Collections.singleton(7), "[7]").key(Collections.unmodifiableList(new ArrayList<>(List.of(1))), "[1]")
                .key(Collections.unmodifiableSet(new LinkedHashSet<>(List.of(1, 2))), "[1,2]")
                .key(new CopyOnWriteArrayList<>(List.of(1)), "[1]")
                .key(new LinkedHashSet<>(List.of("b", "a")), "[\"b\",\"a\"]").key(new TreeSet<>(List.of(2, 1)), "[1,2]").key(new TreeSet<>(), "[]")
                .key(reverse, "[\"b\",\"a\"]").value(queue, "[1,3,2]").value(reversed, "[2,1]").value(new PriorityQueue<>(), "[]")
                .value(EnumSet.of(Types.Colour.RED, Types.Colour.BLUE), "[\"RED\",\"BLUE\"]").value(EnumSet.noneOf(Types.Colour.class), "[]")
                .value(new ArrayList<>(List.of(Types.Colour.RED, Types.Colour.RED)), "[\"RED\",\"RED\"]")
                .value(new ArrayList<>(List.of(Types.Op.ADD, Types.Op.SUB)), "[\"ADD\",\"SUB\"]")
                .key(bits, "[1,70]").key(new BitSet(), "[]")
                .key(new ArrayList<>(List.of(new ArrayList<>(List.of(1)), new ArrayList<>())), "[[1],[]]")
                .key(new ArrayList<>(Collections.nCopies(100, 1)), Collections.nCopies(100, 1).toString().replace(" ", ""))
                .print();
    }

    private static void maps() throws Exception {
        Map<String, Object> linked = new LinkedHashMap<>();
        linked.put("a", 1);
        linked.put("b", null);
        Map<Object, Object> mixed = new LinkedHashMap<>();
        mixed.put(1, "x");
        mixed.put("k", 2L);
        TreeMap<String, Integer> reverse = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        reverse.put("K", 1);
        EnumMap<Types.Colour, Integer> byColour = new EnumMap<>(Types.Colour.class);
        byColour.put(Types.Colour.GREEN, 5);
        of("maps", Object.class)
                .key(linked, "{\"a\":1,\"b\":null}").key(mixed, "[[1,\"x\"],[\"k\",2]]").key(new HashMap<>(), "{}").key(new TreeMap<>(), "{}")
                .key(reverse, "{\"K\":1}").value(byColour, "{\"GREEN\":5}").key(Map.of("k", 1), "{\"k\":1}").key(Map.of(), "{}")
                .key(Collections.emptyMap(), "{}").key(Collections.singletonMap("k", "v"), "{\"k\":\"v\"}")
                .key(Collections.unmodifiableMap(new HashMap<>(Map.of("k", 1))), "{\"k\":1}").key(new Hashtable<>(Map.of(1, 2)), "[[1,2]]")
                .key(new ConcurrentHashMap<>(Map.of("c", 1)), "{\"c\":1}").key(new ConcurrentSkipListMap<>(Map.of("s", 1)), "{\"s\":1}")
                .value(new AbstractMap.SimpleEntry<>("k", 1), "{\"@class\":\"java.util.AbstractMap$SimpleEntry\",\"key\":\"k\",\"value\":1}")
                .print();
    }

    private static void arrays() throws Exception {
        of("arrays", Object.class)
                .value(new byte[] {1, -1}, "{\"$hex\":\"01ff\"}").value(new byte[0], "{\"$hex\":\"\"}").value(new boolean[] {true, false}, "[true,false]")
                .value(new char[] {'a', '\u00e9'}, "[\"a\",\"\\u00e9\"]").value(new short[] {1, -2}, "[1,-2]").value(new int[] {1, -200}, "[1,-200]")
                .value(new long[] {1, Long.MIN_VALUE}, "[1,-9223372036854775808]").value(new float[] {1.5f}, "[1.5]").value(new double[] {-0.5}, "[-0.5]")
                .value(new String[] {"a", null}, "[\"a\",null]").value(new Integer[] {1, null}, "[1,null]").value(new Object[] {1, "a", null}, "[1,\"a\",null]")
                .value(new int[][] {{1}, null, {}}, "[[1],null,[]]").value(new String[][] {{"a"}}, "[[\"a\"]]").value(new Object[][] {{1}, {"a"}}, "[[1],[\"a\"]]")
                .value(new Number[] {1, 2L}, "[1,2]").value(new Types.Colour[] {Types.Colour.BLUE, null}, "[\"BLUE\",null]")
                .value(new UUID[] {new UUID(0, 1)}, "[\"00000000-0000-0000-0000-000000000001\"]").value(new List<?>[] {List.of(1)}, "[[1]]")
                .value(new Tuple2<?, ?>[] {Tuple2.of("a", 1)}, "[[\"a\",1]]")
                .print();
    }

    private static void references() throws Exception {
        String s = new String("shared");
        List<Object> inner = new ArrayList<>(List.of("x", s));
        List<Object> self = new ArrayList<>();
        self.add(self);
        Types.Node a = new Types.Node(1);
        a.next = new Types.Node(2);
        a.next.next = a;
        Types.Node shared = new Types.Node(3);
        String n1 = "{\"@class\":\"kryomaker.Types$Node\",\"next\":null,\"value\":3}";
        of("references", Object.class)
                .key(new ArrayList<>(List.of(s, s)), "[\"shared\",\"shared\"]").key(new ArrayList<>(List.of(inner, inner, s)), "[[\"x\",\"shared\"],[\"x\",\"shared\"],\"shared\"]")
                .value(self, "[{\"$ref\":0}]")
                .value(a, "{\"@class\":\"kryomaker.Types$Node\",\"next\":{\"next\":{\"$ref\":0},\"value\":2},\"value\":1}")
                .value(new ArrayList<>(List.of(shared, shared)), "[" + n1 + "," + n1 + "]")
                .print();
    }

    private static void times() throws Exception {
        LocalDate day = LocalDate.of(2024, 2, 29);
        of("times", Object.class)
                .key(new Date(5), "\"1970-01-01T00:00:00.005Z\"").key(new Date(-1), "\"1969-12-31T23:59:59.999Z\"")
                .key(new java.sql.Date(86400000L), "\"1970-01-02T00:00:00Z\"").key(new Time(1000), "\"1970-01-01T00:00:01Z\"")
                .key(timestamp(1234, 234567890), "\"1970-01-01T00:00:01.234567890Z\"").key(timestamp(-1, 999000001), "\"1969-12-31T23:59:59.999000001Z\"")
                .key(day, "\"2024-02-29\"").key(LocalDate.of(-5, 1, 2), "\"-0005-01-02\"")
                .key(LocalTime.of(3, 0), "\"03:00:00\"").key(LocalTime.of(3, 4), "\"03:04:00\"").key(LocalTime.of(3, 4, 5), "\"03:04:05\"")
                .key(LocalTime.of(3, 4, 5, 6), "\"03:04:05.000000006\"").key(day.atTime(23, 59, 58, 500000000), "\"2024-02-29T23:59:58.500\"")
                .key(Instant.ofEpochSecond(7, 8), "\"1970-01-01T00:00:07.000000008Z\"").key(Instant.ofEpochSecond(-7), "\"1969-12-31T23:59:53Z\"")
                .key(Duration.ofSeconds(3), "\"PT3S\"").key(Duration.ofMillis(-1500), "\"PT-1.5S\"").key(Duration.ofSeconds(3661, 1), "\"PT1H1M1.000000001S\"")
                .key(Duration.ZERO, "\"PT0S\"")
                .value(ZoneOffset.ofHours(2), "\"+02:00\"").value(ZoneOffset.UTC, "\"Z\"").value(ZoneOffset.ofTotalSeconds(-3601), "\"-01:00:01\"")
                .value(ZoneId.of("Europe/Paris"), "\"Europe/Paris\"")
                .value(day.atStartOfDay(ZoneId.of("Europe/Paris")), kryo2() ? "\"2024-02-29T00:00:00+01:00[Europe/Paris]\"" : "\"2024-02-29T00:00:00[Europe/Paris]\"")
                .value(day.atStartOfDay(ZoneOffset.ofHours(1)), kryo2() ? "\"2024-02-29T00:00:00+01:00\"" : "\"2024-02-29T00:00:00[+01:00]\"")
                .value(day.atTime(1, 2).atOffset(ZoneOffset.ofHours(-3)), "\"2024-02-29T01:02:00-03:00\"")
                .value(LocalTime.of(1, 2, 3).atOffset(ZoneOffset.UTC), "\"01:02:03Z\"")
                .value(Year.of(2024), "2024").value(YearMonth.of(2024, 2), "\"2024-02\"").value(MonthDay.of(2, 29), "\"--02-29\"")
                .value(Period.of(1, -2, 3), "\"P1Y-2M3D\"").value(Period.ZERO, "\"P0D\"")
                .value(new ArrayList<>(List.of(day, day)), "[\"2024-02-29\",\"2024-02-29\"]")
                .value(new ArrayList<>(List.of(day, day.atStartOfDay())), "[\"2024-02-29\",\"2024-02-29T00:00:00\"]")
                .value(calendar(), "{\"time\":\"1970-01-01T00:00:00.005Z\",\"timeZone\":\"Europe/Paris\"}")
                .print();
    }

    private static Calendar calendar() {
        Calendar c = new GregorianCalendar(TimeZone.getTimeZone("Europe/Paris"));
        c.setTimeInMillis(5);
        return c;
    }

    private static Timestamp timestamp(long millis, int nanos) {
        Timestamp t = new Timestamp(millis);
        t.setNanos(nanos);
        return t;
    }

    private static void classes() throws Exception {
        Types.Order o = new Types.Order(1, "first");
        o.tags = new ArrayList<>(List.of("a", "b"));
        o.counts = new LinkedHashMap<>(Map.of("k", 5L));
        o.nested = new ArrayList<>(List.of(new ArrayList<>(List.of("n", "m"))));
        o.deep = new LinkedHashMap<>(Map.of("d", new ArrayList<>(Arrays.asList(1, null))));
        o.pair = Tuple2.of("p", 2L);
        o.boxes = new Integer[] {1, null};
        o.texts = new String[] {"t"};
        o.grid = new int[][] {{1, 2}, {3}};
        o.colours = new LinkedHashSet<>(List.of(Types.Colour.BLUE));
        o.colour = Types.Colour.GREEN;
        o.op = Types.Op.SUB;
        o.day = LocalDate.of(2024, 1, 2);
        o.any = 3;
        o.maybe = Optional.of("m");
        o.uuid = new UUID(0, 1);
        o.amount = new BigDecimal("1.5");
        o.base = new Types.Base(2, "second");
        o.bases = new Types.Base[] {o.base, null, o};
        o.money = new Types.Money(99);
        String base = "\"id\":2,\"name\":\"second\"}";
        String filled = "{\"amount\":\"1.5\",\"any\":3,\"base\":{" + base + ",\"bases\":[{\"@class\":\"kryomaker.Types$Base\"," + base + ",null,{\"$ref\":0}],\"boxes\":[1,null],"
                + "\"colour\":\"GREEN\",\"colours\":[\"BLUE\"],\"counts\":{\"k\":5},\"day\":\"2024-01-02\",\"deep\":{\"d\":[1,null]},\"grid\":[[1,2],[3]],\"id\":1,"
                + "\"maybe\":{\"some\":\"m\"},\"money\":{\"cents\":99},\"name\":\"first\",\"nested\":[[\"n\",\"m\"]],\"on\":true,\"op\":\"SUB\",\"pair\":[\"p\",2],\"ratio\":0.5,"
                + "\"tags\":[\"a\",\"b\"],\"texts\":[\"t\"],\"uuid\":\"00000000-0000-0000-0000-000000000001\"}";
        String empty = "{\"amount\":null,\"any\":null,\"base\":null,\"bases\":null,\"boxes\":null,\"colour\":null,\"colours\":null,\"counts\":null,\"day\":null,\"deep\":null,"
                + "\"grid\":null,\"id\":-1,\"maybe\":null,\"money\":null,\"name\":null,\"nested\":null,\"on\":true,\"op\":null,\"pair\":null,\"ratio\":0.5,\"tags\":null,\"texts\":null,"
                + "\"uuid\":null}";
        Types.Order bare = new Types.Order(-1, null);
        Types.Order odd = new Types.Order(-1, null);
        odd.tags = new ArrayList<>(Arrays.asList("a", null));
        odd.nested = new ArrayList<>();
        odd.colours = new HashSet<>();
        String oddText = empty.replace("\"tags\":null", "\"tags\":[\"a\",null]").replace("\"nested\":null", "\"nested\":[]").replace("\"colours\":null", "\"colours\":[]");
        of("fields", Types.Order.class).value(o, filled).value(bare, empty).value(odd, oddText).print();
        of("type parameters", Types.Holder.class)
                .value(new Types.Holder(new Types.Box<>("c", new ArrayList<>(List.of("d"))), new Types.Box<>(new Types.Base(1, "b"), new ArrayList<>())),
                        "{\"box\":{\"content\":\"c\",\"more\":[\"d\"]},\"open\":{\"content\":{\"id\":1,\"name\":\"b\"},\"more\":[]}}")
                .value(new Types.Holder(null, null), "{\"box\":null,\"open\":null}")
                .print();
        of("record", Types.Point.class)
                .value(new Types.Point(1, "l", new ArrayList<>(List.of("n")), "a"), "{\"any\":\"a\",\"label\":\"l\",\"notes\":[\"n\"],\"x\":1}")
                .value(new Types.Point(-1, null, null, null), "{\"any\":null,\"label\":null,\"notes\":null,\"x\":-1}")
                .print();
        Tuple12<Object, Object, Object, Object, Object, Object, Object, Object, Object, Object, Object, Object> t =
                Tuple12.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        of("tuples", Object.class).key(Tuple2.of("a", 1), "[\"a\",1]").key(Tuple3.of(1L, true, 'c'), "[1,true,\"c\"]")
                .value(t, "{\"@class\":\"org.apache.flink.api.java.tuple.Tuple12\",\"f0\":0,\"f1\":1,\"f10\":10,\"f11\":11,\"f2\":2,\"f3\":3,\"f4\":4,\"f5\":5,\"f6\":6,\"f7\":7,\"f8\":8,\"f9\":9}")
                .print();
    }

    private static void registered() throws Exception {
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.registerKryoType(Types.Base.class);
        config.registerKryoType(UUID.class);
        config.registerKryoType(Types.Colour.class);
        config.registerKryoType(ArrayList.class);
        config.registerTypeWithKryoSerializer(Types.Money.class, JavaSerializer.class);
        config.registerKryoType(Types.Node.class);
        new Main("registered", new KryoSerializer<>(Object.class, config))
                .value(new Types.Base(1, "b"), "{\"@class\":\"kryomaker.Types$Base\",\"id\":1,\"name\":\"b\"}")
                .key(new UUID(0, 1), "\"00000000-0000-0000-0000-000000000001\"").value(Types.Colour.RED, "\"RED\"").key(new ArrayList<>(List.of(1)), "[1]")
                .value(new Types.Node(1), "{\"@class\":\"kryomaker.Types$Node\",\"next\":null,\"value\":1}")
                .print();
    }

    private static void topLevel() throws Exception {
        of("UUID", UUID.class).key(new UUID(3, 4), "\"00000000-0000-0003-0000-000000000004\"").key(new UUID(-3, 1L << 63), "\"ffffffff-ffff-fffd-8000-000000000000\"").print();
        of("String", String.class).key("k1", "\"k1\"").key("", "\"\"").key("\u00e9\ud83d\ude00", "\"\\u00e9\\ud83d\\ude00\"").print();
        of("Long", Long.class).key(5L, "5").key(Long.MIN_VALUE, "-9223372036854775808").print();
        of("Integer", Integer.class).key(-5, "-5").print();
        of("Short", Short.class).key((short) -5, "-5").print();
        of("Boolean", Boolean.class).key(true, "true").print();
        of("LocalDate", LocalDate.class).key(LocalDate.of(2024, 1, 2), "\"2024-01-02\"").print();
        of("Timestamp", Timestamp.class).key(timestamp(1234, 234567890), "\"1970-01-01T00:00:01.234567890Z\"").print();
    }

    private Main() {
        this(null, null);
    }
}
