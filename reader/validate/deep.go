package validate

import (
	"bytes"
	"errors"
	"strings"
	"sync"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader"
)

// visitor is told of one entry, which is valid during the call only.
type visitor func(e *entry.Entry)

// task is what a rule that looks at entries knows of the piece of work that it is evaluated over.
type task struct {
	r      *run
	part   reader.Part
	report func(Finding)
}

// unknown tells of a part for which no rule is known.
func (t *task) unknown(e *entry.Entry, what string, err error) {
	for _, rule := range Rules() {
		if rule.ID == ruleUnknown {
			t.r.reporter(rule)(t.at(e, what+": "+findingOf(err).Message))
		}
	}
}

// at is a finding about an entry.
func (t *task) at(e *entry.Entry, message string) Finding {
	f := Finding{Place: nowhere(), Message: message}
	f.Place.Operator, f.Place.Subtask, f.Place.KeyGroup, f.Place.State = t.part.Operator.Label(), t.part.Subtask, e.KeyGroup, e.State.Name
	return f
}

// deep reads every entry once for all rules that want to see them.
func (r *run) deep(rules []*Rule) {
	if r.o.Begin != nil {
		r.o.Begin(r.snap.KeyedBytes(reader.Selection{}))
	}
	r.tallies = map[tallyKey]*tally{}
	var mu sync.Mutex
	sel := reader.Selection{Problem: r.classify()}
	err := r.snap.Scan(r.ctx, sel, r.o.Jobs, func(_ int, t *reader.Task) error {
		var visitors []visitor
		var ends []func()
		for _, rule := range rules {
			if rule.begin != nil {
				v, end := rule.begin(&task{r: r, part: t.Part, report: r.reporter(rule)})
				visitors = append(visitors, v)
				if end != nil {
					ends = append(ends, end)
				}
			}
		}
		counts := visit(t, visitors)
		for _, end := range ends {
			end()
		}
		mu.Lock()
		defer mu.Unlock()
		for st, n := range counts {
			k := tallyKey{t.Part.Operator, st.Name, st.Kind}
			if r.tallies[k] == nil {
				r.tallies[k] = &tally{}
			}
			r.tallies[k].Entries += *n
		}
		if r.o.Progress != nil {
			r.o.Progress(t.Bytes())
		}
		return nil
	})
	if err != nil && r.ctx.Err() == nil {
		r.classify()(err)
	}
}

// visit gives all entries of a task to the visitors, and counts them by state.
func visit(t *reader.Task, visitors []visitor) map[*entry.State]*int64 {
	counts := map[*entry.State]*int64{}
	var state *entry.State
	var n *int64
	t.Each(func(e *entry.Entry) bool {
		if e.State != state {
			if state = e.State; counts[state] == nil {
				counts[state] = new(int64)
			}
			n = counts[state]
		}
		*n++
		for _, v := range visitors {
			v(e)
		}
		return true
	})
	return counts
}

// classify gives the function that finds the rule for what could not be read.
func (r *run) classify() func(error) {
	known := map[string]bool{}
	for i := range r.headers {
		each(r.headers[i].err, func(err error) { known[err.Error()] = true })
		for j := range r.headers[i].states {
			if err := r.headers[i].states[j].Err; err != nil {
				known[findingOf(err).Message] = true
			}
		}
	}
	var rules []*Rule
	for _, rule := range Rules() {
		if rule.trouble != nil {
			rules = append(rules, rule)
		}
	}
	one := func(err error) {
		f := findingOf(err)
		if isLost(err) || known[err.Error()] || known[f.Message] {
			return
		}
		var e *fault.Error
		if !errors.As(err, &e) {
			e = fault.New(fault.ErrCorrupt, "%v", err)
		}
		for _, rule := range rules {
			if rule.trouble(e) {
				r.reporter(rule)(f)
				return
			}
		}
	}
	return func(err error) { each(err, one) }
}

// inAnotherGroup claims entries under the prefix of another key group.
func inAnotherGroup(e *fault.Error) bool { return strings.Contains(e.Found, "another key group") }

// unknownBytes claims what no rule is known for.
func unknownBytes(e *fault.Error) bool { return isUnknown(e) }

// anyTrouble claims the rest.
func anyTrouble(*fault.Error) bool { return true }

// keyInGroup recomputes the key group of every key.
func keyInGroup(t *task) (visitor, func()) {
	var (
		r     binio.Reader
		state *entry.State
		codec serde.Codec
		last  []byte
		group = -2
		most  = t.part.Operator.Meta.MaxParallelism
	)
	return func(e *entry.Entry) {
		if e.State != state {
			state, codec, group = e.State, e.State.Key, -2
			if codec != nil && codec.Type().Opaque {
				codec = nil
			}
		}
		if codec == nil || e.KeyGroup < 0 || e.Unsplit || most < 1 {
			return
		}
		if e.KeyGroup == group && bytes.Equal(e.Key, last) {
			return
		}
		r.Reset(e.Key, 0)
		hash, ok := codec.Hash(&r)
		if !ok || r.Err() != nil {
			return // classes with a hash code of their own; entry-decodes tells of keys that are none
		}
		if want := keygroup.Of(hash, most); want != e.KeyGroup {
			f := t.at(e, "")
			f.Message = "a key that belongs to key group " + itoa(want)
			t.report(f)
			return
		}
		group, last = e.KeyGroup, append(last[:0], e.Key...)
	}, nil
}

