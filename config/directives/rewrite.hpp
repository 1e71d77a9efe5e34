// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/rewrite/rules.hpp"

namespace troupe::config {

/// `rewrite [continue|stop] type|class|name|edns0|ttl|rcode|cname …`, of all uses in a block, in the order of the
/// Corefile.
struct rewrite_options {
  rewrite::rules rules;
};

} // namespace troupe::config
