package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/valuejson"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/writer/export"
)

func (a *app) getCommand() *cobra.Command {
	var f rowFlags
	var everywhere, inHex bool
	c := &cobra.Command{
		Use:   "get SNAPSHOT KEY",
		Short: "Print everything known of one key, across operators and states",
		Long: `get finds a key in every operator whose keys are of a fitting type: its key group, the subtask that owns it, and what each state and
timer queue holds for it. Only that key group's bytes are read.

KEY is JSON of the key type; a bare word is a string: get S k18, get S 42, get S '["a",1]', get S '{"id":7}'. With --key-hex it is the
serialized key in hex. Keys whose hash code only their own class knows (POJOs, Avro, Kryo) are looked for in all key groups.

It is an error (exit code 3) if nothing is found.

` + exitHelp,
		Example: `  tarn get savepoint-1 k18
  tarn get savepoint-1 42 --operator counts --json`,
		Args: exactArgs("SNAPSHOT", "KEY"),
		RunE: func(c *cobra.Command, args []string) error {
			finder := &reader.KeyFinder{Text: args[1], Everywhere: everywhere}
			if inHex {
				var err error
				if finder.Raw, err = parseHex("KEY", args[1]); err != nil {
					return err
				}
			}
			return a.get(c, args[0], finder, &f)
		},
	}
	a.addSnapshotFlags(c)
	f.add(c)
	c.Flags().BoolVar(&everywhere, "everywhere", false, "look in all key groups, not only in the one that the key's hash code gives")
	c.Flags().BoolVar(&inHex, "key-hex", false, "KEY is the serialized key in hex")
	return c
}

func (a *app) get(c *cobra.Command, name string, finder *reader.KeyFinder, f *rowFlags) error {
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
	sel.Key, sel.SameKey = finder.Find, finder.SameKey
	sel.Part = func(p reader.Part) bool {
		return p.Slot == metadata.SlotManagedKeyed || p.Slot == metadata.SlotRawKeyed
	}
	if f.format == "" && !f.json {
		return a.getText(c, snap, sel, finder, f.states)
	}
	_, err = a.rows(c, snap, sel, f, func(n int64) error {
		if n == 0 {
			return notFound(finder)
		}
		return nil
	})
	return err
}

// notFound says why a key gave no rows.
func notFound(f *reader.KeyFinder) error {
	if err := nobodysKey(f); err != nil {
		return err
	}
	if len(f.Matches()) == 0 {
		return fault.New(fault.ErrMissing, "no keyed state here")
	}
	what := f.Text
	if f.Raw != nil {
		what = hex.EncodeToString(f.Raw)
	}
	return fault.New(fault.ErrMissing, "no state of key %s", what).WithHint("--everywhere looks in all key groups")
}

// nobodysKey is an error if there are keys, but of other types than the one asked for.
func nobodysKey(f *reader.KeyFinder) error {
	if mis := f.Misfits(); len(f.Matches()) == 0 && len(mis) > 0 {
		return mis[0]
	}
	return nil
}

// keyRow is what one state holds for the key.
type keyRow struct {
	operator string
	state    string
	kind     entry.Kind
	row      json.RawMessage
}

// getText prints the key's place and state for people.
func (a *app) getText(c *cobra.Command, snap *reader.Snapshot, sel reader.Selection, finder *reader.KeyFinder, states []string) error {
	found := &seen{states: map[string]bool{}}
	sel.State = found.watch(sel.State, states)
	rows, scanErr := a.collect(c, snap, sel)
	if err := found.missing(states); err != nil && scanErr == nil {
		return err
	}
	matches := finder.Matches()
	if len(matches) == 0 {
		if scanErr != nil {
			return scanErr
		}
		return notFound(finder)
	}
	for _, e := range finder.Misfits() {
		if a.verbose {
			a.info("%v", e)
		}
	}
	err := a.result(func(w io.Writer) error {
		return printMatches(w, matches, rows)
	})
	switch {
	case err != nil:
		return err
	case scanErr != nil:
		return scanErr
	case len(rows) == 0:
		return notFound(finder)
	}
	return nil
}

func (a *app) collect(c *cobra.Command, snap *reader.Snapshot, sel reader.Selection) ([]keyRow, error) {
	format, err := export.ByName("json")
	if err != nil {
		return nil, err
	}
	out, err := format.New(export.Options{OnError: snap.Misread})
	if err != nil {
		return nil, err
	}
	r := out.NewRenderer()
	var rows []keyRow
	err = snap.Scan(c.Context(), sel, 1, func(_ int, t *reader.Task) error {
		var failed error
		t.Each(func(e *entry.Entry) bool {
			var b []byte
			if b, failed = r.Append(nil, e); failed == nil {
				rows = append(rows, keyRow{e.State.OperatorID, e.State.Name, e.State.Kind, b})
			}
			return failed == nil
		})
		return failed
	})
	if undecoded := snap.Undecoded.Err(); err == nil {
		err = undecoded
	}
	return rows, err
}

