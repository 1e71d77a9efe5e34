// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// What a template may cost. Go has no such limits, but its templates are their authors' own; here names from the net
/// pass through them.
namespace troupe::templates {

inline constexpr size_t max_template_octets = 65'536;
inline constexpr size_t max_nesting = 100;         ///< of blocks and parentheses in a template
inline constexpr size_t max_depth = 200;           ///< of blocks, parentheses and `template` in an execution
inline constexpr size_t max_steps = 10'000;        ///< of an execution: a node each, and each 64 octets compared
inline constexpr size_t max_made_octets = 262'144; ///< of an execution: its output and every text made on the way

} // namespace troupe::templates
