package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/keygroup"
)

// BigIntSerializer: i4 code, which is 0 for null, 1, 2, 3 for the constants ZERO, ONE and TEN, else the number of bytes plus 4; then
// the bytes, two's complement. BigDecSerializer: the unscaled value so, then i4 scale unless null.
//
// Flink writes a short code for the very object BigInteger.ZERO and the long form for an equal number made elsewhere. Integer.Short
// keeps which it was.

const (
	bigNull    = 0
	bigZero    = 1
	bigOne     = 2
	bigTen     = 3
	bigAddend  = 4
	classBig   = "java.math.BigInteger"
	classBigDe = "java.math.BigDecimal"
)

// bigConstants are the values of the short codes.
var bigConstants = [...][]byte{bigZero: {0}, bigOne: {1}, bigTen: {10}}

type bigCodec struct {
	t       *Type
	decimal bool
}

func numberFamilies() []Family {
	family := func(name string, kind Kind, class string) Family {
		return Family{Classes: []string{simple(name)}, Read: readSimple, Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			t := newType(s, kind, variable)
			t.Class, t.Nullable = class, true
			return &bigCodec{t, kind == KindDecimal}, nil
		}}
	}
	return []Family{family("BigInt", KindInteger, classBig), family("BigDec", KindDecimal, classBigDe)}
}

func (c *bigCodec) Type() *Type { return c.t }

func (c *bigCodec) nullAt(b []byte) int { return startsWith(b, "\x00\x00\x00\x00") }

// code reads the code and gives the number of bytes that follow it.
func (c *bigCodec) code(r *binio.Reader) (code int32, n int) {
	switch code = r.I32(); {
	case r.Err() != nil || (code >= bigNull && code <= bigTen):
	case code <= bigAddend:
		r.Corrupt("code %d of a %s", code, c.t.Class)
	case int(code-bigAddend) > r.Len():
		r.Skip(int(code - bigAddend)) // fails
	default:
		n = int(code - bigAddend)
	}
	return code, n
}

// read reads the integer; null is true for null.
func (c *bigCodec) read(r *binio.Reader) (v Integer, null bool) {
	code, n := c.code(r)
	switch {
	case r.Err() != nil || code == bigNull:
		return v, true
	case code <= bigTen:
		return Integer{Unscaled: bigConstants[code], Short: true}, false
	}
	return Integer{Unscaled: r.Bytes(n)}, false
}

func (c *bigCodec) Skip(r *binio.Reader) {
	code, n := c.code(r)
	if c.decimal && code != bigNull {
		n += 4
	}
	r.Skip(n)
}

func (c *bigCodec) Walk(r *binio.Reader, s Sink) {
	v, null := c.read(r)
	switch {
	case r.Err() != nil:
	case null:
		s.Null()
	case c.decimal:
		if scale := r.I32(); r.Err() == nil {
			s.Decimal(Decimal{v, scale})
		}
	default:
		s.Integer(v)
	}
}

func (c *bigCodec) Append(dst []byte, v Value) ([]byte, error) {
	if _, null := v.(Null); null {
		return binio.AppendI32(dst, bigNull), nil
	}
	i, isInt := v.(Integer)
	d, isDec := v.(Decimal)
	if isDec {
		i = d.Integer
	}
	dst, ok := appendInteger(dst, i)
	switch {
	case !ok || isInt == c.decimal || isDec != c.decimal:
		return dst, mismatch(c.t, v)
	case c.decimal:
		dst = binio.AppendI32(dst, d.Scale)
	}
	return dst, nil
}

func appendInteger(dst []byte, v Integer) ([]byte, bool) {
	if v.Short {
		for code := bigZero; code <= bigTen; code++ {
			if string(bigConstants[code]) == string(v.Unscaled) {
				return binio.AppendI32(dst, int32(code)), true
			}
		}
		return dst, false
	}
	if len(v.Unscaled) == 0 {
		return dst, false
	}
	return append(binio.AppendI32(dst, int32(len(v.Unscaled)+bigAddend)), v.Unscaled...), true
}

func (c *bigCodec) Hash(r *binio.Reader) (int32, bool) {
	v, null := c.read(r)
	switch {
	case null:
		return 0, true
	case c.decimal:
		return keygroup.BigDecimal(v.Unscaled, r.I32()), true
	}
	return keygroup.BigInteger(v.Unscaled), true
}
