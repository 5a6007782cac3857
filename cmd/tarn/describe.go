package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/describe"
	"github.com/tarn-project/tarn/format/fault"
)

func (a *app) describeCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "describe FILE",
		Short: "Print what each byte of a file means",
		Long: `describe prints a file of a snapshot byte range by byte range: offset, bytes, meaning. It knows _metadata files and the streams of keyed
and operator state; a directory means its _metadata, "-" standard input. Of a state stream the header is described, and of a keyed one
what the header says; where entries begin is only known from the snapshot that refers to it: --snapshot names it.

` + exitHelp,
		Example: `  tarn describe savepoint-1/_metadata | less
  tarn describe savepoint-1/3f2504e0-4f89-41d3-9a0c-0305e82c3301 --snapshot savepoint-1`,
		Args: exactArgs("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			name, b, err := a.fileOrInput(c, args[0])
			if err != nil {
				return err
			}
			return a.result(func(w io.Writer) error {
				dump := describe.Any
				if asJSON {
					dump = describe.AnyJSON
				}
				return fault.File(dump(w, b), name)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object for each byte range")
	return c
}
