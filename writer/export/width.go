package export

import "github.com/rivo/uniseg"

// cellWidth is how many cells of a terminal a text takes.
func cellWidth(b []byte) int {
	if printable(b) {
		return len(b)
	}
	return uniseg.StringWidth(string(b))
}

func printable(b []byte) bool {
	for _, c := range b {
		if c >= 0x7F {
			return false
		}
	}
	return true
}

// fit gives as much of b as takes at most limit cells, with room for an ellipsis if that is not all, and the cells taken with it.
func fit(b []byte, limit int) ([]byte, int) {
	if w := cellWidth(b); w <= limit {
		return b, w
	}
	used, state := 0, -1
	for rest := b; ; {
		_, next, w, s := uniseg.FirstGraphemeCluster(rest, state)
		if used+w > limit-1 || len(next) == 0 {
			return b[:len(b)-len(rest)], used + 1
		}
		used, rest, state = used+w, next, s
	}
}
