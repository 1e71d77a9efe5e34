// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/template_answer.hpp"
#include "net/subquery_endpoint.hpp"

namespace troupe {

/// Asks the server itself for what each of the answer's aliases leads to, one after the other, puts that behind it and
/// answers the slot, which is alone in `one`. A target that nobody knows leaves its alias as it is. Thread: the slot's
/// home loop; `through` outlives it.
void follow_targets(net::subquery_endpoint& through, net::slice one, template_answer answer);

} // namespace troupe
