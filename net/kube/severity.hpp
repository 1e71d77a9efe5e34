// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace troupe::kube {

/// Of a message for the log.
enum class severity : uint8_t { debug, info, warning, error };

} // namespace troupe::kube
