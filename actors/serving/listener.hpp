// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/server_metrics.hpp"
#include "actors/runtime/in_time.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/serving/serving_plan.hpp"
#include "net/endpoint.hpp"

namespace troupe {

/// Takes what one endpoint reads, finds server block and stages, sends slots to the actors that answer, and lets
/// answers out through the response functions. Owns: nothing that outlives it: socket and slots are the endpoint's,
/// which it borrows. Pinned. Restarts: the new listener takes the endpoint over; slots in the old one's mailbox are
/// sent again.
class listener final : public pinned<listener_actor>, private net::sink {
public:
  /// Where the plan of today stands; replaced on reload by the loop itself.
  using current_plan_cell = std::shared_ptr<const serving_plan>;

  listener(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
           net::endpoint& socket, const current_plan_cell& plan, server_metrics& counts);

  const char* name() const override { return "listener"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  net::plan_ptr current_plan() override { return plan_; }
  void on_queries(net::slice_handle&& fresh) override;
  void on_finished(net::slice_handle&& done) override;

  void route(net::slice slots);
  stage::step advance(net::batch& batch, net::slot& slot, query_target*& to);
  void give_to_stage(net::slice one);
  void let_out(net::slice answered);
  void respond(const serving_plan& plan, net::batch& batch, net::slot& slot);
  void panic(net::batch& batch, net::slot& slot, const std::exception& why);

  net::endpoint& socket_;
  const current_plan_cell& plan_;
  server_metrics& counts_;
  fan_out outgoing_;
  in_time in_time_;
};

} // namespace troupe
