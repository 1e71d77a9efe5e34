// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/failure_text.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/machine.hpp"
#include "actors/server/server.hpp"
#include "messages/loop.hpp"
#include "messages/notify.hpp"

namespace troupe {

namespace {

constexpr std::chrono::milliseconds poll{2};

bool is_synced(const source_ptr& of) {
  return of->of.synced;
}

} // namespace

std::optional<std::string> server::reload(std::shared_ptr<const config::plan> next,
                                          const std::function<bool()>& ended) {
  if (const size_t loops = next->loops != 0 ? next->loops : machine::default_loops(); loops != loop_count_)
    log::warning(
      "{}: `multisocket` asks for {} loops, but their number cannot change while the server runs: it stays {} "
      "until a restart",
      next->file, loops, loop_count_);
  change to{std::move(next)};
  std::optional<std::string> failed;
  try {
    failed = make_ready(to, ended);
  } catch (const std::exception& e) { // of what it takes to be made ready there was not enough
    failed = failure_text(e);
  }
  if (failed) {
    give_up(to);
    return failed;
  }
  const auto before = plan_;
  enter(to);
  enter_pages(to, before.get());
  take(std::move(to.again));
  return std::nullopt;
}

/// Everything that can fail or take long. Sockets last: from when they are open, the kernel gives them questions.
std::optional<std::string> server::make_ready(change& to, const std::function<bool()>& ended) {
  auto made = sources::make(*to.plan, living_, shared_, loop_count_);
  if (auto* failed = std::get_if<std::string>(&made))
    return *failed;
  to.from = std::move(std::get<sources>(made));
  if (auto failed = read_again(to.from.here, true, to.again))
    return failed;
  to.ahead = forwards::make(*to.plan, living_forwards_, loop_count_);
  to.kept = caches::make(*to.plan, living_caches_);
  if (auto failed = open_pages(to))
    return failed;
  start_sources(to.from.fresh);
  start_parts(to);
  if (!wait_for(to.from.fresh, ended)) {
    if (ended())
      return "the server shuts down";
    for (auto& each : to.from.fresh)
      if (!each->of.synced && replaces_another(*each))
        return each->of.source.at.file + ":" + std::to_string(each->of.source.at.line) +
               " - the cluster could not be listed with the new options, and without them it is known";
    log::warning("plugin/kubernetes: starting server with unsynced Kubernetes API");
  }
  if (auto failed = open_sockets(to, ended))
    return failed;
  return make_endpoints(to);
}

/// What was made ready goes again. Forwards and caches go with the next collect().
void server::give_up(change& to) {
  for (auto& e : to.endpoints)
    run_on(e->loop, [&] { e->socket.reset(); });
  for (auto& each : to.from.fresh)
    if (living(each))
      end_source(each);
}

std::optional<std::string> server::read_again(const std::vector<source_ptr>& kept, bool refused_too,
                                              readings& into) const {
  for (auto& each : kept)
    if (auto read = each->read_again(refused_too)) {
      if (auto* failed = std::get_if<std::string>(&*read))
        return *failed;
      into.emplace_back(each, std::get<source_reading>(std::move(*read)));
    }
  return std::nullopt;
}

/// On the worker, where the watchers read it, and where what they had may be freed.
void server::take(readings&& what) {
  for (auto& [which, now] : what)
    run_on(loop_count_, [&, which = which] {
      log::info("plugin/kubernetes: {} changed, everything is listed again",
                now.server ? now.server->origin : "manifests");
      which->take(std::move(now), shared_);
    });
}

std::optional<std::string> server::follow_sources() {
  readings changed;
  if (auto failed = read_again(here_, false, changed))
    return failed;
  take(std::move(changed));
  return std::nullopt;
}

bool server::has_manifests() const {
  std::lock_guard lock{state_};
  return std::any_of(here_.begin(), here_.end(), [](auto& each) { return !each->of.source.manifests.empty(); });
}

/// Until all are listed, or as long as the most patient of them says.
bool server::wait_for(const std::vector<source_ptr>& fresh, const std::function<bool()>& ended) const {
  std::chrono::nanoseconds most{0};
  for (auto& each : fresh)
    most = std::max(most, each->of.source.startup_timeout);
  const auto end = std::chrono::steady_clock::now() + most;
  while (!std::all_of(fresh.begin(), fresh.end(), is_synced)) {
    if (std::chrono::steady_clock::now() >= end || ended())
      return false;
    std::this_thread::sleep_for(poll);
  }
  return true;
}

/// The same cluster is known already, if only in part.
bool server::replaces_another(const source& fresh) const {
  return std::any_of(here_.begin(), here_.end(), [&](auto& old) { return old->key == fresh.key && old->of.synced; });
}

bool server::living(const source_ptr& which) const {
  return std::find(living_.begin(), living_.end(), which) != living_.end();
}

std::vector<loop_resources> server::resources_of(const change& to) {
  std::vector<loop_resources> out;
  const auto addresses = machine::local_addresses();
  for (size_t i = 0; i < loop_count_; ++i) {
    auto& here = out.emplace_back(loop_resources{i, shared_, {}, addresses});
    here.probes = &probes_;
    here.own_questions = own_questions_[i].get();
    for (auto& each : to.from.here)
      here.clusters.emplace(each->key, std::shared_ptr<cluster_on_loop>{each, each->on_loop[i].get()});
    for (auto& each : to.ahead.here)
      here.forwards.emplace(each->key, each);
    for (auto& each : to.kept.here)
      here.caches.emplace(each->key, each);
  }
  return out;
}

/// By loop: the plan of each endpoint, built here and not in a turn.
std::vector<std::vector<server::step>> server::steps_to(const change& to) {
  std::map<std::string, const config::listener_plan*> listeners;
  for (auto& at : places_of(*to.plan, net::has_ipv6()))
    listeners[at.key()] = at.listener;
  const auto resources = resources_of(to);
  std::map<std::pair<const config::listener_plan*, size_t>, serving_plan_ptr> made;
  std::vector<std::vector<step>> out(loop_count_);
  for (auto& e : endpoints_) {
    if (e->leaving)
      continue;
    step& now = out[e->loop].emplace_back(step{e.get(), nullptr});
    const auto found = listeners.find(e->key);
    if (found == listeners.end())
      continue;
    auto& plan = made[{found->second, e->loop}];
    if (!plan)
      plan = make_serving_plan(to.plan, *found->second, resources[e->loop]);
    now.plan = plan;
  }
  return out;
}

/// The switch: one job per loop. Batches under way keep the plan they began with.
void server::enter(change& to) {
  {
    std::lock_guard lock{state_};
    std::move(to.endpoints.begin(), to.endpoints.end(), std::back_inserter(endpoints_));
    to.endpoints.clear();
  }
  auto steps = steps_to(to);
  plugin_set plugins;
  for (auto& loop : steps)
    for (auto& [at, plan] : loop) {
      at->leaving = !plan;
      if (plan)
        plan->enabled_plugins(plugins);
    }
  for (size_t loop = 0; loop < loop_count_; ++loop)
    run_on(loop, [&] {
      for (auto& [at, plan] : steps[loop])
        plan ? at->plan.swap(plan) : at->socket->drain();
    });
  for (auto& loop : steps)
    for (auto& [at, old] : loop)
      retire(std::move(old));
  for (auto& e : endpoints_)
    if (!e->leaving && !std::exchange(e->attended, true))
      tell(supervisor_, adopt{listener_child(*e), nullptr});
  shared_.server.plugins_enabled(plugins);
  probes_.watch(loop_watches(*to.plan, to.ahead.here));
  tell(shared_.where.find<loop_actor>("loop"), begin_atom::value);
  notifies_.watch(watches_of(*to.plan, to.from.here));
  tell(shared_.where.find<notify_actor>("notify"), begin_atom::value);
  parts_here_ = to.from.here.size() + to.ahead.here.size() + to.kept.here.size();
  std::lock_guard lock{state_};
  plan_ = to.plan;
  here_ = to.from.here;
}

/// Several endpoints of a loop share a plan; here it is held once.
void server::retire(serving_plan_ptr old) {
  if (old && std::find(retired_.begin(), retired_.end(), old) == retired_.end())
    retired_.push_back(std::move(old));
}

bool server::collect() {
  end_endpoints();
  // Nobody but batches under way has a retired plan, and none of them is new, so a count of one stays one.
  std::erase_if(retired_, [](const serving_plan_ptr& old) { return old.use_count() == 1; });
  end_sources();
  end_parts();
  const bool leaving = std::any_of(endpoints_.begin(), endpoints_.end(), [](auto& e) { return e->leaving; });
  const size_t parts = living_.size() + living_forwards_.size() + living_caches_.size();
  return !leaving && retired_.empty() && parts == parts_here_;
}

/// Likewise: what only `living_…` knows.
void server::end_parts() {
  std::erase_if(living_forwards_, [&](const forward_ptr& each) {
    return each.use_count() == 1 && dismiss_children({each->named("forward")});
  });
  std::erase_if(living_caches_, [&](const cache_ptr& each) {
    std::vector<std::string> names;
    for (size_t i = 0; i < loop_count_; ++i)
      names.push_back(each->actor(i));
    return each.use_count() == 1 && dismiss_children(std::move(names));
  });
}

/// Plans hold on to what they answer from: a source that only `living_` knows is not needed any more.
void server::end_sources() {
  for (const auto& each : std::vector<source_ptr>{living_})
    if (each.use_count() == 2)
      end_source(each);
}

void server::end_source(const source_ptr& which) {
  if (which->of.client)
    which->of.client->stop();
  std::vector<std::string> names;
  for (auto& what : children_of(*which))
    names.push_back(what->who.name);
  if (dismiss_children(names))
    std::erase(living_, which);
}

} // namespace troupe
