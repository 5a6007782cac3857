package connector

import "unicode"

// printable reports whether text is what names and paths are made of.
func printable(text string) bool {
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

func all[T any](list []T, ok func(*T) bool) bool {
	for i := range list {
		if !ok(&list[i]) {
			return false
		}
	}
	return true
}

// linesOf joins the lines of all parts; none is said if there are none.
func linesOf[T any](list []T, none string, lines func(*T) []string) []string {
	if len(list) == 0 && none != "" {
		return []string{none}
	}
	var out []string
	for i := range list {
		out = append(out, lines(&list[i])...)
	}
	return out
}

func prefixed(prefix string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = prefix + l
	}
	return out
}
