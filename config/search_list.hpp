// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/name.hpp"

#include <string_view>
#include <vector>

namespace troupe::config {

/// Names of a search list that are used. With the cluster's own three and the bare name a question of `autopath` stays
/// within the 16 questions that one may cause.
inline constexpr size_t max_search_names = 12;

/// The search list of a text in resolv.conf's format, lower-cased: the last `search` or `domain` line counts
/// (resolv.conf(5)). What is no domain name, and what is beyond max_search_names, is left out.
std::vector<dns::name> read_search_list(std::string_view text);

} // namespace troupe::config
