// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_on_loop.hpp"
#include "actors/cluster/kubernetes_view.hpp"
#include "actors/runtime/actor_context.hpp"
#include "actors/runtime/loop_scheduler.hpp"
#include "net/endpoint.hpp"
#include "net/zone/answer.hpp"

namespace troupe {

/// How the actors of a cluster answer one slot: a pure function writes into scratch memory, what it says becomes the
/// slot's answer. An exception costs that slot a SERVFAIL and `coredns_panics_total` a count, never the actor or the
/// neighbours. Whether a table is to blame its maker finds out (`in_doubt`). Thread: the slot's home loop.
class answering {
public:
  using function = zone::outcome (*)(const zone::question&, const zone::answer_context&, dns::response&, void* context,
                                     dns::name* target);

  answering(actor_context& shared, cluster_on_loop& cluster) : shared_(shared), cluster_(cluster) {}

  void answer(net::batch& home, net::slot& slot, function writer, void* argument) noexcept;
  /// Takes out of `slots`, which were answered since the last call, those whose alias leads out of the cluster: their
  /// targets are asked of the server itself, and they go home when that is answered.
  void follow_outside(net::slice& slots);
  /// True, at most every tenth of a second, if answering let out an exception since the last call: whoever made the
  /// tables should look whether they are whole. It may have been the question.
  bool in_doubt(const scheduled_loop* home);

private:
  void write(net::batch& home, net::slot& slot, function writer, void* argument);

  struct outside {
    size_t index; ///< of the slot
    dns::name target;
  };

  actor_context& shared_;
  cluster_on_loop& cluster_;
  std::vector<outside> outside_;
  bool failed_ = false;
  net::time_point doubted_{};
};

} // namespace troupe
