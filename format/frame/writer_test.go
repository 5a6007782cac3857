package frame

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestSameBytesAsSnappyJava compares with streams that both native encoders made.
func TestSameBytesAsSnappyJava(t *testing.T) {
	f, err := os.Open("testdata/snappy-java.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	encoders := []*Encoder{{Rule: Older}, {Rule: Newer}}
	seen, differ := 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		var i, size int
		var want [2]string
		if _, err := fmt.Sscan(lines.Text(), &i, &size, &want[0], &want[1]); err != nil {
			t.Fatal(err)
		}
		content := sample(i)
		if len(content) != size {
			t.Fatalf("sample %d has %d bytes, not the %d it had when the streams were made", i, len(content), size)
		}
		for k, e := range encoders {
			sum := sha256.Sum256(e.AppendStream(nil, content))
			if got := fmt.Sprintf("%x", sum[:8]); got != want[k] {
				t.Errorf("sample %d of %d bytes, rule %d: %s, snappy-java made %s", i, size, k, got, want[k])
			}
		}
		seen++
		if want[0] != want[1] {
			differ++
		}
	}
	if seen != samples || differ == 0 {
		t.Errorf("%d streams, %d of them different between the rules", seen, differ)
	}
}

// TestWriter: however content is cut into writes, the stream is the one that AppendStream makes.
func TestWriter(t *testing.T) {
	for _, i := range []int{0, 1, 9, 20, 22, 23, 24, 40, 48, 49} {
		content := sample(i)
		want := (&Encoder{Rule: Newer}).AppendStream(nil, content)
		for _, piece := range []int{1, 7, 1000, BlockSize, 1 << 20} {
			var out bytes.Buffer
			w := NewWriter(&out, Newer)
			for rest := content; len(rest) > 0; {
				n := min(piece, len(rest))
				if got, err := w.Write(rest[:n]); got != n || err != nil {
					t.Fatal(got, err)
				}
				rest = rest[n:]
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) || w.Written() != int64(len(want)) {
				t.Errorf("sample %d in pieces of %d: %d bytes, want %d", i, piece, out.Len(), len(want))
			}
		}
	}
}

// TestWriterFlush: a flush ends a chunk, and an empty stream is an identifier.
func TestWriterFlush(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Newer)
	var at []int64
	for _, s := range []string{"", "one", "two", ""} {
		fmt.Fprint(w, s)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		at = append(at, w.Written())
	}
	if fmt.Sprint(at) != "[10 21 32 32]" {
		t.Errorf("chunks end at %v", at)
	}
	w.Reset(&out)
	out.Reset()
	if w.Flush(); out.String() != identifier {
		t.Errorf("empty stream % x", out.Bytes())
	}
}
