package columnar

import (
	"math/big"
	"slices"

	"github.com/tarn-project/tarn/format/serde"
)

// appendDecimal appends a decimal as Arrow has it: little-endian, of the column's scale. ok is false if that loses digits.
func appendDecimal(dst []byte, v serde.Decimal, n *node) (out []byte, ok bool) {
	width := n.width()
	b := v.Unscaled
	if int(v.Scale) != n.scale || len(b) > 8 || !within(b, n.precision) {
		var fits bool
		if b, fits = rescale(v, n); !fits {
			return dst, false
		}
	}
	at := len(dst)
	for i := len(b) - 1; i >= 0; i-- {
		dst = append(dst, b[i])
	}
	var fill byte
	if len(b) > 0 && b[0]&0x80 != 0 {
		fill = 0xFF
	}
	for len(dst) < at+width {
		dst = append(dst, fill)
	}
	return dst, true
}

// within reports whether a number of at most eight bytes has no more digits than a column.
func within(b []byte, precision int) bool {
	if precision >= 19 || len(b) == 0 {
		return true
	}
	v := int64(int8(b[0]))
	for _, c := range b[1:] {
		v = v<<8 | int64(c)
	}
	limit := int64(1)
	for range precision {
		limit *= 10
	}
	return -limit < v && v < limit
}

// rescale gives the two's complement of v at the column's scale, if that is exact and has no more digits than the column.
func rescale(v serde.Decimal, n *node) ([]byte, bool) {
	x := new(big.Int).SetBytes(v.Unscaled)
	if len(v.Unscaled) > 0 && v.Unscaled[0]&0x80 != 0 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(v.Unscaled))))
	}
	switch shift := n.scale - int(v.Scale); {
	case shift > 76:
		return nil, x.Sign() == 0
	case shift > 0:
		x.Mul(x, power(shift))
	case shift < -1<<12:
		return nil, x.Sign() == 0
	case shift < 0:
		rest := new(big.Int)
		if x.QuoRem(x, power(-shift), rest); rest.Sign() != 0 {
			return nil, false
		}
	}
	if x.CmpAbs(power(n.precision)) >= 0 {
		return nil, false
	}
	return complement(x, n.width()), true
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// complement gives x as two's complement of the given size, big-endian.
func complement(x *big.Int, width int) []byte {
	if x.Sign() < 0 {
		x = new(big.Int).Add(x, new(big.Int).Lsh(big.NewInt(1), uint(8*width)))
	}
	b := x.Bytes()
	return slices.Concat(make([]byte, width-len(b)), b)
}
