package opstate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/metadata"
)

// TestFlinkStreams reads streams that Flink wrote, with the offsets of their handles.
func TestFlinkStreams(t *testing.T) {
	step := func(from int64, sizes ...int64) (out []int64) { // sizes: how many elements of which size
		for i := 0; i < len(sizes); i += 2 {
			for range sizes[i] {
				out = append(out, from)
				from += sizes[i+1]
			}
		}
		return out
	}
	lists := func(log, high []int64) []metadata.OperatorStatePart {
		return []metadata.OperatorStatePart{{Name: "audit-log", Offsets: log}, {Name: "audit-high", Mode: metadata.ModeUnion, Offsets: high}}
	}
	entries := ""
	for i := 0; i < 60; i += 2 {
		entries += fmt.Sprintf("audit-log: %q\n", str(fmt.Sprint("entry ", i)))
	}
	entries += fmt.Sprintf("audit-high: %q\naudit-high: %q\n", i8(58), i8(-7))
	limits := ""
	for _, i := range []int{1, 0, 4, 3, 2} {
		limits += fmt.Sprintf("limits: %q %q\n", str(fmt.Sprint("limit-", i)), string([]byte{0, 0, byte(100 * i >> 8), byte(100 * i)})+str(fmt.Sprint("up to ", i)))
	}
	for _, c := range []struct {
		file  string
		parts []metadata.OperatorStatePart
		want  string
		again bool // Writer makes the same stream
	}{
		{"flink-1.17.2-lists", lists(step(368, 5, 8, 25, 9), []int64{633, 641}), entries, true},
		{"flink-1.18.1-lists-snappy", lists(step(379, 30, 0), []int64{530, 530}), entries, false},
		{"flink-1.20.3-lists-snappy", lists(step(379, 5, 16, 25, 17), []int64{884, 900}), entries, true},
		{"flink-1.20.3-broadcast", []metadata.OperatorStatePart{{Name: "limits", Mode: metadata.ModeBroadcast, Offsets: []int64{513}}}, limits, true},
	} {
		b, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(bytes.NewReader(b), int64(len(b)), c.parts, nil)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if got, err := dump(s); err != nil || got != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", c.file, err, got, c.want)
		}
		var out bytes.Buffer
		parts, err := rebuild(&out, s, frame.Newer)
		if err != nil || bytes.Equal(out.Bytes(), b) != c.again || c.again && fmt.Sprint(parts) != fmt.Sprint(c.parts) {
			t.Errorf("%s: written again: %v, offsets %v", c.file, err, parts)
		}
	}
}
