// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/caching/cache.hpp"
#include "actors/forwarding/forward.hpp"
#include "actors/forwarding/forward_front.hpp"
#include "actors/forwarding/forwards.hpp"
#include "actors/serving/listener.hpp"
#include "net/metric_labels.hpp"
#include "tests/net/dns/replies.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/asking_endpoint.hpp"
#include "tests/support/nothing_around.hpp"

namespace troupe::test {

// What most tests forward to.
inline constexpr const char* one = "forward . 10.0.0.1\n";
inline constexpr const char* two = "forward . 10.0.0.1 10.0.0.2 {\n policy sequential\n}\n";
inline const std::string first = "10.0.0.1:53", second = "10.0.0.2:53";

/// What a test's upstreams are asked. The test answers, or `rule` does at once.
struct upstream_script {
  struct asked {
    std::string upstream; ///< `10.0.0.1:53`
    exchange message;

    void reply(const dns::test::rows& answer, unsigned flags = 0, const dns::test::rows& authority = {}) const {
      const dns::query& q = *message.question;
      auto read = dns::read_reply(dns::test::reply_to(q, q.id, dns::flag::ra | flags, answer, authority), q, q.id);
      net::exchange_result result;
      result.reply = std::get<dns::kept_reply_ptr>(read);
      message.to.answer(true, std::move(result));
    }
    void address(uint32_t ttl = 30) const {
      reply({dns::to_text(message.question->name_as_sent()) + " " + std::to_string(ttl) + " A 192.0.2.1"});
    }
    void code(dns::rcode rcode) const { reply({}, static_cast<unsigned>(rcode)); }
    /// One above 15, as OPT makes it.
    void extended(dns::rcode rcode) const {
      const dns::query& q = *message.question;
      auto read = dns::read_reply(dns::test::reply_to(q, q.id, 0, {}), q, q.id);
      auto reply = std::make_shared<dns::kept_reply>(*std::get<dns::kept_reply_ptr>(read));
      reply->rcode = static_cast<uint16_t>(rcode);
      net::exchange_result result;
      result.reply = std::move(reply);
      message.to.answer(true, std::move(result));
    }
    void fail(net::exchange_failure how = net::exchange_failure::timed_out) const {
      net::exchange_result result;
      result.failure = how;
      result.error = "read udp " + upstream + ": i/o timeout";
      message.to.answer(true, std::move(result));
    }
  };

  std::deque<asked> open;
  std::vector<std::string> seen;            ///< who was asked, in order
  std::map<std::string, unsigned> reported; ///< times that an upstream was said to fail
  std::function<void(const asked&)> rule;

  asked take() {
    if (open.empty())
      throw std::runtime_error("no upstream was asked");
    asked first = std::move(open.front());
    open.pop_front();
    return first;
  }
};

/// An UPSTREAM without sockets.
class played_upstream final : public pinned<upstream_actor> {
public:
  played_upstream(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                  upstream_script& script, std::string address)
    : pinned(cfg, shared, who, home), script_(script), address_(std::move(address)) {}

protected:
  behavior_type make_behavior() override {
    return {
      [this](exchange& message) {
        script_.seen.push_back(address_);
        upstream_script::asked one{address_, std::move(message)};
        script_.rule ? script_.rule(one) : script_.open.push_back(std::move(one));
      },
      [this](failing_atom) { ++script_.reported[address_]; },
      [](probe_atom) {},
      [](silent_atom) {},
    };
  }
  void on_exit() override {
    std::erase_if(script_.open, [&](auto& one) { return one.upstream == address_; });
  }

private:
  upstream_script& script_;
  const std::string address_;
};

/// Two loops that serve one block of a Corefile with `forward` and perhaps `cache`, and played upstreams.
class forward_fixture : public actor_fixture {
public:
  ~forward_fixture() override { end(); }

  void serve(const std::string& block, config::environment around = nothing_around()) {
    auto made = config::make_plan("Corefile", ". {\n" + block + "}\n", around);
    ASSERT_TRUE(made.plan) << made.error->text();
    const auto& source = made.plan;
    all = forwards::make(*source, {}, 2, metered.proxies).all;
    kept = caches::make(*source, {}).all;
    tree children;
    for (auto& group : all)
      add_forward(children, group);
    for (auto& group : kept)
      add_cache(children, group);
    for (size_t i = 0; i < 2; ++i) {
      auto& side = sides[i];
      loop_resources here{i, shared, metered, {}, {}};
      here.subqueries = &side.own;
      here.probes = &probes;
      here.files = &files;
      for (auto& group : all)
        here.forwards[group->identity] = group;
      for (auto& group : kept)
        here.caches[group->identity] = group;
      side.plan = make_serving_plan(source, source->listeners.front(), here);
      const std::string at = std::to_string(i);
      children.push_back(listener_line("listener/own/" + at, i, side.own, no_plan));
      children.push_back(listener_line("listener/" + at, i, side.endpoint, side.plan));
    }
    supervise(children);
    run();
  }

