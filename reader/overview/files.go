package overview

import (
	"fmt"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
)

// File is one file that the snapshot refers to.
type File struct {
	Written string   `json:"written"`        // the path in _metadata
	Name    string   `json:"name,omitempty"` // where it was found
	How     string   `json:"found"`          // relative, absolute, moved, mapped, not found
	Bytes   int64    `json:"bytes"`          // as the handles tell; of a file that several share, what they use of it
	Shared  bool     `json:"shared,omitempty"`
	Users   []string `json:"users"` // operator, subtask and slot
	// Parts say what native state and changelogs use the file for.
	Parts []FilePart `json:"parts,omitempty"`
}

// fileKey tells files apart.
type fileKey struct {
	path     string
	relative bool
}

// files looks every file up and says whether the directory can be copied.
func (m *maker) files() {
	list := map[fileKey]*File{}
	var order []*File
	absolute, scattered, owned, merged := 0, 0, 0, false
	m.snap.Metadata.EachHandle(func(owner metadata.Owner, h metadata.Handle) {
		if op, ok := h.(*metadata.OperatorHandle); ok && op.Merged != nil {
			merged = true
		}
		parts := m.parts(owner, h)
		metadata.EachStream(h, func(st metadata.StreamHandle) {
			ref, ok := metadata.ReferenceOf(st)
			if !ok {
				m.inline(owner, st, parts[st])
				return
			}
			f := list[fileKey{ref.Path, ref.Relative}]
			if f == nil {
				f = m.file(ref, st, owner)
				list[fileKey{ref.Path, ref.Relative}] = f
				order = append(order, f)
				if !ref.Relative {
					absolute++
				} else if strings.Contains(ref.Path, "..") {
					scattered++
				}
				if taskOwned(ref.Path) {
					owned++
				}
			}
			f.addPart(parts[st], st)
			f.Bytes += st.Size()
			f.Shared = f.Shared || ref.Shared
			if user := m.user(owner); len(f.Users) == 0 || f.Users[len(f.Users)-1] != user {
				f.Users = append(f.Users, user)
			}
		})
	})
	m.move(absolute, scattered, owned, merged)
	if m.o.Files {
		m.out.FileList = []File{}
		for _, f := range order {
			m.out.FileList = append(m.out.FileList, *f)
		}
	}
}

// inline notes a handle whose bytes are in _metadata itself.
func (m *maker) inline(owner metadata.Owner, st metadata.StreamHandle, part *FilePart) {
	m.out.Files.Inline++
	if m.o.Files {
		f := File{Written: "_metadata", How: reader.Inline.String(), Bytes: st.Size(), Users: []string{m.user(owner)}}
		f.addPart(part, st)
		m.out.InlineList = append(m.out.InlineList, f)
	}
}

// file looks up where a file is.
func (m *maker) file(ref metadata.Reference, st metadata.StreamHandle, owner metadata.Owner) *File {
	loc := m.snap.Locate(m.ctx, st)
	n := &m.out.Files
	n.Total++
	switch loc.How {
	case reader.Relative:
		n.Relative++
	case reader.Absolute:
		n.Absolute++
	case reader.Moved:
		n.Moved++
	case reader.Mapped:
		n.Mapped++
	case reader.NotFound:
		n.Missing++
		m.problem(fault.At(loc.Err, m.place(owner)))
	}
	return &File{Written: ref.Path, Name: loc.Name, How: loc.How.String(), Users: []string{}}
}

// place is where the problems of a handle are.
func (m *maker) place(o metadata.Owner) fault.Place {
	p := fault.Place{Operator: m.label(o.Operator), Subtask: fault.NoPlace, KeyGroup: fault.NoPlace}
	if o.Subtask != nil {
		p.Subtask = o.Subtask.Index
	}
	return p
}

func (m *maker) label(o *metadata.Operator) string {
	for _, op := range m.snap.Operators {
		if op.Meta == o {
			return op.Label()
		}
	}
	return o.ID.String()
}

func (m *maker) user(o metadata.Owner) string {
	label := m.label(o.Operator)
	if o.Subtask == nil {
		return fmt.Sprintf("%s %s", label, o.Slot)
	}
	return fmt.Sprintf("%s[%d] %s", label, o.Subtask.Index, o.Slot)
}

func (m *maker) move(absolute, scattered, owned int, merged bool) {
	mv := &m.out.Move
	mv.ByCopy, mv.Reasons = absolute == 0 && !merged && scattered == 0, []string{}
	if absolute > 0 {
		mv.Reasons = append(mv.Reasons, fmt.Sprintf("%d of %d files are named by absolute path", absolute, m.out.Files.Total))
	}
	if scattered > 0 {
		mv.Reasons = append(mv.Reasons, fmt.Sprintf("%d files lie outside of its directory", scattered))
	}
	if owned > 0 {
		mv.Reasons = append(mv.Reasons, fmt.Sprintf("%d files are task-owned: the snapshot does not own them and other checkpoints may need them", owned))
	}
	if merged {
		mv.Reasons = append(mv.Reasons, "file merging: the directories that it keeps alive are absolute")
	}
}
