package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/validate"
	"github.com/tarn-project/tarn/store/file"
)

type validateFlags struct {
	deep   bool
	format string
	failOn string
	policy string
	seal   string
}

// findingsError says that a check found something. What it found is in the results.
type findingsError struct{ what string }

func (e *findingsError) Error() string { return e.what }

func (a *app) validateCommand() *cobra.Command {
	var f validateFlags
	c := &cobra.Command{
		Use:   "validate SNAPSHOT|DIR…",
		Short: "Find what is wrong with snapshots before a restore does",
		Long: `validate checks savepoints and checkpoints by the rules that tarn rules lists, and tells of each breach where it is and what to do. Below a
DIR that is no snapshot itself it looks for snapshots, marks the newest complete one, and names checkpoints that were not finished.

Without --deep it reads _metadata, the sizes of files and the headers of state, which takes milliseconds. With --deep it reads every byte: keys are
hashed into their key groups again, every entry is decoded, every checksum recomputed. Where Flink's formats have no redundancy, for instance
inside a number, no reader can see damage: tarn seal writes a manifest that validate compares with.

Findings of severity error mean that the snapshot does not restore, or not to what was saved. Warnings are worth a look; info is good to
know. With --fail-on warning the exit code is 1 for warnings, too.

` + exitHelp,
		Example: `  tarn validate savepoint-1
  tarn validate --deep --format sarif -o findings.sarif savepoint-1
  tarn validate --policy policy.yaml --fail-on warning /savepoints`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("no arguments").WithExpected("SNAPSHOT or DIR, one or more").WithHint("see %s --help", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.validate(c.Context(), args, &f) },
	}
	a.addSnapshotFlags(c)
	fl := c.Flags()
	fl.BoolVar(&f.deep, "deep", false, "read every byte of the state")
	fl.StringVar(&f.format, "format", "text", "text, json, junit or sarif")
	fl.StringVar(&f.failOn, "fail-on", "error", "exit with 1 from findings of this severity on: `warning` or error")
	fl.StringVar(&f.policy, "policy", "", "a YAML `FILE` that says what else snapshots must keep (see docs/validate.md)")
	fl.StringVar(&f.seal, "seal", "", "compare with this `FILE` that tarn seal wrote, instead of SNAPSHOT.seal.json")
	return c
}

// reportWriter writes reports in one format, each as it comes.
type reportWriter interface {
	report(r *validate.Report) error
	end() error
}

func (a *app) validate(ctx context.Context, names []string, f *validateFlags) error {
	failOn, ok := validate.ParseSeverity(f.failOn)
	if !ok || failOn == validate.Info {
		return usage("--fail-on %q", f.failOn).WithExpected("warning or error")
	}
	if f.format != "text" && f.format != "json" && f.format != "junit" && f.format != "sarif" {
		return usage("--format %q", f.format).WithExpected("text, json, junit or sarif")
	}
	if f.seal != "" && len(names) > 1 {
		return usage("--seal with %d snapshots", len(names)).WithExpected("one")
	}
	o := validate.Options{Deep: f.deep, Jobs: a.jobs}
	var err error
	if o.Policy, err = readPolicy(f.policy); err != nil {
		return err
	}
	v := &validator{app: a, flags: f, options: o, failOn: failOn}
	err = a.result(func(w io.Writer) error { return v.run(ctx, w, names) })
	if err != nil {
		return err
	}
	return errors.Join(v.missing, v.verdict())
}

// validator is one run of validate over several names.
type validator struct {
	app     *app
	flags   *validateFlags
	options validate.Options
	failOn  validate.Severity

	out     reportWriter
	bad     int // snapshots with findings that count
	wrong   int // rules that the policy misconfigures
	missing error
}

func (v *validator) run(ctx context.Context, w io.Writer, names []string) error {
	switch v.flags.format {
	case "json":
		v.out = &jsonReports{w: w}
	case "junit":
		v.out = &junitReports{w: w, failOn: v.failOn}
	case "sarif":
		v.out = &sarifReports{w: w}
	default:
		v.out = &textReports{page: v.app.newPage(w), verbose: v.app.verbose}
	}
	for _, name := range names {
		if err := v.name(ctx, name); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			v.missing = errors.Join(v.missing, err)
		}
	}
	return v.out.end()
}

// name validates a snapshot, or those below a directory.
func (v *validator) name(ctx context.Context, name string) error {
	err := v.snapshot(ctx, name, false)
	if !errors.Is(err, reader.ErrDirectory) {
		return err
	}
	ro, oerr := v.app.readerOptions()
	if oerr != nil {
		return oerr
	}
	list, derr := reader.Discover(ctx, file.Store{}, name, ro)
	if derr != nil || len(list) == 0 || list[0].Dir == name {
		return err
	}
	newest := true
	for _, f := range list {
		if f.Bytes == 0 && !f.Complete && !hasMetadata(f.Dir) {
			if err := v.tell(validate.UnfinishedReport(f.Dir, f.Why)); err != nil {
				return err
			}
			continue
		}
		if err := v.snapshot(ctx, f.Dir, f.Complete && newest); err != nil {
			return err
		}
		newest = newest && !f.Complete
	}
	return nil
}

func hasMetadata(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, reader.MetadataName))
	return err == nil
}

func (v *validator) snapshot(ctx context.Context, name string, newest bool) error {
	ro, err := v.app.readerOptions()
	if err != nil {
		return err
	}
	o := v.options
	if o.Seal, err = v.seal(name); err != nil {
		return err
	}
	var m *meter
	o.Begin = func(total int64) { m = v.app.meter("checked", total) }
	o.Progress = func(n int64) { m.add(n) }
	defer func() {
		if m != nil {
			m.end()
		}
	}()
	rep, err := validate.Check(ctx, file.Store{}, name, ro, o)
	if err != nil {
		return err
	}
	rep.Newest = newest
	return v.tell(rep)
}

func (v *validator) tell(rep *validate.Report) error {
	if worst, ok := rep.Worst(); ok && worst >= v.failOn {
		v.bad++
	}
	for _, r := range rep.Results {
		if r.Outcome == validate.Misconfigured {
			v.wrong++
		}
	}
	return v.out.report(rep)
}

func (v *validator) verdict() error {
	switch {
	case v.wrong > 0:
		return usage("--policy %s: %d rules are misconfigured", v.flags.policy, v.wrong)
	case v.bad == 1:
		return &findingsError{"1 snapshot has findings of severity " + v.failOn.String() + orWorse(v.failOn)}
	case v.bad > 1:
		return &findingsError{fmt.Sprintf("%d snapshots have findings of severity %s%s", v.bad, v.failOn, orWorse(v.failOn))}
	}
	return nil
}

func orWorse(s validate.Severity) string {
	if s == validate.Error {
		return ""
	}
	return " or worse"
}

// seal reads the seal of a snapshot, if there is one.
func (v *validator) seal(name string) (*validate.Seal, error) {
	path := v.flags.seal
	if path == "" {
		path = sealName(name)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		if v.flags.seal == "" && errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, missingFile(path, err)
	}
	var s validate.Seal
	if err := json.Unmarshal(b, &s); err != nil || s.Version != validate.SealVersion {
		e := fault.New(fault.ErrUsage, "not a seal that this version reads").WithHint("tarn seal writes one; --seal names it")
		e.File = path
		return nil, e
	}
	return &s, nil
}

// sealName is where the seal of a snapshot lies: beside its directory.
func sealName(name string) string {
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		name = filepath.Dir(name)
	}
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	return strings.TrimRight(name, "/") + ".seal.json"
}
