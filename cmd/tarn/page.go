package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"
)

// page prints text for people: headings, columns, bars. The first write error is kept.
type page struct {
	w     io.Writer
	width int
	tty   bool
	color bool
	err   error
}

func (a *app) newPage(w io.Writer) *page {
	width, tty := terminal(a.out)
	if a.output != "" || !tty {
		width, tty = 120, false
	}
	return &page{w: w, width: max(width, 60), tty: tty, color: a.color()}
}

func (p *page) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// style wraps text in a terminal attribute: 1 bold, 2 dim, 31 red, 33 yellow.
func (p *page) style(attr int, text string) string {
	if !p.color || text == "" {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", attr, text)
}

// table prints rows in aligned columns. Cells of columns in right are aligned to the right; the last column takes what is left and is cut
// on a terminal.
func (p *page) table(indent string, right string, rows [][]string) {
	var widths []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], cells(c))
		}
	}
	for n, r := range rows {
		var b strings.Builder
		b.WriteString(indent)
		used := cells(indent)
		for i, c := range r {
			switch last := i == len(r)-1; {
			case i < len(right) && right[i] == 'r':
				b.WriteString(strings.Repeat(" ", widths[i]-cells(c)))
				b.WriteString(c)
			case last && p.tty:
				b.WriteString(cut(c, p.width-used))
			case last:
				b.WriteString(c)
			default:
				b.WriteString(c)
				b.WriteString(strings.Repeat(" ", widths[i]-cells(c)))
			}
			b.WriteString("  ")
			used += widths[i] + 2
		}
		line := strings.TrimRight(b.String(), " ")
		if n == 0 {
			line = p.style(2, line)
		}
		p.printf("%s\n", line)
	}
}

// cells is the number of terminal cells that text takes.
func cells(s string) int { return uniseg.StringWidth(s) }

// cut shortens text to a number of cells.
func cut(s string, n int) string {
	if cells(s) <= n {
		return s
	}
	var b strings.Builder
	used := 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if used += g.Width(); used > n-1 {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}

// bar draws a share of one as ten cells.
func bar(part, whole int64) string {
	if whole <= 0 {
		return ""
	}
	eighths := int(80*part/whole) + min(1, int(part))
	full := eighths / 8
	s := strings.Repeat("█", min(10, full))
	if rest := eighths % 8; rest > 0 && full < 10 {
		s += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return s
}
