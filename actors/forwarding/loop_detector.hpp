// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/loop_probes.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/loop.hpp"

namespace troupe {

/// LOOP: asks every upstream of each block with `loop` for a name nobody can guess; if that question comes back to the
/// server, there is a loop, and the process ends as CoreDNS does, or, where `report` is set, that upstream is not asked
/// any more until a later probe does not come back. Pinned. Owns: a timer. Restarts: it probes anew.
class loop_detector final : public pinned<loop_actor> {
public:
  static constexpr std::chrono::seconds probe_limit{2};    ///< for one probe
  static constexpr std::chrono::seconds retry_after{1};    ///< a probe without an answer
  static constexpr std::chrono::seconds give_up_after{30}; ///< CoreDNS's; also between probes of an upstream that loops

  loop_detector(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                loop_probes& probes)
    : pinned(cfg, shared, who, home), probes_(probes) {}

  const char* name() const override { return "loop"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  /// An upstream that is still to be probed.
  struct suspect {
    size_t watch;
    std::shared_ptr<upstream_state> upstream;
  };

  void begin();
  void probe(const suspect& whom);
  void on_exchanged(const exchanged& message);
  void on_returned(const probe_returned& message);
  void wake_in(std::chrono::nanoseconds wait);

  loop_probes& probes_;
  std::vector<loop_watch> watches_;
  std::vector<suspect> again_;
  net::time_point first_;
  net::loop::timer_id timer_ = 0;
  net::time_point due_ = net::time_point::max(); ///< of the timer; max: none is armed
};

} // namespace troupe
