// SPDX-License-Identifier: Apache-2.0
#include "actors/server.hpp"

#include "actors/address_keeper.hpp"
#include "actors/apex.hpp"
#include "actors/log.hpp"
#include "actors/machine.hpp"
#include "actors/namespaces.hpp"
#include "actors/reverse_server.hpp"
#include "actors/spawning.hpp"
#include "actors/supervisor.hpp"
#include "actors/watcher.hpp"

#include <caf/scoped_actor.hpp>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <thread>

namespace troupe {

namespace {

constexpr std::chrono::seconds drain_limit{5};
constexpr std::chrono::seconds stop_limit{5};

/// Questions of the server's own bring theirs.
const listener::current_plan_cell no_plan;

} // namespace

server::server(std::shared_ptr<const config::plan> plan, size_t loops)
  : plan_(std::move(plan)), loop_count_(loops), shared_(loops) {}

server::~server() = default;

void server::start() {
  config_ = std::make_unique<caf_config>(loop_count_);
  system_ = std::make_unique<caf::actor_system>(*config_);
  system_->await_actors_before_shutdown(false); // stop() waits, with a bound
  make_endpoints();
  tree children = data_children();
  for (auto& pages : pages_)
    children.push_back(page_child(pages));
  supervisor_ = system_->spawn<supervisor>(std::ref(shared_), children);
  caf::scoped_actor self{*system_};
  self->send(supervisor_, start_atom::value);
  for (auto& of : sources_.all)
    if (of->client)
      of->client->start();
}

bool server::synced() const {
  return std::all_of(sources_.all.begin(), sources_.all.end(), [](auto& of) { return of->synced.load(); });
}

void server::make_endpoints() {
  auto& loops = loop_scheduler::of(*system_);
  for (size_t i = 0; i < loop_count_; ++i)
    run_on(i, [&] { own_questions_.push_back(std::make_unique<net::inner_endpoint>(loops[i].loop)); });
  open_caches();
  for (size_t i = 0; i < loop_count_; ++i) {
    auto here =
      std::make_unique<loop_resources>(loop_resources{i, shared_, {}, sources_.keys, machine::local_addresses()});
    for (auto& of : sources_.all)
      here->clusters.push_back(std::make_unique<cluster_on_loop>(*of));
    for (auto& of : forwards_.here)
      here->forwards.emplace(of->key, of);
    for (auto& of : caches_.here)
      here->caches.emplace(of->key, of);
    resources_.push_back(std::move(here));
  }
  const net::endpoint::limits bounds{10'000 / loop_count_};
  for (auto& socket : opened_) {
    const size_t loop = socket.loop % loop_count_;
    auto plan = make_serving_plan(plan_, *socket.listener, *resources_[loop]);
    const std::string where = socket.address + "/" + std::to_string(socket.loop);
    run_on(loop, [&] {
      net::loop& home = loops[loop].loop;
      auto add = [&](const char* protocol, std::unique_ptr<net::endpoint> made) {
        endpoints_.push_back(std::make_unique<endpoint_on_loop>(endpoint_on_loop{
          std::string{"listener/"} + protocol + "/" + where, loop, socket.listener, std::move(made), plan}));
      };
      add("udp", std::make_unique<net::udp_endpoint>(home, std::move(socket.udp), bounds));
      add("tcp",
          std::make_unique<net::tcp_endpoint>(home, std::move(socket.tcp), bounds, net::tcp_endpoint::stream_limits{}));
    });
  }
  opened_.clear();
  endpoints_made_ = true;
}

/// Data before what answers from it.
tree server::data_children() {
  tree out;
  auto& loops = loop_scheduler::of(*system_);
  for (size_t c = 0; c < sources_.all.size(); ++c) {
    cluster& of = *sources_.all[c];
    const auto add = [&](auto* type, const char* name, const char* kind, auto&... more) {
      const actor_identity who{of.named(name), kind, "supervisor", {}};
      out.push_back(
        make_child(who, starter<std::remove_pointer_t<decltype(type)>>(*system_, std::ref(shared_), who, more...)));
    };
    auto ref = std::ref(of);
    add(static_cast<address_keeper*>(nullptr), "reverse", "reverse", ref);
    add(static_cast<namespaces*>(nullptr), "namespaces", "namespaces", ref);
    for (auto what : {kube::resource::namespace_object, kube::resource::service, kube::resource::endpoint_slice}) {
      const actor_identity who{of.named(watcher::name_of(what)), watcher::name_of(what), "supervisor", size_t{0}};
      out.push_back(make_child(who, starter<watcher>(*system_, std::ref(shared_), who, &loops[0], ref, what)));
    }
    for (size_t i = 0; i < loop_count_; ++i) {
      auto here = std::ref(*resources_[i]->clusters[c]);
      const std::string at = "/" + std::to_string(i);
      const actor_identity apex_id{of.named("apex") + at, "apex", "supervisor", i};
      out.push_back(make_child(apex_id, starter<apex>(*system_, std::ref(shared_), apex_id, &loops[i], here)));
      const actor_identity reverse_id{of.named("reverse") + at, "reverse", of.named("reverse"), i};
      out.push_back(
        make_child(reverse_id, starter<reverse_server>(*system_, std::ref(shared_), reverse_id, &loops[i], here)));
    }
  }
  for (auto& of : forwards_.fresh)
    for (auto& what : forward_children(*system_, shared_, of))
      out.push_back(std::move(what));
  for (auto& of : caches_.fresh)
    for (auto& what : cache_children(*system_, shared_, of))
      out.push_back(std::move(what));
  for (size_t i = 0; i < loop_count_; ++i) {
    const actor_identity who{"listener/own/" + std::to_string(i), "listener", "supervisor", i};
    net::endpoint& own = *own_questions_[i];
    out.push_back(make_child(
      who, starter<listener>(*system_, std::ref(shared_), who, &loops[i], std::ref(own), std::cref(no_plan))));
  }
  return out;
}

void server::open_caches() {
  for (auto& of : caches_.fresh)
    for (size_t i = 0; i < loop_count_; ++i)
      of->on_loop.push_back(std::make_unique<cache_on_loop>(
        cache_on_loop{*of, *own_questions_[i], shared_.caches.counters(caches::labels_of(*plan_, of->key), i), {}}));
}

tree server::listener_children() {
  tree out;
  auto& loops = loop_scheduler::of(*system_);
  for (auto& e : endpoints_) {
    const actor_identity who{e->name, "listener", "supervisor", e->loop};
    out.push_back(make_child(who, starter<listener>(*system_, std::ref(shared_), who, &loops[e->loop],
                                                    std::ref(*e->socket), std::cref(e->plan))));
  }
  return out;
}

child_ptr server::page_child(const std::shared_ptr<page_set>& pages) {
  const actor_identity who{pages->name, pages->kind, "supervisor", {}};
  return make_child(who, starter<http_actor>(*system_, std::ref(shared_), who, pages));
}

void server::listen() {
  for (auto& what : listener_children())
    tell(supervisor_, adopt{what, nullptr});
}

void server::run_on(size_t loop, const std::function<void()>& what) {
  struct call {
    const std::function<void()>& what;
    std::promise<void> done;
  } now{what, {}};
  static constexpr net::task::verbs verbs{[](void* object, net::loop&) {
                                            auto* c = static_cast<call*>(object);
                                            c->what();
                                            c->done.set_value();
                                          },
                                          [](void*) noexcept {}};
  loop_scheduler::of(*system_)[loop].loop.post(net::lane::control, {&verbs, &now});
  now.done.get_future().wait();
}

bool server::wait_drained() {
  const auto end = std::chrono::steady_clock::now() + drain_limit;
  for (;;) {
    bool all = true;
    for (auto& e : endpoints_)
      run_on(e->loop, [&] { all &= e->socket->drained(); });
    if (all || std::chrono::steady_clock::now() > end)
      return all;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// Actors live that nobody could stop, because they are busy or the supervisor failed. What was asked is answered; the
/// kernel takes sockets and memory, since taking them away under living actors would be worse.
void server::end_at_once() {
  std::fprintf(stderr, "[ERROR] server: actors were busy for %d s or had lost their supervisor; ending without them\n",
               static_cast<int>(stop_limit.count()));
  std::_Exit(1);
}

/// Accept off, in flight to nothing, actors, endpoints, loops (design part 6).
void server::stop() {
  shared_.draining = true;
  for (auto& e : endpoints_)
    run_on(e->loop, [&] { e->socket->drain(); });
  if (!wait_drained())
    log::warning("server: queries were still in flight after {} s", drain_limit.count());
  for (auto& of : sources_.all)
    if (of->client)
      of->client->stop();
  {
    caf::scoped_actor self{*system_};
    bool stopped = false;
    self->request(supervisor_, stop_limit, stop_atom::value)
      .receive([&](bool) { stopped = true; }, [](const caf::error&) {});
    if (!stopped)
      end_at_once();
    self->send_exit(supervisor_, caf::exit_reason::user_shutdown);
  }
  {
    std::vector<std::jthread> closing;
    for (auto& pages : pages_)
      closing.emplace_back([&pages] { close_pages(*pages); });
  }
  for (auto& e : endpoints_)
    run_on(e->loop, [&] { e->socket.reset(); });
  for (size_t i = 0; i < loop_count_; ++i)
    run_on(i, [&] { own_questions_[i].reset(); });
  supervisor_ = nullptr;
  system_.reset();
  endpoints_.clear();
}

} // namespace troupe
