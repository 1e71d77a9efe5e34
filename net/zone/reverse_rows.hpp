// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/reverse.hpp"

namespace troupe::zone {

/// Appends what the step from `before` to `after` (null: not there) means for addresses: rows that went, then rows that
/// came. Rows are compared by value, so records of an earlier keeper can be `before`.
void reverse_difference(const std::string& namespace_, const service_records* before, const service_records* after,
                        std::vector<reverse_change>& out);

} // namespace troupe::zone
