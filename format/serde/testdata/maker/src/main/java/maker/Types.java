package maker;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.Value;

/** The classes whose values are written. */
public final class Types {
    public enum Colour { RED, GREEN, BLUE }

    public static class Order {
        public double amount;
        public long id;
        public String customer;
        public String[] notes;
        public Boolean paid;
        public Colour colour;
        public Instant at;
        public BigDecimal price;
        public Line first;
    }

    public static class Line {
        public int quantity;
        public String item;

        public Line() {}

        public Line(int quantity, String item) {
            this.quantity = quantity;
            this.item = item;
        }
    }

    public static class Shape {
        public String name;
    }

    public static class Circle extends Shape {
        public double radius;
    }

    public static class Square extends Shape {
        public int side;
    }

    /** Its List and Map are Kryo's in Flink 1.x and typed in 2.x. */
    public static class Bag {
        public List<String> items;
        public Map<String, Long> counts;
    }

    public record Point(int x, int y, String label) {}

    /** A Value that only its own code can read. */
    public static class Secret implements Value {
        public int n;

        @Override
        public void write(DataOutputView out) throws java.io.IOException {
            out.writeShort(n);
        }

        @Override
        public void read(DataInputView in) throws java.io.IOException {
            n = in.readShort();
        }
    }

    private Types() {}
}
