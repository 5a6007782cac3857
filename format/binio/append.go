package binio

import (
	"encoding/binary"
	"math"
)

// AppendU8 appends one byte.
func AppendU8(dst []byte, v byte) []byte { return append(dst, v) }

// AppendBool appends one byte, 0 or 1.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// AppendI16 appends a Java short.
func AppendI16(dst []byte, v int16) []byte { return binary.BigEndian.AppendUint16(dst, uint16(v)) }

// AppendI32 appends a Java int.
func AppendI32(dst []byte, v int32) []byte { return binary.BigEndian.AppendUint32(dst, uint32(v)) }

// AppendI64 appends a Java long.
func AppendI64(dst []byte, v int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(v)) }

// AppendF32 appends a Java float, its bits as they are.
func AppendF32(dst []byte, v float32) []byte { return AppendI32(dst, int32(math.Float32bits(v))) }

// AppendF64 appends a Java double, its bits as they are.
func AppendF64(dst []byte, v float64) []byte { return AppendI64(dst, int64(math.Float64bits(v))) }
