// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/runtime/pinned.hpp"
#include "config/directives/reload.hpp"
#include "messages/reload.hpp"

#include <optional>
#include <random>

namespace troupe {

/// Does what a reload takes, on a thread of its own. Thread: any.
class reload_worker {
public:
  /// `look`: load the Corefile if it changed. `reload`: in any case. The greater one counts when several wait.
  enum class wish { none, look, reload };

  virtual ~reload_worker() = default;
  /// Returns at once. While one reload is under way wishes wait, and one more look follows: the newest file wins.
  virtual void ask(wish request) = 0;
  /// Of the Corefile in use; nothing: it has no `reload`.
  virtual std::optional<config::reload_options> options() const = 0;
};

/// RELOADER: has the Corefile looked at every interval, give or take half the jitter. Files and sockets are the
/// worker's, since no loop may wait for them. Floating. Owns: a timer. Restarts: the worker goes on, the interval
/// begins anew.
class reloader final : public floating<reloader_actor> {
public:
  reloader(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, reload_worker& worker)
    : floating<reloader_actor>(cfg, shared, who), worker_(worker), random_(std::random_device{}()) {}

  const char* name() const override { return "reload"; }

protected:
  behavior_type make_behavior() override;

private:
  void arm();

  reload_worker& worker_;
  std::minstd_rand random_;
  uint64_t timer_ = 0; ///< number of the one that counts
};

} // namespace troupe
