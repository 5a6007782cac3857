package validate_test

import (
	"path"
	"strings"
	"testing"
	"time"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/validate"
)

// special are the rules that the kit of damage does not break in the fixtures below, each with something that does.
var special = map[string]struct {
	fixture string
	spoil   func(k *kit)
	options validate.Options
	roots   []string
}{
	"uid-missing":             {fixture: "2.3.0-nouid-hashmap-savepoint"},
	"paths-moved":             {fixture: "1.20.3-ledger-rocksdb-checkpoint-files-snappy"},
	"relocatable":             {fixture: "1.20.3-ledger-rocksdb-checkpoint-files-snappy"},
	"serializers-known":       {fixture: "2.3.0-opaque-hashmap-savepoint"},
	"compressed-offsets":      {fixture: "1.18.1-ledger-hashmap-savepoint-snappy"},
	"native-savepoint-timers": {fixture: "1.20.3-ledger-rocksdb-native-heaptimers"},
	"in-flight":               {fixture: "1.20.3-unaligned-hashmap-checkpoint-inflight"},
	"null-map-values":         {fixture: "1.20.3-text-rocksdb-savepoint", options: validate.Options{Deep: true}},
	"inline-size":             {fixture: "2.3.0-ledger-hashmap-savepoint", options: validate.Options{Limits: validate.Limits{Inline: 10}}},
	"value-sizes":             {fixture: "2.3.0-ledger-hashmap-savepoint", options: validate.Options{Deep: true, Limits: validate.Limits{Value: 10}}},
	"orphans": {fixture: "1.20.3-ledger-rocksdb-checkpoint-files-snappy", spoil: func(k *kit) {
		k.files[path.Dir(k.dir)+"/shared/orphan"] = []byte("x")
	}},
	"foreign-files": {fixture: "2.3.0-ledger-hashmap-savepoint-files", roots: []string{"/elsewhere"}, spoil: func(k *kit) {
		k.meta(func(m *metadata.Metadata) bool {
			for i := range m.Operators {
				for j := range m.Operators[i].Subtasks {
					h, ok := m.Operators[i].Subtasks[j].ManagedKeyed.(*metadata.KeyGroups)
					if !ok {
						continue
					}
					if f, ok := h.Stream.(*metadata.RelativeFile); ok {
						k.files["/elsewhere/"+f.Path] = k.files[k.dir+"/"+f.Path]
						h.Stream = &metadata.File{Path: "/elsewhere/" + f.Path, Length: f.Length}
						delete(k.files, k.dir+"/"+f.Path)
						return true
					}
				}
			}
			return false
		})
	}},
	"policy-no-kryo":       {fixture: "2.3.0-opaque-hashmap-savepoint", options: validate.Options{Policy: &validate.Policy{NoKryo: true}}},
	"policy-uids":          {fixture: "2.3.0-nouid-hashmap-savepoint", options: validate.Options{Policy: &validate.Policy{RequireUIDs: true}}},
	"policy-ttl":           {fixture: "2.3.0-ledger-hashmap-savepoint", options: validate.Options{Policy: &validate.Policy{RequireTTL: []string{"*"}}}},
	"policy-compression":   {fixture: "2.3.0-ledger-hashmap-savepoint", options: validate.Options{Policy: &validate.Policy{Compression: true}}},
	"policy-operator-size": {fixture: "2.3.0-ledger-hashmap-savepoint", options: validate.Options{Policy: &validate.Policy{MaxOperatorBytes: 10}}},
	"policy-skew":          {fixture: "2.3.0-ledger-hashmap-savepoint", options: validate.Options{Policy: &validate.Policy{MaxSkew: 1}}},
	"policy-age":           {fixture: "2.3.0-ledger-hashmap-savepoint", options: validate.Options{Policy: &validate.Policy{MaxAge: time.Nanosecond, Now: time.Now().Add(time.Hour)}}},
}

// elsewhere are rules that other tests break.
var elsewhere = map[string]string{
	"unfinished":          "TestUnfinished",
	"seal-files":          "TestSeal",
	"seal-content":        "TestSeal",
	"metadata-round-trip": "TestRoundTrip",
	"window-timers":       "TestWindows",
	"windows-fire":        "TestWindows",
	"timers-alone":        "TestWindows",
}

