package channel

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/internal/snaptest"
)

func stream(blocks ...string) (b []byte, offsets []int64) {
	b = AppendHeader(nil)
	for _, s := range blocks {
		offsets = append(offsets, int64(len(b)))
		b = AppendBlock(b, []byte(s))
	}
	return b, offsets
}

func open(t testing.TB, b []byte) *Stream {
	t.Helper()
	s, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBlocks(t *testing.T) {
	b, offsets := stream("first", "", "second", "third")
	s := open(t, b)
	var got []string
	collect := func(b Block) bool {
		got = append(got, fmt.Sprintf("%d %s", b.Offset, b.Data))
		return true
	}
	if err := s.All(collect); err != nil || fmt.Sprint(got) != "[4 first 13  17 second 27 third]" {
		t.Errorf("%v, %v", got, err)
	}
	for _, length := range []int64{-1, 19, 23} {
		got = nil
		if err := s.Each([]int64{offsets[0], offsets[2]}, length, collect); err != nil || fmt.Sprint(got) != "[4 first 17 second]" {
			t.Errorf("%v, %v", got, err)
		}
	}
	if c, err := s.Content(offsets[2:], 19); err != nil || string(c) != "secondthird" {
		t.Errorf("%q, %v", c, err)
	}
	if err := s.All(func(Block) bool { return false }); err != nil {
		t.Error(err)
	}
}

func TestBad(t *testing.T) {
	good, _ := stream("first", "second")
	for name, c := range map[string]struct {
		b      string
		offset int64
		length int64
		kind   error
	}{
		"empty":           {"", 4, -1, fault.ErrTruncated},
		"half a header":   {"\x00\x00", 4, -1, fault.ErrTruncated},
		"version":         {"\x00\x00\x00\x01", 4, -1, fault.ErrUnsupported},
		"no block":        {"\x00\x00\x00\x00", 4, -1, fault.ErrTruncated},
		"negative length": {"\x00\x00\x00\x00\xff\xff\xff\xff", 4, -1, fault.ErrCorrupt},
		"long length":     {"\x00\x00\x00\x00\x7f\xff\xff\xff?", 4, -1, fault.ErrTruncated},
		"negative offset": {string(good), -1, -1, fault.ErrCorrupt},
		"in the header":   {string(good), 0, -1, fault.ErrCorrupt},
		"outside":         {string(good), math.MaxInt64, -1, fault.ErrCorrupt},
		"in a block":      {string(good), 5, -1, fault.ErrTruncated},
		"other size":      {string(good), 4, 10, fault.ErrCorrupt},
	} {
		s, err := Open(strings.NewReader(c.b), int64(len(c.b)))
		if err == nil {
			_, err = s.Content([]int64{c.offset}, c.length)
		}
		if !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for cut := range good {
		s, err := Open(bytes.NewReader(good[:cut]), int64(len(good)))
		if err == nil {
			err = s.All(func(Block) bool { return true })
		}
		if !errors.Is(err, fault.ErrTruncated) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
}

func element(tag Tag, body string) string {
	return string(AppendBlock(nil, []byte(string([]byte{byte(tag)})+body)))
}

func TestSplit(t *testing.T) {
	at := string(binio.AppendI64(nil, 1600000000000))
	watermark, record, plain := element(TagWatermark, at), element(TagTimestamped, at+"value"), element(TagRecord, "v")
	for name, c := range map[string]struct {
		content string
		middle  bool
		want    string // lengths of head, elements and tail
	}{
		"nothing":             {"", true, "0 [] 0"},
		"elements":            {watermark + record + plain, false, "0 [9 14 2] 0"},
		"elements, middle":    {watermark + record + plain, true, "0 [9 14 2] 0"},
		"tail":                {record + record[:10], false, "0 [14] 10"},
		"tail of a length":    {record + record[:3], true, "0 [14] 3"},
		"only a tail":         {record[:10], false, "0 [] 10"},
		"head":                {record[9:] + watermark + plain, true, "9 [9 2] 0"},
		"head of zeros":       {"\x00\x00\x00\x00\x00\x00" + watermark + plain, true, "6 [9 2] 0"},
		"head and tail":       {record[5:] + record + plain[:5], true, "13 [14] 5"},
		"only a head":         {record[5:], true, "13 [] 0"},
		"no elements":         {"no elements at all", false, "18 [] 0"},
		"head where none may": {record[9:] + watermark, false, "22 [] 0"},
		"wrong watermark":     {element(TagWatermark, "short") + record, false, "28 [] 0"},
	} {
		cut := Split([]byte(c.content), c.middle)
		var sizes []int
		for _, e := range cut.Elements {
			sizes = append(sizes, len(e))
		}
		if got := fmt.Sprint(len(cut.Head), sizes, len(cut.Tail)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if again := cut.Append(nil); string(again) != c.content {
			t.Errorf("%s: written back %q", name, again)
		}
	}
}

func TestParseElement(t *testing.T) {
	at := string(binio.AppendI64(nil, -5))
	for _, c := range []struct {
		b    string
		want Element
		ok   bool
	}{
		{"\x00" + at + "v", Element{TagTimestamped, -5, []byte("v")}, true},
		{"\x01v", Element{TagRecord, 0, []byte("v")}, true},
		{"\x02" + at, Element{TagWatermark, -5, []byte{}}, true},
		{"\x04\xff\xff\xff\xff", Element{TagWatermarkStatus, 0, []byte{255, 255, 255, 255}}, true},
		{"\x02" + at + "?", Element{}, false},
		{"\x00", Element{}, false},
		{"\x07", Element{}, false},
		{"", Element{}, false},
	} {
		got, ok := ParseElement([]byte(c.b))
		if ok != c.ok || ok && (got.Tag != c.want.Tag || got.Timestamp != c.want.Timestamp || !bytes.Equal(got.Value, c.want.Value)) {
			t.Errorf("%q: %+v, %v", c.b, got, ok)
		}
	}
}

// channelsOf gives the channels of a handle, merged or not.
func channelsOf(h metadata.ChannelHandle) ([]metadata.ChannelOffsets, metadata.StreamHandle) {
	switch h := h.(type) {
	case *metadata.Channel:
		return []metadata.ChannelOffsets{{Gate: h.Gate, Index: h.Index, Length: h.Length, Offsets: h.Offsets}}, h.Stream
	case *metadata.MergedChannels:
		return h.Channels, h.Stream
	}
	return nil, nil
}

// tally is what the channels of real snapshots held.
type tally struct{ channels, blocks, elements, heads, tails, unsplit, files int }

func (n *tally) snapshot(t *testing.T, f *fixtures.Fixture) {
	m := snaptest.Metadata(t, f)
	var files []metadata.StreamHandle
	m.EachHandle(func(o metadata.Owner, h metadata.Handle) {
		ch, ok := h.(metadata.ChannelHandle)
		if !ok {
			return
		}
		channels, src := channelsOf(ch)
		files = append(files, src)
		for _, c := range channels {
			n.channel(t, open(t, snaptest.Stream(t, f, src)), c, o.Slot == metadata.SlotResultSubpartition)
		}
	})
	n.rewrite(t, f, files)
}

func (n *tally) channel(t *testing.T, s *Stream, c metadata.ChannelOffsets, output bool) {
	content, err := s.Content(c.Offsets, c.Length)
	if err != nil {
		t.Error(err)
	}
	cut := Split(content, output)
	if !bytes.Equal(cut.Append(nil), content) {
		t.Error("the parts are not the content")
	}
	n.channels++
	n.blocks += len(c.Offsets)
	n.elements += len(cut.Elements)
	if len(cut.Tail) > 0 {
		n.tails++
	}
	switch {
	case len(cut.Head) > 0 && len(cut.Elements) == 0:
		n.unsplit++
	case len(cut.Head) > 0:
		n.heads++
	}
	for _, e := range cut.Elements {
		if _, ok := ParseElement(e); !ok {
			t.Errorf("element %x", e)
		}
	}
}

// rewrite: the blocks of a stream, written again, are the stream.
func (n *tally) rewrite(t *testing.T, f *fixtures.Fixture, files []metadata.StreamHandle) {
	for _, h := range files {
		b := snaptest.Stream(t, f, h)
		again := AppendHeader(nil)
		if err := open(t, b).All(func(b Block) bool { again = AppendBlock(again, b.Data); return true }); err != nil || !bytes.Equal(again, b) {
			t.Errorf("written back: %v", err)
		}
		n.files++
	}
}

// TestReal: every channel of every snapshot with in-flight data comes apart into whole elements, and every stream is all blocks.
func TestReal(t *testing.T) {
	var n tally
	inFlight := func(i fixtures.Index) bool { return i.InFlight }
	fixtures.Each(t, inFlight, n.snapshot)
	if n.elements == 0 || n.unsplit > 0 {
		t.Errorf("%+v", n)
	}
	t.Logf("fixtures: %+v", n)
	t.Run("shared", func(t *testing.T) {
		var n tally
		fixtures.EachIn(t, snaptest.Shared(t, "corpus"), inFlight, n.snapshot)
		if n.unsplit > 0 {
			t.Error("content that did not come apart")
		}
		t.Logf("shared: %+v", n)
	})
}

// FuzzStream: what was read can be written back to the same bytes.
func FuzzStream(f *testing.F) {
	b, _ := stream("first", "", "second")
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		again := AppendHeader(nil)
		r := binio.NewReader(b, 0)
		Walk(r)
		if err := s.All(func(b Block) bool { again = AppendBlock(again, b.Data); return true }); (err == nil) != (r.Err() == nil) {
			t.Fatalf("%v and %v", err, r.Err())
		} else if err != nil {
			return
		}
		if !bytes.Equal(again, b) {
			t.Fatalf("written back %x, want %x", again, b)
		}
	})
}

// FuzzSplit: the parts are always the content.
func FuzzSplit(f *testing.F) {
	at := string(binio.AppendI64(nil, 1600000000000))
	f.Add([]byte(element(TagWatermark, at)+element(TagTimestamped, at+"value")), false)
	f.Add([]byte(at+element(TagRecord, "v")+"\x00\x00"), true)
	f.Fuzz(func(t *testing.T, content []byte, middle bool) {
		cut := Split(content, middle)
		if !bytes.Equal(cut.Append(nil), content) {
			t.Fatalf("%+v", cut)
		}
	})
}
