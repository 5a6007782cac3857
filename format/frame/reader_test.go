package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/tarn-project/tarn/format/fault"
)

// sources are the ways to hand a stream to a Reader.
var sources = map[string]func(r *Reader, b []byte, offset int64){
	"bytes":     func(r *Reader, b []byte, offset int64) { r.ResetBytes(b, offset) },
	"reader":    func(r *Reader, b []byte, offset int64) { r.Reset(bytes.NewReader(b), offset, int64(len(b))) },
	"unbounded": func(r *Reader, b []byte, offset int64) { r.Reset(bytes.NewReader(b), offset, Unbounded) },
	"slow": func(r *Reader, b []byte, offset int64) {
		r.Reset(iotest.OneByteReader(bytes.NewReader(b)), offset, Unbounded)
	},
	"at": func(r *Reader, b []byte, offset int64) { r.ResetAt(shifted{b, offset}, offset, int64(len(b))) },
}

// shifted is a file in which b stands at an offset and that refuses every byte outside.
type shifted struct {
	b  []byte
	at int64
}

func (s shifted) ReadAt(p []byte, off int64) (int, error) {
	if off < s.at || off+int64(len(p)) > s.at+int64(len(s.b)) {
		return 0, errors.New("read outside the stream")
	}
	return copy(p, s.b[off-s.at:]), nil
}

func chunk(kind byte, body string) string {
	return string([]byte{kind, byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16)}) + body
}

// stored is a chunk with content as it is.
func stored(content string) string {
	return chunk(kindStored, string(binary.LittleEndian.AppendUint32(nil, checksum([]byte(content))))+content)
}

func TestRead(t *testing.T) {
	e := &Encoder{Rule: Newer}
	big := sample(24)
	for name, c := range map[string]struct{ stream, want string }{
		"nothing":              {"", ""},
		"empty stream":         {identifier, ""},
		"one chunk":            {identifier + stored("abc"), "abc"},
		"without identifier":   {stored("abc") + stored("d"), "abcd"},
		"repeated identifiers": {identifier + identifier + stored("abc") + identifier + stored("d"), "abcd"},
		"padding":              {identifier + chunk(0xFE, "\x00\x00") + stored("abc") + chunk(0x80, "?") + stored("d") + chunk(0xFD, ""), "abcd"},
		"long padding":         {chunk(0xFE, string(make([]byte, 1<<20))) + stored("abc"), "abc"},
		"empty block":          {identifier + chunk(kindCompressed, "\xd8\xea\x82\xa2\x00") + stored("abc"), "abc"},
		"large":                {string(e.AppendStream(nil, big)), string(big)},
	} {
		for kind, open := range sources {
			r := new(Reader)
			for range 2 { // the second time with used memory
				open(r, []byte(c.stream), 1000)
				got, err := io.ReadAll(r)
				if err != nil || string(got) != c.want {
					t.Errorf("%s from %s: %d bytes, want %d: %v", name, kind, len(got), len(c.want), err)
				}
				if end := r.Offset(); end != int64(1000+len(c.stream)) {
					t.Errorf("%s from %s: ends at %d", name, kind, end)
				}
			}
		}
	}
}

