package reader

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
)

// Problems collects errors from several goroutines. The zero value is empty and ready.
type Problems struct {
	mu   sync.Mutex
	list []error
	more int
}

// maxProblems bounds what is kept: a damaged snapshot of a thousand key groups says the same a thousand times.
const maxProblems = 1000

// Add adds an error; nil is nothing.
func (p *Problems) Add(err error) {
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.list) >= maxProblems {
		p.more++
		return
	}
	p.list = append(p.list, err)
}

// List gives the errors so far, in the order in which they were found.
func (p *Problems) List() []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]error(nil), p.list...)
}

// Err gives all of them as one *PartialError, or nil.
func (p *Problems) Err() error {
	if list := p.List(); len(list) > 0 {
		return &PartialError{Problems: list, More: p.more}
	}
	return nil
}

// Misread takes what an entry's part contradicts its serializer in. Offsets in such errors count from the part's first byte.
func (s *Snapshot) Misread(e *entry.Entry, err error) {
	var f *fault.Error
	if errors.As(err, &f) {
		in := *f
		if in.Offset >= 0 {
			in.Field = strings.TrimSuffix(fmt.Sprintf("byte %d of the value: %s", in.Offset, in.Field), ": ")
			in.Offset = fault.NoPlace
		}
		err = &in
	}
	s.Undecoded.Add(fault.At(err, fault.Place{
		File: e.State.File, Operator: e.State.UID, State: e.State.Name, Subtask: e.Subtask, KeyGroup: e.KeyGroup,
	}))
}

// PartialError says that something could not be read while everything else was.
type PartialError struct {
	Problems []error
	More     int // how many more there were
}

// shownProblems is how many different problems a message has.
const shownProblems = 10

// Error gives the first problems, one a line. Those that differ only in the place within their file, in key group and subtask, are one.
func (e *PartialError) Error() string {
	var order []string
	first, likes := map[string]error{}, map[string]int{}
	for _, p := range e.Problems {
		k := kindOfProblem(p)
		if likes[k]++; likes[k] == 1 {
			order, first[k] = append(order, k), p
		}
	}
	var b strings.Builder
	left := len(e.Problems) + e.More
	for i, k := range order {
		if i == shownProblems {
			break
		}
		left -= likes[k]
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(first[k].Error())
		if n := likes[k] - 1; n > 0 {
			fmt.Fprintf(&b, "\n  and %d more like this", n)
		}
	}
	if left > 0 {
		fmt.Fprintf(&b, "\nand %d more problems", left)
	}
	return b.String()
}

// kindOfProblem is what is common to problems that one line stands for.
func kindOfProblem(err error) string {
	e, ok := err.(*fault.Error)
	if !ok {
		return err.Error()
	}
	same := *e
	same.Offset, same.Subtask, same.KeyGroup = fault.NoPlace, fault.NoPlace, fault.NoPlace
	return same.Error()
}

// Unwrap gives all problems, so that errors.Is finds their kinds.
func (e *PartialError) Unwrap() []error { return e.Problems }