  /// Another Corefile, with actors of its own.
  void again(const std::string& block) {
    end();
    script = {};
    serve(block);
  }

  /// Both clocks, in steps, for longer than restarts and what waits for them take.
  void settle() {
    for (int i = 0; i < 60; ++i) {
      time.advance(std::chrono::milliseconds(20));
      pass(std::chrono::milliseconds(20));
    }
  }

  /// One turn of one loop, for tests that stop halfway.
  void turn(size_t loop) { loop_of(loop)->loop.run_turn(); }

  uint16_t ask(const std::string& name, size_t loop = 0) {
    const uint16_t number = sides[loop].endpoint.ask({name});
    run();
    return number;
  }
  /// Everything that question got: `NOERROR`, `SERVFAIL SERVFAIL`, or nothing.
  std::string got(uint16_t number, size_t loop = 0) {
    std::string out;
    for (dns::rcode each : sides[loop].endpoint.answers[number])
      out += (out.empty() ? "" : " ") + std::string{net::rcode_label(static_cast<uint16_t>(each))};
    return out;
  }
  std::string ask_and_get(const std::string& name, size_t loop = 0) { return got(ask(name, loop), loop); }

  /// A name whose answers that loop's cache owns.
  static std::string name_of(size_t owner, int which = 0) {
    for (int i = 0;; ++i) {
      const std::string name = "n" + std::to_string(i) + ".example.org";
      if (dns::hash(dns::test::wire_name(name)) % 2 == owner && which-- == 0)
        return name;
    }
  }

  upstream_state& upstream_at(size_t i) { return *all.front()->upstreams()[i]; }
  net::cache_counters& counters(size_t loop) { return kept.front()->on_loop[loop]->counters; }

  /// A counter of `forward`, all series added up.
  double counted(const std::string& name) const {
    double sum = 0;
    for (auto& family : metered.proxies.collect())
      for (auto& metric : family.metric)
        sum += family.name == name ? metric.counter.value : 0;
    return sum;
  }

  struct side {
    explicit side(net::loop& home) : endpoint(home), own(home) {}
    asking_endpoint endpoint;
    net::subquery_endpoint own;
    listener::current_plan_cell plan;
  };

  upstream_script script;
  std::vector<forward_ptr> all;
  loop_probes probes;
  watched_files files;
  std::vector<cache_ptr> kept;
  side sides[2] = {side{pinned_here.loop}, side{pinned_there.loop}};

private:
  scheduled_loop* loop_of(size_t i) { return i == 0 ? &pinned_here : &pinned_there; }

  std::shared_ptr<child> listener_line(const std::string& name, size_t i, net::endpoint& socket,
                                       const listener::current_plan_cell& plan) {
    return line<listener>({name, "listener", "supervisor", i}, loop_of(i), std::ref(socket), std::cref(plan),
                          std::ref(metered.server));
  }

  void add_forward(tree& out, const forward_ptr& of) {
    const forward::upstream_maker make = [this](const std::shared_ptr<upstream_state>& which) -> child_ptr {
      return line<played_upstream>({which->actor, "upstream", "forward", 0}, loop_of(0), std::ref(script), which->text);
    };
    for (auto& which : of->upstreams())
      out.push_back(make(which));
    out.push_back(line<forward>({of->named("forward"), "forward", "supervisor", 0}, loop_of(0), std::ref(*of), make));
    for (size_t i = 0; i < 2; ++i)
      out.push_back(line<forward_front>({of->named("forward/") + std::to_string(i), "forward", "forward", i},
                                        loop_of(i), std::ref(*of->on_loop[i])));
  }

  void add_cache(tree& out, const cache_ptr& of) {
    for (size_t i = 0; i < 2; ++i)
      of->on_loop.push_back(
        std::make_unique<cache_on_loop>(cache_on_loop{*of, sides[i].own, metered.caches.counters({}, i), {}}));
    for (size_t i = 0; i < 2; ++i)
      out.push_back(line<cache>({of->actor(i), "cache", "supervisor", i}, loop_of(i), std::ref(*of->on_loop[i])));
  }

  const listener::current_plan_cell no_plan;
};

} // namespace troupe::test
