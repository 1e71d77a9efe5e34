// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace troupe::config {

/// `timeouts { read; write; idle; maxtcpqueries }`: what connections of clients may take, of a server block.
struct timeouts_options {
  std::optional<std::chrono::nanoseconds> read, write; ///< for a part of a question, or of an answer
  std::optional<std::chrono::nanoseconds> idle;        ///< between questions
  std::optional<size_t> queries;                       ///< of one connection; SIZE_MAX: as many as it likes
};

} // namespace troupe::config
