// Package columnar gives the entries of state as Arrow records: typed columns instead of rows.
//
// A Table is one state of one operator. Its schema is made of the types of the state's serializers, before the first entry is read, so that
// every value has its column:
//
//	boolean, byte … double        the same
//	string, char, BigInteger      utf8; unpaired surrogates as \uXXXX
//	BigDecimal                    utf8; decimals of fixed precision are decimal128 or, above 38 digits, decimal256
//	byte[]                        binary
//	LocalDate, LocalTime          date32, time64[ns]
//	LocalDateTime                 timestamp without zone, in the unit of the precision, else nanoseconds
//	Instant, java.util.Date, …    timestamp[UTC], in the unit of the class or precision, else nanoseconds
//	enum                          dictionary of its constants
//	list, array, set              list
//	map                           map
//	tuple, POJO, record, window   struct; "@class" says which subclass a value is, where there are some, and has the fields of all
//	row                           struct, with "$kind" last
//	Either and other unions       struct of nullable fields, of which one is there
//	a type without fields         boolean: true where there is a value
//	what is known only later      utf8 with JSON (metadata tarn.encoding=json): Java objects, variants, types that contain themselves
//	bytes that no rule explains   binary
//
// The columns of a table are those of the rows that cat prints, as far as the state has them: operatorId, uid, state and kind (dictionaries
// of one value), subtask, kg, key, ns, mapKey, value, ttlTs (timestamp[ms, UTC]), timestamp (int64 milliseconds: a timer may have any),
// and raw: a struct of the serialized key, ns, mapKey and value, null as a whole in rows where everything could be decoded. What could not, or
// has no room in its column, is null in its column, and raw has the bytes of that part.
//
// Records are built straight from the bytes by a serde.Sink.
package columnar

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/tarn-project/tarn/format/fault"
)

// errEnough ends a scan whose limit is reached.
var errEnough = fault.New(nil, "enough")

// IsEnough reports whether an error of Run says only that the limit was reached.
func IsEnough(err error) bool { return err == error(errEnough) }

// Record is an Arrow record.
type Record = arrow.Record
