package main

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/tarn-project/tarn/reader/validate"
)

// junitReports collects reports for one JUnit XML file: a suite for each snapshot, a case for each rule.
type junitReports struct {
	w      io.Writer
	failOn validate.Severity
	all    junitSuites
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Error   *junitMessage `xml:"error,omitempty"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (j *junitReports) report(r *validate.Report) error {
	s := junitSuite{Name: r.Snapshot}
	for _, res := range r.Results {
		c := j.ruleCase(r, &res)
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	j.all.Tests, j.all.Failures, j.all.Errors = j.all.Tests+s.Tests, j.all.Failures+s.Failures, j.all.Errors+s.Errors
	j.all.Suites = append(j.all.Suites, s)
	return nil
}

func (j *junitReports) ruleCase(r *validate.Report, res *validate.Result) junitCase {
	c := junitCase{Class: "tarn.validate", Name: res.Rule.ID}
	switch res.Outcome {
	case validate.Skipped:
		c.Skipped = &junitMessage{Message: res.Why}
		return c
	case validate.Misconfigured:
		c.Error = &junitMessage{Message: res.Why, Type: string(res.Outcome)}
		return c
	}
	var lines []string
	worst, first := validate.Info, ""
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Rule != res.Rule.ID {
			continue
		}
		if first == "" || f.Severity > worst {
			first = f.Message
		}
		worst = max(worst, f.Severity)
		lines = append(lines, findingLine(f))
	}
	text := strings.Join(lines, "\n")
	switch {
	case len(lines) == 0:
	case worst >= j.failOn:
		c.Failure = &junitMessage{Message: first, Type: worst.String(), Text: text}
	default:
		c.Out = text
	}
	return c
}

// findingLine is a finding on one line.
func findingLine(f *validate.Finding) string {
	s := f.Severity.String() + ": "
	if where := f.Place.String(); where != "" {
		s += where + ": "
	}
	s += f.Message
	if f.More > 0 {
		s += "; and " + plural(f.More, "more finding") + " like this"
	}
	if f.Fix != "" {
		s += ". What to do: " + f.Fix
	}
	return s
}

func (j *junitReports) end() error {
	j.all.Name = "tarn validate"
	if _, err := io.WriteString(j.w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(j.w)
	e.Indent("", "  ")
	if err := e.Encode(&j.all); err != nil {
		return err
	}
	_, err := io.WriteString(j.w, "\n")
	return err
}
