// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace troupe::kube {

/// What is wrong with a file and where; prints as `FILE:LINE - REASON`, without the line where none is known.
struct problem {
  std::string file;
  int line = 0; ///< from 1; 0: the file as a whole
  std::string text;

  std::string to_text() const {
    return line > 0 ? file + ":" + std::to_string(line) + " - " + text : file + " - " + text;
  }
};

} // namespace troupe::kube
