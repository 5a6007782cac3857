package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader/validate"
)

// policyFile is a policy as people write it.
type policyFile struct {
	NoKryo      bool      `yaml:"no-kryo"`
	RequireUIDs bool      `yaml:"require-uids"`
	RequireTTL  yaml.Node `yaml:"require-ttl"`
	Compression bool      `yaml:"compression"`
	MaxOperator string    `yaml:"max-operator-size"`
	MaxSkew     float64   `yaml:"max-skew"`
	MaxAge      string    `yaml:"max-age"`
}

// readPolicy reads a policy file; no name gives no policy.
func readPolicy(name string) (*validate.Policy, error) {
	if name == "" {
		return nil, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, missingFile(name, err)
	}
	p, err := parsePolicy(b)
	return p, fault.File(err, name)
}

func parsePolicy(b []byte) (*validate.Policy, error) {
	var f policyFile
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, usage("%v", err).WithHint("docs/validate.md lists what a policy can say")
	}
	p := &validate.Policy{NoKryo: f.NoKryo, RequireUIDs: f.RequireUIDs, Compression: f.Compression, MaxSkew: f.MaxSkew}
	var err error
	if p.MaxOperatorBytes, err = parseSize(f.MaxOperator); err != nil {
		return nil, err
	}
	if p.MaxAge, err = parseAge(f.MaxAge); err != nil {
		return nil, err
	}
	p.RequireTTL, err = parsePatterns(&f.RequireTTL)
	return p, err
}

// parsePatterns reads true for all states, or a list of patterns.
func parsePatterns(n *yaml.Node) ([]string, error) {
	var all bool
	var list []string
	switch {
	case n.Kind == 0:
		return nil, nil
	case n.Decode(&all) == nil:
		if all {
			return []string{"*"}, nil
		}
		return nil, nil
	case n.Decode(&list) == nil:
		return list, nil
	}
	return nil, usage("line %d: require-ttl", n.Line).WithExpected("true, or a list of state names")
}

var sizeUnits = []struct {
	suffix string
	bytes  float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
}

// parseSize reads a number of bytes with or without a unit: "10 GB".
func parseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		if err != nil {
			break
		}
		return int64(n * u.bytes), nil
	}
	return 0, usage("max-operator-size %q", s).WithExpected("a size such as 500 MB or 2 GiB")
}

// parseAge reads a duration; days are allowed.
func parseAge(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseFloat(strings.TrimSpace(days), 64); err == nil {
			return time.Duration(n * float64(24*time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, usage("max-age %q", s).WithExpected("a duration such as 36h or 2d")
	}
	return d, nil
}
