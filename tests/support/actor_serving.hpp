// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/apex.hpp"
#include "actors/listener.hpp"
#include "actors/reverse_server.hpp"
#include "net/dns/name.hpp"
#include "tests/support/actor_cluster.hpp"

#include <map>

namespace troupe::test {

/// An endpoint without a socket: questions are put in by name, answers land in a list by their number.
class asking_endpoint final : public net::endpoint {
public:
  explicit asking_endpoint(net::loop& home) : endpoint(home, {}) {}

  /// One batch with a question for each name, PTR below arpa, else A; the number of the first.
  uint16_t ask(const std::vector<std::string>& names) {
    const uint16_t first = next_;
    net::batch& fresh = new_batch(names.size());
    for (auto& name : names) {
      net::slot& slot = open_slot(fresh);
      const auto packet = wire(name, next_++);
      admit(fresh, slot, dns::parse_query(packet, slot.query), packet);
    }
    deliver(fresh);
    return first;
  }

  void drain() override { draining_ = true; }

  std::map<uint16_t, std::vector<dns::rcode>> answers; ///< number -> every answer it got

private:
  static std::vector<uint8_t> wire(const std::string& name, uint16_t id) {
    std::vector<uint8_t> out{static_cast<uint8_t>(id >> 8), static_cast<uint8_t>(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    for (size_t at = 0; at < name.size();) {
      const size_t end = std::min(name.find('.', at), name.size());
      out.push_back(static_cast<uint8_t>(end - at));
      out.insert(out.end(), name.begin() + static_cast<ptrdiff_t>(at), name.begin() + static_cast<ptrdiff_t>(end));
      at = end + 1;
    }
    const bool reverse = name.ends_with(".arpa");
    out.insert(out.end(), {0, 0, uint8_t(reverse ? 12 : 1), 0, 1});
    return out;
  }

  void transmit(net::batch& home, size_t index) override {
    answers[home[index].query.id].push_back(home[index].rcode);
    close(home, uint64_t{1} << index);
  }
  void resume_reading() override {}

  uint16_t next_ = 1;
};

/// A cluster, and one loop's actors that answer from it.
class serving_fixture : public cluster_fixture {
public:
  /// `corefile` must serve cluster.local from a `kubernetes` block with an API server at http://127.0.0.1:1.
  void serve(const std::string& corefile) {
    auto made = config::make_plan("Corefile", corefile, nothing_around());
    ASSERT_TRUE(made.plan) << made.error->text();
    resources.clusters[made.plan->blocks.front().kubernetes->source_key()] = cluster_here;
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
                          std::ref(static_cast<net::endpoint&>(endpoint)), std::cref(plan));
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

  static config::environment nothing_around() {
    config::environment none;
    none.variable = [](const std::string&) { return std::nullopt; };
    none.paths = [](const std::string&) { return std::vector<std::string>{}; };
    none.read = [](const std::string&) { return config::environment::unreadable{"nothing is read here"}; };
    return none;
  }

  ~serving_fixture() override { end(); }

  asking_endpoint endpoint{home};
  std::shared_ptr<cluster_on_loop> cluster_here = std::make_shared<cluster_on_loop>(of);
  loop_resources resources{0, shared, {}, {}};
  listener::current_plan_cell plan;
};

} // namespace troupe::test
