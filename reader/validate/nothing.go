package validate

import (
	"strconv"

	"github.com/tarn-project/tarn/format/serde"
)

// nothing is a Sink that wants to know nothing: what counts is that the walk comes to its end.
type nothing struct{}

func (nothing) Null()                               {}
func (nothing) Bool(bool)                           {}
func (nothing) Int(int64)                           {}
func (nothing) Float32(float32)                     {}
func (nothing) Float64(float64)                     {}
func (nothing) Char(uint16)                         {}
func (nothing) Text([]byte)                         {}
func (nothing) Bytes([]byte)                        {}
func (nothing) Integer(serde.Integer)               {}
func (nothing) Decimal(serde.Decimal)               {}
func (nothing) Time(serde.Time)                     {}
func (nothing) Enum(serde.Enum)                     {}
func (nothing) BeginList(*serde.Type, int)          {}
func (nothing) EndList()                            {}
func (nothing) BeginMap(*serde.Type, int)           {}
func (nothing) EndMap()                             {}
func (nothing) BeginStruct(*serde.Type, serde.Form) {}
func (nothing) Field(int)                           {}
func (nothing) EndStruct()                          {}
func (nothing) Raw(*serde.Type, []byte)             {}

func itoa(n int) string { return strconv.Itoa(n) }
