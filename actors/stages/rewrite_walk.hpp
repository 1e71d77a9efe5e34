// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/rewrite/question.hpp"
#include "net/subquery_endpoint.hpp"

namespace troupe {

/// Asks a rewritten question for the slot of `one`: of the stages behind the slot's, as a question of the server's own.
/// The slot's answer is made of what comes back: the client's own question, and records as the edits have them. Targets
/// of CNAMEs that a rule has changed are asked of the server as if a client did, one after the other. Failures and
/// silence are handed on. The slot then goes home. Thread: the slot's home loop.
void ask_rewritten(net::subquery_endpoint& through, net::slice one, rewrite::rewritten what);

/// Edits the answer of `slot`, whose question no rule has touched. Thread: its home loop.
void edit_untouched(net::batch& home, net::slot& slot, rewrite::answer_edits edits);

} // namespace troupe
