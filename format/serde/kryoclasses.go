package serde

import "strings"

// kryoBody reads the body of an object, tells the sink, and gives the hashCode if that is asked for.
type kryoBody func(k *kryo, c *kryoClass, args *kryoArg) int32

// kryoVersions is the number of versions of Kryo: index 0 is 2.24, 1 is 5.
const kryoVersions = 2

// kryoClass is what is known of a class for reading its objects. It never changes.
type kryoClass struct {
	name       string
	body       [kryoVersions]kryoBody // nil if there is no rule
	noRef      [kryoVersions]bool
	serializer string // Kryo serializer that no rule is known for
	t          *Type
	fields     []kryoField
	constants  []string
	elem       *kryoClass // of arrays
}

// resolve finds the rules for a class: a hint, the serializer that the job chose, Kryo's own rules, or none.
func (c *kryoCodec) resolve(name string, version int) *kryoClass {
	if h, ok := c.hints.classes[name]; ok {
		return h
	}
	if s := c.custom[name]; s != "" {
		return kryoCustom(name, s)
	}
	if b, ok := c.rules[name]; ok && b.body[version] != nil {
		return b
	}
	return kryoByShape(name, version, c)
}

// kryoByShape finds rules for classes that show what they are by the form of their names.
func kryoByShape(name string, version int, c *kryoCodec) *kryoClass {
	switch {
	case strings.HasPrefix(name, "["):
		return kryoArray(name, version, c)
	case version == 0 && strings.HasSuffix(name, "$"):
		return &kryoClass{name: name, body: both(kryoSingleton), t: kryoInstanceType(name)} // a Scala object
	}
	if outer, ok := enclosing(name); ok {
		if h := c.hints.classes[outer]; h != nil && len(h.constants) > 0 {
			return h // a constant with a body of its own
		}
	}
	return &kryoClass{name: name}
}

// enclosing gives the class that an anonymous class stands in.
func enclosing(name string) (string, bool) {
	i := strings.LastIndexByte(name, '$')
	if i <= 0 || i == len(name)-1 {
		return "", false
	}
	return name[:i], strings.Trim(name[i+1:], "0123456789") == ""
}

// kryoCustom gives the rules of a Kryo serializer that the job chose for a class.
func kryoCustom(name, serializer string) *kryoClass {
	c := &kryoClass{name: name, t: &Type{Kind: KindRaw, Class: name, Serializer: serializer, Length: variable}}
	switch {
	case strings.HasSuffix(serializer, "JavaSerializer"):
		c.body = both(kryoJava)
	case strings.HasSuffix(serializer, ".ProtobufSerializer"), strings.HasSuffix(serializer, ".TBaseSerializer"):
		c.body = both(kryoMessage)
	case strings.HasSuffix(serializer, "$SpecificInstanceCollectionSerializerForArrayList"), strings.HasSuffix(serializer, "Serializers$SpecificInstanceCollectionSerializer"),
		serializer == kryoPackage+"CollectionSerializer":
		c.body, c.t = both(kryoList), kryoListType
	case serializer == kryoPackage+"MapSerializer":
		c.body, c.t = both(kryoMap), kryoMapType
	case strings.HasSuffix(serializer, "$AvroGenericDataArraySerializer"):
		c.body = [2]kryoBody{nil, kryoAvroArray}
	default:
		c.serializer = serializer
	}
	return c
}

const kryoPackage = "com.esotericsoftware.kryo.serializers."

// plausibleArray is plausibleClass for names that may be those of arrays: "[I", "[[Ljava.lang.String;".
func plausibleArray(name string) bool {
	bare := strings.TrimLeft(name, "[")
	if bare != name && strings.HasPrefix(bare, "L") && strings.HasSuffix(bare, ";") {
		bare = bare[1 : len(bare)-1]
	}
	return plausibleClass(bare)
}

func both(f kryoBody) [kryoVersions]kryoBody { return [kryoVersions]kryoBody{f, f} }

// boxOf gives the box of a primitive.
var boxOf = map[string]string{
	"boolean": "java.lang.Boolean", "byte": "java.lang.Byte", "char": "java.lang.Character", "short": "java.lang.Short",
	"int": "java.lang.Integer", "long": "java.lang.Long", "float": "java.lang.Float", "double": "java.lang.Double", "void": "java.lang.Void",
}

