// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace troupe::zone {

/// What an endpoint is called: a label, or the name of a pod, whose dots part labels (static pods are called after
/// nodes with full names).
struct dotted {
  std::string_view text;

  /// Calls `f(label)` for each label.
  template <class F>
  void each(F&& f) const {
    std::string_view left = text;
    for (size_t dot; (dot = left.find('.')) != left.npos; left.remove_prefix(dot + 1))
      f(left.substr(0, dot));
    f(left);
  }
};

} // namespace troupe::zone
