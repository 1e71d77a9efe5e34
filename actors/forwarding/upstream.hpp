// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/upstreams.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/forward.hpp"

namespace troupe {

/// What one exchange says about how soon the upstream answers. Thread: any.
void note_pace(upstream_state& whom, const net::exchange_result& result) noexcept;

/// One upstream: its sockets, and probes while it fails, or when it owes answers and gives none. Owns: the link.
/// Pinned. Restarts: what was under way is told to FORWARD as lost; what is known of the upstream's health stays
/// (upstream_state).
class upstream final : public pinned<upstream_actor> {
public:
  upstream(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
           const forward_group& group, std::shared_ptr<upstream_state> state);

  const char* name() const override { return "upstream"; }

protected:
  behavior_type make_behavior() override;
  std::shared_ptr<const void> lasting_state() const override { return state_; }
  void on_exit() override;

private:
  void on_exchange(exchange& message);
  void heard();
  void watch_for_silence();
  void on_silent();
  void begin_probing();
  void probe();
  void probed(const net::exchange_result& result);
  void count(const net::exchange_result& result);

  const forward_group& group_;
  const std::shared_ptr<upstream_state> state_;
  upstream_metrics metrics_;
  std::unique_ptr<net::upstream_link> link_;
  dns::query probe_question_;
  bool probing_ = false;
  net::loop::timer_id timer_ = 0;
  net::time_point heard_; ///< when the last answer came, or answers began to be due
  net::loop::timer_id silence_timer_ = 0;
};

} // namespace troupe
