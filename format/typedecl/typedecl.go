// Package typedecl describes states by the types of their parts: what all handles of a state hold together, and how that is declared
// in the languages that people use.
package typedecl

import (
	"strings"

	"github.com/tarn-project/tarn/format/serde"
)

// IsGlobalWindow reports whether t is Flink's GlobalWindow, which has no fields.
func IsGlobalWindow(t *serde.Type) bool {
	return t.Kind == serde.KindStruct && len(t.Fields) == 0 &&
		(strings.Contains(t.Class, "GlobalWindow") || strings.Contains(t.Serializer, "GlobalWindow"))
}
