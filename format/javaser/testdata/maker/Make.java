import java.io.*;
import java.lang.reflect.*;
import java.math.*;
import java.net.URI;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;

/** Prints one line for each stream: name, hex of the stream, the JSON that tarn shows. Run with: java Make.java > ../streams.txt */
public class Make {
    enum Color { RED, GREEN { }; }

    static class Base implements Serializable {
        private static final long serialVersionUID = 7;
        int a = 1;
        String s = "base";
    }

    static class Sub extends Base {
        private static final long serialVersionUID = 8;
        boolean z = true; byte b = -2; char c = 'x'; short h = -300; long l = 1L << 40; float f = 1.5f; double d = -0.0;
        int[] ints = {1, -2};
        Object self = this;
        Object twice = s;
    }

    static class Custom implements Serializable {
        private static final long serialVersionUID = 9;
        int n = 5;
        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            out.writeInt(42);
            out.writeObject("extra");
            out.write(new byte[3000]);
        }
    }

    public static class Ext implements Externalizable {
        private static final long serialVersionUID = 10;
        public Ext() { }
        public void writeExternal(ObjectOutput out) throws IOException { out.writeLong(3); out.writeObject(List.of("in")); out.writeUTF("end"); }
        public void readExternal(ObjectInput in) { }
    }

    static class Bad implements Serializable {
        private static final long serialVersionUID = 11;
        private void writeObject(ObjectOutputStream out) throws IOException { throw new NotSerializableException("no"); }
    }

    interface Greeter { String greet(); }

    static class Handler implements InvocationHandler, Serializable {
        private static final long serialVersionUID = 12;
        public Object invoke(Object p, Method m, Object[] a) { return "hi"; }
    }

    static void put(String name, String json, Object o) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) { out.writeObject(o); }
        line(name, json, bytes.toByteArray());
    }

    static void line(String name, String json, byte[] b) { System.out.println(name + "\t" + HexFormat.of().formatHex(b) + "\t" + json); }

    public static void main(String[] args) throws Exception {
        put("null", "null", null);
        put("string", "\"h\u00e9llo \\u0000\ud83d\ude00\"", "h\u00e9llo \0\ud83d\ude00");
        put("surrogate", "\"\\ud800\"", "\ud800");
        put("integer", "5", 5);
        put("long", "-9223372036854775808", Long.MIN_VALUE);
        put("double", "\"NaN\"", Double.NaN);
        put("boolean", "true", true);
        put("character", "\"c\"", 'c');
        put("enum", "\"RED\"", Color.RED);
        put("enum with a body", "\"GREEN\"", Color.GREEN);
        put("class", "\"java.lang.String\"", String.class);
        put("bytes", "{\"$hex\":\"0102ff\"}", new byte[] {1, 2, -1});
        put("longs", "[1,-1]", new long[] {1, -1});
        put("chars", "[\"a\",\"b\"]", new char[] {'a', 'b'});
        put("booleans", "[true,false]", new boolean[] {true, false});
        put("matrix", "[[1.5],[],null]", new double[][] {{1.5}, {}, null});
        put("strings", "[\"a\",null,\"a\"]", new String[] {"a", null, "a"});
        put("objects", "[1,\"x\"]", new Object[] {1, "x"});
        put("ArrayList", "[1,null,\"x\"]", new ArrayList<>(Arrays.asList(1, null, "x")));
        put("LinkedList", "[1,2]", new LinkedList<>(List.of(1, 2)));
        put("ArrayDeque", "[1,2]", new ArrayDeque<>(List.of(1, 2)));
        put("PriorityQueue", "[1,2]", new PriorityQueue<>(List.of(1, 2)));
        put("CopyOnWriteArrayList", "[1,2]", new CopyOnWriteArrayList<>(List.of(1, 2)));
        put("Arrays.asList", "[1,2]", Arrays.asList(1, 2));
        put("List.of", "[1,2,3]", List.of(1, 2, 3));
        put("Set.of", "[\"a\"]", Set.of("a"));
        put("Map.of", "{\"a\":1}", Map.of("a", 1));
        put("HashSet", "[\"a\"]", new HashSet<>(Set.of("a")));
        put("LinkedHashSet", "[2,1]", new LinkedHashSet<>(List.of(2, 1)));
        put("TreeSet", "[1,2]", new TreeSet<>(List.of(2, 1)));
        put("EnumSet", "[\"RED\"]", EnumSet.of(Color.RED));
        put("HashMap", "{\"a\":1}", new HashMap<>(Map.of("a", 1)));
        Map<Integer, String> linked = new LinkedHashMap<>();
        linked.put(2, "b");
        linked.put(1, "a");
        put("LinkedHashMap", "[[2,\"b\"],[1,\"a\"]]", linked);
        put("TreeMap", "{\"a\":1,\"b\":2}", new TreeMap<>(Map.of("b", 2, "a", 1)));
        put("Hashtable", "{\"a\":1}", new Hashtable<>(Map.of("a", 1)));
        Properties p = new Properties();
        p.setProperty("k", "v");
        put("Properties", "{\"k\":\"v\"}", p);
        put("ConcurrentHashMap", "{\"a\":1}", new ConcurrentHashMap<>(Map.of("a", 1)));
        put("EnumMap", "[[\"RED\",1]]", new EnumMap<>(Map.of(Color.RED, 1)));
        put("unmodifiable", "[[1],{\"a\":[2]},[3],[4]]", List.of(Collections.unmodifiableList(new ArrayList<>(List.of(1))),
            Collections.unmodifiableMap(new HashMap<>(Map.of("a", Collections.unmodifiableSet(new HashSet<>(Set.of(2)))))),
            Collections.singletonList(3), Collections.synchronizedList(new LinkedList<>(List.of(4)))));
        put("empty", "[[],{},[]]", Arrays.asList(Collections.emptyList(), Collections.emptyMap(), Collections.newSetFromMap(new HashMap<>())));
        put("singletonMap", "[[1,2]]", Collections.singletonMap(1, 2));
        put("BigInteger", "\"-123456789012345678901234567890\"", new BigInteger("-123456789012345678901234567890"));
        put("BigDecimal", "[\"-0.05\",\"1200\",\"1.50\"]", List.of(new BigDecimal("-0.05"), new BigDecimal("12E2"), new BigDecimal("1.50")));
        put("UUID", "\"00000000-0000-0001-ffff-fffffffffffe\"", new UUID(1, -2));
        put("Date", "\"1970-01-01T00:00:01.5Z\"", new Date(1500));
        java.sql.Timestamp timestamp = new java.sql.Timestamp(1500);
        timestamp.setNanos(500000007);
        put("Timestamp", "\"1970-01-01T00:00:01.500000007Z\"", timestamp);
        put("java.time", "[\"2024-02-29\",\"10:00:00\",\"10:30:05.25\",\"2024-02-29T01:02:00\",\"2001-09-09T01:46:40.000000001Z\",\"PT-1.5S\"]",
            List.of(LocalDate.of(2024, 2, 29), LocalTime.of(10, 0), LocalTime.of(10, 30, 5, 250000000), LocalDateTime.of(2024, 2, 29, 1, 2),
                Instant.ofEpochSecond(1000000000, 1), Duration.ofMillis(-1500)));
        put("URI", "\"file:///x\"", URI.create("file:///x"));
        put("fields", "{\"@class\":\"Make$Sub\",\"a\":1,\"s\":\"base\",\"b\":-2,\"c\":\"x\",\"d\":-0,\"f\":1.5,\"h\":-300,\"l\":1099511627776,\"z\":true,"
            + "\"ints\":[1,-2],\"self\":{\"@ref\":\"Make$Sub\"},\"twice\":\"base\"}", new Sub());
        put("writeObject", "{\"@class\":\"Make$Custom\",\"n\":5,\"@data\":*}", new Custom());
        put("externalizable", "{\"@class\":\"Make$Ext\",\"@data\":[{\"$hex\":\"0000000000000003\"},[\"in\"],{\"$hex\":\"0003656e64\"}]}", new Ext());
        put("proxy", "{\"@class\":\"proxy of Make$Greeter\",\"h\":{\"@class\":\"Make$Handler\"}}",
            Proxy.newProxyInstance(Make.class.getClassLoader(), new Class<?>[] {Greeter.class}, new Handler()));
        put("proxy class", "\"proxy of Make$Greeter\"", Proxy.newProxyInstance(Make.class.getClassLoader(), new Class<?>[] {Greeter.class}, new Handler()).getClass());
        put("descriptor", "\"Make$Base\"", ObjectStreamClass.lookup(Base.class));
        put("lambda", "*", (Comparator<Integer> & Serializable) (a, b) -> a - b);
        put("exception as a value", "*", new IllegalStateException("x", new RuntimeException("y")));
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        put("cycle", "[{\"@ref\":\"java.util.ArrayList\"}]", cycle);

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) { out.reset(); out.reset(); out.writeObject("after"); }
        line("reset", "\"after\"", bytes.toByteArray());
        bytes = new ByteArrayOutputStream();
        ObjectOutputStream failed = new ObjectOutputStream(bytes);
        try { failed.writeObject(new Bad()); } catch (IOException e) { failed.flush(); }
        line("aborted", "!", bytes.toByteArray());
        bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) { out.writeInt(7); }
        line("block data", "{\"$hex\":\"00000007\"}", bytes.toByteArray());
        bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) { out.write(new byte[300]); }
        line("long block data", "*", bytes.toByteArray());
    }
}
