package javaser

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON appends v as JSON for people: what Plain gives, with bytes as {"$hex":…}, big numbers as strings of digits, maps with string keys
// as objects and others as arrays of pairs, objects with their class as "@class", enum constants by name, unpaired surrogates as \u
// escapes.
func AppendJSON(dst []byte, v Value) []byte { return appendPlain(dst, Plain(v)) }

func appendPlain(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float32:
		return appendFloat(dst, float64(v), 32)
	case float64:
		return appendFloat(dst, v, 64)
	case Char:
		return appendText(dst, v.text())
	case string:
		return appendText(dst, v)
	case []byte:
		dst = append(dst, `{"$hex":"`...)
		dst = hex.AppendEncode(dst, v)
		return append(dst, `"}`...)
	case *big.Int:
		return strconv.AppendQuote(dst, v.String())
	case BigDecimal:
		return strconv.AppendQuote(dst, v.String())
	case time.Time:
		return strconv.AppendQuote(dst, v.Format(time.RFC3339Nano))
	case Constant:
		return appendText(dst, v.Name)
	case Cycle:
		return append(appendText(append(dst, `{"@ref":`...), v.Class), '}')
	case []any:
		return appendList(dst, v)
	case []PlainPair:
		return appendMap(dst, v)
	case *Instance:
		return appendInstance(dst, v)
	}
	return append(dst, "null"...)
}

func appendList(dst []byte, vs []any) []byte {
	dst = append(dst, '[')
	for i, v := range vs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPlain(dst, v)
	}
	return append(dst, ']')
}

func appendMap(dst []byte, vs []PlainPair) []byte {
	object := true
	for _, e := range vs {
		if _, ok := e.Key.(string); !ok {
			object = false
		}
	}
	if !object {
		pairs := make([]any, 0, len(vs))
		for _, e := range vs {
			pairs = append(pairs, []any{e.Key, e.Value})
		}
		return appendList(dst, pairs)
	}
	dst = append(dst, '{')
	for i, e := range vs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, e.Key.(string)), ':')
		dst = appendPlain(dst, e.Value)
	}
	return append(dst, '}')
}

func appendInstance(dst []byte, v *Instance) []byte {
	dst = appendText(append(dst, `{"@class":`...), v.Class)
	for _, f := range v.Fields {
		dst = append(appendText(append(dst, ','), f.Name), ':')
		dst = appendPlain(dst, f.Value)
	}
	return append(dst, '}')
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// appendText appends a WTF-8 text as a JSON string.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendASCII(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r != utf8.RuneError || n > 1:
			dst = append(dst, s[i:i+n]...)
		case c == 0xED && i+2 < len(s): // an unpaired surrogate
			dst = appendEscape(dst, 0xD000|uint16(s[i+1]&0x3F)<<6|uint16(s[i+2]&0x3F))
			n = 3
		default:
			dst = appendEscape(dst, utf8.RuneError)
		}
		i += n
	}
	return append(dst, '"')
}

func appendASCII(dst []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c >= ' ':
		return append(dst, c)
	case c == '\n':
		return append(dst, `\n`...)
	case c == '\t':
		return append(dst, `\t`...)
	}
	return appendEscape(dst, uint16(c))
}

func appendEscape(dst []byte, u uint16) []byte {
	return hex.AppendEncode(append(dst, `\u`...), []byte{byte(u >> 8), byte(u)})
}

// text gives one UTF-16 unit as WTF-8.
func (c Char) text() string {
	if c&0xF800 == 0xD800 {
		return string([]byte{0xE0 | byte(c>>12), 0x80 | byte(c>>6&0x3F), 0x80 | byte(c&0x3F)})
	}
	return string(rune(c))
}

// String gives plain digits.
func (d BigDecimal) String() string {
	const most = 1 << 16 // digits that are worth writing out
	if d.Scale == 0 {
		return d.Unscaled.String()
	}
	if d.Scale < 0 && d.Scale > -most {
		return new(big.Int).Mul(d.Unscaled, new(big.Int).Exp(big.NewInt(10), big.NewInt(-int64(d.Scale)), nil)).String()
	}
	if d.Scale < 0 || d.Scale > most {
		return d.Unscaled.String() + "E" + strconv.FormatInt(-int64(d.Scale), 10)
	}
	digits := new(big.Int).Abs(d.Unscaled).String()
	for len(digits) <= int(d.Scale) {
		digits = "0" + digits
	}
	at := len(digits) - int(d.Scale)
	out := digits[:at] + "." + digits[at:]
	if d.Unscaled.Sign() < 0 {
		return "-" + out
	}
	return out
}
