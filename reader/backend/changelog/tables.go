package changelog

import "github.com/tarn-project/tarn/reader/backend"

// Tables implements backend.Tabled: those of the materialized part.
func (s *source) Tables() []backend.Table {
	var out []backend.Table
	for _, b := range s.bases {
		if t, ok := b.Source.(backend.Tabled); ok {
			out = append(out, t.Tables()...)
		}
	}
	return out
}