func TestDamage(t *testing.T) {
	flipped := []byte(stored("abc"))
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		stream string
		kind   error
		offset int64
	}{
		"half an identifier":  {identifier[:7], fault.ErrTruncated, 50},
		"head of a chunk":     {identifier + "\x01\x05", fault.ErrTruncated, 60},
		"cut chunk":           {identifier + stored("abc")[:9], fault.ErrTruncated, 60},
		"wrong identifier":    {chunk(0xFF, "sNaPpy"), fault.ErrCorrupt, 50},
		"long identifier":     {chunk(0xFF, "sNaPpYY"), fault.ErrCorrupt, 50},
		"unknown kind":        {identifier + chunk(0x02, "abcdef"), fault.ErrCorrupt, 60},
		"short chunk":         {identifier + chunk(kindStored, "1234"), fault.ErrCorrupt, 60},
		"long chunk":          {identifier + "\x00\xff\xff\xff", fault.ErrCorrupt, 60},
		"long block":          {identifier + stored(string(make([]byte, BlockSize+1))), fault.ErrCorrupt, 60},
		"claims a long block": {identifier + chunk(kindCompressed, "crc_\xff\xff\xff\xff\x0f"), fault.ErrCorrupt, 60},
		"no block":            {identifier + chunk(kindCompressed, "crc_\xff"), fault.ErrCorrupt, 60},
		"bad block":           {identifier + chunk(kindCompressed, "crc_\x08\xff"), fault.ErrCorrupt, 60},
		"damaged content":     {identifier + stored("xyz") + string(flipped), fault.ErrCorrupt, 71},
		"cut padding":         {identifier + chunk(0xFE, "abcdefgh")[:9], fault.ErrTruncated, 60},
	} {
		for kind, open := range sources {
			r := new(Reader)
			open(r, []byte(c.stream), 50)
			_, err := io.ReadAll(r)
			var fe *fault.Error
			if !errors.As(err, &fe) || fe.Kind != c.kind {
				t.Errorf("%s from %s: %v", name, kind, err)
			} else if fe.Offset != c.offset && c.kind != fault.ErrTruncated {
				t.Errorf("%s from %s: at %d, want %d", name, kind, fe.Offset, c.offset)
			}
			if _, again := r.Read(make([]byte, 1)); again != err {
				t.Errorf("%s from %s: then %v", name, kind, again)
			}
		}
	}
	r := &Reader{SkipChecksums: true}
	r.ResetBytes(flipped, 0)
	if got, err := io.ReadAll(r); err != nil || len(got) != 3 {
		t.Errorf("without checksums: %q, %v", got, err)
	}
}

// TestTruncated: a stream cut anywhere gives what its whole chunks hold and then an error, except between chunks, where a bounded
// source that is too short is an error and an unbounded one the end.
func TestTruncated(t *testing.T) {
	content := sample(20)
	stream := (&Encoder{}).AppendStream(nil, content)
	for cut := range stream {
		r := new(Reader)
		r.Reset(bytes.NewReader(stream[:cut]), 0, int64(len(stream)))
		if _, err := io.ReadAll(r); !errors.Is(err, fault.ErrTruncated) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		r.ResetBytes(stream[:cut], 0)
		got, err := io.ReadAll(r)
		if err != nil && !errors.Is(err, fault.ErrTruncated) || !bytes.HasPrefix(content, got) {
			t.Fatalf("bytes cut at %d: %v", cut, err)
		}
	}
}

