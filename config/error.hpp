// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace troupe::config {

/// A place in a Corefile (or in a file it imports).
struct place {
  std::string file; ///< as named on the command line; imported files by absolute path
  int line = 0;     ///< from 1; 0: of the file as a whole
};

/// What is wrong with a Corefile, and where. Errors are values; nothing in config/ throws on bad input.
struct parse_error {
  place at;
  std::string message;     ///< begins with `Error during parsing: ` or `Syntax error: `, as CoreDNS words it
  std::string plugin;      ///< the directive whose options are wrong; empty for errors of the grammar and across blocks
  std::string not_built{}; ///< `directive 'hosts'`: nothing is wrong, CoreDNS knows it and Troupe does not yet

  /// The line that goes to stderr: `Corefile:7 - Error during parsing: …`, with `plugin/<name>: ` in front if it is a
  /// directive's.
  std::string text() const;
};

/// `Error during parsing: ` and `message`.
parse_error error_at(place at, std::string message);

/// For what CoreDNS knows and Troupe does not have; `subject` is for instance `directive 'forward'`.
parse_error not_yet_at(place at, const std::string& subject);

/// One error for all of `errors`, of not_yet_at(), at the place of the first: nobody should have to find them one by
/// one.
parse_error not_yet_at_all(const std::vector<parse_error>& errors);

} // namespace troupe::config
