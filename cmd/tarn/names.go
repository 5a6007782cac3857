package main

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/operatorid"
	"github.com/tarn-project/tarn/reader"
)

// namesFile is what a YAML or JSON file may say of operators: a list of uids or a map from uid or id to uid, and the nodes of a job
// graph, as Flink's REST interface and web page print it (vertex ids are operator ids: those of the heads of chains).
type namesFile struct {
	UIDs     yaml.Node `yaml:"uids"`
	Nodes    []node    `yaml:"nodes"`
	Vertices []node    `yaml:"vertices"`
	Plan     *struct {
		Nodes []node `yaml:"nodes"`
	} `yaml:"plan"`
}

type node struct {
	ID          yaml.Node `yaml:"id"`
	Name        string    `yaml:"name"`
	Description string    `yaml:"description"`
	UID         string    `yaml:"uid"`
}

// parseNames reads a file of uids: plain lines, YAML or JSON.
func parseNames(b []byte) (reader.Names, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err == nil && len(doc.Content) == 1 {
		switch top := doc.Content[0]; top.Kind {
		case yaml.MappingNode:
			return parseNamesFile(top)
		case yaml.SequenceNode:
			var n reader.Names
			return n, addUIDs(&n, top)
		}
	}
	return parseLines(string(b))
}

func parseNamesFile(top *yaml.Node) (reader.Names, error) {
	var n reader.Names
	var f namesFile
	if err := top.Decode(&f); err != nil {
		return n, fault.New(fault.ErrUsage, "%v", err)
	}
	nodes := append(f.Nodes, f.Vertices...)
	if f.Plan != nil {
		nodes = append(nodes, f.Plan.Nodes...)
	}
	if f.UIDs.Kind == 0 && len(nodes) == 0 {
		return n, fault.New(fault.ErrUsage, "neither uids nor the nodes of a plan")
	}
	for _, v := range nodes {
		id, err := operatorid.Parse(v.ID.Value)
		if err != nil {
			continue // a stream graph numbers its nodes
		}
		if v.UID != "" {
			n.SetUID(id, v.UID)
		}
		if name := firstLine(v.Name, v.Description); name != "" {
			n.SetName(id, name)
		}
	}
	return n, addUIDs(&n, &f.UIDs)
}

func firstLine(texts ...string) string {
	for _, t := range texts {
		if t, _, _ = strings.Cut(strings.ReplaceAll(t, "<br/>", "\n"), "\n"); t != "" {
			return t
		}
	}
	return ""
}

// addUIDs reads a list of uids, or a map from ids to uids.
func addUIDs(n *reader.Names, v *yaml.Node) error {
	switch v.Kind {
	case yaml.SequenceNode:
		for _, c := range v.Content {
			if c.Kind != yaml.ScalarNode {
				return fault.New(fault.ErrUsage, "line %d: a uid is a text", c.Line)
			}
			n.AddUID(c.Value)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(v.Content); i += 2 {
			id, err := operatorid.Parse(v.Content[i].Value)
			if err != nil {
				return fault.New(fault.ErrUsage, "line %d: %q", v.Content[i].Line, v.Content[i].Value).WithExpected("an operator id of 32 hex digits")
			}
			n.SetUID(id, v.Content[i+1].Value)
		}
	}
	return nil
}

// parseLines reads one uid a line, or an id and a uid with space or '=' between them. Empty lines and those that begin with # say nothing.
func parseLines(text string) (reader.Names, error) {
	var n reader.Names
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if i := strings.IndexAny(line, " \t="); i > 0 {
			if id, err := operatorid.Parse(line[:i]); err == nil {
				n.SetUID(id, strings.TrimSpace(line[i+1:]))
				continue
			}
		}
		n.AddUID(line)
	}
	return n, nil
}
