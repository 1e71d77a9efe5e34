// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/metrics.hpp"

#include <utility>

namespace troupe::net {

/// A count for each server, kept by each loop for itself and added up when it is read. Lives as long as the process, so
/// that it only grows, over reloads too.
class server_counter {
public:
  explicit server_counter(size_t loops) : loops_(loops) {}

  /// The same object for the same server and loop. Takes a mutex and may allocate: for the building of a plan. Thread:
  /// any; what it gives is the loop's alone.
  counter& of(const std::string& server, size_t loop) {
    std::lock_guard lock{mutex_};
    for (auto& [name, all] : servers_)
      if (name == server)
        return *all[loop];
    auto& made = servers_.emplace_back(server, std::vector<std::unique_ptr<padded>>{}).second;
    for (size_t i = 0; i < loops_; ++i)
      made.push_back(std::make_unique<padded>());
    return *made[loop];
  }

  /// Of the servers that counted something, in the order in which they were first asked for. Thread: any.
  std::vector<std::pair<std::string, uint64_t>> totals() const {
    std::lock_guard lock{mutex_};
    std::vector<std::pair<std::string, uint64_t>> out;
    for (auto& [name, all] : servers_) {
      uint64_t sum = 0;
      for (auto& one : all)
        sum += one->read();
      if (sum != 0)
        out.emplace_back(name, sum);
    }
    return out;
  }

private:
  struct alignas(64) padded : counter {}; // cache lines of their own

  const size_t loops_;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::vector<std::unique_ptr<padded>>>> servers_;
};

} // namespace troupe::net