// TestSourceError: an error of the source comes out as it is.
func TestSourceError(t *testing.T) {
	r := new(Reader)
	r.Reset(iotest.ErrReader(io.ErrClosedPipe), 0, Unbounded)
	if _, err := r.Read(make([]byte, 1)); err != io.ErrClosedPipe {
		t.Error(err)
	}
	r.Reset(idle{}, 0, Unbounded)
	if _, err := r.Read(make([]byte, 1)); err != io.ErrNoProgress {
		t.Error(err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestStreams: with Single each stream ends by itself and Next finds the next, whether or not all of this one was read.
func TestStreams(t *testing.T) {
	e := &Encoder{}
	var file []byte
	var starts []int64
	contents := []string{"first", "", string(sample(23)), "last"}
	for _, c := range contents {
		starts = append(starts, int64(len(file)))
		file = e.AppendStream(file, []byte(c))
	}
	starts = append(starts, int64(len(file)))
	for _, read := range []bool{true, false} {
		r := &Reader{Single: true}
		r.Reset(bytes.NewReader(file), 0, int64(len(file)))
		for i, c := range contents {
			if r.Offset() != starts[i] {
				t.Errorf("stream %d begins at %d, want %d", i, r.Offset(), starts[i])
			}
			if read {
				if got, err := io.ReadAll(r); err != nil || string(got) != c {
					t.Errorf("stream %d: %d bytes: %v", i, len(got), err)
				}
			} else {
				r.Read(make([]byte, 2))
			}
			if err := r.Next(); (err == io.EOF) != (i == len(contents)-1) || r.Offset() != starts[i+1] {
				t.Errorf("behind stream %d at %d: %v", i, r.Offset(), err)
			}
		}
	}
}

// TestPlaces: offsets and buffered bytes while reading byte by byte.
func TestPlaces(t *testing.T) {
	r := new(Reader)
	r.ResetBytes([]byte(identifier+stored("abc")+stored("de")), 100)
	for i, want := range []struct {
		chunk, next int64
		buffered    int
	}{{110, 121, 2}, {110, 121, 1}, {110, 121, 0}, {121, 131, 1}, {121, 131, 0}} {
		if _, err := r.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if r.ChunkOffset() != want.chunk || r.Offset() != want.next || r.Buffered() != want.buffered {
			t.Errorf("after byte %d: chunk %d, next %d, buffered %d", i, r.ChunkOffset(), r.Offset(), r.Buffered())
		}
	}
}

func TestDecodeInto(t *testing.T) {
	r := new(Reader)
	r.ResetBytes([]byte(identifier+stored("abc")+stored("de")), 0)
	p := make([]byte, 4)
	if n, err := r.DecodeInto(p[:2]); n != 0 || err != io.ErrShortBuffer {
		t.Error(n, err)
	}
	if n, err := r.DecodeInto(p); string(p[:n]) != "abc" || err != nil {
		t.Error(n, err)
	}
	r.Read(p[:1])
	if n, err := r.DecodeInto(p); string(p[:n]) != "e" || err != nil {
		t.Error(n, err)
	}
	if n, err := r.DecodeInto(p); n != 0 || err != io.EOF {
		t.Error(n, err)
	}
}

// FuzzReader: nothing panics, all sources agree, and what was read can be written and read again.
func FuzzReader(f *testing.F) {
	e := &Encoder{Rule: Newer}
	for _, i := range []int{0, 1, 3, 7, 11, 13, 20, 26} {
		f.Add(e.AppendStream(nil, sample(i)))
	}
	f.Add([]byte(stored("abc") + identifier + chunk(0xFE, "pad") + stored("d")))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := new(Reader)
		r.ResetBytes(stream, 0)
		content, err := io.ReadAll(r)
		other := new(Reader)
		other.Reset(iotest.HalfReader(bytes.NewReader(stream)), 0, Unbounded)
		again, err2 := io.ReadAll(other)
		if !bytes.Equal(content, again) || (err == nil) != (err2 == nil) {
			t.Fatalf("%d bytes (%v) and %d bytes (%v)", len(content), err, len(again), err2)
		}
		for _, rule := range []Rule{Older, Newer} {
			r.ResetBytes((&Encoder{Rule: rule}).AppendStream(nil, content), 0)
			if back, err := io.ReadAll(r); err != nil || !bytes.Equal(back, content) {
				t.Fatalf("written by rule %d: %v", rule, err)
			}
		}
	})
}

// stateLike is content such as state has, in one stream.
func stateLike() (content, stream []byte) {
	for i := 0; len(content) < 16<<20; i += 18 {
		content = append(content, sample(i)...)
	}
	return content, (&Encoder{Rule: Newer}).AppendStream(nil, content)
}

func BenchmarkDecodeInto(b *testing.B) {
	content, stream := stateLike()
	b.Logf("%d bytes, compressed to %d", len(content), len(stream))
	for kind, open := range map[string]func(r *Reader){
		"bytes": func(r *Reader) { r.ResetBytes(stream, 0) },
		"at":    func(r *Reader) { r.ResetAt(bytes.NewReader(stream), 0, int64(len(stream))) },
	} {
		b.Run(kind, func(b *testing.B) {
			r, p := new(Reader), make([]byte, BlockSize)
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				open(r)
				for {
					if _, err := r.DecodeInto(p); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// TestNoAllocations: reading with used memory allocates nothing.
func TestNoAllocations(t *testing.T) {
	content := sample(48)
	stream := (&Encoder{}).AppendStream(nil, content)
	r, p, src := new(Reader), make([]byte, 1000), bytes.NewReader(stream)
	if n := testing.AllocsPerRun(10, func() {
		src.Reset(stream)
		r.Reset(src, 0, int64(len(stream)))
		for {
			if _, err := r.Read(p); err != nil {
				break
			}
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
