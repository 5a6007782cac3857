package export

import (
	"strings"

	"github.com/tarn-project/tarn/format/fault"
)

// column is one member of a row.
type column uint8

const (
	colOperatorID column = iota
	colUID
	colState
	colKind
	colSubtask
	colKeyGroup
	colKey
	colNamespace
	colMapKey
	colValue
	colTTL
	colTimestamp
	colKeyHex // this and the following are there with Options.Raw
	colNamespaceHex
	colMapKeyHex
	colValueHex
	colMeaning // with Options.Meaning
	columns
)

var columnNames = [columns]string{
	"operatorId", "uid", "state", "kind", "subtask", "kg", "key", "ns", "mapKey", "value", "ttlTs", "timestamp",
	"keyHex", "nsHex", "mapKeyHex", "valueHex", "meaning",
}

// Columns names the columns of rows in their order; those that end in Hex are there with Options.Raw, meaning with Options.Meaning.
func Columns() []string { return columnNames[:] }

// chosen gives the columns that the options ask for, in the order asked for.
func (o *Options) chosen() ([]column, error) {
	var out []column
	if len(o.Columns) == 0 {
		for c := range columns {
			if c < colKeyHex || c < colMeaning && o.Raw || c == colMeaning && o.Meaning {
				out = append(out, c)
			}
		}
		return out, nil
	}
	for _, name := range o.Columns {
		c, ok := columnNamed(name)
		if !ok {
			return nil, fault.New(fault.ErrUsage, "column %q", name).WithExpected("%s", strings.Join(columnNames[:], ", "))
		}
		out = append(out, c)
	}
	return out, nil
}

func columnNamed(name string) (column, bool) {
	for c, n := range columnNames {
		if n == name {
			return column(c), true
		}
	}
	return 0, false
}
