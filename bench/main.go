// Command bench measures tarn beside what it can be compared with, on the same files and in one run: loops written by hand for
// just this data, as the limit, and Flink's State Processor API (a Java program), as the peer.
//
//	make bench-data KEYS=100000 DIR=/tmp/tarn-bench
//	go run ./bench -dir /tmp/tarn-bench -size 100k
//
// Figures are CPU seconds of whole processes, user and system together, the smallest of several runs, and their largest
// resident memory. What one machine takes says little; the ratios say more.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	dir := flag.String("dir", "/tmp/tarn-bench", "where make bench-data put the snapshots")
	size := flag.String("size", "100k", "which of them: the beginning of the directories' names, 100k or 2m")
	runs := flag.Int("runs", 3, "how often each command runs; the best counts")
	peer := flag.Bool("peer", false, "measure the State Processor API too (needs Java 17 and Maven; minutes)")
	loop := flag.String("loop", "", "internal: run one hand-written loop over the snapshot that is the argument")
	flag.Parse()
	var err error
	if *loop != "" {
		err = runLoop(*loop, flag.Arg(0))
	} else {
		err = (&bench{dir: *dir, size: *size, runs: *runs, peer: *peer}).run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	dir, size string
	runs      int
	peer      bool
	tarn      string
	self      string
}

// usage is what a process took.
type usage struct {
	cpu, wall time.Duration
	rss       int64 // bytes
}

// work is one line of the table.
type work struct {
	name     string
	snapshot string
	args     []string // of tarn; SNAPSHOT stands for the snapshot
	loop     string   // of the hand-written loop, "" if there is none
	peer     bool     // the State Processor API can do it
	jobs     string   // of tarn, "" for its default
}

func (b *bench) works() []work {
	canonical, snappy := b.size+"-rocksdb-savepoint", b.size+"-rocksdb-savepoint-snappy"
	incremental := b.size + "-rocksdb-checkpoint"
	profile := []string{"cat", "SNAPSHOT", "--state", "profile", "--format", "json", "-o", os.DevNull}
	return []work{
		{name: "inspect", snapshot: canonical, args: []string{"inspect", "SNAPSHOT"}},
		{name: "count every entry", snapshot: canonical, args: []string{"inspect", "SNAPSHOT", "--count"}, loop: "walk"},
		{name: "… with one worker", snapshot: canonical, args: []string{"inspect", "SNAPSHOT", "--count"}, loop: "walk", jobs: "1"},
		{name: "… from snappy", snapshot: snappy, args: []string{"inspect", "SNAPSHOT", "--count"}, loop: "walk"},
		{name: "one POJO state as CSV of keys", snapshot: canonical, args: []string{"cat", "SNAPSHOT", "--state", "profile", "--format", "csv", "--columns", "kg,key", "-o", os.DevNull}},
		{name: "one POJO state decoded", snapshot: canonical, args: nil, loop: "decode", peer: true},
		{name: "one POJO state as JSON lines", snapshot: canonical, args: profile, loop: "json", peer: true},
		{name: "… with one worker", snapshot: canonical, args: profile, loop: "json", jobs: "1"},
		{name: "… from snappy", snapshot: snappy, args: profile, loop: "json", peer: true},
		{name: "get one key", snapshot: canonical, args: []string{"get", "SNAPSHOT", "KEY"}},
		{name: "inspect, incremental", snapshot: incremental, args: []string{"inspect", "SNAPSHOT"}},
	}
}

