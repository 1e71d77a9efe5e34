// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::config {

/// One word of a Corefile. Quotes are gone, `{$VARIABLES}` still stand.
struct token {
  std::string text;
  std::shared_ptr<const std::string> file; ///< shared by all tokens of the file
  int line = 0;                            ///< where it begins, from 1
  bool starts_line = false;                ///< the first word of its line
  uint32_t begin = 0, end = 0;             ///< octets of the file that it stands in, its quotes included

  place at() const { return {file ? *file : std::string{}, line}; }
};

using tokens = std::vector<token>;

} // namespace troupe::config
