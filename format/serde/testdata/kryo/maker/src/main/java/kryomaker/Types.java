package kryomaker;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.flink.api.java.tuple.Tuple2;

/** Classes that Kryo writes field by field. */
public final class Types {
    public enum Colour { RED, GREEN, BLUE }

    /** An enum with bodies is not final. */
    public enum Op {
        ADD { @Override public int apply(int x) { return x + 1; } },
        SUB { @Override public int apply(int x) { return x - 1; } };

        public abstract int apply(int x);
    }

    public static class Base {
        private int id;
        protected String name;
        transient int forgotten = 7;

        Base(int id, String name) {
            this.id = id;
            this.name = name;
        }
    }

    public static class Order extends Base {
        List<String> tags;
        Map<String, Long> counts;
        List<List<String>> nested;
        Map<String, List<Integer>> deep;
        Tuple2<String, Long> pair;
        Integer[] boxes;
        String[] texts;
        int[][] grid;
        Set<Colour> colours;
        Colour colour;
        Op op;
        LocalDate day;
        Object any;
        Optional<String> maybe;
        UUID uuid;
        BigDecimal amount;
        Base base;
        Base[] bases;
        Money money;
        boolean on = true;
        double ratio = 0.5;

        Order(int id, String name) {
            super(id, name);
        }
    }

    public static final class Money {
        long cents;

        Money(long cents) {
            this.cents = cents;
        }
    }

    public static class Box<T> {
        T content;
        List<T> more;

        Box(T content, List<T> more) {
            this.content = content;
            this.more = more;
        }
    }

    public static class Holder {
        Box<String> box;
        Box<Base> open;

        Holder(Box<String> box, Box<Base> open) {
            this.box = box;
            this.open = open;
        }
    }

    public static class Node {
        Node next;
        int value;

        Node(int value) {
            this.value = value;
        }
    }

    public record Point(int x, String label, List<String> notes, Object any) {}

    private Types() {}
}
