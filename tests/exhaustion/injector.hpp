// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

/// What the test and the preloaded injector share. tests/exhaustion/order.py writes the same layout.
namespace troupe::exhaustion {

/// The environment variable with the path of the file.
inline constexpr auto injector_variable = "TROUPE_INJECTOR";

/// What can be made to fail; functions for the same thing count as one.
enum class function : uint32_t {
  thread,
  socket,
  accept,
  bind,
  listen,
  connect,
  epoll_create,
  epoll_ctl,
  eventfd,
  timerfd_create,
  timerfd_settime,
  receive,
  send,
  mmap,
  open,
  getaddrinfo,
  memory,
  count
};

inline constexpr uint32_t functions = static_cast<uint32_t>(function::count);

/// The next `left`th call of `wanted` fails, and `times - 1` after it. Any thread, any process.
struct order {
  std::atomic<uint32_t> wanted; ///< a function; any other number: none
  int32_t times;
  std::atomic<int64_t> left;
  std::atomic<uint64_t> failed;           ///< calls that were made to fail
  std::atomic<uint64_t> calls[functions]; ///< all of them
};

} // namespace troupe::exhaustion
