// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe::kube {

/// How it was noticed that a watch, or what came of it, had fallen behind the cluster without saying so.
enum class stale_sign : uint8_t {
  silent,    ///< no octet for api_timings::idle, although bookmarks were asked for; quiet servers look the same
  dead,      ///< the kernel had no answer to keepalives or to what was sent: the peer is gone (half-open connection)
  overdue,   ///< the watch was still open long after the time that was asked for
  version,   ///< the server's state is older than what was seen of it, or an event is older than the one before
  count,     ///< the server has another number of objects at the same version
  unreadable ///< an event could not be read, so nobody knows what it changed; or an answer was of another kind
};

inline constexpr std::array stale_signs{"silent", "dead", "overdue", "version", "count", "unreadable"};

/// How old one resource's knowledge is. The times are those of the last event or bookmark, or of a whole list; and of
/// the last whole list. The clock's zero: none yet.
struct freshness {
  std::chrono::steady_clock::time_point last_event{}, last_list{};
  std::array<uint64_t, stale_signs.size()> signs{}; ///< by stale_sign

  void saw(stale_sign sign) { ++signs[static_cast<size_t>(sign)]; }
};

} // namespace troupe::kube
