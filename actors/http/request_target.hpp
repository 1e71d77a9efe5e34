// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What a request line asks for (RFC 9112 section 3.2): a path with its query, or both behind a whole URI.
struct request_target {
  std::string path;  ///< decoded
  std::string query; ///< as it was sent, without the question mark
  std::string host;  ///< of a whole URI, which goes before the field `Host`; empty: there was none

  /// Nothing if `text` is neither, or an escape in it is none.
  static std::optional<request_target> parse(const std::string& text);

  /// The decoded values that `key` has in the query.
  std::vector<std::string> values(std::string_view key) const;
};

/// True if `Accept-Encoding` (RFC 9110 section 12.5.3) names gzip and does not give it the weight 0.
bool takes_gzip(std::string_view accepted);

/// `body` as one gzip member (RFC 1952).
std::string gzipped(std::string_view body);

} // namespace troupe
