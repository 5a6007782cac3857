package main

import (
	"context"
	"errors"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader"
)

// The exit codes: scripts depend on them.
const (
	exitOK          = 0
	exitFindings    = 1
	exitUsage       = 2
	exitMissing     = 3
	exitCorrupt     = 4
	exitUnsupported = 5
	exitRefused     = 6
	exitInterrupted = 130
)

const exitHelp = `Exit codes: 0 fine; 1 findings; 2 wrong usage; 3 input missing or unreadable; 4 input corrupt, or only a part of it
could be read; 5 unsupported; 6 output refused; 130 interrupted.`

// exitCode maps an error to the code that scripts see. Something that could be read only in part is corrupt for them, unless all
// that is missing is support.
func exitCode(err error) int {
	var partial *reader.PartialError
	var findings *findingsError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &partial):
		for _, p := range partial.Problems {
			if !errors.Is(p, fault.ErrUnsupported) {
				return exitCorrupt
			}
		}
		return exitUnsupported
	case errors.Is(err, fault.ErrUsage):
		return exitUsage
	case errors.Is(err, fault.ErrMissing):
		return exitMissing
	case errors.As(err, &findings):
		return exitFindings
	case errors.Is(err, fault.ErrCorrupt):
		return exitCorrupt
	case errors.Is(err, fault.ErrUnsupported):
		return exitUnsupported
	case errors.Is(err, fault.ErrRefused):
		return exitRefused
	}
	return exitMissing // the system could not read or write something
}
