package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/javaser"
)

// KryoSerializerSnapshot, versions 1 and 2 (Flink 1.8 … 2.3; both Kryo 2.24 and Kryo 5):
//
//	utf class of the type
//	map of the registrations: class; key utf class; value { utf class, i4 kind, … }:
//	    kind 0 nothing; 1 utf class of the Kryo serializer; 2 a Java-serialized SerializableSerializer that holds one
//	map of default serializers: class; key utf class; value a Java-serialized SerializableSerializer
//	map of classes of default serializers: class; key utf class; value utf class of the Kryo serializer
//
// The maps are LinkedOptionalMaps: a class that the job lost has no key and no value. The SerializableSerializer says which Kryo
// wrote: in Flink 1.x it is nested in ExecutionConfig, in 2.x it is not.

// KryoKind is what a registration says besides the class.
type KryoKind int32

// The kinds of registrations.
const (
	KryoUnspecified KryoKind = 0 // Kryo chooses the serializer
	KryoClass       KryoKind = 1 // by the serializer's class
	KryoInstance    KryoKind = 2 // by a serializer that was Java-serialized
	KryoAbsent      KryoKind = -1
)

// KryoRegistration is one entry of the maps of a KryoSerializerSnapshot.
type KryoRegistration struct {
	Class      string
	Kind       KryoKind
	Serializer string // class of the Kryo serializer, "" if Kryo chooses it or it is not known
}

// KryoSnapshot is the body of a KryoSerializerSnapshot.
type KryoSnapshot struct {
	Class            string
	Registrations    []KryoRegistration
	DefaultInstances []KryoRegistration
	DefaultClasses   []KryoRegistration
	// Writer is the Kryo that wrote it, as far as the body itself says so.
	Writer KryoWriter

	maps [3][]optionalEntry
}

const (
	classKryoSnapshot      = runtime + "kryo.KryoSerializerSnapshot"
	classSerializableKryo2 = "org.apache.flink.api.common.ExecutionConfig$SerializableSerializer"
	classSerializableKryo5 = "org.apache.flink.api.common.SerializableSerializer"
)

func readKryoSnapshot(_ *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 1 && s.Version != 2 {
		r.Unsupported("version %d of %s", s.Version, s.Class)
		return nil
	}
	b := &KryoSnapshot{Class: r.Field("class").UTF()}
	for i, what := range []string{"registrations", "default serializers", "default serializer classes"} {
		r.Section(what)
		b.maps[i] = readOptionalMap(r, nil)
		r.EndSection()
	}
	if r.Err() != nil {
		return nil
	}
	b.Registrations = b.entries(0, b.registration)
	b.DefaultInstances = b.entries(1, b.instance)
	b.DefaultClasses = b.entries(2, func(reg *KryoRegistration, f *binio.Reader) {
		reg.Kind, reg.Serializer = KryoClass, f.UTF()
	})
	return b
}

// entries reads the values of a map. A frame that does not hold what it should is kept as bytes and told as absent.
func (b *KryoSnapshot) entries(m int, read func(reg *KryoRegistration, f *binio.Reader)) []KryoRegistration {
	out := make([]KryoRegistration, len(b.maps[m]))
	for i, e := range b.maps[m] {
		out[i] = KryoRegistration{Class: e.name, Kind: KryoAbsent}
		if e.value == nil {
			continue
		}
		reg, f := out[i], binio.NewReader(e.value, 0)
		read(&reg, f)
		if f.End(); f.Err() == nil {
			out[i] = reg
		}
	}
	return out
}

func (b *KryoSnapshot) registration(reg *KryoRegistration, f *binio.Reader) {
	f.UTF() // the class once more
	switch reg.Kind = KryoKind(f.I32()); reg.Kind {
	case KryoUnspecified:
	case KryoClass:
		reg.Serializer = f.UTF()
	case KryoInstance:
		b.instance(reg, f)
	default:
		f.Corrupt("kind %d of a registration", reg.Kind)
	}
}

// instance reads a Java-serialized SerializableSerializer.
func (b *KryoSnapshot) instance(reg *KryoRegistration, f *binio.Reader) {
	v := javaser.Parse(f)
	reg.Kind = KryoInstance
	switch javaser.ClassName(v) {
	case classSerializableKryo2:
		b.Writer = Kryo2
	case classSerializableKryo5:
		b.Writer = Kryo5
	}
	reg.Serializer = javaser.ClassName(javaser.AsObject(v).Get("serializer"))
}

// AppendBody writes the body.
func (b *KryoSnapshot) AppendBody(dst []byte, _ int32) ([]byte, error) {
	dst, err := appendName(dst, b.Class)
	for _, m := range b.maps {
		if err != nil {
			return dst, err
		}
		dst, err = appendOptionalMap(dst, m, nil)
	}
	return dst, err
}
