// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/notify_watches.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/notify.hpp"
#include "net/notification.hpp"

namespace troupe {

/// NOTIFY: tells the secondaries that `transfer` names, by address, that a zone has another serial: once when it
/// begins, since a server that starts has a new one, and then after each change, but at most every few seconds. Pinned.
/// Owns: a timer and the notifications under way. Restarts: it tells everybody anew.
class notify final : public pinned<notify_actor> {
public:
  static constexpr std::chrono::seconds shortest_interval{5}; ///< between two notifications about a zone

  notify(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
         const notify_watches& watches)
    : pinned(cfg, shared, who, home, net::lane::control), watches_(watches) {}

  const char* name() const override { return "notify"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct told {
    notify_watch watch;
    std::optional<uint32_t> serial{};                            ///< that the secondaries were told of; nothing: none
    net::time_point at{};                                        ///< when
    std::vector<std::unique_ptr<net::notification>> under_way{}; ///< to each; replaced by the next
  };

  void begin();
  void look();
  void tell_of(told& zone, uint32_t serial);

  const notify_watches& watches_;
  std::vector<told> zones_;
  net::loop::timer_id timer_ = 0;
};

} // namespace troupe
