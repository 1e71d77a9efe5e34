// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::kube {

/// FNV-1a, folded: the same on every machine and in every version, because what is made from it (addresses and names of
/// pods) is seen outside. Not against people who choose the text.
inline uint32_t stable_hash(std::string_view text) noexcept {
  uint64_t h = 14695981039346656037u;
  for (char c : text)
    h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return static_cast<uint32_t>(h ^ h >> 32);
}

} // namespace troupe::kube
