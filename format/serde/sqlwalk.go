package serde

import (
	"encoding/binary"
	"math"

	"github.com/tarn-project/tarn/format/rowdata"
)

// walkRow walks a BinaryRowData.
func (s *sqlType) walkRow(w *sqlReader, b []byte, sink Sink) {
	sec := rowdata.Section{Data: b}
	kind, ok := sec.Row(len(s.parts))
	if !ok {
		w.corrupt("%d bytes that are no SQL row of %d fields", len(b), len(s.parts))
		return
	}
	sink.BeginStruct(s.t, Form{RowKind: kind})
	at := rowdata.RowHeader(len(s.parts))
	for i, p := range s.parts {
		sink.Field(i)
		if sec.RowNull(i) {
			sink.Null()
		} else if !p.value(w, &sec, at+8*i, sink) {
			w.corrupt("field %s of a SQL row, which is %s", s.t.Fields[i].Name, p.l)
			return
		}
	}
	sink.EndStruct()
}

func (s *sqlType) width() int { return s.l.Width() }

// walkArray walks a BinaryArrayData.
func (s *sqlType) walkArray(w *sqlReader, b []byte, sink Sink) {
	elem := s.parts[0]
	sec := rowdata.Section{Data: b}
	n, at, ok := sec.Array(elem.width())
	if !ok {
		w.corrupt("%d bytes that are no array of %s", len(b), elem.l)
		return
	}
	sink.BeginList(s.t, n)
	for i := range n {
		if !elem.element(w, &sec, i, at, sink) {
			return
		}
	}
	sink.EndList()
}

// element walks element i of an array whose first element stands at a position.
func (s *sqlType) element(w *sqlReader, sec *rowdata.Section, i, first int, sink Sink) bool {
	if sec.ArrayNull(i) {
		sink.Null()
		return true
	}
	if s.value(w, sec, first+i*s.width(), sink) {
		return true
	}
	w.corrupt("element %d of an array of %s", i, s.l)
	return false
}

// walkMap walks a BinaryMapData.
func (s *sqlType) walkMap(w *sqlReader, b []byte, sink Sink) {
	key, value := s.parts[0], s.parts[1]
	kb, vb, ok := rowdata.Map(b)
	keys, values := rowdata.Section{Data: kb}, rowdata.Section{Data: vb}
	n, firstKey, okKeys := keys.Array(key.width())
	m, firstValue, okValues := values.Array(value.width())
	if !ok || !okKeys || !okValues || n != m {
		w.corrupt("%d bytes that are no map from %s to %s", len(b), key.l, value.l)
		return
	}
	sink.BeginMap(s.t, n)
	for i := range n {
		if !key.element(w, &keys, i, firstKey, sink) || !value.element(w, &values, i, firstValue, sink) {
			return
		}
	}
	sink.EndMap()
}

// value walks the value whose fixed part stands at a position. It reports false if the bytes are not of the type, or if the reader has
// an error.
func (s *sqlType) value(w *sqlReader, sec *rowdata.Section, at int, sink Sink) bool {
	switch s.form {
	case sqlNullOnly:
		sink.Null()
	case sqlBool:
		sink.Bool(sec.Data[at] != 0)
	case sqlInt:
		sink.Int(s.number(sec, at))
	case sqlFloat:
		sink.Float32(math.Float32frombits(uint32(s.number(sec, at))))
	case sqlDouble:
		sink.Float64(math.Float64frombits(sec.Word(at)))
	case sqlDay:
		sink.Time(sqlDate(s.number(sec, at)))
	case sqlClock:
		millis := s.number(sec, at)
		if millis < 0 || millis >= dayMillis {
			return false
		}
		sink.Time(Time{Kind: KindLocalTime, NanoOfDay: millis * milliNanos})
	case sqlInstant:
		return s.timestamp(sec, at, sink)
	case sqlDecimal:
		return s.decimal(w, sec, at, sink)
	case sqlText, sqlBinary:
		return s.text(sec, at, sink)
	case sqlUnknown:
		sink.Raw(s.t, sec.Data[at:at+8])
	default:
		return s.part8(w, sec, at, sink)
	}
	return true
}

// number reads a little-endian number of the type's width.
func (s *sqlType) number(sec *rowdata.Section, at int) int64 {
	b := sec.Data[at:]
	switch s.l.Number() {
	case 1:
		return int64(int8(b[0]))
	case 2:
		return int64(int16(uint16(b[0]) | uint16(b[1])<<8))
	case 4:
		return int64(int32(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24))
	}
	return int64(sec.Word(at))
}

func (s *sqlType) timestamp(sec *rowdata.Section, at int, sink Sink) bool {
	zone := s.t.Kind == KindInstant
	if s.l.Precision <= rowdata.CompactTimestamp {
		sink.Time(sqlTimestamp(int64(sec.Word(at)), 0, zone))
		return true
	}
	millis, nanos, ok := sec.Timestamp(at)
	if ok {
		sink.Time(sqlTimestamp(millis, nanos, zone))
	}
	return ok
}

func (s *sqlType) decimal(w *sqlReader, sec *rowdata.Section, at int, sink Sink) bool {
	var b []byte
	if s.l.Precision <= rowdata.CompactDecimal {
		b = compactDecimal(w.r.Scratch(8), int64(sec.Word(at)))
	} else {
		var ok bool
		if b, ok = sec.Decimal(at); !ok {
			return false
		}
	}
	sink.Decimal(Decimal{Integer: Integer{Unscaled: b}, Scale: int32(s.l.Scale)})
	return true
}

// compactDecimal writes the shortest two's complement of v into buf, which has eight bytes.
func compactDecimal(buf []byte, v int64) []byte {
	binary.BigEndian.PutUint64(buf, uint64(v))
	return minimal(buf)
}

// minimal leaves out the leading bytes of a two's complement number that repeat the sign.
func minimal(b []byte) []byte {
	for len(b) > 1 && ((b[0] == 0 && b[1] < 0x80) || (b[0] == 0xFF && b[1] >= 0x80)) {
		b = b[1:]
	}
	return b
}

func (s *sqlType) text(sec *rowdata.Section, at int, sink Sink) bool {
	b, ok := sec.Text(at)
	switch {
	case !ok:
	case s.form == sqlText:
		sink.Text(b)
	default:
		sink.Bytes(b)
	}
	return ok
}

// part8 walks a value whose fixed part is an offset and a size.
func (s *sqlType) part8(w *sqlReader, sec *rowdata.Section, at int, sink Sink) bool {
	b, ok := sec.Part(at)
	if !ok {
		return false
	}
	s.content(w, b, sink)
	return w.r.Err() == nil
}
