package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tarn-project/tarn/format/fault"
)

// app is one run of the program: its streams and the flags that all commands share.
type app struct {
	in     io.Reader
	out    io.Writer
	errOut io.Writer

	quiet    bool
	verbose  bool
	noColor  bool
	progress bool
	jobs     int
	output   string
	force    bool
	snapshot snapshotFlags
}

// glossary is where Flink's words are explained.
const glossary = "https://github.com/tarn-project/tarn/blob/main/docs/glossary.md"

func newApp(in io.Reader, out, errOut io.Writer) *app { return &app{in: in, out: out, errOut: errOut} }

// run executes a command line and gives the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(withDefaultCommand(root, args))
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil {
		fmt.Fprintln(a.errOut, "tarn: interrupted")
		return exitInterrupted
	}
	if isBrokenPipe(err) {
		return exitOK // whoever read our output has seen enough
	}
	a.report(err)
	return exitCode(err)
}

// report prints an error: each piece of a partial one on a line of its own.
func (a *app) report(err error) {
	for _, line := range strings.Split(err.Error(), "\n") {
		fmt.Fprintln(a.errOut, "tarn:", line)
	}
}

func isBrokenPipe(err error) bool {
	var pe *os.PathError
	return errors.As(err, &pe) && strings.Contains(pe.Err.Error(), "broken pipe")
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "tarn COMMAND [flags] SNAPSHOT",
		Short: "Look into Apache Flink savepoints and checkpoints",
		Long: `tarn reads Apache Flink savepoints and checkpoints, in Flink's own formats, without Flink, a JVM or the job's jar.

A SNAPSHOT is a directory with a _metadata file in it, or that file itself. Nothing in it is ever changed.
tarn SNAPSHOT alone means tarn inspect SNAPSHOT.

What the words mean that tarn uses (canonical, handle, key group, …): ` + glossary + `

` + exitHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("%q is neither a command nor a file here", args[0]).WithHint("see tarn --help")
		}
		return nil
	}
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.jobs < 1 {
			return usage("--jobs %d", a.jobs).WithExpected("1 or more")
		}
		return nil
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage("%v (see %s --help)", err, c.CommandPath()) })
	f := root.PersistentFlags()
	f.BoolVarP(&a.quiet, "quiet", "q", false, "print results and errors only")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "say more about what is done and why")
	f.BoolVar(&a.noColor, "no-color", false, "no colours (also when NO_COLOR is set, or the output is no terminal)")
	f.BoolVar(&a.progress, "progress", false, "show progress even if standard error is no terminal")
	f.IntVarP(&a.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "number of goroutines that read")
	f.Lookup("jobs").DefValue = "that of the CPUs"
	f.StringVarP(&a.output, "output", "o", "", "write the result to this `FILE` instead of standard output")
	f.BoolVar(&a.force, "force", false, "let --output replace a file")
	root.AddCommand(a.inspectCommand(), a.catCommand(), a.getCommand(), a.schemaCommand(), a.describeCommand(), a.latestCommand(),
		a.validateCommand(), a.rulesCommand(), a.sealCommand(), a.hintsCommand(), a.uidHashCommand(), a.versionCommand(), a.completionCommand(root))
	return root
}

// withDefaultCommand makes `tarn PATH` mean `tarn inspect PATH`.
func withDefaultCommand(root *cobra.Command, args []string) []string {
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") {
			continue
		}
		if c, _, err := root.Find(args[i:]); err == nil && c != root {
			return args
		}
		if _, err := os.Stat(arg); err == nil || strings.Contains(arg, "/") {
			return append([]string{"inspect"}, args...)
		}
		return args
	}
	return args
}

func usage(format string, args ...any) *fault.Error {
	return fault.New(fault.ErrUsage, format, args...)
}

// exactArgs is cobra.ExactArgs with our kind of error.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usage("%d arguments", len(args)).WithExpected("%s", strings.Join(names, " ")).WithHint("see %s --help", c.CommandPath())
		}
		return nil
	}
}

// terminal reports whether w is one, and its width in cells.
func terminal(w io.Writer) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}

// color reports whether results may be coloured.
func (a *app) color() bool {
	_, tty := terminal(a.out)
	return tty && a.output == "" && !a.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// info prints a line for people, not part of the result.
func (a *app) info(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.errOut, "tarn: "+format+"\n", args...)
	}
}
