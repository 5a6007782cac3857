package main

import (
	"encoding/hex"
	"io"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/internal/ordered"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/writer/export"
)

// rowFlags choose entries and how they are written.
type rowFlags struct {
	operators []string
	states    []string
	kinds     []string
	keyGroups string
	key       string
	keyHex    string
	format    string
	partition string
	json      bool
	columns   []string
	raw       bool
	meaning   bool
	where     string
	limit     int64
}

func (a *app) catCommand() *cobra.Command {
	var f rowFlags
	c := &cobra.Command{
		Use:   "cat SNAPSHOT",
		Short: "Print the entries of states as rows",
		Long: `cat prints what the states of a snapshot hold, one row for each entry: keyed state, timers, operator and broadcast state,
coordinator state, raw state and in-flight data. Rows come by operator, subtask and key group.

What cannot be decoded is shown as {"$raw":…} with the class of its serializer.

The formats arrow and parquet write typed columns instead of text, one state to a file: -o FILE for one state, -o DIR/ for a file for each
state. What cannot be decoded is null in them, and the column raw has its bytes. Standard output gets an Arrow stream.

` + exitHelp,
		Example: `  tarn cat savepoint-1 --operator orders --state last --limit 20
  tarn cat savepoint-1 --state count --key k18
  tarn cat savepoint-1 --state orders --where 'value.amount > 100 and value.city == "Berlin"'
  tarn cat savepoint-1 --key-groups 0-31 --format json | jq .value
  tarn cat savepoint-1 --state orders --format parquet -o orders.parquet
  tarn cat savepoint-1 --format arrow -o states/`,
		Args: exactArgs("SNAPSHOT"),
		RunE: func(c *cobra.Command, args []string) error { return a.cat(c, args[0], &f) },
	}
	a.addSnapshotFlags(c)
	f.add(c, "arrow", "parquet")
	c.Flags().StringVar(&f.key, "key", "", "only entries of this `KEY`: JSON of the key type, a bare word is a string")
	c.Flags().StringVar(&f.keyHex, "key-hex", "", "only entries of the key with these serialized bytes, in `HEX`")
	c.Flags().StringVar(&f.keyGroups, "key-groups", "", "only key groups `A-B`")
	c.Flags().StringVar(&f.partition, "partition-by", "", "key-group: with arrow and parquet, write a file for each key group")
	c.Flags().Int64Var(&f.limit, "limit", 0, "stop after `N` rows")
	return c
}

