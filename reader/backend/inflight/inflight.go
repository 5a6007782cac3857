// Package inflight shows the in-flight data of unaligned checkpoints: what lay in the buffers between operators. Each channel is a
// state, each stored buffer an entry of raw bytes; package channel tells the records in them apart.
package inflight

import (
	"context"
	"errors"
	"fmt"

	"github.com/tarn-project/tarn/format/channel"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/backend"
)

// Open shows the channels of one subtask and direction. Files are opened when they are read: one file holds many channels.
func Open(ctx context.Context, env *backend.Env, handles []metadata.ChannelHandle, output bool) backend.Source {
	s := &source{ctx: ctx, env: env}
	for _, h := range handles {
		switch h := h.(type) {
		case *metadata.Channel:
			s.add(h.Stream, h.Gate, h.Index, h.Offsets, h.Length, output)
		case *metadata.MergedChannels:
			for _, c := range h.Channels {
				s.add(h.Stream, c.Gate, c.Index, c.Offsets, c.Length, output)
			}
		}
	}
	return s
}

// part is where one channel's buffers are.
type part struct {
	stream  metadata.StreamHandle
	offsets []int64
	length  int64
}

type source struct {
	ctx    context.Context
	env    *backend.Env
	parts  []part
	states []backend.State
	size   int64
}

func (s *source) add(h metadata.StreamHandle, a, b int32, offsets []int64, length int64, output bool) {
	st := entry.State{Name: fmt.Sprintf("gate %d channel %d", a, b), Kind: entry.ChannelInput}
	if output {
		st = entry.State{Name: fmt.Sprintf("partition %d subpartition %d", a, b), Kind: entry.ChannelOutput}
	}
	s.states = append(s.states, backend.State{State: st})
	s.parts = append(s.parts, part{h, offsets, length})
	s.size += length
}

func (s *source) Layout() string              { return "in-flight data" }
func (s *source) Compressed() bool            { return false }
func (s *source) States() []backend.State     { return s.states }
func (s *source) Groups() keygroup.Range      { return keygroup.Range{First: 0, Last: -1} }
func (s *source) Size(int) int64              { return s.size }
func (s *source) NewScanner() backend.Scanner { return s }
func (s *source) Close() error                { return nil }

// Scan implements backend.Scanner. A channel that cannot be read does not hide the others.
func (s *source) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	var errs []error
	for i := range s.parts {
		if q.Want != nil && !q.Want[i] {
			continue
		}
		more := true
		err := s.channel(i, func(b channel.Block) bool {
			more = yield(&entry.Entry{State: &s.states[i].State, KeyGroup: backend.NoGroup, Value: b.Data})
			return more
		})
		if err != nil {
			errs = append(errs, fault.At(fault.File(err, s.env.Name(s.parts[i].stream)), fault.Place{State: s.states[i].Name, Subtask: fault.NoPlace, KeyGroup: fault.NoPlace}))
		}
		if !more {
			break
		}
	}
	return errors.Join(errs...)
}

func (s *source) channel(i int, yield func(channel.Block) bool) error {
	p := s.parts[i]
	obj, err := s.env.Open(s.ctx, p.stream)
	if err != nil {
		return err
	}
	defer obj.Close()
	c, err := channel.Open(obj, obj.Size())
	if err != nil {
		return err
	}
	return c.Each(p.offsets, p.length, yield)
}

// Count implements backend.Scanner.
func (s *source) Count(_ int, tally []keyed.Tally) error {
	i := map[*entry.State]int{}
	for n := range s.states {
		i[&s.states[n].State] = n
	}
	return s.Scan(backend.Query{}, func(e *entry.Entry) bool {
		t := &tally[i[e.State]]
		t.Entries++
		t.Bytes += int64(len(e.Value))
		return true
	})
}
