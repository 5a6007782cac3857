package rocks

import "testing"

// TestHashes has the values of other implementations, one for each branch: lengths 0, 1–3, 4–8, 9–16, 17–128, 129–240, more.
func TestHashes(t *testing.T) {
	b := make([]byte, 5000)
	for i := range b {
		b[i] = byte(i*7 + i>>3)
	}
	for n, want := range map[int]uint64{0: 0x2d06800538d394c2, 3: 0xc3489259e968ad9e, 12: 0x479e73f846715313, 100: 0xb5d101b736620494, 200: 0xc2e6891eaae6e42c, 4999: 0xa439e807212d6e9} {
		if got := xxh3(b[:n]); got != want {
			t.Errorf("XXH3 of %d bytes is %016x, expected %016x", n, got, want)
		}
	}
	for n, want := range map[int]uint32{0: 0x2cc5d05, 15: 0x52ad7fe2, 4999: 0xa9a9e70d} {
		if got := xxh32(b[:n]); got != want {
			t.Errorf("XXH32 of %d bytes is %08x, expected %08x", n, got, want)
		}
	}
	if got := xxh3([]byte("tarn")); got != 0x969a16a622fd6fe0 {
		t.Errorf("XXH3 of 4 bytes is %016x", got)
	}
	if got := blockSum(ChecksumCRC32C, []byte("123456789")); got != maskCRC(0xe3069283) {
		t.Errorf("CRC32C is %08x", got)
	}
}
