package reader

import (
	"maps"

	"github.com/tarn-project/tarn/format/operatorid"
)

// Names are uids and names of operators, by id. Metadata before version 5 holds neither, later versions leave out what the job did
// not set.
type Names struct {
	UIDs  map[operatorid.ID]string
	Names map[operatorid.ID]string
}

// AddUID adds a uid under the id that Flink makes of it.
func (n *Names) AddUID(uid string) { n.SetUID(operatorid.UIDHash(uid), uid) }

// SetUID names the operator with an id.
func (n *Names) SetUID(id operatorid.ID, uid string) {
	if n.UIDs == nil {
		n.UIDs = map[operatorid.ID]string{}
	}
	n.UIDs[id] = uid
}

// SetName gives the operator with an id a name, which is shown and identifies nothing.
func (n *Names) SetName(id operatorid.ID, name string) {
	if n.Names == nil {
		n.Names = map[operatorid.ID]string{}
	}
	n.Names[id] = name
}

// Add adds all of o.
func (n *Names) Add(o Names) {
	for id, uid := range o.UIDs {
		n.SetUID(id, uid)
	}
	if n.Names == nil && len(o.Names) > 0 {
		n.Names = map[operatorid.ID]string{}
	}
	maps.Copy(n.Names, o.Names)
}
