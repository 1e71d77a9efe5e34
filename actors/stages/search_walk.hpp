// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/metrics.hpp"
#include "net/subquery_endpoint.hpp"

#include <vector>

namespace troupe {

/// Walks a client's search list for it. The slot of `one` asks for a name below `list[0]`: what stands before that is
/// put in front of each name of the list in turn and asked of the stages behind the slot's, as a question of the
/// server's own, until one exists. Its answer becomes the slot's, the name asked being an alias of the one found
/// (RFC 1034 section 3.6.2). If none exists the slot gets the first denial, which is that of its own name; a failure
/// ends the walk. The slot then goes home; `successes` counts those that found something. The last name of the list is
/// the root. Thread: the slot's home loop.
void walk_search_list(net::subquery_endpoint& through, net::slice one, std::vector<dns::name> list,
                      net::counter& successes);

} // namespace troupe
