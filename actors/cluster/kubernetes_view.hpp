// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/slot.hpp"
#include "net/zone/options.hpp"

#include <vector>

namespace troupe {

/// All zone options of a plan that answer from one cluster, for aliases from one zone to another.
using sibling_views = std::vector<const zone::options*>;

/// One `kubernetes` or `k8s_external` block of one plan, as it travels with a slot.
struct kubernetes_view final : net::stage_options {
  kubernetes_view(zone::options its_options, const sibling_views& its_siblings)
    : options(std::move(its_options)), siblings(its_siblings) {}

  zone::options options;
  const sibling_views& siblings;
};

inline const kubernetes_view& view_of(const net::slot& slot) noexcept {
  return slot.options_as<kubernetes_view>();
}

} // namespace troupe
