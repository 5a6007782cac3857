package metadata

import (
	"bytes"
	"errors"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
)

// rename replaces a Java string in a serialized stream, with its length.
func rename(b []byte, old, new string) []byte {
	o := append([]byte{0, byte(len(old))}, old...)
	n := append([]byte{0, byte(len(new))}, new...)
	return bytes.ReplaceAll(b, o, n)
}

func TestProperties(t *testing.T) {
	savepoint := Properties{Known: true, Savepoint: true, Name: "Savepoint", Format: "CANONICAL", PostAction: "NONE", Sharing: noSharing, Forced: true}
	native, suspend, terminate := savepoint, savepoint, savepoint
	native.Format = "NATIVE"
	suspend.Name, suspend.PostAction = "Suspend Savepoint", "SUSPEND"
	terminate.Name, terminate.PostAction = "Terminate Savepoint", "TERMINATE"
	checkpoint := Properties{Known: true, Name: "Checkpoint", Sharing: "FORWARD_BACKWARD", DiscardSubsumed: true, DiscardFinished: true}
	full := checkpoint
	full.Name, full.Sharing = "Full Checkpoint", "FORWARD"

	suspendBytes, checkpointBytes := properties(t, "savepoint-suspend"), properties(t, "checkpoint")
	for _, c := range []struct {
		name string
		raw  []byte
		want Properties
	}{
		{"canonical", properties(t, "savepoint-canonical"), savepoint},
		{"native", properties(t, "savepoint-native"), native},
		{"suspend", suspendBytes, suspend},
		{"terminate", rename(rename(suspendBytes, "Suspend Savepoint", "Terminate Savepoint"), "SUSPEND", "TERMINATE"), terminate},
		{"checkpoint", checkpointBytes, checkpoint},
		{"full checkpoint", rename(rename(checkpointBytes, "Checkpoint", "Full Checkpoint"), "FORWARD_BACKWARD", "FORWARD"), full},
		{"null", []byte{0xAC, 0xED, 0, 5, javaNull}, Properties{Known: true, Null: true}},
		{"none", nil, Properties{}},
		{"another class", rename(checkpointBytes, "org.apache.flink.runtime.checkpoint.CheckpointProperties", "x.Y"), Properties{}},
		{"another field", rename(checkpointBytes, "unclaimed", "unknown"), Properties{}},
		{"another type", rename(checkpointBytes, "org.apache.flink.runtime.checkpoint.CheckpointType", "x.Type"), Properties{}},
		{"a byte too many", append(bytes.Clone(checkpointBytes), 0), Properties{}},
		{"a string", []byte{0xAC, 0xED, 0, 5, javaStringTag, 0, 1, 'x'}, Properties{}},
		{"no stream", []byte("text"), Properties{}},
	} {
		if got := ParseProperties(c.raw); got != c.want {
			t.Errorf("%s: %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// A stream of another shape has no known end: it is carried to the end of the file.
func TestUnknownPropertiesAreCarried(t *testing.T) {
	for _, raw := range [][]byte{
		{0xAC, 0xED, 0, 5, 0x75, 1, 2, 3}, // an array
		{0xAC, 0xED, 0, 6},
		{0xAC, 0xED, 0, 5, javaReference, 0, 0x7E, 0, 0},
		[]byte("something else"),
	} {
		b := encode(t, &Metadata{Version: 4, RawProperties: raw})
		m := checkLaw(t, b)
		if !bytes.Equal(m.RawProperties, raw) || m.Properties().Known {
			t.Errorf("% x became % x, %+v", raw, m.RawProperties, m.Properties())
		}
	}
}

func TestTruncatedPropertiesAreAnError(t *testing.T) {
	b := encode(t, &Metadata{Version: 4, RawProperties: properties(t, "savepoint-canonical")})
	for n := len(b) - 745; n < len(b); n++ {
		if _, err := Decode(b[:n]); !errors.Is(err, fault.ErrTruncated) {
			t.Fatalf("%d of %d bytes: %v, want truncated", n, len(b), err)
		}
	}
}