// entryDecodes reads every part of every entry to its end.
func entryDecodes(t *task) (visitor, func()) {
	d := &decoder{t: t}
	return d.visit, nil
}

// decoder decodes entries. What a state's parts are read with is looked up when the state changes.
type decoder struct {
	t     *task
	r     binio.Reader
	state *entry.State
	key   reading
	user  reading
	value reading
	last  []byte // the key that was decoded last
}

// reading is how one part of a state's entries is checked. The zero value does not check.
type reading struct {
	codec  serde.Codec
	skip   bool // skipping checks as much as decoding
	length int  // of every value, 0 if they differ
}

func (d *decoder) visit(e *entry.Entry) {
	if e.State != d.state {
		d.begin(e.State)
	}
	if e.Unsplit {
		return
	}
	if d.key.codec != nil && !bytes.Equal(e.Key, d.last) && d.part(e, "key", &d.key, e.Key) {
		d.last = append(d.last[:0], e.Key...)
	}
	if d.user.codec != nil {
		d.part(e, "map key", &d.user, e.UserKey)
	}
	switch {
	case d.value.codec == nil || e.NullValue:
	case e.State.Kind != entry.List:
		d.part(e, "value", &d.value, e.Value)
	default:
		for _, el := range e.Elements {
			d.part(e, "element", &d.value, el)
		}
	}
}

func (d *decoder) begin(st *entry.State) {
	d.state, d.last = st, nil
	d.key, d.user, d.value = readingOf(st.Key), readingOf(st.UserKey), readingOf(st.Value)
	// Whoever split the entry has moved over these parts to find the next ones.
	d.key.unlessSkipped()
	if d.user.unlessSkipped(); st.Kind == entry.List {
		d.value.unlessSkipped()
	}
	if st.Kind == entry.Timer {
		d.value = reading{}
	}
}

// readingOf chooses how to check values of a codec. Of bytes that no rule is known for nothing can be checked.
func readingOf(c serde.Codec) reading {
	if c == nil || c.Type().Opaque {
		return reading{}
	}
	rd := reading{codec: c, skip: plain(c.Type(), 0)}
	if t := c.Type(); rd.skip && len(t.Fields) == 0 && len(t.Args) == 0 && t.Length > 0 && !t.Nullable {
		rd.length = t.Length
	}
	return rd
}

func (rd *reading) unlessSkipped() {
	if rd.skip {
		*rd = reading{}
	}
}

// plain reports whether any bytes of the right length are values of a type, so that moving over them checks them.
func plain(t *serde.Type, depth int) bool {
	if depth > 16 || len(t.Subclasses) > 0 {
		return false
	}
	switch t.Kind {
	case serde.KindNull, serde.KindBool, serde.KindInt8, serde.KindInt16, serde.KindInt32, serde.KindInt64, serde.KindFloat32, serde.KindFloat64,
		serde.KindChar, serde.KindString, serde.KindBytes:
		return !t.Nullable
	case serde.KindList, serde.KindMap, serde.KindTuple, serde.KindStruct, serde.KindTTL:
	default:
		return false
	}
	for _, a := range t.Args {
		if !plain(a, depth+1) {
			return false
		}
	}
	for _, f := range t.Fields {
		if !plain(f.Type, depth+1) {
			return false
		}
	}
	return true
}

func (d *decoder) part(e *entry.Entry, what string, rd *reading, b []byte) bool {
	if rd.length > 0 && len(b) == rd.length {
		return true
	}
	d.r.Reset(b, 0)
	if rd.skip {
		rd.codec.Skip(&d.r)
	} else {
		rd.codec.Walk(&d.r, nothing{})
	}
	err := d.r.Err()
	if err == nil && d.r.Len() == 0 {
		return true
	}
	d.wrong(e, what, rd.codec, len(b), err)
	return false
}

// wrong reports a part that does not decode, or has more bytes than that takes.
func (d *decoder) wrong(e *entry.Entry, what string, c serde.Codec, size int, err error) {
	if err != nil && isUnknown(err) {
		d.t.unknown(e, what, err)
		return
	}
	f := d.t.at(e, what+": "+itoa(d.r.Len())+" of "+itoa(size)+" bytes are left after the end of "+c.Type().String())
	if err != nil {
		f.Message = what + ": " + findingOf(err).Message
	}
	d.t.report(f)
}

// valueSizes looks for keys and values beyond what a Java array holds.
func valueSizes(t *task) (visitor, func()) {
	most := t.r.o.Limits.Value
	return func(e *entry.Entry) {
		size := int64(len(e.Key) + len(e.Namespace) + len(e.UserKey) + len(e.Value))
		for _, el := range e.Elements {
			size += int64(len(el)) + 1
		}
		if size > most {
			t.report(t.at(e, itoa(int(size))+" bytes, expected at most "+itoa(int(most))))
		}
	}, nil
}

// nullMapValues looks for map values that the HashMap backend cannot write.
func nullMapValues(t *task) (visitor, func()) {
	var first *Finding
	n := 0
	return func(e *entry.Entry) {
			if !e.NullValue || e.State.Kind != entry.Map {
				return
			}
			if n++; first == nil {
				f := t.at(e, "")
				first = &f
			}
		}, func() {
			if first != nil {
				first.Message = itoa(n) + " map values are null, this the first"
				t.report(*first)
			}
		}
}
