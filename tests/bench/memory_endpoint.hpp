// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/endpoint.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

namespace troupe::bench {

enum class phase { warm_up, measure, over };

/// What was done while the phase was `measure`.
struct totals {
  uint64_t answered = 0;
  uint64_t cpu = 0;   ///< time of the loops' threads, nanoseconds
  uint64_t wrong = 0; ///< answers without records, or with another rcode than NOERROR, in all phases

  totals& operator+=(const totals& other) noexcept {
    answered += other.answered;
    cpu += other.cpu;
    wrong += other.wrong;
    return *this;
  }
};

/// An endpoint without a socket: as long as the phase is not `over` it finds a full batch of questions each time it
/// reads, and answers are counted and forgotten. So a loop runs everything of a query but the kernel's part. Thread:
/// the home loop's, except for reading the results after the loop has ended.
class memory_endpoint final : public net::endpoint {
public:
  using packets = std::vector<std::vector<uint8_t>>;

  /// `questions` must outlive it; `first` is where in them it begins; `over` is called once, when the last was read.
  memory_endpoint(net::loop& home, const packets& questions, size_t first, const std::atomic<phase>& at,
                  std::function<void()> over);

  void drain() override { draining_ = true; }

  totals result() const noexcept { return {end_.answered - begin_.answered, end_.cpu - begin_.cpu, wrong_}; }

private:
  struct mark {
    uint64_t answered = 0, cpu = 0;
  };

  void transmit(net::batch& home, size_t index) override;
  void resume_reading() override;
  void read();
  mark take_mark() const noexcept;

  const packets& questions_;
  size_t next_;
  const std::atomic<phase>& at_;
  std::function<void()> over_;
  phase seen_ = phase::warm_up;
  bool posted_ = false;
  uint64_t answered_ = 0, wrong_ = 0;
  mark begin_, end_;
};

} // namespace troupe::bench
