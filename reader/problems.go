package reader

import (
	"fmt"
	"strings"
	"sync"
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

// PartialError says that something could not be read while everything else was.
type PartialError struct {
	Problems []error
	More     int // how many more there were
}

// Error gives the first problems, one a line.
func (e *PartialError) Error() string {
	const shown = 10
	var b strings.Builder
	for i, p := range e.Problems {
		if i == shown {
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Error())
	}
	if n := len(e.Problems) + e.More - shown; n > 0 {
		fmt.Fprintf(&b, "\nand %d more of this kind", n)
	}
	return b.String()
}

// Unwrap gives all problems, so that errors.Is finds their kinds.
func (e *PartialError) Unwrap() []error { return e.Problems }
