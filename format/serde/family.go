package serde

import (
	"sync"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// Family is all that tarn knows about one family of serializers.
type Family struct {
	// Classes are the binary names of the snapshot classes, all versions of Flink.
	Classes []string
	// Read reads the body of a snapshot; nil if it is empty. It may return nil for an empty body.
	Read func(c *Context, r *binio.Reader, s *Snapshot) Body
	// Compile makes the codec. nested holds the codecs of s.Nested().
	Compile func(s *Snapshot, nested []Codec) (Codec, error)
}

// Registry finds families by class.
type Registry struct{ families map[string]*Family }

// NewRegistry makes a registry; a later family wins over an earlier one.
func NewRegistry(groups ...[]Family) *Registry {
	reg := &Registry{families: map[string]*Family{}}
	for _, g := range groups {
		for i := range g {
			for _, class := range g[i].Classes {
				reg.families[class] = &g[i]
			}
		}
	}
	return reg
}

func (reg *Registry) find(class string) *Family { return reg.families[class] }

// BuiltinRegistry holds every family of Builtin. It is made when first asked for.
var BuiltinRegistry = sync.OnceValue(func() *Registry { return NewRegistry(Builtin()...) })

// Compile makes the codec of a snapshot. An unknown serializer gives a codec whose Type is Opaque: its values, and those of everything
// that contains it, can be shown and copied only where their length is known from outside.
func (reg *Registry) Compile(s *Snapshot) (Codec, error) {
	f := reg.find(s.Class)
	if _, unknown := s.Body.(*Unknown); unknown || f == nil {
		return newOpaque(s), nil
	}
	kids := s.Nested()
	nested := make([]Codec, len(kids))
	for i, k := range kids {
		c, err := reg.Compile(k)
		if err != nil {
			return nil, err
		}
		nested[i] = c
	}
	c, err := f.Compile(s, nested)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// arity checks that a snapshot holds the number of nested serializers that its class has.
func arity(s *Snapshot, nested []Codec, want int) error {
	if len(nested) != want {
		return fault.New(fault.ErrCorrupt, "%s with %d nested serializers", s.Class, len(nested)).WithExpected("%d", want)
	}
	return nil
}
