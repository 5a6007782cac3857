package serde

// ClassHints say what a snapshot cannot: the fields of Java classes, and the constants of enums, by the class's binary name
// ("com.acme.Job$Order"). Kryo writes neither, so that values of such classes are readable only with them. The map and what it
// holds must not change once it is given to KryoFamilies.
type ClassHints map[string]*ClassHint

// ClassHint describes one class.
type ClassHint struct {
	// Fields are those of the class and of its superclasses, without static and transient ones. The order does not matter, since
	// Kryo sorts them by name; of two with the same name, that of the subclass comes first.
	Fields []FieldHint
	// Final says that the class is declared final, as records and enums are. Where a field has such a type, its values are written
	// without their class.
	Final bool
	// Record says that it is a record. Kryo 5 takes no notice of the type arguments of a record's components.
	Record bool
	// Constants are an enum's, in the order of their declaration. Open says that some have bodies of their own, so that the enum is
	// not final.
	Constants []string
	Open      bool
	// Params are the names of the class's type parameters, which may stand as types of fields.
	Params []string
	// Serializer is the class of the Kryo serializer that writes the values, where it is none of Kryo's defaults:
	// for instance "com.twitter.chill.protobuf.ProtobufSerializer".
	Serializer string
}

// FieldHint is one field: its name and its declared type as Java source has it, with the binary names of classes:
// "int", "java.lang.String", "java.util.List<java.lang.Long>", "com.acme.Item[]".
type FieldHint struct{ Name, Type string }

// KryoWriter is a version of Kryo.
type KryoWriter uint8

// The versions of Kryo that Flink has used.
const (
	KryoUnknown KryoWriter = iota
	Kryo2                  // Kryo 2.24, Flink 1.x
	Kryo5                  // Kryo 5, Flink 2.x
)

// String names the version.
func (w KryoWriter) String() string {
	switch w {
	case Kryo2:
		return "Kryo 2.24"
	case Kryo5:
		return "Kryo 5"
	}
	return "Kryo"
}

// KryoOptions are what reading Kryo values can be told from outside.
type KryoOptions struct {
	// Writer is used for snapshots that do not say themselves which Kryo wrote them: metadata of version 5 and newer comes from
	// Flink 2.x and so from Kryo 5, everything older from Kryo 2.24. With KryoUnknown both are tried on each value.
	Writer KryoWriter
	// Hints describe the classes of the job.
	Hints ClassHints
}

// KryoFamilies gives the family of KryoSerializer with options. It wins over Builtin's where it stands behind it; see WithKryo.
func KryoFamilies(o KryoOptions) []Family {
	hints := newKryoHints(o.Hints)
	return []Family{{
		Classes: []string{classKryoSnapshot},
		Read:    readKryoSnapshot,
		Compile: func(s *Snapshot, _ []Codec) (Codec, error) { return compileKryo(s, o.Writer, hints) },
	}}
}

// WithKryo gives every family of Builtin, with options for KryoSerializer.
func WithKryo(o KryoOptions) *Registry { return NewRegistry(append(Builtin(), KryoFamilies(o))...) }

func kryoFamilies() []Family { return KryoFamilies(KryoOptions{}) }
