package golden

import "testing"

func TestDiff(t *testing.T) {
	for _, c := range []struct{ want, got, diff string }{
		{"a\n", "a\n", ""},
		{"a\nb\nc\n", "a\nx\nc\n", "- b\n+ x\n"},
		{"a\n", "a\nb\n", "+ b\n"},
		{"a\nb\n", "b\n", "- a\n"},
		{"", "a", "- \n+ a\n"},
	} {
		if got := Diff(c.want, c.got); got != c.diff {
			t.Errorf("%q and %q: %q, want %q", c.want, c.got, got, c.diff)
		}
	}
}
