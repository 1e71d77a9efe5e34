// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/zone_index.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace troupe::config {

/// Builds the text that two things have in common exactly if they mean the same. Parts stand in the order in which they
/// were added, each with its length in front, so that no two of them can be read as one.
class identity_text {
public:
  explicit identity_text(std::string kind) : text_(std::move(kind)) {}

  identity_text& add(std::string_view part);
  identity_text& add(const std::vector<dns::name>& zones); ///< their order and repetitions do not count
  identity_text& add(const zone_index& zones) { return add(zones.zones()); }
  identity_text& add(std::chrono::nanoseconds value) { return add(value.count()); }

  template <class T>
  requires std::is_integral_v<T> || std::is_enum_v<T> identity_text& add(T value) {
    return add(std::string_view{std::to_string(static_cast<long long>(value))});
  }

  const std::string& text() const { return text_; }

private:
  std::string text_;
};

} // namespace troupe::config
