package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store/file"
)

func (a *app) latestCommand() *cobra.Command {
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "latest DIR",
		Short: "Print the newest complete snapshot below a directory",
		Long: `latest looks for savepoints and checkpoints below a directory and prints the directory of the newest one that is complete: its
_metadata can be read and every file that it names is there. Checkpoints of one job are ordered by their number, all else by the
time of _metadata. Newer ones that are not complete are named on standard error.

With --all it lists every snapshot, job by job, the newest first, and says which checkpoint numbers are missing between them. A job is named by
the first digits of its id, as in the names of savepoints.

` + exitHelp,
		Example: `  tarn inspect $(tarn latest /checkpoints/0123…cdef)`,
		Args:    exactArgs("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			o, err := a.readerOptions()
			if err != nil {
				return err
			}
			if all {
				return a.listSnapshots(c, args[0], o, asJSON)
			}
			f, newer, err := reader.Latest(c.Context(), file.Store{}, args[0], o)
			if err != nil {
				return err
			}
			for _, n := range newer {
				a.info("%s is newer and not complete: %s", n.Dir, n.Why)
			}
			return a.result(func(w io.Writer) error {
				if asJSON {
					return writeJSON(w, f)
				}
				_, err := fmt.Fprintln(w, f.Dir)
				return err
			})
		},
	}
	a.addSnapshotFlags(c)
	c.Flags().BoolVar(&all, "all", false, "list all snapshots, job by job")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) listSnapshots(c *cobra.Command, dir string, o reader.Options, asJSON bool) error {
	list, err := reader.Discover(c.Context(), file.Store{}, dir, o)
	if err != nil {
		return err
	}
	return a.result(func(w io.Writer) error {
		if asJSON {
			return writeJSON(w, append([]reader.Found{}, list...))
		}
		if len(list) == 0 {
			a.info("no snapshot below %s", dir)
			return nil
		}
		p := a.newPage(w)
		p.table("", "llllrrll", snapshotRows(list))
		for _, g := range reader.Gaps(list) {
			p.printf("note: job %s: %s\n", g.Job, gapText(g))
		}
		return p.err
	})
}

// snapshotRows is the table of snapshots, job by job.
func snapshotRows(list []reader.Found) [][]string {
	rows := [][]string{{"JOB", "TIME (UTC)", "AGE", "KIND", "ID", "SIZE", "COMPLETE", "DIRECTORY"}}
	for _, group := range reader.ByJob(list) {
		for _, f := range group {
			job, id, kind, complete := f.Job, "-", f.Kind, "yes"
			if job == "" {
				job = "-"
			}
			if f.CheckpointID >= 0 {
				id = fmt.Sprint(f.CheckpointID)
			}
			if f.Format != "" {
				kind = f.Format + " " + kind
			}
			if !f.Complete {
				complete = "no: " + f.Why
			}
			rows = append(rows, []string{job, f.Time.UTC().Format(time.DateTime), age(time.Since(f.Time)), kind, id, byteSize(f.Bytes), complete, f.Dir})
		}
	}
	return rows
}

// gapText says which numbers are missing, and what that may mean.
func gapText(g reader.Gap) string {
	const why = "deleted as not to be retained, aborted, or of savepoints kept elsewhere"
	if g.First == g.Last {
		return fmt.Sprintf("no snapshot %d: %s", g.First, why)
	}
	return fmt.Sprintf("no snapshots %d to %d: %s", g.First, g.Last, why)
}

// age gives a duration in its largest unit.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", max(0, d/time.Second))
}
