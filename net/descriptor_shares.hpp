// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace troupe::net {

/// What strangers can make the process open descriptors for.
enum class descriptor_use : uint8_t {
  clients,   ///< DNS connections of clients
  upstreams, ///< sockets that ask other servers
  pages      ///< HTTP connections
};

/// The process's limit on open descriptors (RLIMIT_NOFILE), cut into shares, so that whoever opens many runs out alone:
/// the rest stays for listening sockets, the API client, files and a reload. Counts; opens nothing. Any thread.
class descriptor_shares {
public:
  /// `limit`: descriptors that the process may have open. A quarter of a small limit is nobody's share, and 256 of a
  /// large one.
  explicit descriptor_shares(size_t limit) noexcept;
  descriptor_shares(const descriptor_shares&) = delete;
  descriptor_shares& operator=(const descriptor_shares&) = delete;

  /// That of this process, cut when first asked for; after raise_descriptor_limit().
  static descriptor_shares& of_process() noexcept;

  size_t most(descriptor_use use) const noexcept { return most_[index(use)]; }
  size_t taken(descriptor_use use) const noexcept { return taken_[index(use)].load(std::memory_order_relaxed); }

  /// One more; false, and nothing is taken, if the share is used up.
  bool take(descriptor_use use) noexcept;
  /// One less: for each take() that was true.
  void give_back(descriptor_use use) noexcept;

private:
  static constexpr size_t uses = 3;
  static constexpr size_t index(descriptor_use use) noexcept { return static_cast<size_t>(use); }

  size_t most_[uses];
  std::atomic<size_t> taken_[uses]{};
};

/// One descriptor's place in a share, given back with its owner. Empty: there was none left.
class descriptor_place {
public:
  descriptor_place() noexcept = default;
  explicit descriptor_place(descriptor_use use, descriptor_shares& shares = descriptor_shares::of_process()) noexcept
    : shares_(shares.take(use) ? &shares : nullptr), use_(use) {}
  descriptor_place(descriptor_place&& other) noexcept
    : shares_(std::exchange(other.shares_, nullptr)), use_(other.use_) {}
  descriptor_place& operator=(descriptor_place&& other) noexcept {
    std::swap(shares_, other.shares_);
    std::swap(use_, other.use_);
    return *this;
  }
  ~descriptor_place() {
    if (shares_)
      shares_->give_back(use_);
  }
  explicit operator bool() const noexcept { return shares_ != nullptr; }

private:
  descriptor_shares* shares_ = nullptr;
  descriptor_use use_ = descriptor_use::clients;
};

/// Raises the soft limit on open descriptors to the hard one, as Go does at start. Before threads start.
void raise_descriptor_limit() noexcept;

} // namespace troupe::net
