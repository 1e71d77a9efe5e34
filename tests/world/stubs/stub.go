// SPDX-License-Identifier: Apache-2.0

// Go's own resolver. Arguments and output as of addrinfo.c.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

func main() {
	own := net.Resolver{PreferGo: true}
	for i := 1; i+1 < len(os.Args); i += 2 {
		ask := own.LookupHost
		if os.Args[i] == "address" {
			ask = own.LookupAddr
		}
		found, err := ask(context.Background(), os.Args[i+1])
		var failed *net.DNSError
		if errors.As(err, &failed) {
			fmt.Println("!" + failed.Err)
		} else {
			fmt.Println(strings.Join(found, " "))
		}
	}
}
