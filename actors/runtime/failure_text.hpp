// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <new>
#include <string>

namespace troupe {

/// What an exception says, for people: without the place in a library's source that Boost adds.
inline std::string failure_text(const std::exception& failure) {
  if (dynamic_cast<const std::bad_alloc*>(&failure))
    return "out of memory";
  const std::string text = failure.what();
  return text.substr(0, text.find(" [system:"));
}

} // namespace troupe
