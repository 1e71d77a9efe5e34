// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/setup.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace re2 {
class RE2;
}

namespace troupe::config {

inline constexpr size_t max_regexp_octets = 10'000; ///< CoreDNS's bound for the text of an expression

enum class log_level : uint8_t { debug, info, warning, error };

/// `errors [stdout] { stacktrace; consolidate DURATION REGEXP [LEVEL] [show_first] }`
struct errors_options {
  struct consolidation {
    std::chrono::nanoseconds period{0};
    std::string text;                           ///< the expression as written, for `N errors like '…'`
    std::shared_ptr<const re2::RE2> expression; ///< matches anywhere in the error; the first rule that does counts
    log_level level = log_level::error;
    bool show_first = false; ///< print the first error of a period at once
  };

  bool stacktrace = false;
  std::vector<consolidation> consolidations; ///< in the order of the Corefile
};

} // namespace troupe::config
