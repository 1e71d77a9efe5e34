// SPDX-License-Identifier: Apache-2.0

// Says of Corefiles what CoreDNS and corefile-migration make of them. A line of standard input is a JSON object with
// `text` and, where it is to be migrated, `from`, a version of CoreDNS. The line that answers it has `refused`, what
// CoreDNS says against the text (empty: it takes it; nothing is started), `migrated`, and `failed`, why not.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/coredns/caddy"
	_ "github.com/coredns/coredns/core/plugin"
	"github.com/coredns/corefile-migration/migration"
)

const version = "1.14.7"

type asked struct{ Text, From string }

type answer struct {
	Refused  string `json:"refused"`
	Migrated string `json:"migrated"`
	Failed   string `json:"failed"`
}

// migrate tells a panic, which some Corefiles cause, as a failure.
func migrate(from, text string) (migrated, failed string) {
	defer func() {
		if reason := recover(); reason != nil {
			migrated, failed = "", fmt.Sprint("panic: ", reason)
		}
	}()
	migrated, err := migration.Migrate(from, version, text, true)
	if err != nil {
		return "", err.Error()
	}
	return migrated, ""
}

func refused(text string) string {
	input := caddy.CaddyfileInput{Filepath: "Corefile", Contents: []byte(text), ServerTypeName: "dns"}
	if err := caddy.ValidateAndExecuteDirectives(input, nil, true); err != nil {
		return err.Error()
	}
	return ""
}

func main() {
	log.SetOutput(io.Discard)
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var a asked
		if err := json.Unmarshal(line, &a); err != nil {
			fmt.Fprintln(os.Stderr, "corefiles:", err)
			os.Exit(1)
		}
		said := answer{Refused: refused(a.Text)}
		if a.From != "" {
			said.Migrated, said.Failed = migrate(a.From, a.Text)
		}
		out.Encode(said)
	}
}
