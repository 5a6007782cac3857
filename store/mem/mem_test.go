package mem_test

import (
	"testing"

	"github.com/tarn-project/tarn/store/mem"
	"github.com/tarn-project/tarn/store/storetest"
)

func TestContract(t *testing.T) {
	var s mem.Store
	for name, data := range storetest.Files {
		s.Put("root/"+name, []byte(data))
	}
	storetest.Run(t, &s, "root")
}