// kryoKinds are the classes whose values are all of one kind.
var kryoKinds = map[string]Kind{
	"java.lang.Boolean": KindBool, "java.lang.Byte": KindInt8, "java.lang.Short": KindInt16, "java.lang.Integer": KindInt32,
	"java.lang.Long": KindInt64, "java.lang.Float": KindFloat32, "java.lang.Double": KindFloat64, "java.lang.Character": KindChar,
	"java.lang.String": KindString, "java.util.UUID": KindString, "[B": KindBytes,
	"java.time.Instant": KindInstant, "java.time.LocalDate": KindLocalDate, "java.time.LocalTime": KindLocalTime,
	"java.time.LocalDateTime": KindLocalDateTime,
}

// The numbers of the classes that Kryo and Flink register before any other. The numbers 10 to 72 are chill's, which Flink 1.x
// uses where flink-scala is present.
var (
	kryoFirstIDs = []string{
		"int", "java.lang.String", "float", "boolean", "byte", "char", "short", "long", "double", "void",
	}
	kryoScalaIDs = []string{
		"scala.collection.convert.Wrappers$SeqWrapper", "scala.collection.convert.Wrappers$IteratorWrapper",
		"scala.collection.convert.Wrappers$MapWrapper", "scala.collection.convert.Wrappers$JListWrapper",
		"scala.collection.convert.Wrappers$JMapWrapper", "scala.Some", "scala.util.Left", "scala.util.Right",
		"scala.collection.immutable.Vector", "scala.collection.immutable.Set$Set1", "scala.collection.immutable.Set$Set2",
		"scala.collection.immutable.Set$Set3", "scala.collection.immutable.Set$Set4", "scala.collection.immutable.HashSet$HashTrieSet",
		"scala.collection.immutable.Map$Map1", "scala.collection.immutable.Map$Map2", "scala.collection.immutable.Map$Map3",
		"scala.collection.immutable.Map$Map4", "scala.collection.immutable.HashMap$HashTrieMap",
		"scala.collection.immutable.Range$Inclusive", "scala.collection.immutable.NumericRange$Inclusive",
		"scala.collection.immutable.NumericRange$Exclusive", "scala.collection.mutable.BitSet", "scala.collection.mutable.HashMap",
		"scala.collection.mutable.HashSet", "scala.collection.convert.Wrappers$IterableWrapper",
		"scala.Tuple1", "scala.Tuple2", "scala.Tuple3", "scala.Tuple4", "scala.Tuple5", "scala.Tuple6", "scala.Tuple7", "scala.Tuple8",
		"scala.Tuple9", "scala.Tuple10", "scala.Tuple11", "scala.Tuple12", "scala.Tuple13", "scala.Tuple14", "scala.Tuple15", "scala.Tuple16",
		"scala.Tuple17", "scala.Tuple18", "scala.Tuple19", "scala.Tuple20", "scala.Tuple21", "scala.Tuple22",
		"scala.Tuple1$mcJ$sp", "scala.Tuple1$mcI$sp", "scala.Tuple1$mcD$sp", "scala.Tuple2$mcJJ$sp", "scala.Tuple2$mcJI$sp",
		"scala.Tuple2$mcJD$sp", "scala.Tuple2$mcIJ$sp", "scala.Tuple2$mcII$sp", "scala.Tuple2$mcID$sp", "scala.Tuple2$mcDJ$sp",
		"scala.Tuple2$mcDI$sp", "scala.Tuple2$mcDD$sp", "scala.Symbol", "scala.reflect.ClassTag", "scala.runtime.BoxedUnit",
	}
	kryoFlinkIDs = []string{
		"java.util.Arrays$ArrayList", "java.util.BitSet", "java.util.PriorityQueue", "java.util.regex.Pattern", "java.sql.Date", "java.sql.Time",
		"java.sql.Timestamp", "java.net.URI", "java.net.InetSocketAddress", "java.util.UUID", "java.util.Locale", "java.text.SimpleDateFormat",
	}
)

const (
	firstScalaID = 10
	firstFlinkID = 73
)

// kryoBuiltinIDs gives the numbers that need no snapshot.
func kryoBuiltinIDs(version int) map[uint32]string {
	ids := map[uint32]string{}
	add := func(first int, names []string) {
		for i, name := range names {
			ids[uint32(first+i)] = name
		}
	}
	if add(firstFlinkID, kryoFlinkIDs); version == 0 {
		add(0, kryoFirstIDs)
		add(firstScalaID, kryoScalaIDs)
	} else {
		add(0, kryoFirstIDs[:len(kryoFirstIDs)-1])
	}
	return ids
}
