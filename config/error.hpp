// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace troupe::config {

/// A place in a Corefile (or in a file it imports).
struct place {
  std::string file; ///< as named on the command line; imported files by absolute path
  int line = 0;     ///< from 1
};

/// What is wrong with a Corefile, and where. Errors are values; nothing in config/ throws on bad input.
struct parse_error {
  place at;
  std::string what;   ///< begins with `Error during parsing: ` or `Syntax error: `, as CoreDNS words it
  std::string plugin; ///< the directive whose options are wrong; empty for errors of the grammar and across blocks

  /// The line that goes to stderr: `Corefile:7 - Error during parsing: …`, with `plugin/<name>: ` in front if it is a
  /// directive's.
  std::string text() const;
};

/// `Error during parsing: ` and `what`.
parse_error error_at(place at, std::string what);

/// For what CoreDNS knows and Troupe does not have; `subject` is for instance `directive 'forward'`.
parse_error not_yet_at(place at, const std::string& subject);

} // namespace troupe::config
