package main

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tarn-project/tarn/fixtures"
)

// TestMain makes the test binary stand for the program, so that scripts can run it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tarn": func() { os.Exit(Main()) }})
}

// snapshots are the fixtures that scripts name by a variable.
var snapshots = map[string]string{
	"LEDGER":    "2.3.0-ledger-hashmap-savepoint",
	"OLD":       "1.13.6-ledger-hashmap-savepoint",
	"FILES":     "2.3.0-ledger-hashmap-savepoint-files",
	"CHK":       "1.20.3-ledger-hashmap-checkpoint-files",
	"ROCKS":     "1.20.3-ledger-rocksdb-checkpoint-files-snappy",
	"KEYS":      "2.3.0-keys-hashmap-savepoint",
	"WINDOWS":   "2.3.0-windows-hashmap-savepoint",
	"FINISHED":  "2.3.0-finished-hashmap-savepoint",
	"INFLIGHT":  "1.20.3-unaligned-hashmap-checkpoint-inflight",
	"OPAQUE":    "2.3.0-opaque-hashmap-savepoint",
	"OPAQUECHK": "1.20.3-opaque-hashmap-checkpoint",
	"NOUID":     "1.17.2-nouid-hashmap-savepoint",
}

// TestScripts runs testdata/script. Beside what package testscript knows, scripts say
//
//	code N tarn …           the exit code of a command, its output is there for stdout and stderr
//	copy SRC DST            copy a directory
//	cut FILE SIZE           truncate a file
//	poke FILE OFFSET HEX    overwrite bytes
//	same A B                two directories hold the same
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: false,
		Setup:               setupScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": scriptCode, "copy": scriptCopy, "cut": scriptCut, "poke": scriptPoke, "same": scriptSame,
		},
	})
}

func setupScript(e *testscript.Env) error {
	for v, name := range snapshots {
		f, err := fixtures.Load(name)
		if err != nil {
			return err
		}
		e.Setenv(v, f.Dir)
		e.Setenv(v+"_ROOT", f.Root)
	}
	return nil
}

func scriptCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d\n%s%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

func scriptCopy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copy SRC DST")
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

func scriptCut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE SIZE")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

func scriptPoke(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: poke FILE OFFSET HEX")
	}
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	b, err := hex.DecodeString(args[2])
	ts.Check(err)
	name := ts.MkAbs(args[0])
	data, err := os.ReadFile(name)
	ts.Check(err)
	if at < 0 {
		at += len(data)
	}
	copy(data[at:], b)
	ts.Check(os.WriteFile(name, data, 0o644))
}

func scriptSame(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same A B")
	}
	a, err := treeOf(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := treeOf(ts.MkAbs(args[1]))
	ts.Check(err)
	if (a == b) == neg {
		ts.Fatalf("the same: %v", a == b)
	}
}

// treeOf is everything that a directory holds, in one text: names and contents.
func treeOf(dir string) (string, error) {
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		b.WriteString(strings.TrimPrefix(path, dir) + "\x00" + strconv.Itoa(len(data)) + "\x00" + string(data))
		return err
	})
	return b.String(), err
}

// TestNothingIsChanged runs every command that reads over a copy of a snapshot whose files cannot be written, and compares it afterwards,
// times included.
func TestNothingIsChanged(t *testing.T) {
	for _, name := range []string{snapshots["CHK"], snapshots["ROCKS"], snapshots["LEDGER"], snapshots["INFLIGHT"]} {
		t.Run(name, func(t *testing.T) {
			f, err := fixtures.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			root := t.TempDir()
			if err := os.CopyFS(root, os.DirFS(f.Root)); err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(f.Root, f.Dir)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(root, rel)
			before := stamps(t, root)
			for _, args := range [][]string{
				{"inspect", dir},
				{"inspect", dir, "--count", "--files", "--types", "--json"},
				{"cat", dir},
				{"cat", dir, "--raw", "--format", "csv"},
				{"cat", dir, "--format", "table", "--limit", "3"},
				{"get", dir, "acc-2"},
				{"describe", dir},
				{"describe", filepath.Join(dir, "_metadata"), "--json"},
				{"latest", root},
				{"latest", root, "--all"},
				{dir},
			} {
				if code, _, errs := tarn(t, args...); code != exitOK && !(args[0] == "get" && code == exitMissing) {
					t.Errorf("tarn %v: %d %s", args, code, errs)
				}
			}
			if after := stamps(t, root); after != before {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
		})
	}
}

func stamps(t *testing.T, root string) string {
	t.Helper()
	all, err := treeOf(root)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			b.WriteString(path + " " + info.ModTime().Format(time.RFC3339Nano) + " " + info.Mode().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String() + strconv.Itoa(len(all)) + all
}

// TestInterrupted: whoever presses Ctrl-C gets exit code 130 and no half of a result in a file.
func TestInterrupted(t *testing.T) {
	f, err := fixtures.Load(snapshots["LEDGER"])
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := filepath.Join(t.TempDir(), "rows")
	for _, args := range [][]string{{"cat", f.Dir}, {"cat", f.Dir, "-o", out}, {"inspect", f.Dir, "--count"}, {"get", f.Dir, "acc-2"}, {"latest", f.Root}} {
		var errs strings.Builder
		if code := newApp(nil, &strings.Builder{}, &errs).run(ctx, args); code != exitInterrupted || !strings.Contains(errs.String(), "interrupted") {
			t.Errorf("tarn %v: %d %s", args, code, errs.String())
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestSignal interrupts the program itself while it waits.
func TestSignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	for wait := 100 * time.Millisecond; wait < 10*time.Second; wait *= 3 {
		c := exec.Command("tarn", "describe", "-")
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait)
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() })
		_ = c.Wait() // the exit code says it
		kill.Stop()
		in.Close()
		switch code := c.ProcessState.ExitCode(); code {
		case exitInterrupted:
			return
		case -1: // the signal came before the program could take it
		default:
			t.Fatalf("exit code %d", code)
		}
	}
	t.Error("the signal killed the program, or was ignored")
}
