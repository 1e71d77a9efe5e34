// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/view.hpp"
#include "config/plan.hpp"
#include "net/slot.hpp"

namespace troupe {

/// True if all conditions of a view hold for a question that came to `listener`; one that fails does not hold.
/// Thread: any.
bool is_in_view(const config::view_options& view, const net::slot& slot, const config::listener_plan& listener);

} // namespace troupe
