// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/endpoint_families.hpp"
#include "actors/server/actor_tree.hpp"
#include "actors/server/places.hpp"
#include "actors/serving/listener.hpp"
#include "net/tcp_endpoint.hpp"
#include "net/udp_endpoint.hpp"

#include <mutex>

namespace troupe {

/// The DNS sockets that are open, and what is around each: endpoint, listener, plan. Thread: main's, or the one that
/// reloads meanwhile; except as noted.
class endpoint_set {
public:
  struct opened {
    const config::listener_plan* listener;
    std::string key, address;
    size_t index; ///< among the sockets of the address
    net::descriptor udp, tcp;
  };
  struct endpoint_on_loop {
    std::string name, key;
    size_t loop;
    net::protocol protocol;
    std::unique_ptr<net::endpoint> socket;
    listener::current_plan_cell plan; ///< changes on the loop
    bool leaving = false;             ///< drains; no plan wants it
    bool attended = false;            ///< has a listener in the tree
  };
  /// What a plan needs and is not open yet.
  struct fresh {
    std::vector<opened> sockets{};
    std::vector<std::unique_ptr<endpoint_on_loop>> endpoints{}; ///< of the sockets
  };

  endpoint_set(actor_tree& actors, server_metrics& counts) : actors_(actors), counts_(counts) {}

  /// Opens those of the plan's addresses that nobody listens at yet: from then on the kernel gives them questions. The
  /// text of the first error. May wait for one that is being given up, unless `ended()`.
  std::optional<std::string> open(const config::plan& plan, fresh& into, const std::function<bool()>& ended);
  /// Endpoints of its sockets, all of them or none.
  std::optional<std::string> watch(const config::plan& plan, fresh& of);
  /// What was not entered.
  void close(fresh& unused);

  /// The switch: from now on all answer by this plan, and those that it does not name are read empty. One job a loop.
  /// Batches under way keep the plan they began with. Returns what the plan's stages are called.
  plugin_set enter(fresh&& of, const std::shared_ptr<const config::plan>& plan,
                   const std::vector<loop_resources>& resources);
  /// Closes endpoints that were left and are drained, and frees plans that no batch needs. True: all of them.
  bool end_left();

  /// Reads what the sockets hold, answers what is in flight. False: some of it was not answered in `limit`.
  bool drain(std::chrono::nanoseconds limit);
  void close_all();

  std::vector<prometheus::MetricFamily> families() const; ///< any thread

private:
  /// What the switch means for one endpoint.
  struct step {
    endpoint_on_loop* at;
    serving_plan_ptr plan; ///< null: the endpoint goes
  };

  std::optional<std::string> open_address(const listening_place& at, std::vector<opened>& all) const;
  void add_endpoints(opened& socket, const config::plan& plan, fresh& to);
  std::shared_ptr<net::tcp_clients> clients_on(size_t loop);
  std::vector<std::vector<step>> steps_to(const std::shared_ptr<const config::plan>& plan,
                                          const std::vector<loop_resources>& resources);
  static void change(endpoint_on_loop& at, serving_plan_ptr& plan);
  void set_times(size_t loop, const config::plan& plan);
  child_ptr listener_child(endpoint_on_loop& at);
  void end_endpoints();
  void end_endpoint(endpoint_on_loop& which);
  bool drained(const endpoint_on_loop& which);
  void retire(serving_plan_ptr old);

  actor_tree& actors_;
  server_metrics& counts_;
  mutable std::mutex mutex_; ///< for families(): when the next changes
  std::vector<std::unique_ptr<endpoint_on_loop>> endpoints_;
  std::vector<std::weak_ptr<net::tcp_clients>> tcp_clients_; ///< one per loop, its endpoints'
  net::endpoint_counters gone_[dns::protocols.size()];       ///< of endpoints that are not there any more
  std::vector<serving_plan_ptr> retired_; ///< freed here, not in the turn of the last batch that holds one
};

} // namespace troupe
