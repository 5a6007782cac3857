package export

import (
	"encoding/json"
	"strings"

	"github.com/tarn-project/tarn/format/connector"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/valuejson"
)

// meaning says what an entry of a source, sink or coordinator is: as JSON, or for people on one line.
func (c *cells) meaning(dst []byte, e *entry.Entry) ([]byte, bool) {
	m, ok := connector.Of(e.State, e.Value, "")
	if !ok {
		return dst, false
	}
	if c.enc.Style == valuejson.Brief {
		return c.text(dst, strings.Join(m.Lines(), "; "))
	}
	b, err := json.Marshal(&m)
	if err != nil {
		c.report(e, err)
		return dst, false
	}
	return append(dst, b...), true
}
