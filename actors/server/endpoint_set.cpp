// SPDX-License-Identifier: Apache-2.0
#include "actors/server/endpoint_set.hpp"

#include <algorithm>
#include <map>
#include <thread>

namespace troupe {

/// By loop: the plan of each endpoint, built here and not in a turn.
std::vector<std::vector<endpoint_set::step>> endpoint_set::steps_to(const std::shared_ptr<const config::plan>& plan,
                                                                    const std::vector<loop_resources>& resources) {
  std::map<std::string, const config::listener_plan*> listeners;
  for (auto& at : places_of(*plan, net::has_ipv6()))
    listeners[at.key()] = at.listener;
  std::map<std::pair<const config::listener_plan*, size_t>, serving_plan_ptr> made;
  std::vector<std::vector<step>> out(actors_.loop_count());
  for (auto& e : endpoints_) {
    if (e->leaving)
      continue;
    step& now = out[e->loop].emplace_back(step{e.get(), nullptr});
    const auto found = listeners.find(e->key);
    if (found == listeners.end())
      continue;
    auto& its_plan = made[{found->second, e->loop}];
    if (!its_plan)
      its_plan = make_serving_plan(plan, *found->second, resources[e->loop]);
    now.plan = its_plan;
  }
  return out;
}

plugin_set endpoint_set::enter(fresh&& of, const std::shared_ptr<const config::plan>& plan,
                               const std::vector<loop_resources>& resources) {
  {
    std::lock_guard lock{mutex_};
    std::move(of.endpoints.begin(), of.endpoints.end(), std::back_inserter(endpoints_));
    of.endpoints.clear();
  }
  auto steps = steps_to(plan, resources);
  plugin_set plugins;
  for (auto& loop : steps)
    for (auto& [at, its_plan] : loop) {
      at->leaving = !its_plan;
      if (its_plan)
        its_plan->enabled_plugins(plugins);
    }
  for (size_t loop = 0; loop < steps.size(); ++loop)
    actors_.run_on(loop, [&] {
      for (auto& [at, its_plan] : steps[loop])
        its_plan ? change(*at, its_plan) : at->socket->drain();
      set_times(loop, *plan);
    });
  for (auto& loop : steps)
    for (auto& [at, before] : loop)
      retire(std::move(before));
  for (auto& e : endpoints_)
    if (!e->leaving && !std::exchange(e->attended, true))
      actors_.adopt(listener_child(*e));
  return plugins;
}

/// On its loop. `plan` is the one before then.
void endpoint_set::change(endpoint_on_loop& at, serving_plan_ptr& plan) {
  at.socket->limit_questions(plan->listener->queries.value_or(SIZE_MAX));
  at.plan.swap(plan);
}

/// On that loop.
void endpoint_set::set_times(size_t loop, const config::plan& plan) {
  const net::tcp_clients::limits usual;
  if (const auto clients = loop < tcp_clients_.size() ? tcp_clients_[loop].lock() : nullptr)
    clients->set_times(plan.client_idle.value_or(usual.quiet), plan.client_slow.value_or(usual.slow));
}

child_ptr endpoint_set::listener_child(endpoint_on_loop& at) {
  const spawn_site site = actors_.site();
  return site.make<listener>({at.name, "listener", "supervisor", at.loop}, site.loops[at.loop], std::ref(*at.socket),
                             std::cref(at.plan), std::ref(counts_));
}

/// Several endpoints of a loop share a plan; here it is held once.
void endpoint_set::retire(serving_plan_ptr old) {
  if (old && std::find(retired_.begin(), retired_.end(), old) == retired_.end())
    retired_.push_back(std::move(old));
}

bool endpoint_set::end_left() {
  end_endpoints();
  // Nobody but batches under way has a retired plan, and none of them is new, so a count of one stays one.
  std::erase_if(retired_, [](const serving_plan_ptr& old) { return old.use_count() == 1; });
  const bool leaving = std::any_of(endpoints_.begin(), endpoints_.end(), [](auto& e) { return e->leaving; });
  return !leaving && retired_.empty();
}

/// Addresses that were given up: first they are read empty, then their listener goes, then the sockets.
void endpoint_set::end_endpoints() {
  for (auto& e : endpoints_)
    if (e->leaving)
      end_endpoint(*e);
  std::lock_guard lock{mutex_};
  std::erase_if(endpoints_, [](auto& e) { return !e->socket; });
}

bool endpoint_set::drained(const endpoint_on_loop& which) {
  bool is = false;
  actors_.run_on(which.loop, [&] { is = which.socket->drained(); });
  return is;
}

void endpoint_set::end_endpoint(endpoint_on_loop& which) {
  if (!drained(which))
    return;
  if (which.attended && !actors_.dismiss({which.name}))
    return;
  which.attended = false;
  if (!drained(which)) // what came meanwhile went down with the listener and is answered SERVFAIL
    return;
  std::unique_ptr<net::endpoint> socket;
  {
    std::lock_guard lock{mutex_};
    add_counters(gone_[index_of(which.protocol)], which.socket->counters());
    socket = std::move(which.socket);
  }
  retire(std::move(which.plan));
  actors_.run_on(which.loop, [&] { socket.reset(); });
}

bool endpoint_set::drain(std::chrono::nanoseconds limit) {
  constexpr std::chrono::milliseconds pause{2};
  for (auto& e : endpoints_)
    actors_.run_on(e->loop, [&] { e->socket->drain(); });
  for (const auto end = std::chrono::steady_clock::now() + limit;;) {
    const bool all = std::all_of(endpoints_.begin(), endpoints_.end(), [&](auto& e) { return drained(*e); });
    if (all || std::chrono::steady_clock::now() > end)
      return all;
    std::this_thread::sleep_for(pause);
  }
}

void endpoint_set::close_all() {
  for (auto& e : endpoints_)
    actors_.run_on(e->loop, [&] { e->socket.reset(); });
}

/// Counts only grow: those of endpoints that are gone stay in the sums.
std::vector<prometheus::MetricFamily> endpoint_set::families() const {
  std::lock_guard lock{mutex_};
  endpoint_list all;
  for (const auto protocol : dns::protocols)
    all.emplace_back(text(protocol), &gone_[index_of(protocol)]);
  for (auto& e : endpoints_)
    if (e->socket)
      all.emplace_back(text(e->protocol), &e->socket->counters());
  return endpoint_families(all);
}

} // namespace troupe
