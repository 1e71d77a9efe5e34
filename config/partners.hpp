// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/parser.hpp"
#include "config/setup.hpp"

namespace troupe::config {

/// Directives that need another one of their block: `k8s_external` and `autopath`. CoreDNS looks for these when it
/// starts; here it is part of reading. `uses` are the directives of the block as they were written.
failure check_partners(const server_block& block, const std::vector<directive_use>& uses,
                       std::vector<std::string>& warnings);

} // namespace troupe::config
