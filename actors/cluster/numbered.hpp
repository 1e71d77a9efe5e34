// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace troupe {

/// What zones are made from, with the serial that their secondaries follow. Thread: any.
class numbered {
public:
  virtual ~numbered() = default;
  /// Nothing while there is no zone yet that a secondary should take.
  virtual std::optional<uint32_t> serial() const = 0;
};

} // namespace troupe
