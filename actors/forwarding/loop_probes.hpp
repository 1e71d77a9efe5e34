// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/upstreams.hpp"
#include "config/plan.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

namespace troupe {

/// One block with `loop`: whose upstreams are to be probed.
struct loop_watch {
  dns::name zone; ///< the block's first: probes are for names below it
  bool report = false;
  std::vector<forward_ptr> forwards;
};

/// The probes that are under way: what LOOP sends and the `loop` stages of all loops look out for. A name is 128 random
/// bits (two labels of 64) and known for as long as its probe is under way, so that nobody outside can make the server
/// believe in a loop, neither by guessing nor by playing an old name back (CVE-2026-26018). Thread: any.
class loop_probes {
public:
  struct probe {
    uint64_t number;
    dns::name name;
    size_t watch; ///< index into watches()
    std::shared_ptr<upstream_state> through;
  };

  void watch(std::vector<loop_watch> all);
  std::vector<loop_watch> watches() const;

  /// A probe with a fresh name.
  probe add(size_t watch, const dns::name& zone, std::shared_ptr<upstream_state> through);
  std::optional<probe> find(uint64_t number) const;
  void remove(uint64_t number);
  void clear();

  /// False at nearly no cost while nothing is under way.
  bool any() const noexcept { return count_.load(std::memory_order_relaxed) != 0; }
  /// The number of the probe of that name.
  std::optional<uint64_t> number_of(dns::name_view lowered) const;

private:
  mutable std::mutex mutex_;
  std::atomic<size_t> count_{0};
  uint64_t last_ = 0;
  std::vector<loop_watch> watches_;
  std::vector<probe> under_way_;
};

/// The blocks of a plan that have `loop`, with their forwards among `living`.
std::vector<loop_watch> loop_watches(const config::plan& plan, const std::vector<forward_ptr>& living);

} // namespace troupe
