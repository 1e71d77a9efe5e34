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

  size_t most(descriptor_use what) const noexcept { return most_[index(what)]; }
  size_t taken(descriptor_use what) const noexcept { return taken_[index(what)].load(std::memory_order_relaxed); }

  /// One more; false, and nothing is taken, if the share is used up.
  bool take(descriptor_use what) noexcept;
  /// One less: for each take() that was true.
  void give_back(descriptor_use what) noexcept;

private:
  static constexpr size_t uses = 3;
  static constexpr size_t index(descriptor_use what) noexcept { return static_cast<size_t>(what); }

  size_t most_[uses];
  std::atomic<size_t> taken_[uses]{};
};

/// One descriptor's place in a share, given back with its owner. Empty: there was none left.
class descriptor_place {
public:
  descriptor_place() noexcept = default;
  explicit descriptor_place(descriptor_use what, descriptor_shares& of = descriptor_shares::of_process()) noexcept
    : of_(of.take(what) ? &of : nullptr), what_(what) {}
  descriptor_place(descriptor_place&& other) noexcept : of_(std::exchange(other.of_, nullptr)), what_(other.what_) {}
  descriptor_place& operator=(descriptor_place&& other) noexcept {
    std::swap(of_, other.of_);
    std::swap(what_, other.what_);
    return *this;
  }
  ~descriptor_place() {
    if (of_)
      of_->give_back(what_);
  }
  explicit operator bool() const noexcept { return of_ != nullptr; }

private:
  descriptor_shares* of_ = nullptr;
  descriptor_use what_ = descriptor_use::clients;
};

/// Raises the soft limit on open descriptors to the hard one, as Go does at start. Before threads start.
void raise_descriptor_limit() noexcept;

} // namespace troupe::net
