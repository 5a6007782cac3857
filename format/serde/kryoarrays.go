package serde

import "strings"

// kryoArray gives the rules of an array class, by its JVM name.
func kryoArray(name string, version int, c *kryoCodec) *kryoClass {
	out := &kryoClass{name: name, body: both(kryoObjects), t: kryoListType}
	elem := name[1:]
	if f, ok := kryoPrimitiveArrays[name]; ok {
		out.body = both(f)
		return out
	}
	if strings.HasPrefix(elem, "L") && strings.HasSuffix(elem, ";") {
		elem = elem[1 : len(elem)-1]
	} else if !strings.HasPrefix(elem, "[") || strings.Count(elem, "[") > maxDimensions {
		return &kryoClass{name: name}
	}
	if c.hints.isFinal(elem) || strings.HasPrefix(elem, "[") { // to Java, arrays are final
		out.elem = c.resolve(elem, version)
	}
	return out
}

// maxDimensions is Java's own bound.
const maxDimensions = 255

// arrayName is the JVM's name of an array of a class or primitive.
func arrayName(elem string) string {
	if code, ok := primitiveCodes[elem]; ok {
		return "[" + code
	}
	if strings.HasPrefix(elem, "[") {
		return "[" + elem
	}
	return "[L" + elem + ";"
}

var primitiveCodes = map[string]string{
	"boolean": "Z", "byte": "B", "char": "C", "short": "S", "int": "I", "long": "J", "float": "F", "double": "D",
}

var kryoPrimitiveArrays = map[string]kryoBody{
	"[B": kryoBytes,
	"[Z": kryoPrimitives(KindBool, 1, kryoBool),
	"[C": kryoPrimitives(KindChar, 2, kryoChar),
	"[S": kryoPrimitives(KindInt16, 2, kryoShort),
	"[I": kryoPrimitives(KindInt32, 1, kryoInt),
	"[J": kryoPrimitives(KindInt64, 1, kryoLong),
	"[F": kryoPrimitives(KindFloat32, 4, kryoFloat),
	"[D": kryoPrimitives(KindFloat64, 8, kryoDouble),
}

func kryoBytes(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	n, null := k.count(1, 1)
	if null {
		return k.nullUnlessFailed()
	}
	b := k.r.Bytes(n)
	if k.s != nil && !k.failed() {
		k.s.Bytes(b)
	}
	return 0
}

func kryoPrimitives(kind Kind, size int, f kryoBody) kryoBody {
	t := &Type{Kind: KindList, Length: variable, Args: []*Type{{Kind: kind, Length: variable}}, Note: "array"}
	return func(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
		k.unhashable = true
		n, null := k.count(1, size)
		if null || k.failed() {
			return k.nullUnlessFailed()
		}
		k.beginList(t, n)
		for i := 0; i < n && !k.failed(); i++ {
			f(k, nil, nil)
		}
		k.endList()
		return 0
	}
}

// kryoObjects is an array of objects.
func kryoObjects(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	n, null := k.count(1, 1)
	if null || k.failed() {
		return k.nullUnlessFailed()
	}
	return k.elements(c, n, func() int32 {
		if c.elem == nil {
			return k.value(nil)
		}
		k.expect = c.elem.name
		return k.object(c.elem, true, nil)
	})
}
