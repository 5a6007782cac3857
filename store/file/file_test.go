package file_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/store/file"
	"github.com/tarn-project/tarn/store/storetest"
)

func TestContract(t *testing.T) {
	root := t.TempDir()
	for name, data := range storetest.Files {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, prefix := range []string{"", "file:", "file://"} {
		t.Run(prefix, func(t *testing.T) { storetest.Run(t, file.Store{}, prefix+root) })
	}
}

func TestPath(t *testing.T) {
	for _, c := range []struct {
		name, path string
		ok         bool
	}{
		{"a/b", "a/b", true},
		{"/a/b", "/a/b", true},
		{"file:/a/b", "/a/b", true},
		{"file:///a/b", "/a/b", true},
		{"file://localhost/a/b", "/a/b", true},
		{"file:/a%20b", "/a b", true},
		{"s3://bucket/a", "s3://bucket/a", false},
		{"hdfs://nn:8020/a", "hdfs://nn:8020/a", false},
		{"12:30.txt", "12:30.txt", true},
		{"./a:b", "./a:b", true},
	} {
		if path, ok := file.Path(c.name); path != c.path || ok != c.ok {
			t.Errorf("Path(%q) = %q, %v, want %q, %v", c.name, path, ok, c.path, c.ok)
		}
	}
}
