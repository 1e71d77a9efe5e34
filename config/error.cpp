// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"

namespace troupe::config {

std::string parse_error::text() const {
  std::string line = plugin.empty() ? "" : "plugin/" + plugin + ": ";
  return line + at.file + (at.line > 0 ? ":" + std::to_string(at.line) : "") + " - " + message;
}

parse_error error_at(place at, std::string message) {
  return {std::move(at), "Error during parsing: " + std::move(message), {}};
}

parse_error not_yet_at(place at, const std::string& subject) {
  auto out = error_at(std::move(at), subject + " is known to CoreDNS but not built into Troupe yet");
  out.not_built = subject;
  return out;
}

parse_error not_yet_at_all(const std::vector<parse_error>& errors) {
  parse_error out = errors.front();
  for (size_t i = 1; i < errors.size(); ++i)
    out.message += (i == 1 ? "; nor are: " : ", ") + errors[i].not_built + " (" + errors[i].at.file + ":" +
                   std::to_string(errors[i].at.line) + ")";
  return out;
}

} // namespace troupe::config
