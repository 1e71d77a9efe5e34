// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/forward.hpp"
#include "config/dispenser.hpp"

namespace troupe::config {

/// One property in the braces of `forward`, and where its meaning goes.
struct forward_words {
  dispenser& in; ///< the property's name is its word
  const setup& around;
  forward_options& out;
  std::vector<dns::name>& except;
};

/// A property of `forward`; it takes its words itself, as CoreDNS lets some share a line with the next property.
struct forward_property {
  std::string_view name;
  failure (*read)(forward_words&);
};

/// Null: unknown to CoreDNS and to us.
const forward_property* find_forward_property(std::string_view name);

} // namespace troupe::config
