// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/upstreams.hpp"
#include "actors/questions/lost_questions.hpp"
#include "actors/questions/waiting_slots.hpp"
#include "messages/forward.hpp"

namespace troupe {

/// What a `forward` stage tells its front about a slot (slot::options).
struct forward_use final : net::stage_options {
  forward_use(const config::forward_options& its_options, bool its_next_is_forward, std::chrono::nanoseconds its_limit,
              bool is_noted)
    : options(its_options), next_is_forward(its_next_is_forward), limit(its_limit), noted(is_noted) {}

  const config::forward_options& options;
  bool next_is_forward;           ///< `next` and `next_on_nodata` have somewhere to go
  std::chrono::nanoseconds limit; ///< from a question's arrival on no upstream is asked any more
  bool noted;                     ///< `metadata` may want to know who was asked
};

/// The part of a `forward` on one loop: holds the slots that wait, writes what FORWARD finds out into them. Owns: the
/// waiting slots. Pinned. Restarts: they are dropped, so their endpoint sends them again.
class forward_front final : public pinned<forward_front_actor> {
public:
  forward_front(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                forward_on_loop& part);

  const char* name() const override { return "forward"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  void on_queries(queries& message);
  void on_forwarded(forwarded& message);
  void on_again(unsigned losses);
  void send(uint64_t token, const waiting_slots::entry& one);

  forward_on_loop& part_;
  waiting_slots waiting_;
  lost_questions lost_;
};

/// Makes what was found out the answer of a slot, or passes the slot on if `next` says so. Thread: the slot's loop.
void write_forwarded(net::batch& home, net::slot& slot, const forwarded& with);

} // namespace troupe
