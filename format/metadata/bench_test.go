package metadata

import (
	"fmt"
	"testing"

	"github.com/tarn-project/tarn/format/keygroup"
)

// large is a snapshot of 32 MB: 20 operators of 64 subtasks with inline state, and one with 100 tables a subtask.
func large(b *testing.B) []byte {
	m := &Metadata{Version: 6, RawProperties: properties(b, "checkpoint")}
	data := make([]byte, 20<<10)
	for i := range 20 {
		op := Operator{ID: OperatorID{byte(i)}, UID: "u", Parallelism: 64, MaxParallelism: 1024}
		for j := range 64 {
			groups := keygroup.ForSubtask(j, 64, 1024)
			s := Subtask{Index: j, ManagedKeyed: &KeyGroups{
				Kind: KeyGroupsWithID, Range: groups, Offsets: make([]int64, groups.Len()), Stream: &ByteStream{Name: "x", Data: data}, HandleID: "id",
			}}
			if i == 0 {
				incr := &Incremental{V2: true, Range: groups, Meta: &ByteStream{Name: "x", Data: data}}
				for k := range 100 {
					name := fmt.Sprintf("%06d.sst", k)
					incr.Shared = append(incr.Shared, NamedStream{name, &File{Path: "s3://bucket/checkpoints/0123456789abcdef/shared/" + name, Length: 64 << 20}})
				}
				s.ManagedKeyed = incr
			}
			op.Subtasks = append(op.Subtasks, s)
		}
		m.Operators = append(m.Operators, op)
	}
	return encode(b, m)
}

func BenchmarkDecode(b *testing.B) {
	data := large(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
