package main

import (
	"io"

	"github.com/tarn-project/tarn/reader/validate"
)

// jsonReports collects reports for one JSON document.
type jsonReports struct {
	w   io.Writer
	all []jsonReport
}

type jsonReport struct {
	Snapshot  string        `json:"snapshot"`
	Directory string        `json:"directory"`
	Newest    bool          `json:"newest,omitempty"` // the newest complete one below the directory that was searched
	Deep      bool          `json:"deep"`
	Errors    int           `json:"errors"`
	Warnings  int           `json:"warnings"`
	Infos     int           `json:"infos"`
	Findings  []jsonFinding `json:"findings"`
	Rules     []jsonResult  `json:"rules"`
}

type jsonFinding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Operator string `json:"operator,omitempty"`
	Subtask  *int   `json:"subtask,omitempty"`
	KeyGroup *int   `json:"keyGroup,omitempty"`
	State    string `json:"state,omitempty"`
	File     string `json:"file,omitempty"`
	Offset   *int64 `json:"offset,omitempty"`
	Message  string `json:"message"`
	Fix      string `json:"whatToDo,omitempty"`
	More     int    `json:"more,omitempty"` // findings like this one that are left out
}

type jsonResult struct {
	ID       string `json:"id"`
	Outcome  string `json:"outcome"`
	Why      string `json:"reason,omitempty"`
	Findings int    `json:"findings"`
}

func (j *jsonReports) report(r *validate.Report) error {
	out := jsonReport{
		Snapshot: r.Snapshot, Directory: r.Directory, Newest: r.Newest, Deep: r.Deep, Findings: []jsonFinding{},
		Errors: r.Count(validate.Error), Warnings: r.Count(validate.Warning), Infos: r.Count(validate.Info),
	}
	for i := range r.Findings {
		out.Findings = append(out.Findings, findingJSON(&r.Findings[i]))
	}
	for _, res := range r.Results {
		out.Rules = append(out.Rules, jsonResult{res.Rule.ID, string(res.Outcome), res.Why, res.Findings})
	}
	j.all = append(j.all, out)
	return nil
}

func findingJSON(f *validate.Finding) jsonFinding {
	out := jsonFinding{
		Rule: f.Rule, Severity: f.Severity.String(), Operator: f.Place.Operator, State: f.Place.State, File: f.Place.File,
		Message: f.Message, Fix: f.Fix, More: f.More,
	}
	if f.Place.Subtask >= 0 {
		out.Subtask = &f.Place.Subtask
	}
	if f.Place.KeyGroup >= 0 {
		out.KeyGroup = &f.Place.KeyGroup
	}
	if f.Place.Offset >= 0 {
		out.Offset = &f.Place.Offset
	}
	return out
}

func (j *jsonReports) end() error {
	return writeJSON(j.w, struct {
		Snapshots []jsonReport `json:"snapshots"`
	}{append([]jsonReport{}, j.all...)})
}
