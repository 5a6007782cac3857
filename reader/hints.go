package reader

import (
	"maps"
	"time"

	"github.com/tarn-project/tarn/format/connector"
	"github.com/tarn-project/tarn/format/serde"
)

// registry makes the families for a snapshot of some version of metadata: those that are built in, with what hints say of classes, and those that
// hints describe.
func (o *Options) registry(version int) *serde.Registry {
	classes := connector.LegacyClasses()
	maps.Copy(classes, o.Hints.Classes)
	kryo := serde.KryoFamilies(serde.KryoOptions{Writer: kryoWriter(version), Hints: classes})
	return serde.NewRegistry(append(serde.Builtin(), kryo, o.Hints.Serializers)...)
}

// TTL gives how long an operator's state keeps values after their last access, if hints say it: no snapshot does.
func (o *Operator) TTL(state string) (time.Duration, bool) {
	return o.snap.hints.TTL(o.ID.String(), o.UID, state)
}
