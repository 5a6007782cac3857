package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/overview"
	"github.com/tarn-project/tarn/store/file"
)

type inspectFlags struct {
	operators []string
	json      bool
	types     bool
	files     bool
	count     bool
}

// countFreely is how much state inspect counts without being asked: little enough to answer at once.
const countFreely = 1 << 20

func (a *app) inspectCommand() *cobra.Command {
	var f inspectFlags
	c := &cobra.Command{
		Use:   "inspect SNAPSHOT",
		Short: "Show what a snapshot is and what is in it",
		Long: `inspect shows what a savepoint or checkpoint is: its kind, who wrote it, operators, states with their types, sizes, key groups, and whether
it can be moved. Of a directory with snapshots below it, it lists them as tarn latest --all does. It reads _metadata and the headers of state
files, so that it takes no longer for large state. With --verbose it says how long reading all of the state takes.

With --count, and for small snapshots without it, entries are counted too, and the ages of values with TTL are shown. The TTL duration
itself is not in a snapshot.

` + exitHelp,
		Example: `  tarn inspect savepoint-1
  tarn inspect savepoint-1 --types --operator orders
  tarn inspect chk-42 --json | jq '.operators[].bytes'`,
		Args: exactArgs("SNAPSHOT"),
		RunE: func(c *cobra.Command, args []string) error { return a.inspect(c, args[0], &f) },
	}
	a.addSnapshotFlags(c)
	fl := c.Flags()
	fl.StringArrayVar(&f.operators, "operator", nil, "only operators with this `UID`, name, id or beginning of an id; repeatable")
	fl.BoolVar(&f.json, "json", false, "print one JSON document")
	fl.BoolVar(&f.types, "types", false, "show the whole type tree of every state, with serializer classes")
	fl.BoolVar(&f.files, "files", false, "list every file, who refers to it, and how it was found")
	fl.BoolVar(&f.count, "count", false, "read all state to count entries and bytes by state")
	return c
}

func (a *app) inspect(c *cobra.Command, name string, f *inspectFlags) error {
	snap, err := a.open(c.Context(), name)
	if errors.Is(err, reader.ErrDirectory) {
		return a.inspectDirectory(c, name, f, err)
	}
	if err != nil {
		return err
	}
	o := overview.Options{CountUpTo: countFreely, Jobs: a.jobs, Types: f.types, Files: f.files}
	if o.Operator, err = operatorFilter(snap, f.operators); err != nil {
		return err
	}
	if f.count {
		o.CountUpTo = -1
		m := a.meter("counted", snap.KeyedBytes(overview.Countable(o.Operator)))
		defer m.end()
		o.Progress = m.add
	}
	view, problems := overview.Make(c.Context(), snap, o)
	if c.Context().Err() != nil {
		return c.Context().Err()
	}
	err = a.result(func(w io.Writer) error {
		if f.json {
			return writeJSON(w, view)
		}
		p := a.newPage(w)
		p.overview(view, f)
		return p.err
	})
	if err != nil {
		return err
	}
	if a.verbose {
		a.info("%s", readingTime(view.Bytes.Total+view.MetadataBytes-view.Bytes.Inline))
	}
	return problems
}

// inspectDirectory lists the snapshots below a directory that is none itself: the root of a job's checkpoints, of all savepoints. Without
// any, why says what is wrong.
func (a *app) inspectDirectory(c *cobra.Command, dir string, f *inspectFlags, why error) error {
	o, err := a.readerOptions()
	if err != nil {
		return err
	}
	list, err := reader.Discover(c.Context(), file.Store{}, dir, o)
	if err != nil || len(list) == 0 || list[0].Dir == dir {
		return why
	}
	return a.listSnapshots(c, dir, o, f.json)
}
