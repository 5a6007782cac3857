package serde_test

import "testing"

// TestDocumentedKryo: the examples are what Flink wrote.
func TestDocumentedKryo(t *testing.T) {
	var vs []vector
	kryoFixture(t, "vectors.json", &vs)
	written := func(version, name string, i int) string {
		for _, v := range vs {
			if v.FlinkVersion == version && v.Name == name {
				return v.Values[i].Hex
			}
		}
		t.Fatalf("no case %q", name)
		return ""
	}
	got := examples(t, "kryo.md")
	want := []string{written("1.20.3", "references", 0), written("2.3.0", "collections", 2), written("2.3.0", "UUID", 0)}
	if len(got) != len(want) {
		t.Fatalf("%d examples", len(got))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("example %d:\n got %s\nwant %s", i, got[i], want[i])
		}
	}
}
