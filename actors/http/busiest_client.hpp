// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/page_connection.hpp"

#include <cstddef>
#include <vector>

namespace troupe {

/// Which of `connections`, oldest first and not empty, goes when there is no room: one of the address that has the most
/// open, so that nobody who has few makes room for who opens many; of those one that holds no request before one that
/// does, and the oldest of these.
size_t least_worth(const std::vector<page_connection>& connections);

} // namespace troupe
