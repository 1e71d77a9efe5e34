// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "histogram.hpp"
#include "questions.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace troupe::bench {

/// What a load thread has seen. One writer; others may read at any moment.
struct counters {
  std::atomic<uint64_t> sent{0}, answered{0}, wrong{0}, lost{0}, stray{0};

  static void bump(std::atomic<uint64_t>& counter, uint64_t by = 1) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
};

/// A connected UDP socket with a window of questions under way. The low eight bits of an ID are the slot, the high ones
/// the slot's generation, so a late answer is told from the one that is waited for. One thread.
class connection {
public:
  static constexpr size_t max_window = 256; ///< what eight bits of an ID can name
  static constexpr size_t batch = 64;       ///< datagrams a call

  /// Ends the process with the reason if the socket cannot be had.
  connection(const sockaddr_in& server, size_t window, bool check, bool fresh);
  connection(connection&& other) noexcept;
  ~connection();

  int descriptor() const noexcept { return fd_; }
  size_t free() const noexcept { return free_.size(); }
  size_t under_way() const noexcept { return slots_.size() - free_.size(); }

  /// Sends up to `count` questions, beginning at `next` of `list`, which moves on; `now` in nanoseconds.
  void send(size_t count, const std::vector<question>& list, size_t& next, uint64_t now, counters& seen);

  /// Reads what is there without waiting. Durations go to `times` if it is not null. True if anything came.
  bool receive(counters& seen, histogram* times);

  /// Gives up on questions sent before `deadline`.
  void expire(uint64_t deadline, counters& seen);

private:
  struct slot {
    const question* asked = nullptr; ///< null: free
    uint64_t sent_at = 0;            ///< nanoseconds
    uint8_t generation = 0;
  };

  void settle(std::span<const uint8_t> answer, uint64_t now, counters& seen, histogram* times);

  int fd_;
  bool check_, fresh_;
  std::vector<slot> slots_;
  std::vector<uint8_t> free_;
};

/// CLOCK_MONOTONIC in nanoseconds.
uint64_t clock_now() noexcept;

} // namespace troupe::bench
