package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/reader/validate"
)

const ciDir = "../../docs/ci"

var ciCommand = regexp.MustCompile(`tarn validate [^\n']*`)

// TestCIRecipes runs what the files in docs/ci run, on a fixture instead of a team's snapshots.
func TestCIRecipes(t *testing.T) {
	f, err := fixtures.Load(snapshots["LEDGER"])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"github-actions.yml", "gitlab-ci.yml", "Jenkinsfile"} {
		b, err := os.ReadFile(filepath.Join(ciDir, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".yml") {
			var doc map[string]any
			if err := yaml.Unmarshal(b, &doc); err != nil || len(doc) == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
		found := ciCommand.FindString(string(b))
		if found == "" {
			t.Fatalf("%s runs no tarn", name)
		}
		args := strings.Fields(strings.TrimPrefix(strings.NewReplacer(`"$SNAPSHOTS"`, f.Dir, "docs/ci/", ciDir+"/").Replace(found), "tarn "))
		out := filepath.Join(t.TempDir(), "findings")
		for i := range args {
			if args[i] == "-o" {
				args[i+1] = out
			}
		}
		code, _, errs := tarn(t, args...)
		if code != exitOK && code != exitFindings {
			t.Errorf("%s: %v: exit code %d: %s", name, args, code, errs)
		}
		if info, err := os.Stat(out); err != nil || info.Size() == 0 {
			t.Errorf("%s: no result: %v", name, err)
		}
	}
}

// TestPreDeploy runs the gate.
func TestPreDeploy(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	f, err := fixtures.Load(snapshots["LEDGER"])
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "savepoint-1")
	if err := os.CopyFS(dir, os.DirFS(f.Dir)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is a seal
		out, err := exec.Command(sh, filepath.Join(ciDir, "pre-deploy.sh"), filepath.Dir(dir)).Output()
		if err != nil || strings.TrimSpace(string(out)) != dir {
			t.Fatalf("%q %v, expected %s", out, err, dir)
		}
	}
	if _, err := os.Stat(dir + ".seal.json"); err != nil {
		t.Error(err)
	}
	if err := os.Truncate(filepath.Join(dir, "_metadata"), 50); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(sh, filepath.Join(ciDir, "pre-deploy.sh"), filepath.Dir(dir)).Output(); err == nil {
		t.Errorf("damaged, and it says %q", out)
	}
}

// TestReportFormats checks the structure of SARIF and JUnit: what their schemas demand, and that references within them hold.
func TestReportFormats(t *testing.T) {
	f, err := fixtures.Load(snapshots["ROCKS"])
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ := tarn(t, "validate", "--deep", "--format", "sarif", f.Dir)
	var log sarifLog
	if err := json.Unmarshal([]byte(out), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("%v %s", err, out)
	}
	run := log.Runs[0]
	if len(run.Tool.Driver.Rules) != len(validate.Rules()) || len(run.Results) == 0 {
		t.Errorf("%d rules, %d results", len(run.Tool.Driver.Rules), len(run.Results))
	}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.Message.Text == "" || len(r.Locations) != 1 || r.Locations[0].Physical.Artifact.URI == "" {
			t.Errorf("%+v", r)
		}
		if r.Level != "note" && r.Level != "warning" && r.Level != "error" {
			t.Errorf("level %q", r.Level)
		}
	}
	_, out, _ = tarn(t, "validate", "--format", "junit", f.Dir)
	var suites junitSuites
	if err := xml.Unmarshal([]byte(out), &suites); err != nil || len(suites.Suites) != 1 {
		t.Fatalf("%v %s", err, out)
	}
	s := suites.Suites[0]
	failures, skipped := 0, 0
	for _, c := range s.Cases {
		if c.Name == "" || c.Class == "" {
			t.Errorf("%+v", c)
		}
		if c.Failure != nil {
			failures++
		}
		if c.Skipped != nil {
			skipped++
		}
	}
	if s.Tests != len(s.Cases) || s.Failures != failures || s.Skipped != skipped || s.Tests != len(validate.Rules()) || suites.Tests != s.Tests {
		t.Errorf("%d tests, %d failures, %d skipped in the attributes; %d, %d, %d cases", s.Tests, s.Failures, s.Skipped, len(s.Cases), failures, skipped)
	}
}
