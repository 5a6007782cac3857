package main

import (
	"bytes"
	"io"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/describe"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store"
	"github.com/tarn-project/tarn/store/file"
)

func (a *app) describeCommand() *cobra.Command {
	var o describe.Options
	c := &cobra.Command{
		Use:   "describe FILE",
		Short: "Print what each byte of a file means",
		Long: `describe prints a file of a snapshot byte range by byte range: offset, bytes, meaning. It tells by the content what kind of file it is:
_metadata, keyed state (canonical or heap layout), operator state, raw keyed timers, in-flight data, RocksDB's tables, MANIFEST,
CURRENT and OPTIONS. A directory means its _metadata, "-" standard input, which is kept in memory.

Compressed state is shown twice: its chunks with their places in the file, then what they contain, with offsets that count
uncompressed bytes. Where the elements of several operator states begin is only in the _metadata that refers to the file.

` + exitHelp,
		Example: `  tarn describe savepoint-1/_metadata | less
  tarn describe savepoint-1/3f2504e0-4f89-41d3-9a0c-0305e82c3301 --limit 20`,
		Args: exactArgs("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			if o.Limit < 0 {
				return usage("--limit %d", o.Limit).WithExpected("a number of entries, or 0 for all")
			}
			name, obj, err := a.openDescribed(c, args[0])
			if err != nil {
				return err
			}
			defer obj.Close()
			o.Metadata = store.Base(name) == reader.MetadataName
			return a.result(func(w io.Writer) error {
				return fault.File(describe.File(w, obj, obj.Size(), o), name)
			})
		},
	}
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object for each byte range")
	c.Flags().IntVar(&o.Limit, "limit", 0, "print at most so many entries of state; 0 prints all")
	return c
}

// openDescribed opens a file, the _metadata of a directory, or standard input for "-".
func (a *app) openDescribed(c *cobra.Command, name string) (string, store.Object, error) {
	if name == "-" {
		b, err := a.standardInput(c.Context())
		return "standard input", input{bytes.NewReader(b)}, err
	}
	var st file.Store
	info, err := st.Stat(c.Context(), name)
	if err != nil {
		return name, nil, err
	}
	if info.Dir {
		name = store.Join(name, reader.MetadataName)
	}
	obj, err := st.Open(c.Context(), name)
	return name, obj, err
}

// input is standard input as an object.
type input struct{ *bytes.Reader }

func (input) Close() error { return nil }
