// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/master/zone_answer.hpp"
#include "net/subquery_endpoint.hpp"

namespace troupe {

/// Writes `answer` as the slot's: SERVFAIL where the table cannot say anything. `noted`: which wildcard it is from is
/// noted, too.
void keep_zone_answer(net::batch& home, net::slot& slot, const master::zone_table& zone,
                      const master::zone_answer& answer, bool noted);

/// Answers the slot of `one`, whose answer goes on elsewhere: the target is asked of the server as if a client had
/// asked it, by way of `through`, and what comes of it completes the answer. A chain that is longer than net::max_depth
/// such questions ends with SERVFAIL and what was found so far, as in CoreDNS. The slot goes home when it is answered.
void chase_out_of_zone(net::subquery_endpoint& through, net::slice one, master::zone_table_ptr zone, bool noted);

} // namespace troupe
