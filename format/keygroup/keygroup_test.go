package keygroup

import (
	"math"
	"testing"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		hash  int32
		group int
	}{
		{99162322, 35},
		{-7, 33},
		{300, 48},
		{-1, 80},
		{6, 18},
		{256, 54},
		{48, 86},
		{120, 55},
		{1231, 77},
		{1237, 3},
		{1073217536, 65},
		{1069547520, 70},
		{38132, 89},
		{-1915528825, 28},
		{103, 55},
		{4137117, 20},
		{2063902322, 0},
		{3008, 29},
		{-908521819, 86},
	} {
		if got := Of(c.hash, 128); got != c.group {
			t.Errorf("Of(%d, 128) = %d, want %d", c.hash, got, c.group)
		}
	}
}

func TestRanges(t *testing.T) {
	want := []Range{{0, 42}, {43, 85}, {86, 127}}
	for i, w := range want {
		if got := ForSubtask(i, 3, 128); got != w {
			t.Errorf("subtask %d: %v, want %v", i, got, w)
		}
	}
	for _, max := range []int{1, 128, 300, 4096, MaxParallelism} {
		for _, par := range []int{1, 2, 3, 7, max} {
			if par > max {
				continue
			}
			next := 0
			for i := range par {
				r := ForSubtask(i, par, max)
				if r.First != next {
					t.Fatalf("max %d par %d subtask %d starts at %d, want %d", max, par, i, r.First, next)
				}
				for g := r.First; g <= r.Last; g++ {
					if Subtask(g, par, max) != i {
						t.Fatalf("max %d par %d group %d: subtask %d, want %d", max, par, g, Subtask(g, par, max), i)
					}
				}
				next = r.Last + 1
			}
			if next != max {
				t.Fatalf("max %d par %d: ranges end at %d", max, par, next)
			}
		}
	}
}

func TestDefaultMaxParallelism(t *testing.T) {
	for par, want := range map[int]int{1: 128, 85: 128, 86: 256, 171: 256, 1000: 2048, 21846: 32768, 32768: 32768} {
		if got := DefaultMaxParallelism(par); got != want {
			t.Errorf("parallelism %d: %d, want %d", par, got, want)
		}
	}
}

func TestHashes(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want int32
	}{
		{"string", ASCII([]byte("hello")), 99162322},
		{"long", Long(-7), 6},
		{"long 2^40", Long(1 << 40), 256},
		{"double", Double(math.Float64bits(1.5)), 1073217536},
		{"float", Float(math.Float32bits(1.5)), 1069547520},
		{"double NaN", Double(0xFFF8000000000001), Double(math.Float64bits(math.NaN()))},
		{"decimal 12.30", BigDecimal([]byte{0x04, 0xCE}, 2), 38132},
		{"integer -1", BigInteger([]byte{0xFF}), -1},
		{"integer 2^32", BigInteger([]byte{1, 0, 0, 0, 0}), 31},
		{"integer -2^31", BigInteger([]byte{0x80, 0, 0, 0}), math.MinInt32},
		{"date", LocalDate(2020, 2, 29), 4137117},
		{"instant", Instant(1, 2), 103},
		{"sql string", BinaryString([]byte("hello")), -1008564952},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.name, c.got, c.want)
		}
	}
}
