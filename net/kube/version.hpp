// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

/// resourceVersions. They come from the server and go back to it as they are; but since KEP-5504 their decimals may be
/// compared, and that is the one way to see that a server's state went back (etcd restored from a copy).
namespace troupe::kube {

inline constexpr size_t max_version = 256; ///< octets

/// What a watch can begin from. "0" is no version: it means "any", and a watch from it may leave out what went.
inline bool is_version(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_version && text != "0" &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

/// True if `a` is certainly older than `b`; false for what cannot be compared.
inline bool is_older(std::string_view a, std::string_view b) noexcept {
  const auto decimal = [](std::string_view text) {
    return !text.empty() && text.front() != '0' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  return decimal(a) && decimal(b) && (a.size() != b.size() ? a.size() < b.size() : a < b);
}

} // namespace troupe::kube
