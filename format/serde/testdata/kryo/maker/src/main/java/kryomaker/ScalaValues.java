package kryomaker;

import java.util.ArrayList;
import java.util.List;
import scala.Option;
import scala.Some;
import scala.Symbol;
import scala.Tuple2;
import scala.Tuple3;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.runtime.BoxedUnit;
import scala.util.Left;
import scala.util.Right;

/** What chill writes of Scala's classes. */
public final class ScalaValues {
    private static Seq<Object> seq(Object... v) {
        return JavaConverters.asScalaBufferConverter((List<Object>) new ArrayList<>(List.of(v))).asScala().toSeq();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    public static void print() throws Exception {
        Seq<Object> pairs = seq(new Tuple2<>("k", 1), new Tuple2<>("l", 2));
        Seq<Object> numbers = seq(1, 2, 3);
        Main.of("scala", Object.class)
                .value(new Some<>("s"), "{\"some\":\"s\"}").value(Option.empty(), "null").value(new Left<>(1), "{\"left\":1}").value(new Right<>("r"), "{\"right\":\"r\"}")
                .value(numbers.toList(), "[1,2,3]").value(seq().toList(), "[]").value(numbers.toVector(), "[1,2,3]").value(numbers.toBuffer(), "[1,2,3]")
                .value(seq(1).toSet(), "[1]").value(numbers.toSet(), "[1,2,3]").value(seq().toSet(), null).value(seq(1, 2, 3, 4, 5).toSet(), "[5,1,2,3,4]")
                .value(pairs.toMap((scala.Predef.$less$colon$less) scala.Predef$.MODULE$.$conforms()), "[[\"k\",1],[\"l\",2]]")
                .value(new scala.collection.mutable.ListBuffer<>().$plus$eq(1), "[1]")
                .value(new Tuple2<>("a", 1), "[\"a\",1]").value(new Tuple3<>("a", 1, null), "[\"a\",1,null]")
                .value(new scala.Tuple2$mcII$sp(1, -2), "[1,-2]").value(new scala.Tuple2$mcJD$sp(1L, 0.5), "[1,0.5]")
                .value(Symbol.apply("sym"), "\"sym\"").value(BoxedUnit.UNIT, "null")
                .value(new scala.collection.mutable.HashMap<>().$plus$eq(new Tuple2<>("k", 1)), "[[\"k\",1]]")
                .print();
        Main.of("scala Some", Some.class).value(new Some<>(1), "{\"some\":1}").value(new ArrayList<>(List.of(1)), "[1]").print();
    }

    private ScalaValues() {}
}
