// SPDX-License-Identifier: Apache-2.0
#include "actors/server/server.hpp"

#include "actors/cluster/address_keeper.hpp"
#include "actors/cluster/apex.hpp"
#include "actors/cluster/namespaces.hpp"
#include "actors/cluster/notify.hpp"
#include "actors/cluster/pod_addresses.hpp"
#include "actors/cluster/reverse_server.hpp"
#include "actors/cluster/watcher.hpp"
#include "actors/forwarding/loop_detector.hpp"
#include "actors/runtime/last_words.hpp"
#include "actors/runtime/machine.hpp"
#include "actors/runtime/spawning.hpp"
#include "actors/runtime/supervisor.hpp"

#include <caf/scoped_actor.hpp>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <stdexcept>
#include <thread>

namespace troupe {

namespace {

constexpr std::chrono::seconds drain_limit{5};
constexpr std::chrono::seconds stop_limit{5};

/// Questions of the server's own bring their plan with them.
const listener::current_plan_cell no_plan;

} // namespace

server::server(std::shared_ptr<const config::plan> plan, size_t loops)
  : loop_count_(loops), shared_(loops), first_(change{std::move(plan)}) {
  make_pages();
}

server::~server() {
  if (system_)
    stop();
}

std::optional<std::string> server::prepare() {
  auto made = sources::make(*first_->plan, {}, shared_, loop_count_);
  if (auto* failed = std::get_if<std::string>(&made))
    return *failed;
  first_->from = std::move(std::get<sources>(made));
  here_ = first_->from.here;
  first_->ahead = forwards::make(*first_->plan, {}, loop_count_);
  first_->kept = caches::make(*first_->plan, {});
  if (auto failed = open_sockets(*first_, [] { return false; }))
    return failed;
  return open_pages(*first_);
}

void server::start() {
  config_ = std::make_unique<caf_config>(loop_count_);
  system_ = std::make_unique<caf::actor_system>(*config_);
  system_->await_actors_before_shutdown(false); // stop() waits, with a bound
  auto& loops = loop_scheduler::of(*system_);
  if (const std::string failed = loops.failure(); !failed.empty()) {
    system_.reset();
    throw std::runtime_error(failed);
  }
  shared_.worker = &loops.worker();
  supervisor_ = system_->spawn<supervisor>(std::ref(shared_), tree{});
  std::vector<net::loop*> watched;
  for (size_t i = 0; i <= loop_count_; ++i) // the worker too
    watched.push_back(&loops[i].loop);
  watchdog_ = std::make_unique<watchdog>(watched);
  watchdog_->start();
  watching_ = watchdog_.get();
  start_own_questions();
  add({"loop", "loop", "supervisor", 0}, [this](caf::actor_system& system) {
    const actor_identity who{"loop", "loop", "supervisor", 0};
    return caf::actor_cast<caf::strong_actor_ptr>(
      system.spawn<loop_detector>(std::ref(shared_), who, &loop_scheduler::of(system)[0], std::ref(probes_)));
  });
  add({"notify", "notify", "supervisor", 0}, [this](caf::actor_system& system) {
    const actor_identity who{"notify", "notify", "supervisor", 0};
    return caf::actor_cast<caf::strong_actor_ptr>(
      system.spawn<notify>(std::ref(shared_), who, &loop_scheduler::of(system)[0], std::cref(notifies_)));
  });
  start_sources(first_->from.fresh);
  start_parts(*first_);
  enter_pages(*first_, nullptr);
}

bool server::synced() const {
  return std::all_of(here_.begin(), here_.end(), [](auto& each) { return each->of.synced.load(); });
}

void server::listen() {
  if (auto failed = make_endpoints(*first_))
    throw std::runtime_error(*failed);
  enter(*first_);
  first_.reset();
}

std::shared_ptr<const config::plan> server::plan() const {
  std::lock_guard lock{state_};
  return plan_;
}

void server::add(const actor_identity& who, std::function<caf::strong_actor_ptr(caf::actor_system&)> start) {
  tell(supervisor_, adopt{make_child(who, [this, start] { return start(*system_); }), nullptr});
}

void server::remove(const std::string& name) {
  dismiss_children({name});
}

/// Data before what answers from it.
tree server::children_of(source& which) {
  tree out;
  auto& loops = loop_scheduler::of(*system_);
  cluster& of = which.of;
  const auto add = [&](auto* type, const char* name, const char* kind, auto&... more) {
    const actor_identity who{of.named(name), kind, "supervisor", {}};
    out.push_back(
      make_child(who, starter<std::remove_pointer_t<decltype(type)>>(*system_, std::ref(shared_), who, more...)));
  };
  auto ref = std::ref(of);
  add(static_cast<address_keeper*>(nullptr), "reverse", "reverse", ref);
  add(static_cast<namespaces*>(nullptr), "namespaces", "namespaces", ref);
  if (of.keep.pods)
    add(static_cast<pod_addresses*>(nullptr), "pods", "pods", ref);
  for (auto what : {kube::resource::namespace_object, kube::resource::service, kube::resource::endpoint_slice,
                    kube::resource::pod, kube::resource::service_import}) {
    if (!of.keep.wants(what))
      continue;
    const actor_identity who{of.named(watcher::name_of(what)), watcher::name_of(what), "supervisor", {}};
    out.push_back(make_child(who, starter<watcher>(*system_, std::ref(shared_), who, &loops.worker(), ref, what)));
  }
  for (size_t i = 0; i < loop_count_; ++i) {
    auto here = std::ref(*which.on_loop[i]);
    const std::string at = "/" + std::to_string(i);
    const actor_identity apex_id{of.named("apex") + at, "apex", "supervisor", i};
    out.push_back(make_child(apex_id, starter<apex>(*system_, std::ref(shared_), apex_id, &loops[i], here)));
    const actor_identity reverse_id{of.named("reverse") + at, "reverse", of.named("reverse"), i};
    out.push_back(
      make_child(reverse_id, starter<reverse_server>(*system_, std::ref(shared_), reverse_id, &loops[i], here)));
  }
  return out;
}

void server::start_sources(const std::vector<source_ptr>& fresh) {
  for (auto& each : fresh) {
    living_.push_back(each);
    for (size_t i = 0; i < loop_count_; ++i)
      each->on_loop[i]->own_questions = own_questions_[i].get();
    for (auto& what : children_of(*each))
      tell(supervisor_, adopt{what, nullptr});
    if (each->of.client)
      each->of.client->start();
  }
}

void server::start_own_questions() {
  auto& loops = loop_scheduler::of(*system_);
  for (size_t i = 0; i < loop_count_; ++i) {
    run_on(i, [&] { own_questions_.push_back(std::make_unique<net::inner_endpoint>(loops[i].loop)); });
    const actor_identity who{"listener/own/" + std::to_string(i), "listener", "supervisor", i};
    net::endpoint& own = *own_questions_[i];
    tell(supervisor_, adopt{make_child(who, starter<listener>(*system_, std::ref(shared_), who, &loops[i],
                                                              std::ref(own), std::cref(no_plan))),
                            nullptr});
  }
}

/// The actors behind `forward` and `cache` that the plan needs and that are not there yet.
void server::start_parts(change& to) {
  for (auto& each : to.ahead.fresh) {
    living_forwards_.push_back(each);
    for (auto& what : forward_children(*system_, shared_, each))
      tell(supervisor_, adopt{what, nullptr});
  }
  for (auto& each : to.kept.fresh) {
    living_caches_.push_back(each);
    for (size_t i = 0; i < loop_count_; ++i)
      each->on_loop.push_back(std::make_unique<cache_on_loop>(cache_on_loop{
        *each, *own_questions_[i], shared_.caches.counters(caches::labels_of(*to.plan, each->key), i), {}}));
    for (auto& what : cache_children(*system_, shared_, each))
      tell(supervisor_, adopt{what, nullptr});
  }
}

child_ptr server::listener_child(endpoint_on_loop& at) {
  const actor_identity who{at.name, "listener", "supervisor", at.loop};
  return make_child(who, starter<listener>(*system_, std::ref(shared_), who, &loop_scheduler::of(*system_)[at.loop],
                                           std::ref(*at.socket), std::cref(at.plan)));
}

child_ptr server::page_child(const std::shared_ptr<page_set>& pages) {
  const actor_identity who{pages->name, pages->kind, "supervisor", {}};
  return make_child(who, starter<http_actor>(*system_, std::ref(shared_), who, pages));
}

/// True: they are gone, and every turn that they were part of is over.
bool server::dismiss_children(std::vector<std::string> names) {
  caf::scoped_actor self{*system_};
  bool gone = false;
  self->request(supervisor_, stop_limit, dismiss{std::move(names)})
    .receive([&](bool) { gone = true; }, [](const caf::error&) {});
  for (size_t i = 0; gone && i <= loop_count_; ++i) // the worker too
    run_on(i, [] {});
  return gone;
}

void server::run_on(size_t loop, const std::function<void()>& what) {
  struct call {
    const std::function<void()>& what;
    std::promise<void> done;
  } now{what, {}};
  static constexpr net::task::verbs verbs{[](void* object, net::loop&) {
                                            auto* c = static_cast<call*>(object);
                                            try {
                                              c->what();
                                              c->done.set_value();
                                            } catch (...) {
                                              c->done.set_exception(std::current_exception());
                                            }
                                          },
                                          [](void*) noexcept {}};
  loop_scheduler::of(*system_)[loop].loop.post(net::lane::control, {&verbs, &now});
  now.done.get_future().get();
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
  log::finish();
  std::fprintf(stderr, "[ERROR] server: actors were busy for %d s or had lost their supervisor; ending without them\n",
               static_cast<int>(stop_limit.count()));
  std::_Exit(1);
}

/// Each takes a while, so side by side; one after the other where no threads are to be had.
void server::close_pages() {
  std::vector<std::jthread> closing;
  for (auto& pages : pages_)
    try {
      closing.emplace_back([&pages] { pages->close(); });
    } catch (const std::system_error&) {
      pages->close();
    }
}

bool server::stop_actors() {
  caf::scoped_actor self{*system_};
  bool stopped = false;
  self->request(supervisor_, stop_limit, stop_atom::value)
    .receive([&](bool) { stopped = true; }, [](const caf::error&) {});
  if (stopped)
    self->send_exit(supervisor_, caf::exit_reason::user_shutdown);
  return stopped;
}

/// Accept off, in flight to nothing, actors, endpoints, loops (design part 6). Some of it is not there if the start
/// failed.
void server::stop() {
  shared_.draining = true;
  for (auto& e : endpoints_)
    run_on(e->loop, [&] { e->socket->drain(); });
  if (!wait_drained())
    log::warning("server: queries were still in flight after {} s", drain_limit.count());
  for (auto& each : living_)
    if (each->of.client)
      each->of.client->stop();
  if (supervisor_ && !stop_actors())
    end_at_once();
  close_pages();
  for (auto& e : endpoints_)
    run_on(e->loop, [&] { e->socket.reset(); });
  if (first_)
    for (auto& e : first_->endpoints)
      run_on(e->loop, [&] { e->socket.reset(); });
  watching_ = nullptr;
  watchdog_.reset();
  for (size_t i = 0; i < own_questions_.size(); ++i)
    run_on(i, [&] { own_questions_[i].reset(); });
  first_.reset();
  supervisor_ = nullptr;
  system_.reset();
  endpoints_.clear();
}

} // namespace troupe
