package channel

import (
	"testing"

	"github.com/tarn-project/tarn/internal/doctest"
)

// TestDocumentedBytes: the examples of the format's description are what the files hold that it names.
func TestDocumentedBytes(t *testing.T) {
	doctest.Examples(t, "../../docs/format/channel-state.md", "format/channel", 10)
}
