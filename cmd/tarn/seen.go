package main

import (
	"slices"
	"strings"
	"sync"

	"github.com/tarn-project/tarn/format/entry"
)

// seen remembers which states there are, so that a misspelt name is an error and not an empty result.
type seen struct {
	mu     sync.Mutex
	states map[string]bool
}

// watch wraps a state filter. Without named states there is nothing to remember.
func (s *seen) watch(filter func(*entry.State) bool, wanted []string) func(*entry.State) bool {
	if len(wanted) == 0 {
		return filter
	}
	return func(st *entry.State) bool {
		s.mu.Lock()
		s.states[st.Name] = true
		s.mu.Unlock()
		return filter == nil || filter(st)
	}
}

// missing reports the wanted states that nothing had.
func (s *seen) missing(wanted []string) error {
	for _, w := range wanted {
		if !s.states[w] {
			known := make([]string, 0, len(s.states))
			for n := range s.states {
				known = append(known, n)
			}
			slices.Sort(known)
			return usage("no state %q here", w).WithExpected("%s", strings.Join(known, ", "))
		}
	}
	return nil
}
