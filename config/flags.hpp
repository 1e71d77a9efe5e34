// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace troupe::config {

/// What the command line says. Flags are Go's: `-x`, `--x`, `-x=v`, `-x v`; the last one counts; `--` and the first
/// word without a dash end them.
struct command_line {
  std::string conf;            ///< `-conf FILE`; `stdin`; empty: ./Corefile if there is one
  std::string dns_port = "53"; ///< `-dns.port N`, `-p N`
  std::string pidfile;         ///< `-pidfile FILE`; empty: none
  bool plugins = false;        ///< `-plugins`: list what is built and end
  bool quiet = false;          ///< `-quiet`: say nothing at start
  bool version = false;        ///< `-version`: say it and end
  bool migrate = false;        ///< `-migrate` (ours): print the Corefile in modern words and end
  bool validate = false;       ///< `-validate` (ours): read the Corefile, report, open nothing
};

/// Why the program ends before it begins: text for stderr (stdout with status 0) and the exit status.
struct early_end {
  std::string text; ///< whole lines
  int status = 2;   ///< 0 after `-help`, 2 for flags that are wrong (Go's), 1 for words behind the flags
};

/// `arguments` without the program's own name.
std::variant<command_line, early_end> parse_flags(std::span<const char* const> arguments);

/// The list of flags as `-help` shows it.
std::string usage_text();

/// Two lines as CoreDNS has them, for those who parse them, and Troupe's own behind:
///   CoreDNS-1.14.7
///   linux/amd64, g++-12.2.0, COMMIT
///   Troupe-0.1.0
std::string version_text(std::string_view troupe_version, std::string_view commit);

inline constexpr std::string_view coredns_version = "1.14.7"; ///< whose behaviour this is; also `coredns_build_info`

} // namespace troupe::config
