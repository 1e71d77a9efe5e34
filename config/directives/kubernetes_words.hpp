// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/kubernetes.hpp"
#include "config/dispenser.hpp"

namespace troupe::config {

/// One line in the braces of `kubernetes`, and where its meaning goes.
struct kubernetes_words {
  const dispenser& in; ///< for errors
  setup& s;
  kubernetes_options& out;
  std::string name; ///< of the property
  std::string file; ///< in which the line stands
  std::vector<std::string> args;
};

/// A property of `kubernetes`: how many words it takes and what it does with them.
struct kubernetes_property {
  std::string_view name;
  size_t least, most; ///< words
  failure (*read)(kubernetes_words&);
};

/// Null: unknown to CoreDNS and to us.
const kubernetes_property* find_kubernetes_property(std::string_view name);

} // namespace troupe::config
