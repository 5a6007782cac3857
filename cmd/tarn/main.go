// Command tarn reads Apache Flink savepoints and checkpoints.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() { os.Exit(Main()) }

// Main runs the program and gives its exit code.
func Main() int {
	debug.SetGCPercent(200) // buffers are reused: what little garbage there is need not be collected often
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who asks a second time does not want to wait
	app := newApp(os.Stdin, os.Stdout, os.Stderr)
	return app.run(ctx, os.Args[1:])
}
