package operatorid

import (
	"errors"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
)

func TestUIDHash(t *testing.T) {
	for _, c := range []struct{ uid, want string }{
		{"CheckpointingSource2", "1f2b5df5a66154aca61fcb26193792be"}, // Flink's own migration job
		{"", "00000000000000000000000000000000"},
	} {
		if got := UIDHash(c.uid).String(); got != c.want {
			t.Errorf("UIDHash(%q) = %s, want %s", c.uid, got, c.want)
		}
	}
}

func TestUnpairedSurrogateIsQuestionMark(t *testing.T) {
	if UIDHash("a\xED\xA0\x80b") != UIDHash("a?b") {
		t.Error("an unpaired surrogate must hash as a question mark")
	}
	if UIDHash("a한b") == UIDHash("a?b") { // 한 begins with ED too
		t.Error("a character that begins with ED was replaced")
	}
}

func TestParse(t *testing.T) {
	id := UIDHash("orders")
	got, err := Parse(id.String())
	if err != nil || got != id {
		t.Errorf("Parse(%s) = %s, %v", id, got, err)
	}
	for _, s := range []string{"", "12", "zz2b5df5a66154aca61fcb26193792be", id.String() + "00"} {
		if _, err := Parse(s); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("Parse(%q) = %v, want ErrUsage", s, err)
		}
	}
}
