// Package keygroup is the arithmetic of key groups: which group a key belongs to, which subtask owns a group, and the Java
// hash codes that decide it.
//
// A key's group is murmur(key.hashCode()) mod maxParallelism (KeyGroupRangeAssignment, MathUtils.murmurHash, unchanged since
// Flink 1.2). A subtask owns a contiguous range of groups. Max parallelism is fixed for the life of the state: 1 … 32768.
package keygroup

import (
	"fmt"
	"math/bits"
)

// MaxParallelism is the highest max parallelism that Flink allows (KeyGroupRangeAssignment.UPPER_BOUND_MAX_PARALLELISM).
const MaxParallelism = 1 << 15

// Range is a contiguous range of key groups, both ends included. It is empty when Last < First.
type Range struct{ First, Last int }

// Len is the number of key groups.
func (r Range) Len() int { return max(0, r.Last-r.First+1) }

// Contains reports whether a key group lies in the range.
func (r Range) Contains(group int) bool { return group >= r.First && group <= r.Last }

// Intersect gives the groups that both ranges hold.
func (r Range) Intersect(o Range) Range {
	return Range{First: max(r.First, o.First), Last: min(r.Last, o.Last)}
}

// String gives "3" or "0-63", and "none" for an empty range.
func (r Range) String() string {
	switch {
	case r.Len() == 0:
		return "none"
	case r.First == r.Last:
		return fmt.Sprint(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// ForSubtask is the range that subtask owns (KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex).
func ForSubtask(subtask, parallelism, maxParallelism int) Range {
	return Range{
		First: (subtask*maxParallelism + parallelism - 1) / parallelism,
		Last:  ((subtask+1)*maxParallelism - 1) / parallelism,
	}
}

// Subtask is the subtask that owns a group.
func Subtask(group, parallelism, maxParallelism int) int { return group * parallelism / maxParallelism }

// PrefixLen is the number of bytes that a key-group prefix takes in composite keys: 1 up to 128 groups, 2 above
// (CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix).
func PrefixLen(maxParallelism int) int {
	if maxParallelism > 128 {
		return 2
	}
	return 1
}

// DefaultMaxParallelism is what Flink chooses when the job sets none.
func DefaultMaxParallelism(parallelism int) int {
	n := uint(max(1, parallelism+parallelism/2))
	return min(max(1<<bits.Len(n-1), 128), MaxParallelism)
}

// Of is the key group of a key with the given Java hash code.
func Of(hash int32, maxParallelism int) int {
	return int(uint32(murmur(hash)) % uint32(maxParallelism))
}

// murmur is MathUtils.murmurHash: never negative.
func murmur(code int32) int32 {
	k := uint32(code) * 0xcc9e2d51
	k = bits.RotateLeft32(k, 15) * 0x1b873593
	k = bits.RotateLeft32(k, 13)*5 + 0xe6546b64
	k ^= 4
	k ^= k >> 16
	k *= 0x85ebca6b
	k ^= k >> 13
	k *= 0xc2b2ae35
	k ^= k >> 16
	switch v := int32(k); {
	case v >= 0:
		return v
	case v != -1<<31:
		return -v
	}
	return 0
}
