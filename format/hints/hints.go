// Package hints is what a snapshot cannot say and a person can: names of fields, fields of classes, layouts of serializers, TTL durations.
// It holds the model; what file it comes from is the business of others.
package hints

import (
	"errors"
	"fmt"
	"time"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// Hints are all that is known from elsewhere. The zero value says nothing.
type Hints struct {
	// Classes are the fields and constants of the job's classes, for Kryo.
	Classes serde.ClassHints
	// Serializers are the layouts of serializers of the job's own.
	Serializers []serde.Family
	// States are hints for single states.
	States []State
}

// State is what is known of one state.
type State struct {
	Operator string // uid or id; "" for every operator with such a state
	State    string
	// The names of fields of rows and tuples, by part of an entry; nil leaves them.
	Key, Namespace, MapKey, Value []string
	// TTL is how long values are kept after their last access; 0 if not known.
	TTL time.Duration
	// Where says where the hint stands, for messages.
	Where string
}

// Add adds all of o; where both say something, o is right.
func (h *Hints) Add(o Hints) {
	if h.Classes == nil && len(o.Classes) > 0 {
		h.Classes = serde.ClassHints{}
	}
	for class, c := range o.Classes {
		h.Classes[class] = c
	}
	h.Serializers = append(h.Serializers, o.Serializers...)
	h.States = append(h.States, o.States...)
}

// fits reports whether a hint is for a state.
func (s *State) fits(operatorID, uid, state string) bool {
	return s.State == state && (s.Operator == "" || s.Operator == uid || s.Operator == operatorID)
}

// TTL gives the duration that is known of a state.
func (h *Hints) TTL(operatorID, uid, state string) (d time.Duration, ok bool) {
	for i := range h.States {
		if s := &h.States[i]; s.TTL > 0 && s.fits(operatorID, uid, state) {
			d, ok = s.TTL, true
		}
	}
	return d, ok
}

// Adapt gives a state's types the names that are known. The bytes that its codecs read stay the same. The error, of kind fault.ErrUsage,
// says which hint does not fit; the part that it is for then stays as it is.
func (h *Hints) Adapt(s *entry.State) error {
	var first error
	for i := range h.States {
		hint := &h.States[i]
		if !hint.fits(s.OperatorID, s.UID, s.Name) {
			continue
		}
		for _, p := range []struct {
			what  string
			names []string
			codec *serde.Codec
		}{
			{"key", hint.Key, &s.Key}, {"ns", hint.Namespace, &s.Namespace}, {"mapKey", hint.MapKey, &s.UserKey}, {"value", hint.Value, &s.Value},
		} {
			if p.names == nil {
				continue
			}
			if err := rename(p.codec, p.names); err != nil && first == nil {
				first = hint.misfit(p.what, err)
			}
		}
	}
	return first
}

// misfit says which hint does not fit.
func (s *State) misfit(part string, err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	out.State, out.Field = s.State, fmt.Sprintf("%s, names of %s", s.Where, part)
	return &out
}

func rename(c *serde.Codec, names []string) error {
	if *c == nil {
		return fault.New(fault.ErrUsage, "the state has no such part")
	}
	out, err := serde.Rename(*c, names)
	if err == nil {
		*c = out
	}
	return err
}