func (b *bench) run() error {
	tmp, err := os.MkdirTemp("", "tarn-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	b.tarn, b.self = filepath.Join(tmp, "tarn"), filepath.Join(tmp, "bench")
	for out, pkg := range map[string]string{b.tarn: "./cmd/tarn", b.self: "./bench"} {
		if err := command("go", "build", "-o", out, pkg).Run(); err != nil {
			return fmt.Errorf("go build %s: %w", pkg, err)
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Printf("%s, %d CPUs, %s\n", runtime.Version(), runtime.NumCPU(), b.dir)
	fmt.Fprintln(w, "work\ttarn CPU s\twall s\tMB\tlimit CPU s\ttarn : limit\tpeer CPU s\tpeer : tarn\t")
	for _, k := range b.works() {
		line, err := b.line(k)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, line)
		w.Flush()
	}
	return b.native(w, tmp)
}

// native adds the lines of the incremental checkpoint.
func (b *bench) native(w *tabwriter.Writer, tmp string) error {
	n, err := b.openNative(b.snapshot(b.size+"-rocksdb-checkpoint"), tmp)
	if err != nil {
		return err
	}
	for _, l := range [][2]string{{"incremental: one ValueState", "profile"}, {"incremental: one MapState", "counters"}, {"incremental: everything", "*"}} {
		line, err := n.line(b, l[0], l[1])
		if err != nil {
			return err
		}
		fmt.Fprintln(w, line)
		w.Flush()
	}
	return nil
}

func (b *bench) line(k work) (string, error) {
	path := b.snapshot(k.snapshot)
	if path == "" {
		return k.name + "\tno " + k.snapshot + "\t\t\t\t\t\t\t", nil
	}
	cells := []string{k.name, "", "", "", "", "", "", ""}
	var mine, limit usage
	var err error
	if k.args == nil { // tarn's walk of the decoded values, without writing them
		mine, err = b.best(b.self, "-loop", "tarn", path)
	} else {
		mine, err = b.best(b.tarn, b.arguments(k, path)...)
	}
	if err != nil {
		return "", err
	}
	cells[1], cells[2], cells[3] = seconds(mine.cpu), seconds(mine.wall), fmt.Sprintf("%.0f", float64(mine.rss)/1e6)
	if k.loop != "" {
		if limit, err = b.best(b.self, "-loop", k.loop, path); err != nil {
			return "", err
		}
		cells[4], cells[5] = seconds(limit.cpu), fmt.Sprintf("%.2f", mine.cpu.Seconds()/limit.cpu.Seconds())
	}
	if b.peer && k.peer {
		u, err := measure("make", "-s", "bench-spa", "DIR="+path)
		if err != nil {
			return "", err
		}
		cells[6], cells[7] = seconds(u.cpu), fmt.Sprintf("%.0f", u.cpu.Seconds()/mine.cpu.Seconds())
	}
	return strings.Join(cells, "\t") + "\t", nil
}

// snapshot finds a snapshot: the directory itself, or the checkpoint of the one job in it.
func (b *bench) snapshot(name string) string {
	for _, pattern := range []string{"_metadata", "chk-*/_metadata", "*/chk-*/_metadata"} {
		if m, _ := filepath.Glob(filepath.Join(b.dir, name, pattern)); len(m) > 0 {
			return filepath.Dir(m[len(m)-1])
		}
	}
	return ""
}

func (b *bench) arguments(k work, path string) []string {
	var args []string
	for _, a := range k.args {
		switch a {
		case "SNAPSHOT":
			a = path
		case "KEY":
			a = b.someKey(path)
		}
		args = append(args, a)
	}
	if k.jobs != "" {
		args = append(args, "--jobs", k.jobs)
	}
	return args
}

// someKey gives a key that is in the snapshot.
func (b *bench) someKey(path string) string {
	out, _ := exec.Command(b.tarn, "cat", path, "--state", "profile", "--key-groups", "100", "--limit", "1", "--format", "csv", "--columns", "key").Output()
	lines := strings.Fields(string(out))
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

func (b *bench) best(name string, args ...string) (usage, error) {
	var best usage
	for i := range b.runs {
		u, err := measure(name, args...)
		if err != nil {
			return u, err
		}
		if i == 0 || u.cpu < best.cpu {
			best = u
		}
	}
	return best, nil
}

func command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Stderr = os.Stderr
	return c
}

// measure runs a process to its end.
func measure(name string, args ...string) (usage, error) {
	c := command(name, args...)
	start := time.Now()
	err := c.Run()
	u := usage{wall: time.Since(start)}
	if c.ProcessState != nil {
		u.cpu = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		if r, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
			u.rss = int64(r.Maxrss) << 10
		}
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
	}
	return u, err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }
