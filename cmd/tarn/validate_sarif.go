package main

import (
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/reader/validate"
)

// sarifReports collects reports for one SARIF file (OASIS SARIF 2.1.0).
type sarifReports struct {
	w       io.Writer
	results []sarifResult
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string      `json:"id"`
	Short   sarifText   `json:"shortDescription"`
	Full    sarifText   `json:"fullDescription"`
	Help    sarifText   `json:"help"`
	Default sarifConfig `json:"defaultConfiguration"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	ByteOffset int64 `json:"byteOffset"`
}

type sarifLogical struct {
	Name string `json:"name"`
	Full string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

func (s *sarifReports) report(r *validate.Report) error {
	index := map[string]int{}
	for i, res := range r.Results {
		index[res.Rule.ID] = i
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		text := f.Message
		if where := f.Place.String(); where != "" {
			text += " (" + where + ")"
		}
		if f.More > 0 {
			text += "; and " + plural(f.More, "more finding") + " like this"
		}
		if f.Fix != "" {
			text += ". What to do: " + f.Fix
		}
		s.results = append(s.results, sarifResult{
			RuleID: f.Rule, RuleIndex: index[f.Rule], Level: sarifLevel(f.Severity), Message: sarifText{text}, Locations: []sarifLocation{sarifPlace(r, f)},
		})
	}
	return nil
}

func sarifLevel(s validate.Severity) string {
	if s == validate.Info {
		return "note"
	}
	return s.String()
}

func sarifPlace(r *validate.Report, f *validate.Finding) sarifLocation {
	name := f.Place.File
	if name == "" {
		name = strings.TrimRight(r.Directory, "/") + "/_metadata"
	}
	l := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{sarifURI(name)}}}
	if f.Place.Offset >= 0 && f.Place.File != "" {
		l.Physical.Region = &sarifRegion{f.Place.Offset}
	}
	full := ""
	add := func(kind, name string) {
		if name == "" {
			return
		}
		full = strings.TrimPrefix(full+"/"+name, "/")
		l.Logical = append(l.Logical, sarifLogical{name, full, kind})
	}
	add("operator", f.Place.Operator)
	if f.Place.Subtask >= 0 {
		add("subtask", strconv.Itoa(f.Place.Subtask))
	}
	add("state", f.Place.State)
	if f.Place.KeyGroup >= 0 {
		add("keyGroup", strconv.Itoa(f.Place.KeyGroup))
	}
	return l
}

// sarifURI makes a URI of a name.
func sarifURI(name string) string {
	if strings.Contains(name, "://") {
		return name
	}
	u := url.URL{Path: filepath.ToSlash(name)}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}

func (s *sarifReports) end() error {
	driver := sarifDriver{Name: "tarn"}
	for _, r := range validate.Rules() {
		driver.Rules = append(driver.Rules, sarifRule{
			ID: r.ID, Short: sarifText{r.Doc}, Full: sarifText{r.Doc + ". It prevents: " + r.Prevents},
			Help: sarifText{r.Fix}, Default: sarifConfig{sarifLevel(r.Severity)},
		})
	}
	return writeJSON(s.w, sarifLog{
		Schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", Version: "2.1.0",
		Runs: []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "utf16CodeUnits", Results: append([]sarifResult{}, s.results...)}},
	})
}
