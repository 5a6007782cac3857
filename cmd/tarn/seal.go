package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/validate"
	"github.com/tarn-project/tarn/store/file"
)

func (a *app) sealCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "seal SNAPSHOT",
		Short: "Write down what a snapshot is, to find out later whether it still is",
		Long: `seal reads all of a snapshot and writes a manifest: every file with its size and SHA-256, and the number of entries of every state. It goes
to SNAPSHOT.seal.json beside the snapshot's directory, or to --output: never inside, where Flink would not expect it. tarn validate finds it
there and compares, names and sizes always, checksums and counts with --deep.

A snapshot that cannot be read whole is not sealed: tarn validate --deep says what is wrong with it.

` + exitHelp,
		Example: `  tarn seal savepoint-1 && tarn validate --deep savepoint-1
  tarn seal savepoint-1 -o seals/savepoint-1.json`,
		Args: exactArgs("SNAPSHOT"),
		RunE: func(c *cobra.Command, args []string) error { return a.seal(c, args[0]) },
	}
	a.addSnapshotFlags(c)
	return c
}

func (a *app) seal(c *cobra.Command, name string) error {
	snap, err := a.open(c.Context(), name)
	if err != nil {
		return err
	}
	if a.output == "" {
		a.output = sealName(name)
	}
	if err := outsideOf(snap, a.output); err != nil {
		return err
	}
	m := a.meter("sealed", 2*snap.KeyedBytes(reader.Selection{}))
	defer m.end()
	s, err := validate.MakeSeal(c.Context(), file.Store{}, snap, a.jobs, m.add)
	if err != nil {
		return err
	}
	if err := a.result(func(w io.Writer) error { return writeJSON(w, s) }); err != nil {
		return err
	}
	a.info("sealed %s in %s", plural(len(s.Files), "file"), a.output)
	return nil
}

// outsideOf refuses output in the snapshot's own directories.
func outsideOf(s *reader.Snapshot, name string) error {
	if name == "-" {
		return nil
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	dir := strings.TrimRight(s.AbsDir(), "/") + "/"
	if strings.HasPrefix(filepath.ToSlash(abs), dir) {
		return refused(name, "inside the snapshot").WithHint("Flink deletes a snapshot's directory only if nothing else is in it")
	}
	return nil
}
