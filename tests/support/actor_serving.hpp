// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/apex.hpp"
#include "actors/cluster/reverse_server.hpp"
#include "actors/serving/listener.hpp"
#include "tests/support/actor_cluster.hpp"
#include "tests/support/asking_endpoint.hpp"
#include "tests/support/nothing_around.hpp"

namespace troupe::test {

/// A cluster, and one loop's actors that answer from it.
class serving_fixture : public cluster_fixture {
public:
  /// `corefile` must serve cluster.local from a `kubernetes` block with an API server at http://127.0.0.1:1.
  void serve(const std::string& corefile) {
    auto made = config::make_plan("Corefile", corefile, nothing_around());
    ASSERT_TRUE(made.plan) << made.error->text();
    resources.subqueries = cluster_here->subqueries;
    resources.clusters[made.plan->blocks.front().kubernetes->identity()] = cluster_here;
    auto here = std::ref(*cluster_here);
    plan = make_serving_plan(made.plan, made.plan->listeners.front(), resources);
    scheduled_loop* nowhere = nullptr;
    auto children = data_children();
    children.push_back(line<apex>({"apex/0", "apex", "supervisor", 0}, &pinned_here, here));
    children.push_back(line<reverse_server>({"reverse/0", "reverse", "supervisor", 0}, nowhere, here));
    children.push_back(listener_line());
    supervise(children);
    settle();
  }

  std::shared_ptr<child> listener_line() {
    return line<listener>({"listener/0", "listener", "supervisor", 0}, static_cast<scheduled_loop*>(nullptr),
                          std::ref(static_cast<net::endpoint&>(endpoint)), std::cref(plan), std::ref(metered.server));
  }

  /// What one question is answered; fails the test unless there is one answer.
  dns::rcode answer_to(const std::string& name) {
    const uint16_t number = endpoint.ask({name});
    run();
    return only_answer(number);
  }

  dns::rcode only_answer(uint16_t number) {
    EXPECT_EQ(endpoint.answers[number].size(), 1u) << "question " << number;
    return endpoint.answers[number].empty() ? dns::rcode::notimp : endpoint.answers[number].front();
  }

  uint64_t queries_of(const std::string& name) const {
    auto found = stats(name);
    return found ? found->queries.load() : 0;
  }

  ~serving_fixture() override { end(); }

  asking_endpoint endpoint{home};
  std::shared_ptr<cluster_on_loop> cluster_here = std::make_shared<cluster_on_loop>(tables);
  loop_resources resources{0, shared, metered, {}, {}};
  listener::current_plan_cell plan;
};

} // namespace troupe::test