// printMatches prints each operator that holds something for the key, and names the others on one line. If none does, it prints where the
// key would be in each.
func printMatches(w io.Writer, matches []reader.KeyMatch, rows []keyRow) error {
	b := bufio.NewWriter(w)
	var without []string
	for _, m := range matches {
		if len(rows) > 0 && len(statesOf(rows, m.Operator.ID.String())) == 0 {
			without = append(without, m.Operator.Label())
			continue
		}
		printMatch(b, m, rows)
	}
	if len(without) > 0 {
		fmt.Fprintf(b, "nothing in %s\n", strings.Join(without, ", "))
	}
	return b.Flush()
}

func printMatch(w io.Writer, m reader.KeyMatch, rows []keyRow) {
	op := m.Operator
	fmt.Fprintf(w, "%s", op.Label())
	if op.Name != "" && op.Name != op.UID {
		fmt.Fprintf(w, "  %s", op.Name)
	}
	fmt.Fprintln(w)
	where := fmt.Sprintf("in any key group: the hash code of %s is not known", m.Type)
	if m.KeyGroup >= 0 {
		where = fmt.Sprintf("key group %d of %d, subtask %d of %d", m.KeyGroup, op.Meta.MaxParallelism, m.Subtask, op.Meta.Parallelism)
	}
	fmt.Fprintf(w, "  %s\n", where)
	states := statesOf(rows, op.ID.String())
	for _, name := range states {
		printState(w, op.ID.String(), name, rows)
	}
	if len(states) == 0 {
		fmt.Fprintln(w, "  nothing")
	}
}

func statesOf(rows []keyRow, operator string) []string {
	var out []string
	for _, r := range rows {
		if r.operator == operator && !slices.Contains(out, r.state) {
			out = append(out, r.state)
		}
	}
	return out
}

func printState(w io.Writer, operator, name string, rows []keyRow) {
	var lines []line
	var kind entry.Kind
	for _, r := range rows {
		if r.operator == operator && r.state == name {
			kind = r.kind
			lines = append(lines, lineOf(r))
		}
	}
	if kind == entry.Timer {
		slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.time, b.time) })
	}
	if len(lines) == 1 && (kind == entry.Value || kind == entry.Reducing || kind == entry.Aggregating || kind == entry.List) {
		fmt.Fprintf(w, "  %s (%s)  %s\n", name, kind, lines[0].text)
		return
	}
	fmt.Fprintf(w, "  %s (%s)\n", name, kind)
	for _, l := range lines {
		fmt.Fprintf(w, "    %s\n", l.text)
	}
}

// line says what a row holds besides its key; time is that of a timer.
type line struct {
	time int64
	text string
}

func lineOf(r keyRow) line {
	var row struct {
		NS        json.RawMessage `json:"ns"`
		MapKey    json.RawMessage `json:"mapKey"`
		Value     json.RawMessage `json:"value"`
		TTL       *int64          `json:"ttlTs"`
		Timestamp *int64          `json:"timestamp"`
	}
	if err := json.Unmarshal(r.row, &row); err != nil {
		return line{text: string(bytes.TrimSpace(r.row))}
	}
	var l line
	var parts []string
	if row.Timestamp != nil {
		l.time = *row.Timestamp
		parts = append(parts, millis(l.time))
	}
	if row.NS != nil {
		parts = append(parts, "ns "+string(row.NS))
	}
	if row.MapKey != nil {
		parts = append(parts, string(row.MapKey)+":")
	}
	if row.Value != nil {
		parts = append(parts, valueText(row.Value))
	}
	if row.TTL != nil {
		parts = append(parts, "(last access "+millis(*row.TTL)+")")
	}
	l.text = strings.Join(parts, " ")
	return l
}

func millis(ms int64) string { return string(valuejson.AppendMillis(nil, ms)) }

// valueText takes the last-access times out of a list whose elements have them.
func valueText(value json.RawMessage) string {
	var list []struct {
		TTL   *int64          `json:"ttlTs"`
		Value json.RawMessage `json:"value"`
	}
	if !bytes.HasPrefix(value, []byte(`[{"ttlTs":`)) || json.Unmarshal(value, &list) != nil {
		return string(value)
	}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	var plain []string
	for _, e := range list {
		if e.TTL == nil || e.Value == nil {
			return string(value)
		}
		first, last = min(first, *e.TTL), max(last, *e.TTL)
		plain = append(plain, string(e.Value))
	}
	text := "[" + strings.Join(plain, ",") + "] (last access " + millis(first)
	if first != last {
		text += " … " + millis(last)
	}
	return text + ")"
}
