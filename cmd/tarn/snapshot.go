package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store/file"
)

// snapshotFlags say how snapshots are opened.
type snapshotFlags struct {
	maps  []string
	roots []string
	uids  []string
	hints []string

	noVerify bool
}

// addSnapshotFlags gives a command the flags of everything that opens a snapshot.
func (a *app) addSnapshotFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&a.snapshot.maps, "map", nil, "where files are that _metadata names by absolute path: `OLD=NEW` replaces the beginning of paths; repeatable")
	f.StringArrayVar(&a.snapshot.roots, "allow-root", nil, "follow absolute paths in _metadata below this `DIR` too, not only within the snapshot's own tree; repeatable")
	f.StringArrayVar(&a.snapshot.uids, "uids", nil, "names of operators: a `FILE` of uids one a line, of \"ID UID\" lines, a YAML hint file with uids, or Flink's JSON plan; repeatable")
	f.StringArrayVar(&a.snapshot.hints, "hints", nil, "what a snapshot cannot say: a YAML `FILE` of uids, names of fields, classes, serializers, TTL (see tarn hints); repeatable")
	f.BoolVar(&a.snapshot.noVerify, "no-verify", false, "leave the checksums of RocksDB's tables unchecked")
}

// open opens a snapshot as the flags say.
func (a *app) open(ctx context.Context, name string) (*reader.Snapshot, error) {
	o, err := a.readerOptions()
	if err != nil {
		return nil, err
	}
	return reader.Open(ctx, file.Store{}, name, o)
}

func (a *app) readerOptions() (o reader.Options, err error) {
	for _, m := range a.snapshot.maps {
		from, to, ok := strings.Cut(m, "=")
		if !ok || from == "" || to == "" {
			return o, usage("--map %q", m).WithExpected("OLD=NEW")
		}
		o.Map = append(o.Map, reader.Mapping{Old: from, New: to})
	}
	o.AllowRoots, o.NoVerify = a.snapshot.roots, a.snapshot.noVerify
	for _, f := range a.snapshot.uids {
		b, err := os.ReadFile(f)
		if err != nil {
			return o, missingFile(f, err)
		}
		n, err := parseNames(b)
		if err != nil {
			return o, fault.File(err, f)
		}
		o.Names.Add(n)
	}
	err = a.readHints(&o)
	return o, err
}

func missingFile(name string, err error) error {
	e := fault.New(fault.ErrMissing, "%v", errors.Unwrap(err))
	e.File = name
	return e
}

// operatorFilter finds the operators that are meant by uid, name, id or the beginning of an id. nil means all.
func operatorFilter(s *reader.Snapshot, wanted []string) (func(*reader.Operator) bool, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	chosen := map[*reader.Operator]bool{}
	for _, w := range wanted {
		found := false
		for _, o := range s.Operators {
			id := o.ID.String()
			if w == o.UID || w == o.Name || w == id || (len(w) >= 4 && strings.HasPrefix(id, strings.ToLower(w))) {
				chosen[o], found = true, true
			}
		}
		if !found {
			return nil, noSuchOperator(s, w)
		}
	}
	return func(o *reader.Operator) bool { return chosen[o] }, nil
}

func noSuchOperator(s *reader.Snapshot, name string) error {
	var known []string
	for _, o := range s.Operators {
		l := o.Label()
		if o.UID == "" && o.Name != "" {
			l = fmt.Sprintf("%s (%s)", o.Name, o.ID)
		}
		known = append(known, l)
		if len(known) == 12 && len(s.Operators) > 12 {
			known = append(known, "…")
			break
		}
	}
	return usage("no operator %q", name).WithExpected("%s", strings.Join(known, ", "))
}

// parseGroups reads "A-B" or "A".
func parseGroups(s string) (*keygroup.Range, error) {
	if s == "" {
		return nil, nil
	}
	var r keygroup.Range
	if n, err := fmt.Sscanf(s, "%d-%d", &r.First, &r.Last); n == 2 && err == nil && s == fmt.Sprintf("%d-%d", r.First, r.Last) && r.First <= r.Last {
		return &r, nil
	}
	if n, err := fmt.Sscanf(s, "%d", &r.First); n == 1 && err == nil && s == fmt.Sprint(r.First) && r.First >= 0 {
		r.Last = r.First
		return &r, nil
	}
	return nil, usage("--key-groups %q", s).WithExpected("A-B or A, for instance 0-31")
}
