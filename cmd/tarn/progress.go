package main

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"
)

// meter shows how far long work is, on standard error, once it takes longer than a moment.
type meter struct {
	what  string
	total int64
	done  atomic.Int64
	stop  chan struct{}
	gone  chan struct{}
}

// meter starts one for work of total bytes. Nothing is shown if standard error is no terminal, unless --progress asks for it.
func (a *app) meter(what string, total int64) *meter {
	m := &meter{what: what, total: total}
	_, tty := terminal(a.errOut)
	if a.quiet || !(tty || a.progress) {
		return m
	}
	m.stop, m.gone = make(chan struct{}), make(chan struct{})
	go m.show(a.errOut, tty)
	return m
}

// add says that n more bytes are done.
func (m *meter) add(n int64) { m.done.Add(n) }

// end removes the display.
func (m *meter) end() {
	if m.stop != nil {
		close(m.stop)
		<-m.gone
	}
}

func (m *meter) show(w io.Writer, tty bool) {
	defer close(m.gone)
	start, shown := time.Now(), false
	every := 200 * time.Millisecond
	if !tty {
		every = 2 * time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-m.stop:
			if shown && tty {
				fmt.Fprintf(w, "\r%s\r", strings.Repeat(" ", 78))
			}
			return
		case <-tick.C:
			shown = true
			line := m.line(time.Since(start))
			if tty {
				fmt.Fprintf(w, "\r%-78s", line)
			} else {
				fmt.Fprintln(w, line)
			}
		}
	}
}

func (m *meter) line(took time.Duration) string {
	done := m.done.Load()
	rate := float64(done) / took.Seconds()
	s := fmt.Sprintf("%s %s", m.what, byteSize(done))
	if m.total > 0 {
		s += fmt.Sprintf(" of %s (%d%%)", byteSize(m.total), min(100, 100*done/m.total))
	}
	s += fmt.Sprintf(", %s/s", byteSize(int64(rate)))
	if left := m.total - done; left > 0 && rate > 0 {
		s += fmt.Sprintf(", %s left", (time.Duration(float64(left)/rate) * time.Second).Round(time.Second))
	}
	return s
}

// byteSize gives a number of bytes for people: three digits and a unit of 1000.
func byteSize(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n), 0
	for v >= 999.5 && unit < 5 {
		v /= 1000
		unit++
	}
	digits := 0
	if v < 10 {
		digits = 2
	} else if v < 100 {
		digits = 1
	}
	return fmt.Sprintf("%.*f %cB", digits, v, " kMGTP"[unit])
}
