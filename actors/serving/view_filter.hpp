// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/stages/metadata.hpp"
#include "config/directives/view.hpp"
#include "config/plan.hpp"
#include "net/slot.hpp"

namespace troupe {

/// True if all conditions of a view hold for a question that came to `listener`; one that fails does not hold.
/// `labels`: what `metadata('…')` finds; null: nothing. Thread: the loop's.
bool is_in_view(const config::view_options& view, const net::slot& slot, const config::listener_plan& listener,
                const block_labels* labels = nullptr);

} // namespace troupe
