// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"

namespace troupe::config {

std::string parse_error::text() const {
  std::string line = plugin.empty() ? "" : "plugin/" + plugin + ": ";
  return line + at.file + ":" + std::to_string(at.line) + " - " + what;
}

parse_error error_at(place at, std::string what) {
  return {std::move(at), "Error during parsing: " + std::move(what), {}};
}

parse_error not_yet_at(place at, const std::string& subject) {
  return error_at(std::move(at), subject + " is known to CoreDNS but not built into Troupe yet");
}

} // namespace troupe::config
