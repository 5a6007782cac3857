package frame

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// ruleOf is the rule of the snappy-java that a version of Flink brings.
func ruleOf(flink string) Rule {
	for _, v := range []string{"1.13.", "1.14.", "1.15."} {
		if strings.HasPrefix(flink, v) {
			return Older
		}
	}
	return Newer
}

// recoded decodes all streams of b and encodes them again.
func recoded(b []byte, rule Rule) (out []byte, streams int, err error) {
	r := &Reader{Single: true}
	e := &Encoder{Rule: rule}
	for r.ResetBytes(b, 0); err == nil; err = r.Next() {
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, 0, err
		}
		out = e.AppendStream(out, content)
		streams++
	}
	if err == io.EOF {
		err = nil
	}
	return out, streams, err
}

// keyGroups gives the compressed parts of a keyed stream: of each key group, behind the number that the heap layout puts first.
func keyGroups(src []byte, h *metadata.KeyGroups) (parts [][]byte) {
	offsets := append(slices.Clone(h.Offsets), int64(len(src)))
	slices.Sort(offsets)
	for i := 0; i+1 < len(offsets); i++ {
		part := src[offsets[i]:offsets[i+1]]
		switch {
		case offsets[i] == 0:
		case IsHeader(part):
			parts = append(parts, part)
		case len(part) > 4 && IsHeader(part[4:]):
			parts = append(parts, part[4:])
		}
	}
	return parts
}

// TestReal: every compressed key group that Flink wrote is decoded, checksums and all, and encoded again to the same bytes.
func TestReal(t *testing.T) {
	streams, bytesSeen := 0, 0
	run := func(t *testing.T, f *fixtures.Fixture) {
		m := snaptest.Metadata(t, f)
		m.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
			kg, ok := h.(*metadata.KeyGroups)
			if !ok {
				return
			}
			for _, part := range keyGroups(snaptest.Stream(t, f, kg.Stream), kg) {
				again, n, err := recoded(part, ruleOf(f.Truth.FlinkVersion))
				if err != nil {
					t.Error(err)
				} else if !bytes.Equal(again, part) {
					t.Errorf("a key group of %d bytes comes out as %d other bytes", len(part), len(again))
				}
				streams += n
				bytesSeen += len(part)
			}
		})
	}
	fixtures.Each(t, nil, run)
	if streams == 0 {
		t.Error("no compressed stream")
	}
	t.Run("shared", func(t *testing.T) {
		fixtures.EachIn(t, snaptest.Shared(t, "corpus"), nil, run)
	})
	t.Logf("%d streams, %d bytes", streams, bytesSeen)
}
