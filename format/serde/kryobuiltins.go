package serde

import "sync"

// kryoBuiltins gives the rules of the JDK's, Flink's and Scala's classes. It is made when first asked for.
var kryoBuiltins = sync.OnceValue(func() map[string]*kryoClass {
	m := kryoTable{}
	m.boxes()
	m.scalars()
	m.times()
	m.collections()
	m.maps()
	m.plainFields()
	m.tuples()
	m.scala()
	return m
})

type kryoTable map[string]*kryoClass

// add enters a class; a body of nil means that there is no rule in that version.
func (m kryoTable) add(name string, kryo2, kryo5 kryoBody) *kryoClass {
	c := &kryoClass{name: name, body: [kryoVersions]kryoBody{kryo2, kryo5}}
	m[name] = c
	return c
}

func (m kryoTable) same(f kryoBody, names ...string) {
	for _, name := range names {
		m.add(name, f, f)
	}
}

// boxes are written without a reference. A primitive has the body of its box.
func (m kryoTable) boxes() {
	bodies := map[string]kryoBody{
		"boolean": kryoBool, "byte": kryoByte, "char": kryoChar, "short": kryoShort, "int": kryoInt, "long": kryoLong, "float": kryoFloat,
		"double": kryoDouble, "void": func(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.null() },
	}
	for primitive, f := range bodies {
		for _, name := range []string{primitive, boxOf[primitive]} {
			c := m.add(name, f, f)
			c.noRef = [kryoVersions]bool{true, true}
		}
	}
}

func (m kryoTable) scalars() {
	m.same(kryoText, "java.lang.String", "java.lang.StringBuilder", "java.lang.StringBuffer", "java.net.URI", "java.util.Currency",
		"java.util.TimeZone", "java.util.SimpleTimeZone", "sun.util.calendar.ZoneInfo")
	m["java.lang.String"].t = kryoStringType
	m.same(kryoInteger, classBig)
	m.same(kryoDecimal, classBigDe)
	m.same(kryoClassName, "java.lang.Class")
	m.same(kryoSocketAddress, "java.net.InetSocketAddress")
	m.same(kryoCalendar, "java.util.GregorianCalendar", "java.util.JapaneseImperialCalendar", "sun.util.BuddhistCalendar")
	m.same(kryoMillis, "java.util.Date", "java.sql.Date", "java.sql.Time")
	m.same(kryoTimestamp, "java.sql.Timestamp")
	m.same(kryoJava, "java.text.SimpleDateFormat", "java.lang.Throwable", "java.lang.Exception", "java.lang.RuntimeException", "java.lang.Error")
	m.same(kryoUUID, "java.util.UUID")
	m.same(kryoBitSet, "java.util.BitSet")
	m.same(kryoEnumSet, "java.util.RegularEnumSet", "java.util.JumboEnumSet")
	m.same(kryoNothing, "java.lang.Object")
	m.add("java.util.regex.Pattern", kryoText, kryoPattern)
	m.add("java.util.Locale", kryoLocaleJava, kryoLocale)
	m.add("java.net.URL", kryoURL2, kryoText)
	for _, charset := range []string{"UTF_8", "US_ASCII", "ISO_8859_1", "UTF_16"} {
		m.add("sun.nio.cs."+charset, nil, kryoText)
	}
}

func (m kryoTable) times() {
	m.add("java.time.LocalDate", kryoDate2, kryoDate5)
	m.add("java.time.LocalTime", kryoTime2, kryoTime5)
	m.add("java.time.LocalDateTime", kryoDateTime2, kryoDateTime5)
	m.add("java.time.Instant", kryoInstant2, kryoInstant5)
	m.add("java.time.Duration", kryoDuration2, kryoDuration5)
	m.add("java.time.ZoneOffset", kryoOffset2, kryoOffset5)
	m.add("java.time.ZoneRegion", kryoRegion2, kryoText)
	m.add("java.time.ZonedDateTime", kryoZoned2, kryoZoned5)
	m.add("java.time.OffsetDateTime", kryoOffsetDateTime2, kryoOffsetDateTime5)
	m.add("java.time.OffsetTime", kryoOffsetTime2, kryoOffsetTime5)
	m.add("java.time.Year", kryoInt, kryoYear5)
	m.add("java.time.YearMonth", kryoYearMonth2, kryoYearMonth5)
	m.add("java.time.MonthDay", kryoMonthDay2, kryoMonthDay5)
	m.add("java.time.Period", kryoPeriod2, kryoPeriod5)
}