// TestEveryRule: each rule is broken by something, and kept by a snapshot that real Flink wrote.
func TestEveryRule(t *testing.T) {
	broken, kept := map[string]bool{}, map[string]bool{}
	for _, name := range []string{
		"2.3.0-ledger-hashmap-savepoint-files", "1.20.3-ledger-rocksdb-checkpoint-files-snappy", "1.20.3-lean-rocksdb-checkpoint-levels",
		"1.20.3-unaligned-hashmap-checkpoint-inflight", "2.3.0-ledger-hashmap-savepoint", "2.0.0-ledger-hashmap-savepoint",
	} {
		f, err := fixtures.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		whole := loadKit(t, f)
		for _, r := range whole.check(validate.Options{Deep: true, Jobs: 2, Seal: whole.seal(), Policy: lenient()}).Results {
			kept[r.Rule.ID] = kept[r.Rule.ID] || r.Outcome == validate.Passed
		}
		for _, d := range damages() {
			if k := whole.clone(); d.do(k) {
				for rule := range rulesOf(k.check(validate.Options{Deep: true, Jobs: 2})) {
					broken[rule] = true
				}
			}
		}
	}
	for rule, s := range special {
		f, err := fixtures.Load(s.fixture)
		if err != nil {
			t.Fatal(err)
		}
		k := loadKit(t, f)
		if s.spoil != nil {
			s.spoil(k)
		}
		rep, err := validate.Check(t.Context(), k.store(), k.dir, reader.Options{AllowRoots: s.roots}, s.options)
		if err != nil {
			t.Fatal(err)
		}
		if !finds(rep, rule) {
			t.Errorf("%s is not broken by %s: %s", rule, s.fixture, strings.Join(lines(rep), "\n"))
		}
		broken[rule] = true
	}
	for _, r := range validate.Rules() {
		if !broken[r.ID] && elsewhere[r.ID] == "" {
			t.Errorf("nothing breaks %s", r.ID)
		}
		if !kept[r.ID] {
			t.Errorf("nothing keeps %s", r.ID)
		}
	}
}

// lenient is a policy that asks for everything and that sound snapshots keep.
func lenient() *validate.Policy {
	return &validate.Policy{NoKryo: true, RequireUIDs: true, RequireTTL: []string{"nothing"}, Compression: true, MaxOperatorBytes: 1 << 40, MaxSkew: 1000, MaxAge: 1 << 62}
}

func finds(r *validate.Report, rule string) bool {
	for _, f := range r.Findings {
		if f.Rule == rule {
			return f.Message != "" && f.Fix != ""
		}
	}
	return false
}

func TestUnfinished(t *testing.T) {
	if r := validate.UnfinishedReport("/x/chk-4", "no _metadata"); !finds(r, "unfinished") || len(r.Results) != len(validate.Rules()) {
		t.Errorf("%+v", r)
	}
}

// TestSeal: a seal finds what nothing else can: a byte inside a value, an operator that is gone.
func TestSeal(t *testing.T) {
	f, err := fixtures.Load("2.3.0-ledger-hashmap-savepoint-files")
	if err != nil {
		t.Fatal(err)
	}
	whole := loadKit(t, f)
	seal := whole.seal()
	if r := whole.check(validate.Options{Deep: true, Seal: seal}); len(r.Findings) != 0 {
		t.Errorf("%v", lines(r))
	}
	k := whole.clone()
	k.file(0, func(b []byte) []byte { return flipAt(b, len(b)-3) })
	if r := k.check(validate.Options{Deep: true, Seal: seal}); !finds(r, "seal-content") {
		t.Errorf("%v", lines(r))
	}
	k = whole.clone()
	k.operators(func(m *metadata.Metadata, op *metadata.Operator) bool { m.Operators = m.Operators[1:]; return true })
	if r := k.check(validate.Options{Seal: seal}); !finds(r, "seal-files") {
		t.Errorf("%v", lines(r))
	}
}
