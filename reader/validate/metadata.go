package validate

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/operatorid"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store"
)

// inMetadata is a finding that concerns the metadata file itself.
func (r *run) inMetadata(format string, args ...any) Finding {
	f := Finding{Place: nowhere(), Message: fmt.Sprintf(format, args...)}
	f.Place.File = r.snap.MetadataName
	return f
}

// ofOperator is a finding that concerns an operator.
func ofOperator(op *reader.Operator, format string, args ...any) Finding {
	f := Finding{Place: nowhere(), Message: fmt.Sprintf(format, args...)}
	f.Place.Operator = op.Label()
	return f
}

// roundTrip writes _metadata again and compares.
func roundTrip(r *run, report func(Finding)) {
	raw, err := r.readFile(r.snap.MetadataName)
	if err != nil {
		report(findingOf(fault.File(err, r.snap.MetadataName)))
		return
	}
	again, err := r.snap.Metadata.Append(nil)
	if err != nil {
		report(r.inMetadata("it cannot be written again: %v", err))
		return
	}
	if bytes.Equal(raw, again) {
		return
	}
	n := 0
	for n < len(raw) && n < len(again) && raw[n] == again[n] {
		n++
	}
	f := r.inMetadata("written again it has %d bytes and differs from here on; the file has %d", len(again), len(raw))
	f.Place.Offset = int64(n)
	report(f)
}

// readFile reads a file of metadata size.
func (r *run) readFile(name string) ([]byte, error) {
	obj, err := r.st.Open(r.ctx, name)
	if err != nil {
		return nil, err
	}
	defer obj.Close()
	return io.ReadAll(io.NewSectionReader(obj, 0, obj.Size()))
}

// operatorIDs looks for two operators under one id.
func operatorIDs(r *run, report func(Finding)) {
	seen := map[operatorid.ID]int{}
	for i, op := range r.snap.Operators {
		if before, ok := seen[op.ID]; ok {
			report(ofOperator(op, "operators %d and %d of the file have the id %s", before, i, op.ID))
		}
		seen[op.ID] = i
	}
}

// uidMatches recomputes ids from uids.
func uidMatches(r *run, report func(Finding)) {
	for _, op := range r.snap.Operators {
		if uid := op.Meta.UID; uid != "" && operatorid.UIDHash(uid) != op.ID {
			report(ofOperator(op, "stored under the id %s, but the uid %q gives %s", op.ID, uid, operatorid.UIDHash(uid)))
		}
	}
}

// uidMissing looks for operators with state whose id depends on the shape of the job graph.
func uidMissing(r *run, report func(Finding)) {
	unknown := 0
	for _, op := range r.snap.Operators {
		if op.UID != "" || !hasState(op.Meta) {
			continue
		}
		if r.snap.Metadata.Version >= 5 {
			report(ofOperator(op, "%shas state and no uid", named(op)))
		} else {
			unknown++
		}
	}
	if unknown > 0 {
		f := r.inMetadata("%d operators with state are known by id alone: metadata before version 5 holds no uids", unknown)
		f.Severity, f.own = Info, true
		f.Fix = "name the uids with --uids FILE: an operator whose id is not that of a uid has none"
		report(f)
	}
}

func named(op *reader.Operator) string {
	if op.Name == "" {
		return ""
	}
	return strconv.Quote(op.Name) + " "
}

// hasState reports whether an operator stores anything.
func hasState(m *metadata.Operator) bool {
	any := false
	m.EachHandle(func(_ metadata.Owner, h metadata.Handle) {
		any = any || h.Size() > 0
	})
	return any
}

// propertiesKnown checks the Java object at the end of the file.
func propertiesKnown(r *run, report func(Finding)) {
	p := r.snap.Properties
	switch {
	case r.snap.Metadata.Version < 4:
	case !p.Known:
		report(r.inMetadata("the checkpoint's properties are not an object that any known Flink writes"))
	case p.Null:
	case p.Savepoint && (p.DiscardSubsumed || p.DiscardFinished || p.DiscardCancelled || p.DiscardFailed || p.DiscardSuspended):
		report(r.inMetadata("a savepoint that Flink is to delete by itself: no Flink writes that"))
	case p.Savepoint && p.Format != "CANONICAL" && p.Format != "NATIVE":
		report(r.inMetadata("a savepoint of format %q", p.Format))
	case p.Savepoint && !oneOf(p.PostAction, "NONE", "TERMINATE", "SUSPEND"):
		report(r.inMetadata("a savepoint after which the job did %q", p.PostAction))
	case !p.Savepoint && !oneOf(p.Sharing, "FORWARD_BACKWARD", "FORWARD", "NO_SHARING"):
		report(r.inMetadata("a checkpoint that shares files %q", p.Sharing))
	}
}

func oneOf(s string, list ...string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return false
}

// checkpointID compares the places that tell the checkpoint's number.
func checkpointID(r *run, report func(Finding)) {
	id := r.snap.Metadata.CheckpointID
	if n, ok := strings.CutPrefix(store.Base(r.snap.AbsDir()), "chk-"); ok {
		if want, err := strconv.ParseInt(n, 10, 64); err == nil && want != id {
			report(r.inMetadata("checkpoint %d in a directory of checkpoint %d", id, want))
		}
	}
	for _, op := range r.snap.Operators {
		for i := range op.Meta.Subtasks {
			s := &op.Meta.Subtasks[i]
			if h, ok := s.ManagedKeyed.(*metadata.Incremental); ok && h.CheckpointID != id {
				f := ofOperator(op, "keyed state of checkpoint %d in checkpoint %d", h.CheckpointID, id)
				f.Place.Subtask = s.Index
				report(f)
			}
		}
	}
}
