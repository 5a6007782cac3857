package changelog

import (
	"errors"
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader/backend"
)

// parser takes the payload of a change apart, as the loggers of the state's kind wrote it. Everything aliases the change.
type parser struct {
	r     binio.Reader
	probe binio.Reader // looks ahead
	st    *backend.State

	key, ns []byte // ns as it is written, void or not
	// What the operation is about.
	value    []byte
	elements [][]byte   // of a list
	entries  []mapEntry // of a map
	timers   []timer
	sources  [][]byte // namespaces that are merged into ns
}

type mapEntry struct {
	key, value []byte
	null       bool
	removed    bool
}

type timer struct {
	time    int64
	key, ns []byte
}

func (p *parser) err() error { return p.r.Err() }

// begin reads the scope: key and namespace, which timer queues do not have.
func (p *parser) begin(st *backend.State, c changelog.Change) {
	*p = parser{st: st, elements: p.elements[:0], entries: p.entries[:0], timers: p.timers[:0], sources: p.sources[:0]}
	p.r.Reset(c.Payload, 0)
	if !st.Divisible() {
		p.r.Fail(fault.New(fault.ErrUnsupported, "changes of a state with serializers that are not known cannot be taken apart"))
		return
	}
	if st.Kind != entry.Timer {
		p.key = p.skip(st.Key)
		p.ns = p.skip(st.Namespace)
	}
}

type skipper interface{ Skip(r *binio.Reader) }

func (p *parser) skip(c skipper) []byte {
	from := p.r.Pos()
	c.Skip(&p.r)
	return p.r.Since(from)
}

// rest reads a value that ends with the change: all that is left, if it is of a class that no rule is known for.
func (p *parser) rest() []byte {
	c := p.st.Value
	if c.Type().Opaque {
		return p.r.Bytes(p.r.Len())
	}
	p.probe.Reset(p.r.Rest(), p.r.Offset())
	if c.Skip(&p.probe); errors.Is(p.probe.Err(), fault.ErrUnsupported) {
		return p.r.Bytes(p.r.Len())
	}
	return p.skip(c)
}

// payload reads what follows the scope, to the end of the change.
func (p *parser) payload(op changelog.Op) {
	if p.r.Err() != nil {
		return
	}
	switch {
	case op == changelog.Clear && p.st.Kind != entry.Timer:
	case op == changelog.MergeNamespaces && p.st.Kind != entry.Timer && p.st.Kind != entry.Map && p.st.Kind != entry.Value:
		p.namespaces()
	case p.st.Kind == entry.Timer:
		p.queue(op)
	case p.st.Kind == entry.Map:
		p.mapping(op)
	case p.st.Kind == entry.List:
		p.list(op)
	case op == changelog.Set || op == changelog.SetInternal:
		p.value = p.rest()
	default:
		p.misfit(op)
	}
	p.r.End()
}

func (p *parser) misfit(op changelog.Op) {
	p.r.Corrupt("operation %v on state of kind %v", op, p.st.Kind)
}

// namespaces reads the target, which is the scope's namespace once more, and the sources.
func (p *parser) namespaces() {
	p.ns = p.skip(p.st.Namespace)
	for n := p.r.Count(0); n > 0 && p.r.Err() == nil; n-- {
		p.sources = append(p.sources, p.skip(p.st.Namespace))
	}
}

func (p *parser) list(op changelog.Op) {
	switch op {
	case changelog.AddElement:
		p.elements = append(p.elements, p.rest())
	case changelog.Add, changelog.Set, changelog.SetInternal:
		for n := p.r.Count(0); n > 0 && p.r.Err() == nil; n-- {
			p.elements = append(p.elements, p.skip(p.st.Value))
		}
	default:
		p.misfit(op)
	}
}

func (p *parser) mapping(op changelog.Op) {
	switch op {
	case changelog.AddElement, changelog.PutElement:
		e := mapEntry{key: p.skip(p.st.UserKey)}
		e.value = p.rest()
		p.entries = append(p.entries, e)
	case changelog.RemoveElement:
		p.entries = append(p.entries, mapEntry{key: p.skip(p.st.UserKey), removed: true})
	case changelog.Add:
		n := p.r.Count(1)
		if n > 1 && p.st.Value.Type().Opaque {
			p.r.Unsupported("entries of a map with values of serializer %s cannot be taken apart", p.st.Value.Type().Serializer)
			return
		}
		for ; n > 0 && p.r.Err() == nil; n-- {
			e := mapEntry{key: p.skip(p.st.UserKey), null: p.r.Bool()}
			if !e.null {
				e.value = p.rest()
			}
			p.entries = append(p.entries, e)
		}
	default:
		p.misfit(op)
	}
}

func (p *parser) queue(op changelog.Op) {
	switch op {
	case changelog.AddElement:
		for n := p.r.Count(8); n > 0 && p.r.Err() == nil; n-- {
			p.timer()
		}
	case changelog.RemoveElement:
		p.timer()
	default:
		p.misfit(op)
	}
}

func (p *parser) timer() {
	t := timer{time: p.r.I64() ^ math.MinInt64}
	t.key = p.skip(p.st.Key)
	t.ns = p.skip(p.st.Namespace)
	p.timers = append(p.timers, t)
}

// reason is the error of a change with what it means for the state.
func reason(err error, op changelog.Op) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Offset = fault.NoPlace // within the change, which nobody can look up
	told.Field = op.String() + " in the changelog"
	return &told
}
