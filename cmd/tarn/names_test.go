package main

import (
	"errors"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/operatorid"
)

func TestParseNames(t *testing.T) {
	const id = "14cfd403e0929194539014eaed9ae6ed"
	accounts := operatorid.UIDHash("accounts")
	if accounts.String() != id {
		t.Fatal(accounts)
	}
	for _, c := range []struct {
		name, text  string
		uid, opName string
	}{
		{"a line", "accounts", "accounts", ""},
		{"lines", "# the job's\n\nother\n accounts \r\nmore\n", "accounts", ""},
		{"id and uid", id + " renamed", "renamed", ""},
		{"id = uid", id + "=renamed too", "renamed too", ""},
		{"id, tab, uid", id + "\trenamed", "renamed", ""},
		{"a uid with a space", "my accounts\naccounts", "accounts", ""},
		{"a uid with a colon", "a:b\naccounts", "accounts", ""},
		{"YAML list", "- accounts\n- b\n", "accounts", ""},
		{"JSON list", `["b","accounts"]`, "accounts", ""},
		{"hint file", "uids: [accounts]\nother: {a: 1}\n", "accounts", ""},
		{"hint file with ids", "uids:\n  " + id + ": renamed\n", "renamed", ""},
		{"plan of the REST interface", `{"jid":"x","plan":{"nodes":[{"id":"` + id + `","description":"Accounts<br/>more"}]}}`, "", "Accounts"},
		{"job of the REST interface", `{"vertices":[{"id":"` + id + `","name":"Accounts"}]}`, "", "Accounts"},
		{"nodes with uids", `{"nodes":[{"id":"` + id + `","uid":"accounts","name":"A"},{"id":3,"name":"a stream node"}]}`, "accounts", "A"},
	} {
		n, err := parseNames([]byte(c.text))
		if err != nil || n.UIDs[accounts] != c.uid || n.Names[accounts] != c.opName {
			t.Errorf("%s: %q, %q, %v", c.name, n.UIDs[accounts], n.Names[accounts], err)
		}
	}
	for _, text := range []string{"uids:\n  nonsense: a\n", "uids:\n  - [a]\n", "a: 1\n", `{"plan":[]}`} {
		if _, err := parseNames([]byte(text)); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if n, err := parseNames(nil); err != nil || len(n.UIDs) > 0 {
		t.Errorf("nothing: %v, %v", n, err)
	}
}
