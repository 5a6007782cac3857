package keyed

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// RawService is one timer service in a key group of raw keyed state: its name and the serializers of its timers.
type RawService struct {
	Name           string
	Key, Namespace *serde.Snapshot
}

// RawTimersEncoder writes key groups of raw keyed timers: Begin, then for each service BeginService, AppendTimer for its event-time
// timers, EndTimers, the same for its processing-time timers, EndTimers.
type RawTimersEncoder struct {
	at int // where the number of timers stands
	n  int32
}

// Begin begins a key group with a number of services.
func (t *RawTimersEncoder) Begin(dst []byte, services int) []byte {
	m := uint32(timersMagic)
	dst = binio.AppendI32(dst, int32(m))
	dst = binio.AppendI32(dst, timersVersion)
	return binio.AppendI32(dst, int32(services))
}

// BeginService begins a service with its event-time timers. The error is of kind fault.ErrUsage.
func (t *RawTimersEncoder) BeginService(dst []byte, s *RawService) ([]byte, error) {
	dst, ok := binio.AppendUTF(dst, s.Name)
	if !ok {
		return dst, fault.New(fault.ErrUsage, "timer service with a name of %d characters", len(s.Name))
	}
	dst, err := serde.AppendSnapshot(dst, s.Key)
	if err != nil {
		return dst, err
	}
	if dst, err = serde.AppendSnapshot(dst, s.Namespace); err != nil {
		return dst, err
	}
	return t.beginTimers(dst), nil
}

func (t *RawTimersEncoder) beginTimers(dst []byte) []byte {
	t.at, t.n = len(dst), 0
	return binio.AppendI32(dst, 0)
}

// AppendTimer appends a timer.
func (t *RawTimersEncoder) AppendTimer(dst []byte, s *State, e *entry.Entry) []byte {
	t.n++
	dst = s.appendNamespace(append(dst, e.Key...), e)
	return binio.AppendI64(dst, e.Timestamp)
}

// EndTimers ends the timers of one kind of time. After those of event time, more says that those of processing time follow.
func (t *RawTimersEncoder) EndTimers(dst []byte, more bool) []byte {
	copy(dst[t.at:], binio.AppendI32(nil, t.n))
	if more {
		return t.beginTimers(dst)
	}
	return dst
}
