package valuejson

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/serde"
)

// digits gives the digits of a number or of a string that holds one.
func (n *node) digits() string {
	if n.kind == jsonNumber || n.kind == jsonString {
		return n.text
	}
	return ""
}

func parseInteger(n *node) (serde.Integer, bool) {
	v, scale, ok := unscaled(n.digits())
	return makeInteger(v), ok && scale == 0
}

// unscaled reads digits with an optional point and exponent as v × 10^-scale.
func unscaled(s string) (v *big.Int, scale int64, ok bool) {
	v = new(big.Int)
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(s), "e")
	if hasExp {
		e, err := strconv.ParseInt(exp, 10, 32)
		if err != nil {
			return v, 0, false
		}
		scale = -e
	}
	whole, frac, hasPoint := strings.Cut(mantissa, ".")
	if hasPoint && frac == "" || strings.Trim(strings.TrimLeft(whole, "+-"), "0123456789") != "" || strings.Trim(frac, "0123456789") != "" {
		return v, 0, false
	}
	scale += int64(len(frac))
	_, ok = v.SetString(whole+frac, 10)
	return v, scale, ok && whole != "" && scale >= math.MinInt32 && scale <= math.MaxInt32
}

// makeInteger gives the shortest two's complement bytes, as Java writes them. Zero, one and ten are the constants that Flink has short codes
// for, as they are whenever Java makes them from a long.
func makeInteger(v *big.Int) serde.Integer {
	short := v.IsInt64() && (v.Int64() == 0 || v.Int64() == 1 || v.Int64() == 10)
	return serde.Integer{Unscaled: twosComplement(v), Short: short}
}

func twosComplement(v *big.Int) []byte {
	if v.Sign() >= 0 {
		b := v.Bytes()
		if len(b) == 0 || b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return b
	}
	size := v.BitLen()/8 + 1
	full := new(big.Int).Lsh(big.NewInt(1), uint(8*size))
	b := full.Add(full, v).Bytes()
	if len(b) > 1 && b[0] == 0xFF && b[1]&0x80 != 0 { // -128, -32768, … need no more bytes than their bits
		b = b[1:]
	}
	return b
}

// decimal reads a BigDecimal, whose scale is that of the text, or a SQL decimal, whose scale the type gives.
func decimal(t *serde.Type, n *node, p *path) (serde.Value, error) {
	v, scale, ok := unscaled(n.digits())
	if !ok {
		return nil, p.mismatch(n, t)
	}
	if t.Precision > 0 {
		if v, ok = rescale(v, scale, int64(t.Scale)); !ok || len(new(big.Int).Abs(v).String()) > t.Precision {
			return nil, p.fail("%s", n.describe()).WithExpected("at most %d digits, %d of them after the point", t.Precision, t.Scale)
		}
		scale = int64(t.Scale)
	}
	return serde.Decimal{Integer: makeInteger(v), Scale: int32(scale)}, nil
}

// maxSQLDigits bounds the shift of a SQL decimal, which has at most 38 digits.
const maxSQLDigits = 128

// rescale changes the scale without changing the number.
func rescale(v *big.Int, from, to int64) (*big.Int, bool) {
	if v.Sign() == 0 || from == to {
		return v, true
	}
	shift := to - from
	if shift < -maxSQLDigits || shift > maxSQLDigits {
		return v, false
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(shift, -shift)), nil)
	if shift > 0 {
		return new(big.Int).Mul(v, power), true
	}
	q, r := new(big.Int).QuoRem(v, power, new(big.Int))
	return q, r.Sign() == 0
}
