package keygroup

// Scala's hash of a product (scala.util.hashing.MurmurHash3.productHash, Scala 2.11 and 2.12): start with ScalaProduct, mix in the hash (##)
// of each element, finish with their number.

// ScalaProduct is the hash of a product that has no elements yet.
const ScalaProduct int32 = -0x35014542 // cafebabe

// ScalaMix mixes in the hash of the next element.
func ScalaMix(h, element int32) int32 { return int32(mixH(uint32(h), mixK(uint32(element)))) }

// ScalaFinish completes the hash of n elements.
func ScalaFinish(h int32, n int) int32 { return int32(finish(uint32(h), uint32(n))) }

// ScalaLong is Long.##: a number that fits an Int hashes as that.
func ScalaLong(v int64) int32 {
	if int64(int32(v)) == v {
		return int32(v)
	}
	return Long(v)
}
