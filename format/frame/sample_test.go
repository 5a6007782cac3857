package frame

import (
	"fmt"
	"math/rand/v2"
)

// sample makes content number i: from empty to several blocks, from noise to much repetition.
func sample(i int) []byte {
	rnd := rand.New(rand.NewPCG(uint64(i), 7))
	sizes := []int{0, 1, 14, 15, 16, 17, 18, 40, 255, 256, 257, 1000, 4095, 4096, 4097, 8191, 8192, 8193, 16384, 30000, 65535, 65536, 65537, 131072, 200000}
	size := sizes[i%len(sizes)]
	if i >= len(sizes) {
		size += rnd.IntN(900)
	}
	b := make([]byte, 0, size+64)
	for len(b) < size {
		switch i / 3 % 6 {
		case 0: // records as state has them
			b = fmt.Appendf(b, "\x00order-%07d\x00\x00%c%08x", rnd.IntN(5000), byte(rnd.IntN(4)), rnd.Uint32()&0xffff)
		case 1: // noise
			b = append(b, byte(rnd.Uint32()))
		case 2: // few letters
			b = append(b, 'a'+byte(rnd.IntN(3)))
		case 3: // long runs
			c := byte(rnd.Uint32())
			for n := rnd.IntN(300); n >= 0; n-- {
				b = append(b, c)
			}
		case 4: // repetitions at long distances
			if len(b) > 100 && rnd.IntN(3) > 0 {
				at := rnd.IntN(len(b) - 50)
				b = append(b, b[at:at+4+rnd.IntN(46)]...)
			} else {
				b = fmt.Appendf(b, "%x", rnd.Uint64())
			}
		default: // near the ratio where compressing is given up
			b = append(b, byte(rnd.Uint32()), byte(rnd.Uint32()), byte(rnd.IntN(7)), 0)
		}
	}
	return b[:size]
}

const samples = 400
