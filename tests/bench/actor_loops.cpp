// SPDX-License-Identifier: Apache-2.0
#include "actor_loops.hpp"

#include "actors/cluster/zone_server.hpp"
#include "actors/serving/listener.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <cstdio>
#include <cstdlib>
#include <future>

namespace troupe::bench {
namespace {

constexpr const char* corefile = ".:5300 {\n"
                                 "  prometheus 127.0.0.1:0\n"
                                 "  kubernetes cluster.local in-addr.arpa {\n    endpoint http://127.0.0.1:1\n  }\n"
                                 "}\n";

/// Nothing of the corefile depends on the machine.
config::environment no_environment() {
  config::environment none;
  none.variable = [](const std::string&) { return std::nullopt; };
  none.paths = [](const std::string&) { return std::vector<std::string>{}; };
  none.read = [](const std::string&) { return config::environment::unreadable{"nothing is read here"}; };
  return none;
}

std::shared_ptr<const config::plan> make_plan() {
  auto made = config::make_plan("Corefile", corefile, no_environment());
  if (!made.plan) {
    std::fprintf(stderr, "the benchmark's Corefile: %s\n", made.error->message.c_str());
    std::exit(1);
  }
  return made.plan;
}

/// Runs `what` on the loop's thread and waits for it.
void run_on(net::loop& loop, std::function<void()> what) {
  struct job {
    std::function<void()> what;
    std::promise<void> done;
  } here{std::move(what), {}};
  static constexpr net::task::verbs verbs{[](void* object, net::loop&) {
                                            auto* j = static_cast<job*>(object);
                                            j->what();
                                            j->done.set_value();
                                          },
                                          [](void*) noexcept {}};
  auto done = here.done.get_future();
  loop.post(net::lane::control, {&verbs, &here});
  done.wait();
}

/// What stands on one loop. Made and destroyed there.
class actors_of_loop {
public:
  actors_of_loop(caf::actor_system& system, scheduled_loop& home, actor_context& shared, troupe::cluster_tables& source,
                 const std::shared_ptr<const config::plan>& plan, const cluster& all, meters& metered,
                 std::unique_ptr<memory_endpoint> endpoint)
    : resources_{home.loop.index(), shared, metered, {}, {}}, endpoint_(std::move(endpoint)) {
    const auto kept = resources_.clusters[source.source.identity()] = std::make_shared<cluster_on_loop>(source);
    plan_ = make_serving_plan(plan, plan->listeners.front(), resources_);
    auto& here = *kept;
    auto number = std::to_string(home.loop.index());
    for (auto& name : all.namespaces()) {
      auto& target = here.enter(*all.root().find(zone::octets_of(name)));
      actor_identity who{"zone/" + name + "/" + number, "zone-server", "zone/" + name, home.loop.index()};
      target.actor =
        caf::actor_cast<caf::strong_actor_ptr>(system.spawn<zone_server>(shared, who, &home, here, target.cell));
      all_.push_back(target.actor);
    }
    actor_identity who{"listener/" + number, "listener", "listeners", home.loop.index()};
    all_.push_back(caf::actor_cast<caf::strong_actor_ptr>(
      system.spawn<listener>(shared, who, &home, static_cast<net::endpoint&>(*endpoint_), plan_, metered.server)));
  }

  void end() {
    for (auto& actor : all_)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    all_.clear();
  }

  /// True when nobody uses the endpoint any more.
  bool over() const { return endpoint_->attached() == nullptr && endpoint_->in_flight() == 0; }
  totals result() const { return endpoint_->result(); }

private:
  loop_resources resources_;
  std::unique_ptr<memory_endpoint> endpoint_;
  listener::current_plan_cell plan_;
  std::vector<caf::strong_actor_ptr> all_;
};

totals take_down(scheduled_loop& home, std::unique_ptr<actors_of_loop>& part) {
  totals result;
  run_on(home.loop, [&] { part->end(); });
  for (bool over = false; !over;)
    run_on(home.loop, [&] {
      over = part->over();
      if (over) {
        result = part->result();
        part.reset();
      }
    });
  return result;
}

} // namespace

totals run_actor_loops(size_t count, const cluster& all, const memory_endpoint::packets& questions,
                       const std::atomic<phase>& at) {
  auto plan = make_plan();
  actor_context shared;
  meters metered{count};
  troupe::cluster_tables source{metered.server};
  source.source = *plan->blocks.front().kubernetes;
  source.root.publish(all.shared_root());
  source.reverse.publish(all.shared_reverse());
  source.synced = true;

  caf_config settings{count};
  caf::actor_system system{settings};
  auto& loops = loop_scheduler::of(system);
  std::vector<std::promise<void>> over(count);
  std::vector<std::unique_ptr<actors_of_loop>> parts(count);
  for (size_t i = 0; i < count; ++i)
    run_on(loops[i].loop, [&] {
      auto endpoint = std::make_unique<memory_endpoint>(loops[i].loop, questions, questions.size() / count * i, at,
                                                        [&over, i] { over[i].set_value(); });
      parts[i] =
        std::make_unique<actors_of_loop>(system, loops[i], shared, source, plan, all, metered, std::move(endpoint));
    });
  for (auto& one : over)
    one.get_future().wait();
  totals sum;
  for (size_t i = 0; i < count; ++i)
    sum += take_down(loops[i], parts[i]);
  return sum;
}

} // namespace troupe::bench
