package opstate

import (
	"testing"

	"github.com/tarn-project/tarn/internal/doctest"
)

// TestDocumentedBytes: the examples of the format's description are what the files hold that it names.
func TestDocumentedBytes(t *testing.T) {
	doctest.Examples(t, "../../docs/format/operator-state.md", "format/opstate", 10)
}
