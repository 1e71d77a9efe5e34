// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/subquery_endpoint.hpp"

namespace troupe {

/// The slot of `one` is answered with an alias whose target lies elsewhere: asks the server itself for the target, as a
/// client would, and appends what comes. If nothing does the alias alone is the answer, as in CoreDNS. The slot then
/// goes home. Thread: the slot's home loop.
void ask_for_target(net::subquery_endpoint& through, net::slice one, const dns::name& target);

/// The slot of `one` is answered with SRV records some of whose targets have no address in the additional section,
/// since they lie elsewhere: asks the server itself for A and AAAA of each and appends what comes there, as CoreDNS
/// does. The slot then goes home. Thread: the slot's home loop.
void ask_for_glue(net::subquery_endpoint& through, net::slice one);

} // namespace troupe