// add gives a command the flags that cat and get share. It has the formats of rows, and more ones if they are named.
func (f *rowFlags) add(c *cobra.Command, more ...string) {
	fl := c.Flags()
	formats := append([]cobra.Completion{"table", "json", "csv"}, more...)
	fl.StringArrayVar(&f.operators, "operator", nil, "only operators with this `UID`, name, id or beginning of an id; repeatable")
	fl.StringArrayVar(&f.states, "state", nil, "only states of this `NAME`; repeatable")
	fl.StringArrayVar(&f.kinds, "kind", nil, "only rows of this `KIND`: value, list, map, timer, operator-list, …; repeatable")
	fl.StringVar(&f.format, "format", "", strings.Join(formats, ", ")+"; table on a terminal, else json (one object a line)")
	fl.BoolVar(&f.json, "json", false, "the same as --format json")
	fl.StringSliceVar(&f.columns, "columns", nil, "only these columns, for instance key,value")
	fl.StringVar(&f.where, "where", "", "only entries for which this `EXPR` is true, for instance 'value.amount > 100 and key startsWith \"k1\"'")
	fl.BoolVar(&f.meaning, "meaning", false, "add what the state of sources, sinks and coordinators says: offsets, files, transactions")
	fl.BoolVar(&f.raw, "raw", false, "add the serialized bytes of every part in hex")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

func (a *app) cat(c *cobra.Command, name string, f *rowFlags) error {
	finder, err := f.finder(c)
	if err != nil {
		return err
	}
	snap, err := a.open(c.Context(), name)
	if err != nil {
		return err
	}
	sel, err := f.selection(snap)
	if err != nil {
		return err
	}
	if err := a.where(c, snap, &sel, f.where); err != nil {
		return err
	}
	var check func(int64) error
	if finder != nil {
		sel.Key, sel.SameKey = finder.Find, finder.SameKey
		check = func(int64) error { return nobodysKey(finder) }
	}
	if format, ok := export.RecordFormatByName(f.format); ok && !f.json {
		err = a.records(c, snap, sel, f, format, check)
	} else if f.partition != "" {
		err = usage("--partition-by").WithExpected("--format arrow or parquet")
	} else {
		_, err = a.rows(c, snap, sel, f, check)
	}
	if err == nil && finder != nil {
		for _, e := range finder.Misfits() {
			a.info("%v", e)
		}
	}
	return err
}

// finder gives what the key flags of cat ask for: nil for all keys.
func (f *rowFlags) finder(c *cobra.Command) (*reader.KeyFinder, error) {
	byText, byBytes := c.Flags().Changed("key"), c.Flags().Changed("key-hex")
	switch {
	case f.limit < 0:
		return nil, usage("--limit %d", f.limit).WithExpected("1 or more")
	case byText && byBytes:
		return nil, usage("both --key and --key-hex").WithExpected("one of them")
	case byBytes:
		k, err := parseHex("--key-hex", f.keyHex)
		return &reader.KeyFinder{Raw: k}, err
	case byText:
		return &reader.KeyFinder{Text: f.key}, nil
	}
	return nil, nil
}

// parseHex reads serialized bytes; none at all are a key too.
func parseHex(what, text string) ([]byte, error) {
	k, err := hex.DecodeString(text)
	if err != nil {
		return nil, usage("%s %q", what, text).WithExpected("an even number of hex digits")
	}
	return append([]byte{}, k...), nil
}

// selection turns the flags into what the reader is asked for.
func (f *rowFlags) selection(snap *reader.Snapshot) (reader.Selection, error) {
	var sel reader.Selection
	var err error
	if sel.Operator, err = operatorFilter(snap, f.operators); err != nil {
		return sel, err
	}
	if sel.KeyGroups, err = parseGroups(f.keyGroups); err != nil {
		return sel, err
	}
	for _, k := range f.kinds {
		if _, ok := entry.ParseKind(k); !ok {
			return sel, usage("--kind %q", k).WithExpected("one of %s", entry.KindNames())
		}
	}
	if len(f.states) > 0 || len(f.kinds) > 0 {
		sel.State = func(s *entry.State) bool { return oneOf(s.Name, f.states) && oneOf(s.Kind.String(), f.kinds) }
	}
	return sel, nil
}

func oneOf(s string, list []string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return len(list) == 0
}

// rows writes the selected entries in order, rendered by several goroutines, and gives their number. check, if not nil, is told the number
// before the result is complete and may say that it is none.
func (a *app) rows(c *cobra.Command, snap *reader.Snapshot, sel reader.Selection, f *rowFlags, check func(rows int64) error) (n int64, err error) {
	found := &seen{states: map[string]bool{}}
	sel.State = found.watch(sel.State, f.states)
	err = a.result(func(w io.Writer) error {
		out, err := a.newOutput(f, snap)
		if err != nil {
			return err
		}
		to := out.NewWriter(w)
		run := &rowRun{app: a, out: out, limit: f.limit, jobs: a.jobs, problems: &snap.Undecoded}
		if f.limit > 0 {
			run.jobs = 1 // the first rows are wanted: what more goroutines read would be thrown away
		}
		m := a.meter("read", snap.KeyedBytes(sel))
		err = run.scan(c, snap, sel, to, m)
		m.end()
		n = run.rows.Load()
		if err == nil && !run.enough.Load() {
			err = found.missing(f.states)
		}
		if err == nil && check != nil {
			err = check(n)
		}
		if cerr := to.Close(); err == nil {
			err = cerr
		}
		return err
	})
	return n, err
}

func (a *app) newOutput(f *rowFlags, snap *reader.Snapshot) (export.Output, error) {
	width, tty := terminal(a.out)
	if a.output != "" {
		width, tty = 0, false
	}
	name := f.format
	switch {
	case f.json:
		name = "json"
	case name == "" && tty:
		name = "table"
	case name == "":
		name = "json"
	}
	format, err := export.ByName(name)
	if err != nil {
		return nil, err
	}
	return format.New(export.Options{
		Raw: f.raw, Meaning: f.meaning, Columns: f.columns, Width: width, Color: a.color(),
		OnError: snap.Misread,
	})
}

// rowRun is one run of cat or get.
type rowRun struct {
	app      *app
	out      export.Output
	limit    int64
	jobs     int
	rows     atomic.Int64
	enough   atomic.Bool // the limit ended the scan
	problems *reader.Problems
}

// pieceBytes is how much a worker collects before it hands rows on.
const pieceBytes = 128 << 10

func (r *rowRun) scan(c *cobra.Command, snap *reader.Snapshot, sel reader.Selection, w io.Writer, m *meter) error {
	seq := ordered.New(w, r.jobs, 8*pieceBytes)
	workers := make([]rowWorker, max(1, r.jobs))
	for i := range workers {
		workers[i].Renderer = r.out.NewRenderer()
	}
	err := snap.Scan(c.Context(), sel, r.jobs, func(i int, t *reader.Task) error {
		p := seq.Piece(t.Seq)
		err := workers[i].render(r, t, p)
		if cerr := p.Close(); err == nil {
			err = cerr
		}
		m.add(t.Bytes())
		return err
	})
	if err == errEnough {
		r.enough.Store(true)
		err = nil
	}
	if undecoded := r.problems.Err(); undecoded != nil && err == nil {
		err = undecoded
	}
	return err
}

type rowWorker struct {
	export.Renderer
	buf []byte
}

func (w *rowWorker) render(r *rowRun, t *reader.Task, p *ordered.Piece) error {
	w.buf = w.buf[:0]
	var err error
	var n int64
	t.Each(func(e *entry.Entry) bool {
		if r.limit > 0 && r.rows.Load() >= r.limit {
			err = errEnough
			return false
		}
		if w.buf, err = w.Append(w.buf, e); err != nil {
			return false
		}
		n++
		if r.limit > 0 {
			r.rows.Add(1)
		}
		if len(w.buf) >= pieceBytes {
			err = w.hand(p)
		}
		return err == nil
	})
	if r.limit == 0 {
		r.rows.Add(n)
	}
	if herr := w.hand(p); err == nil {
		err = herr
	}
	return err
}

// hand gives what was rendered to the piece.
func (w *rowWorker) hand(p *ordered.Piece) error {
	var err error
	if w.buf, err = w.Flush(w.buf); err != nil {
		return err
	}
	_, err = p.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

// errEnough ends a scan whose limit is reached.
var errEnough = fault.New(nil, "enough")
