// Package fault is the one vocabulary of trouble: what went wrong with a snapshot, and where.
//
// Every error that a decoder, a reader or a store returns wraps one of the sentinels below, so that callers ask
// with errors.Is, and most are an *Error, which says the place: file, absolute offset, operator, subtask, key group,
// state and field; what was expected and what was found; and what the person looking at it can do.
//
// The place is filled from the inside out: a decoder knows the offset and the field, the package that opened the file
// adds its name, the reader adds operator and state (see At).
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of trouble. Exit codes, validation rules and retries depend on them and on nothing else.
var (
	// ErrCorrupt: the bytes contradict the format.
	ErrCorrupt = errors.New("corrupt")
	// ErrTruncated: the bytes end before the format says they may. It is a kind of corruption: errors.Is(err, ErrCorrupt) holds too.
	ErrTruncated = errors.New("truncated")
	// ErrUnsupported: the bytes may be right, but no rule for them is known here.
	ErrUnsupported = errors.New("unsupported")
	// ErrMissing: a file or directory that is needed is not there, or is not a snapshot.
	ErrMissing = errors.New("missing")
	// ErrRefused: doing what was asked would lose data, overwrite output or leave the snapshot's own roots.
	ErrRefused = errors.New("refused")
	// ErrUsage: the request itself makes no sense (an unknown state name, a key that is not of the key type).
	ErrUsage = errors.New("usage")
)

// Error is one trouble with its place. Fields that are not known are left at their zero value, except Offset, Subtask
// and KeyGroup, where NoPlace means unknown.
type Error struct {
	Kind     error  // one of the sentinels
	File     string // as the user can find it
	Offset   int64  // absolute position in File, in bytes
	Operator string // uid, or the operator id in hex
	Subtask  int
	KeyGroup int
	State    string
	Field    string // what was being read, for instance "number of operators"
	Expected string
	Found    string
	Hint     string // what to do
	Err      error  // cause, if another error stands behind this one
	Mark     error  // what errors.Is finds besides the kind, for callers that must tell one trouble from another
}

// NoPlace marks an unknown Offset, Subtask or KeyGroup.
const NoPlace = -1

// New makes an error of a kind with a message that says what was found.
func New(kind error, format string, args ...any) *Error {
	return &Error{Kind: kind, Offset: NoPlace, Subtask: NoPlace, KeyGroup: NoPlace, Found: fmt.Sprintf(format, args...)}
}

// Corrupt makes an ErrCorrupt at an absolute offset.
func Corrupt(offset int64, format string, args ...any) *Error {
	e := New(ErrCorrupt, format, args...)
	e.Offset = offset
	return e
}

// Unsupported makes an ErrUnsupported at an absolute offset.
func Unsupported(offset int64, format string, args ...any) *Error {
	e := New(ErrUnsupported, format, args...)
	e.Offset = offset
	return e
}

// WithHint sets what the reader of the message can do, and returns the error.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithExpected sets what the format allows at this place, and returns the error.
func (e *Error) WithExpected(format string, args ...any) *Error {
	e.Expected = fmt.Sprintf(format, args...)
	return e
}

// Error gives the message in one line: place, field, expected and found, hint.
func (e *Error) Error() string {
	var b strings.Builder
	part := func(sep, format string, args ...any) {
		if b.Len() > 0 {
			b.WriteString(sep)
		}
		fmt.Fprintf(&b, format, args...)
	}
	if e.File != "" {
		part("", "%s", e.File)
	}
	if e.Offset >= 0 {
		part(" ", "at byte %d", e.Offset)
	}
	if e.Operator != "" {
		part(", ", "operator %s", e.Operator)
	}
	if e.Subtask >= 0 {
		part(", ", "subtask %d", e.Subtask)
	}
	if e.KeyGroup >= 0 {
		part(", ", "key group %d", e.KeyGroup)
	}
	if e.State != "" {
		part(", ", "state %q", e.State)
	}
	if e.Kind != nil {
		part(": ", "%s", e.Kind)
	}
	if e.Field != "" {
		part(": ", "%s", e.Field)
	}
	if e.Found != "" {
		part(": ", "%s", e.Found)
	}
	if e.Expected != "" {
		part(", ", "expected %s", e.Expected)
	}
	if e.Err != nil {
		part(": ", "%s", e.Err)
	}
	if e.Hint != "" {
		part(" (", "%s)", e.Hint)
	}
	return b.String()
}

// Is reports whether target is this error's kind. A truncated file is a corrupt one.
func (e *Error) Is(target error) bool {
	return target == e.Kind || (target == ErrCorrupt && e.Kind == ErrTruncated) || (e.Mark != nil && target == e.Mark)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Place is what an outer layer knows about where an error happened. Unknown parts are left empty or NoPlace.
type Place struct {
	File     string
	Operator string
	State    string
	Subtask  int
	KeyGroup int
}

// At adds what the caller knows of the place to err, without overwriting what an inner layer knew better. An error that
// is not an *Error is wrapped in one of kind ErrCorrupt only if it carries no kind of its own. nil stays nil.
func At(err error, p Place) error {
	if err == nil {
		return nil
	}
	var inner *Error
	if !errors.As(err, &inner) {
		return &Error{Kind: KindOf(err), File: p.File, Offset: NoPlace, Operator: p.Operator, State: p.State, Subtask: p.Subtask, KeyGroup: p.KeyGroup, Err: err}
	}
	e := *inner
	if e.File == "" {
		e.File = p.File
	}
	if e.Operator == "" {
		e.Operator = p.Operator
	}
	if e.State == "" {
		e.State = p.State
	}
	if e.Subtask < 0 {
		e.Subtask = p.Subtask
	}
	if e.KeyGroup < 0 {
		e.KeyGroup = p.KeyGroup
	}
	return &e
}

// File is At with a file name alone.
func File(err error, name string) error {
	return At(err, Place{File: name, Subtask: NoPlace, KeyGroup: NoPlace})
}

// KindOf gives the sentinel that err carries, or nil.
func KindOf(err error) error {
	for _, k := range []error{ErrTruncated, ErrCorrupt, ErrUnsupported, ErrMissing, ErrRefused, ErrUsage} {
		if errors.Is(err, k) {
			return k
		}
	}
	return nil
}
