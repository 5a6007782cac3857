package main

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/tarn-project/tarn/format/operatorid"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version = ""

func (a *app) uidHashCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "uid-hash UID…",
		Short: "Print the operator id that Flink makes of a uid",
		Long: `uid-hash prints the id under which an operator with the given uid is stored: murmur3 (128 bit) of its UTF-8 bytes. With several
uids, or with --json, each comes with its uid.

` + exitHelp,
		Example: `  tarn uid-hash orders`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("no uid given")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return a.result(func(w io.Writer) error {
				type pair struct {
					UID string        `json:"uid"`
					ID  operatorid.ID `json:"operatorId"`
				}
				list := []pair{}
				for _, uid := range args {
					list = append(list, pair{uid, operatorid.UIDHash(uid)})
				}
				if asJSON {
					return writeJSON(w, list)
				}
				for _, p := range list {
					if len(list) == 1 {
						fmt.Fprintln(w, p.ID)
					} else {
						fmt.Fprintf(w, "%s  %s\n", p.ID, p.UID)
					}
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version of tarn and what it reads",
		Long: `version prints the version of tarn, of the Go that built it, and which snapshots it reads.

` + exitHelp,
		Example: `  tarn version --json`,
		Args:    exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			v := versionOf()
			return a.result(func(w io.Writer) error {
				if asJSON {
					return writeJSON(w, v)
				}
				_, err := fmt.Fprintf(w, "tarn %s (%s)\nreads snapshots of Flink %s, metadata versions %s\n", v.Version, v.Go, v.Flink, v.Metadata)
				return err
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

type versionInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Flink    string `json:"flink"`
	Metadata string `json:"metadataVersions"`
}

func versionOf() versionInfo {
	v := versionInfo{Version: version, Flink: "1.8 … 2.3", Metadata: "2 … 6"}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Go = info.GoVersion
		if v.Version == "" {
			v.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Revision = s.Value
			}
		}
	}
	if v.Version == "" {
		v.Version = "(devel)"
	}
	return v
}

func (a *app) completionCommand(root *cobra.Command) *cobra.Command {
	shells := map[string]func(io.Writer) error{
		"bash":       func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"zsh":        root.GenZshCompletion,
		"fish":       func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell": root.GenPowerShellCompletionWithDesc,
	}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a completion script for a shell",
		Long: `completion prints a script that makes a shell complete the commands, flags and their values.

` + exitHelp,
		Example: `  source <(tarn completion bash)
  tarn completion fish > ~/.config/fish/completions/tarn.fish`,
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args:      exactArgs("SHELL"),
		RunE: func(_ *cobra.Command, args []string) error {
			generate, ok := shells[args[0]]
			if !ok {
				return usage("shell %q", args[0]).WithExpected("bash, zsh, fish or powershell")
			}
			return a.result(generate)
		},
	}
}
