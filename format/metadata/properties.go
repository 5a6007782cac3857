package metadata

import (
	"strings"

	"github.com/tarn-project/tarn/format/binio"
)

// Properties is what the Java object at the end of a file of version 4 and later says
// (org.apache.flink.runtime.checkpoint.CheckpointProperties, Flink 1.16 to 2.3).
type Properties struct {
	// Known says that the object has the shape that is known, or is null; else nothing here is set.
	Known bool
	// Null says that there is no object: something other than a job wrote the snapshot.
	Null      bool
	Savepoint bool   // SavepointType; else CheckpointType
	Name      string // "Checkpoint", "Full Checkpoint", "Savepoint", "Terminate Savepoint", "Suspend Savepoint"
	Format    string // of a savepoint: "CANONICAL" or "NATIVE"
	// PostAction is what the job did after a savepoint: "NONE", "TERMINATE" (stopped, draining) or "SUSPEND" (stopped).
	PostAction string
	// Sharing says whether the first checkpoint after a restore may build on these files: "FORWARD_BACKWARD", "FORWARD",
	// and "NO_SHARING" for savepoints, where it is not stored.
	Sharing string

	Forced           bool // concurrency limits did not apply
	Unclaimed        bool // Flink does not own it
	DiscardSubsumed  bool // the five say when Flink deletes the snapshot by itself
	DiscardFinished  bool
	DiscardCancelled bool
	DiscardFailed    bool
	DiscardSuspended bool
}

const (
	checkpointPackage = "org.apache.flink.runtime.checkpoint."
	noSharing         = "NO_SHARING"
)

// Properties reads RawProperties. A file of version 2 or 3 has none.
func (m *Metadata) Properties() Properties { return ParseProperties(m.RawProperties) }

// ParseProperties reads a serialized CheckpointProperties. What does not have the known shape gives Known false.
func ParseProperties(raw []byte) Properties {
	j := javaReader{r: binio.NewReader(raw, 0)}
	v := j.read()
	if j.stop() || j.r.Len() > 0 {
		return Properties{}
	}
	if v == nil {
		return Properties{Known: true, Null: true}
	}
	return propertiesOf(v)
}

// properties reads what follows the operators. A stream of an unknown shape is taken as it is, to the end of the file.
func (d *decoder) properties() []byte {
	r := d.r
	start := r.Pos()
	r.Section("checkpoint properties")
	defer r.EndSection()
	j := javaReader{r: r}
	j.read()
	if j.other && r.Err() == nil {
		r.Field("what is not understood").Skip(r.Len())
	}
	return r.Since(start)
}

func propertiesOf(v any) Properties {
	o, ok := v.(*javaObject)
	if !ok || o.class.name != checkpointPackage+"CheckpointProperties" {
		return Properties{}
	}
	var p Properties
	all := true
	for name, to := range map[string]*bool{
		"forced": &p.Forced, "unclaimed": &p.Unclaimed, "discardSubsumed": &p.DiscardSubsumed, "discardFinished": &p.DiscardFinished,
		"discardCancelled": &p.DiscardCancelled, "discardFailed": &p.DiscardFailed, "discardSuspended": &p.DiscardSuspended,
	} {
		v, ok := o.fields[name].(bool)
		*to, all = v, all && ok
	}
	kind, ok := o.fields["checkpointType"].(*javaObject)
	if !all || !ok || !p.readType(kind) {
		return Properties{}
	}
	p.Known = true
	return p
}

// readType reads the SnapshotType object.
func (p *Properties) readType(o *javaObject) bool {
	var ok bool
	if p.Name, ok = o.fields["name"].(string); !ok {
		return false
	}
	switch strings.TrimPrefix(o.class.name, checkpointPackage) {
	case "CheckpointType":
		p.Sharing, ok = enumName(o, "sharingFilesStrategy")
		return ok
	case "SavepointType":
		p.Savepoint, p.Sharing = true, noSharing
		p.Format, ok = enumName(o, "formatType")
		post, ok2 := enumName(o, "postCheckpointAction")
		p.PostAction = post
		return ok && ok2
	}
	return false
}

func enumName(o *javaObject, field string) (string, bool) {
	e, ok := o.fields[field].(*javaEnum)
	if !ok {
		return "", false
	}
	return e.name, true
}
