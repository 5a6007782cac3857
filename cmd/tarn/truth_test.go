package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/fixtures/truthcheck"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/internal/snaptest"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/store/file"
)

// tarn runs a command line in this process.
func tarn(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = newApp(strings.NewReader(""), &out, &errOut).run(context.Background(), args)
	return code, out.String(), errOut.String()
}

// deaf are serializers of user code, whose values nobody can decode without it. The opaque job's Shape holds a subclass that its
// snapshot does not describe.
func deaf(f *fixtures.Fixture) []string {
	if f.Truth.Job == "opaque" {
		return []string{"OpaqueSerializer", "PojoSerializer<StringSerializer>"}
	}
	return nil
}

// withoutOpaqueLists drops lists of elements that only user code can tell apart from the rows and from the truth: all that can be shown
// of them are their bytes as a whole.
func withoutOpaqueLists(truth *fixtures.Truth, rows string) string {
	for i := range truth.Operators {
		o := &truth.Operators[i]
		var kept []fixtures.KeyedState
		for _, s := range o.KeyedStates {
			if s.Kind != "LIST" || !strings.Contains(s.ValueSerializer, "OpaqueSerializer") {
				kept = append(kept, s)
				continue
			}
			var other strings.Builder
			for line := range strings.Lines(rows) {
				if !strings.Contains(line, `"state":"`+s.Name+`"`) {
					other.WriteString(line)
				}
			}
			rows = other.String()
		}
		o.KeyedStates = kept
	}
	return rows
}

// TestRowsEqualTruth holds every row that cat prints against what real Flink read.
func TestRowsEqualTruth(t *testing.T) {
	fixtures.Each(t, nil, rowsEqualTruth)
}

// TestSharedCorpus does the same with another collection of snapshots, where there is one: TARN_SHARED, or the folder "shared" beside
// the checkout.
func TestSharedCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("many snapshots")
	}
	fixtures.EachIn(t, snaptest.Shared(t, "corpus"), nil, func(t *testing.T, f *fixtures.Fixture) {
		code, _, messages := tarn(t, "inspect", f.Dir)
		if f.Truth.Job == "types" && code == exitUnsupported {
			t.Skip("serializers of foreign formats: ", messages)
		}
		if f.Truth.KeyedTruthFrom != "" {
			t.Skip("the truth is from another run of the job, which had other processing-time timers: ", f.Truth.KeyedTruthFrom)
		}
		rowsEqualTruth(t, f)
	})
}

func rowsEqualTruth(t *testing.T, f *fixtures.Fixture) {
	snap, err := reader.Open(context.Background(), file.Store{}, f.Dir, reader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	truth := *f.Truth
	truth.Operators = slices.Clone(truth.Operators)
	dropped := readable(snap, &truth)
	code, rows, messages := tarn(t, "cat", "--format", "json", "--raw", f.Dir)
	if dropped {
		if code != exitUnsupported || !strings.Contains(messages, "unsupported") {
			t.Errorf("exit code %d, want %d: %s", code, exitUnsupported, messages)
		}
	} else if unframed(f) {
		if code != exitUnsupported {
			t.Errorf("exit code %d, want %d: %s", code, exitUnsupported, messages)
		}
		return // what stands behind an unknown serializer cannot be reached
	} else if code != exitOK || messages != "" {
		t.Errorf("exit code %d: %s", code, messages)
	}
	rows = withoutOpaqueLists(&truth, rows)
	// The truth of the SQL jobs shows raw values as opaque that are decoded here: their bytes are compared.
	o := truthcheck.Options{Deaf: deaf(f), BytesOnly: f.Truth.Job == "sql"}
	report, err := truthcheck.Check(&truth, strings.NewReader(rows), o)
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() && (!dropped || report.Rows > 0) {
		t.Error(report)
	}
}

// readable drops from the truth the keyed state of operators whose handles no backend reads, and says whether there were any.
func readable(snap *reader.Snapshot, truth *fixtures.Truth) bool {
	dropped := false
	for _, op := range snap.Operators {
		if !claimed(op) {
			dropped = true
			for i := range truth.Operators {
				if truth.Operators[i].OperatorID == op.ID.String() {
					o := &truth.Operators[i]
					o.KeyedStates, o.Timers = nil, rawTimers(op, o.Timers)
				}
			}
		}
	}
	return dropped
}

// claimed reports whether some backend reads every managed keyed handle of an operator.
func claimed(op *reader.Operator) bool {
	return !slices.ContainsFunc(op.Parts(), func(p reader.Part) bool {
		h, keyed := p.Handle.(metadata.KeyedHandle)
		return keyed && p.Slot == metadata.SlotManagedKeyed &&
			!slices.ContainsFunc(reader.Backends(), func(b backend.Backend) bool { return b.Claims(h) })
	})
}

// rawTimers are the timers that lie in the raw keyed slot, which is read whatever the managed state is.
func rawTimers(op *reader.Operator, timers []fixtures.TimerQueue) []fixtures.TimerQueue {
	for _, p := range op.Parts() {
		if p.Slot == metadata.SlotRawKeyed {
			return timers
		}
	}
	return nil
}

// unframed reports whether values that only user code can read stand in a layout that does not say how long they are.
func unframed(f *fixtures.Fixture) bool {
	return f.Truth.Kind == "checkpoint" && f.Truth.Backend == "hashmap" && f.Truth.Job == "opaque"
}
