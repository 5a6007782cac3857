package serde

import (
	"encoding/binary"
	"math"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/rowdata"
)

// Append writes the content of a row, array, map, RAW value or variant, without its length.
func (s *sqlType) Append(dst []byte, v Value) ([]byte, error) {
	if b, ok := exactBytes(s.t, v); ok {
		return append(dst, b...), nil
	}
	if s.form == sqlRaw {
		return s.inner.Append(dst, v)
	}
	v = Plain(v)
	switch s.form {
	case sqlRow:
		if row, ok := v.(Struct); ok && len(row.Fields) == len(s.parts) {
			return s.appendRow(dst, row)
		}
	case sqlArray:
		if l, ok := v.(List); ok {
			return s.parts[0].appendArray(dst, len(l), func(i int) Value { return l[i] })
		}
	case sqlMap:
		if m, ok := v.(Map); ok {
			return s.appendMap(dst, m)
		}
	case sqlBitmap:
		b, err := bitmapBytes(v)
		return append(dst, b...), err
	case sqlVariant:
		return dst, fault.New(fault.ErrUsage, "a VARIANT, which is written only as it was read")
	}
	return dst, mismatch(s.t, v)
}

func (s *sqlType) appendRow(dst []byte, row Struct) ([]byte, error) {
	w := rowdata.NewRow(dst, len(s.parts), row.Form.RowKind&3)
	for i, p := range s.parts {
		if err := p.put(&w, i, row.Fields[i]); err != nil {
			return dst, err
		}
	}
	return w.Out, nil
}

// appendArray writes an array of n elements of type s.
func (s *sqlType) appendArray(dst []byte, n int, elem func(i int) Value) ([]byte, error) {
	w := rowdata.NewArray(dst, n, s.width())
	for i := range n {
		if err := s.put(&w, i, elem(i)); err != nil {
			return dst, err
		}
	}
	return w.Out, nil
}

func (s *sqlType) appendMap(dst []byte, m Map) ([]byte, error) {
	at := len(dst)
	out, err := s.parts[0].appendArray(append(dst, 0, 0, 0, 0), len(m), func(i int) Value { return m[i].Key })
	if err != nil {
		return dst, err
	}
	binary.LittleEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	if out, err = s.parts[1].appendArray(out, len(m), func(i int) Value { return m[i].Value }); err != nil {
		return dst, err
	}
	return out, nil
}

// put writes v as field i.
func (s *sqlType) put(w *rowdata.Writer, i int, v Value) error {
	if _, null := v.(Null); null || s.form == sqlNullOnly {
		w.Null(i)
		return nil
	}
	ok := false
	switch s.form {
	case sqlRow, sqlArray, sqlMap, sqlRaw, sqlVariant, sqlBitmap:
		at := w.Begin()
		out, err := s.Append(w.Out, v)
		if err != nil {
			return err
		}
		w.Out = out
		w.End(i, at)
		return nil
	case sqlDecimal:
		ok = s.putDecimal(w, i, v)
	case sqlInstant:
		ok = s.putTimestamp(w, i, v)
	case sqlText, sqlBinary, sqlUnknown:
		ok = s.putBytes(w, i, v)
	default:
		var n uint64
		if n, ok = s.bits(v); ok {
			w.Number(i, n, s.l.Number())
		}
	}
	if !ok {
		return mismatch(s.t, v)
	}
	return nil
}

// bits gives the number that v is in the fixed part.
func (s *sqlType) bits(v Value) (uint64, bool) {
	switch v := v.(type) {
	case Bool:
		if v {
			return 1, s.form == sqlBool
		}
		return 0, s.form == sqlBool
	case Int:
		shift := 64 - 8*s.l.Number()
		return uint64(v), s.form == sqlInt && int64(v)<<shift>>shift == int64(v)
	case Float32:
		return uint64(math.Float32bits(float32(v))), s.form == sqlFloat
	case Float64:
		return math.Float64bits(float64(v)), s.form == sqlDouble
	case Time:
		if s.form == sqlDay && v.Kind == KindLocalDate {
			d := epochDays(v.Year, v.Month, v.Day)
			return uint64(d), int64(int32(d)) == d
		}
		return uint64(v.NanoOfDay / milliNanos), s.form == sqlClock && v.Kind == KindLocalTime && v.NanoOfDay%milliNanos == 0
	}
	return 0, false
}

func (s *sqlType) putTimestamp(w *rowdata.Writer, i int, v Value) bool {
	t, ok := v.(Time)
	if !ok || t.Kind != s.t.Kind {
		return false
	}
	millis, nanos := timestampParts(t)
	if s.l.Precision <= rowdata.CompactTimestamp {
		w.Number(i, uint64(millis), 8)
		return nanos == 0
	}
	w.Timestamp(i, millis, nanos)
	return true
}

func (s *sqlType) putDecimal(w *rowdata.Writer, i int, v Value) bool {
	d, ok := v.(Decimal)
	b := minimal(d.Unscaled)
	switch {
	case !ok || int(d.Scale) != s.l.Scale || len(b) == 0:
		return false
	case s.l.Precision > rowdata.CompactDecimal:
		w.Decimal(i, b)
		return len(b) <= rowdata.DecimalBytes
	}
	w.Number(i, uint64(signed(b)), 8)
	return len(b) <= 8
}

// signed reads up to eight bytes of two's complement.
func signed(b []byte) int64 {
	v := int64(int8(b[0]))
	for _, c := range b[1:] {
		v = v<<8 | int64(c)
	}
	return v
}

func (s *sqlType) putBytes(w *rowdata.Writer, i int, v Value) bool {
	switch v := v.(type) {
	case Text:
		w.Text(i, []byte(v))
		return s.form == sqlText
	case Bytes:
		w.Text(i, v)
		return s.form == sqlBinary
	case Raw:
		if len(v.Data) != 8 || s.form != sqlUnknown {
			return false
		}
		w.Number(i, binary.LittleEndian.Uint64(v.Data), 8)
		return true
	}
	return false
}