func (m kryoTable) collections() {
	lists := func(f kryoBody, names ...string) {
		m.same(f, names...)
		for _, name := range names {
			m[name].t = kryoListType
		}
	}
	sets := func(f kryoBody, names ...string) {
		m.same(f, names...)
		for _, name := range names {
			m[name].t = kryoSetType
		}
	}
	const util, concurrent, guava = "java.util.", "java.util.concurrent.", "com.google.common.collect."
	lists(kryoList, util+"ArrayList", util+"LinkedList", util+"Vector", util+"Stack", concurrent+"CopyOnWriteArrayList",
		util+"Collections$UnmodifiableList", util+"Collections$UnmodifiableRandomAccessList", util+"Collections$SynchronizedList",
		util+"Collections$SynchronizedRandomAccessList", util+"Collections$CopiesList", util+"Collections$CheckedList",
		guava+"RegularImmutableList", guava+"SingletonImmutableList")
	lists(kryoQueue, util+"ArrayDeque", concurrent+"ConcurrentLinkedQueue", concurrent+"ConcurrentLinkedDeque", concurrent+"LinkedBlockingQueue",
		concurrent+"LinkedBlockingDeque", concurrent+"ArrayBlockingQueue", concurrent+"PriorityBlockingQueue",
		util+"Collections$UnmodifiableCollection", util+"Collections$SynchronizedCollection", util+"HashMap$Values", util+"LinkedHashMap$LinkedValues")
	sets(kryoList, util+"HashSet", util+"LinkedHashSet", concurrent+"CopyOnWriteArraySet", util+"HashMap$KeySet",
		util+"LinkedHashMap$LinkedKeySet", concurrent+"ConcurrentHashMap$KeySetView", concurrent+"ConcurrentSkipListSet",
		util+"Collections$UnmodifiableSet", util+"Collections$UnmodifiableSortedSet", util+"Collections$UnmodifiableNavigableSet",
		util+"Collections$SynchronizedSet", util+"Collections$SetFromMap", guava+"RegularImmutableSet", guava+"SingletonImmutableSet")
	sets(kryoSorted, util+"TreeSet")
	lists(kryoImmutable, util+"ImmutableCollections$ListN", util+"ImmutableCollections$List12", util+"ImmutableCollections$SubList")
	sets(kryoImmutable, util+"ImmutableCollections$SetN", util+"ImmutableCollections$Set12")
	lists(kryoPriorityQueue, util+"PriorityQueue")
	lists(kryoArraysAsList, util+"Arrays$ArrayList")
	lists(kryoEmptyList, util+"Collections$EmptyList")
	sets(kryoEmptyList, util+"Collections$EmptySet")
	lists(kryoSingle, util+"Collections$SingletonList")
	sets(kryoSingle, util+"Collections$SingletonSet")
	m.same(kryoOptional, util+"Optional")
}

func (m kryoTable) maps() {
	const util, concurrent, guava = "java.util.", "java.util.concurrent.", "com.google.common.collect."
	m.same(kryoMap, util+"HashMap", util+"LinkedHashMap", util+"Hashtable", util+"Properties", util+"IdentityHashMap", util+"WeakHashMap",
		concurrent+"ConcurrentHashMap", util+"Collections$UnmodifiableMap", util+"Collections$UnmodifiableSortedMap",
		util+"Collections$UnmodifiableNavigableMap", util+"Collections$SynchronizedMap", util+"ImmutableCollections$MapN",
		util+"ImmutableCollections$Map1", guava+"RegularImmutableMap", guava+"RegularImmutableBiMap", guava+"SingletonImmutableBiMap")
	m.same(kryoEnumMap, util+"EnumMap")
	m.same(kryoSortedMap, util+"TreeMap")
	m.add(concurrent+"ConcurrentSkipListMap", kryoMap, kryoSortedMap)
	m.same(kryoEmptyMap, util+"Collections$EmptyMap")
	m.same(kryoSingleEntry, util+"Collections$SingletonMap")
}

// plainFields are JDK classes that are written field by field.
func (m kryoTable) plainFields() {
	m.same(kryoInt, "java.util.concurrent.atomic.AtomicInteger")
	m.same(kryoLong, "java.util.concurrent.atomic.AtomicLong")
	m.same(kryoAtomicBool, "java.util.concurrent.atomic.AtomicBoolean")
	m.same(kryoValue, "java.util.concurrent.atomic.AtomicReference")
	m.add("java.util.OptionalInt", kryoOptionalInt2, kryoOptionalInt5)
	m.add("java.util.OptionalLong", kryoOptionalLong2, kryoOptionalLong5)
	m.add("java.util.OptionalDouble", kryoOptionalDouble, kryoOptionalDouble5)
	for _, name := range []string{"java.util.Collections$ReverseComparator", "java.lang.String$CaseInsensitiveComparator"} {
		m.same(kryoNothing, name)
	}
	entry := &ClassHint{Params: []string{"K", "V"}, Fields: []FieldHint{{"key", "K"}, {"value", "V"}}}
	either := &ClassHint{Params: []string{"L", "R"}, Fields: []FieldHint{{"value", "java.lang.Object"}}}
	comparator := &ClassHint{Params: []string{"T"}, Fields: []FieldHint{{"cmp", "java.util.Comparator<T>"}}}
	for name, hint := range map[string]*ClassHint{
		"java.util.AbstractMap$SimpleEntry":          entry,
		"java.util.AbstractMap$SimpleImmutableEntry": entry,
		"java.util.Collections$ReverseComparator2":   comparator,
		"org.apache.flink.types.Either$Left":         either,
		"org.apache.flink.types.Either$Right":        either,
	} {
		c := &kryoClass{name: name}
		c.setFields(hint, nil)
		m[name] = c
	}
}
