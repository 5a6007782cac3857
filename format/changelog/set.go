package changelog

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// MetaGroup is the key group of metadata.
const MetaGroup = -1

// maxGroup is the largest key group.
const maxGroup = 1<<15 - 1

// ChangeSet is a change set in memory.
type ChangeSet struct{ Groups []Group }

// Group is the changes of one key group, in their order.
type Group struct {
	KeyGroup int // or MetaGroup
	Changes  [][]byte
}

// Bytes that a group and a change take at least.
const (
	minGroup  = 8
	minChange = 4
)

// DecodeSet reads one change set. The changes alias the input.
func DecodeSet(r *binio.Reader) *ChangeSet {
	s := &ChangeSet{}
	for n := r.Field("number of key groups").Count(minGroup); n > 0 && r.Err() == nil; n-- {
		changes := r.Field("number of changes").Count(minChange)
		g := Group{KeyGroup: int(r.Field("key group").I32())}
		if r.Err() == nil && !groupAllowed(g.KeyGroup, len(s.Groups) == 0) {
			r.Corrupt("key group %d", g.KeyGroup)
		}
		for ; changes > 0 && r.Err() == nil; changes-- {
			g.Changes = append(g.Changes, r.Field("change").Bytes(r.Length()))
		}
		s.Groups = append(s.Groups, g)
	}
	return s
}

// groupAllowed reports whether a key group may stand here: metadata comes first, since the changes after it need it.
func groupAllowed(group int, first bool) bool {
	return group >= 0 && group <= maxGroup || group == MetaGroup && first
}

// Append writes the set.
func (s *ChangeSet) Append(dst []byte) []byte {
	dst = binio.AppendI32(dst, int32(len(s.Groups)))
	for _, g := range s.Groups {
		dst = binio.AppendI32(dst, int32(len(g.Changes)))
		dst = binio.AppendI32(dst, int32(g.KeyGroup))
		for _, c := range g.Changes {
			dst = append(binio.AppendI32(dst, int32(len(c))), c...)
		}
	}
	return dst
}

// EachChange gives the n changes of a run that b holds, each with its length in front.
func EachChange(b []byte, n int, do func(change []byte)) error {
	r := binio.NewReader(b, 0)
	for range n {
		c := r.Bytes(r.Length())
		if err := r.Err(); err != nil {
			return err
		}
		do(c)
	}
	if r.Len() > 0 {
		return fault.New(fault.ErrCorrupt, "%d bytes after the last change of a key group", r.Len())
	}
	return nil
}
