// SPDX-License-Identifier: Apache-2.0
#include "net/descriptor_shares.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace troupe::net {

namespace {

constexpr size_t most_reserved = 256; ///< listening sockets of some blocks on eight loops, their epolls, the API client
constexpr size_t most_pages = 1024;
constexpr size_t fewest = 4; ///< of each share, however small the limit is

size_t process_limit() noexcept {
  rlimit now{};
  return ::getrlimit(RLIMIT_NOFILE, &now) == 0 ? now.rlim_cur : 1024;
}

} // namespace

descriptor_shares::descriptor_shares(size_t limit) noexcept {
  const size_t to_share = limit - std::min(limit / 4, most_reserved);
  const size_t pages = std::clamp(to_share / 8, fewest, most_pages);
  const size_t each = (to_share - std::min(pages, to_share)) / 2;
  most_[index(descriptor_use::pages)] = pages;
  most_[index(descriptor_use::clients)] = most_[index(descriptor_use::upstreams)] = std::max(each, fewest);
}

descriptor_shares& descriptor_shares::of_process() noexcept {
  static descriptor_shares shares{process_limit()};
  return shares;
}

bool descriptor_shares::take(descriptor_use use) noexcept {
  auto& taken = taken_[index(use)];
  if (taken.fetch_add(1, std::memory_order_relaxed) < most_[index(use)])
    return true;
  taken.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void descriptor_shares::give_back(descriptor_use use) noexcept {
  taken_[index(use)].fetch_sub(1, std::memory_order_relaxed);
}

void raise_descriptor_limit() noexcept {
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur >= now.rlim_max)
    return;
  now.rlim_cur = now.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &now);
}

} // namespace troupe::net
