// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/caching/caches.hpp"
#include "actors/cluster/notify_watches.hpp"
#include "actors/cluster/source_report.hpp"
#include "actors/cluster/sources.hpp"
#include "actors/forwarding/forwards.hpp"
#include "actors/http/actors_page.hpp"
#include "actors/http/endpoint_families.hpp"
#include "actors/runtime/tree.hpp"
#include "actors/runtime/watchdog.hpp"
#include "actors/server/http_actor.hpp"
#include "actors/server/places.hpp"
#include "actors/serving/listener.hpp"
#include "actors/serving/serving_plan.hpp"
#include "net/tcp_endpoint.hpp"
#include "net/udp_endpoint.hpp"

#include <caf/actor_system.hpp>
#include <mutex>

namespace troupe {

/// One running server: sockets, loops, and the tree of actors. Built in steps, so that whatever is wrong with files or
/// ports is said before anything runs; a reload takes the same steps for what is new.
/// Thread: main's, or the one that reloads while main waits for signals; except as noted.
class server {
public:
  server(std::shared_ptr<const config::plan> plan, size_t loops);
  ~server(); ///< stop(), if it was started

  /// Reads manifests and kubeconfigs, opens all sockets. The text of the first error.
  std::optional<std::string> prepare();
  /// Starts loops and actors; nothing is read from DNS sockets yet. Throws if threads, descriptors or memory are not to
  /// be had; so does listen(). What runs by then ends with the server.
  void start();
  /// All clusters of the plan have been listed once.
  bool synced() const;
  /// Lets the listeners read.
  void listen();

  /// Serves by another plan from now on. What both plans name lives on untouched: sockets, clusters with their tables
  /// and watches, pages, counters. New clusters are listed first, for as long as their `startup_timeout` allows, unless
  /// `ended()` says that nobody waits any more. With an error, which is the text, everything is as before.
  std::optional<std::string> reload(std::shared_ptr<const config::plan> next, const std::function<bool()>& ended);
  /// Reads anew the sources of the plan whose files have changed, if any; what is known of them stays until their new
  /// lists are whole. The text of what is wrong with files, said once for each state of them; then all is as before.
  std::optional<std::string> follow_sources();
  /// Some source is made of manifests, which are looked at all the time.
  bool has_manifests() const;
  /// Stops what the plan does not name any more, as far as the last batches of older plans are home. True: all of it.
  bool collect();

  /// SIGTERM has come: `/ready` says so; everything else goes on. No reload may be under way.
  void begin_draining() { shared_.draining = true; }
  /// Reads what the sockets hold, answers what is in flight, stops the actors and closes the sockets; bounded by a few
  /// seconds. No reload may be under way.
  void stop();

  /// An actor that is none of a plan's. Between start() and stop().
  void add(const actor_identity& who, std::function<caf::strong_actor_ptr(caf::actor_system&)> start);
  void remove(const std::string& name);
  process& shared() noexcept { return shared_; }    ///< any thread
  std::shared_ptr<const config::plan> plan() const; ///< the one in use; any thread

private:
  struct opened {
    const config::listener_plan* listener;
    std::string key, address;
    size_t index; ///< among the sockets of the address
    net::descriptor udp, tcp;
  };
  struct endpoint_on_loop {
    std::string name, key;
    size_t loop;
    bool tcp;
    std::unique_ptr<net::endpoint> socket;
    listener::current_plan_cell plan; ///< changes on the loop
    bool leaving = false;             ///< drains; no plan wants it
    bool attended = false;            ///< has a listener in the tree
  };
  /// A plan on its way, and what it needs that is not there yet.
  using readings = std::vector<std::pair<source_ptr, source_reading>>;
  struct change {
    std::shared_ptr<const config::plan> plan;
    sources from{};
    readings again{}; ///< of sources that are kept
    forwards ahead{};
    troupe::caches kept{};
    std::vector<page_set::opened> pages{}; ///< like pages_
    std::vector<opened> sockets{};
    std::vector<std::unique_ptr<endpoint_on_loop>> endpoints{}; ///< of the sockets
  };

  /// What the switch means for one endpoint.
  struct step {
    endpoint_on_loop* at;
    serving_plan_ptr plan; ///< null: the endpoint goes
  };

  // -- server_sockets.cpp
  std::optional<std::string> open_sockets(change& to, const std::function<bool()>& ended);
  std::optional<std::string> open_address(const listening_place& at, std::vector<opened>& all) const;
  std::optional<std::string> make_endpoints(change& to);
  void add_endpoints(opened& socket, change& to);
  std::shared_ptr<net::tcp_clients> clients_on(size_t loop);
  void end_endpoints();
  void end_endpoint(endpoint_on_loop& which);
  std::vector<prometheus::MetricFamily> slot_families() const; ///< any thread

  // -- server_pages.cpp
  void make_pages();
  http_response ready(bool verbose) const;             ///< any thread
  std::vector<source_state> source_states() const;     ///< any thread; of the plan in use
  std::vector<actor_info> actors_with_details() const; ///< any thread
  std::optional<std::string> open_pages(change& to);
  void enter_pages(change& to, const config::plan* before);

  // -- server_reload.cpp
  bool wait_for(const std::vector<source_ptr>& fresh, const std::function<bool()>& ended) const;
  std::optional<std::string> read_again(const std::vector<source_ptr>& kept, bool refused_too, readings& into) const;
  void take(readings&& what);
  std::optional<std::string> make_ready(change& to, const std::function<bool()>& ended);
  void give_up(change& to);
  bool replaces_another(const source& fresh) const;
  bool living(const source_ptr& which) const;
  void enter(change& to);
  std::vector<std::vector<step>> steps_to(const change& to);
  std::vector<loop_resources> resources_of(const change& to);
  void retire(serving_plan_ptr old);
  void end_sources();
  void end_parts();
  void end_source(const source_ptr& which);

  // -- server.cpp
  tree children_of(source& which);
  child_ptr listener_child(endpoint_on_loop& at);
  child_ptr page_child(const std::shared_ptr<page_set>& pages);
  void start_sources(const std::vector<source_ptr>& fresh);
  void start_own_questions();
  void start_parts(change& to);
  bool dismiss_children(std::vector<std::string> names);
  /// Waits until it has run there; what it throws is thrown here.
  void run_on(size_t loop, const std::function<void()>& what);
  void close_pages();
  bool stop_actors();
  bool wait_drained();
  [[noreturn]] static void end_at_once();

  size_t loop_count_;
  process shared_;
  loop_probes probes_;
  std::optional<change> first_; ///< between prepare() and listen()

  mutable std::mutex state_; ///< for what the pages look at: the three below, when they change
  std::shared_ptr<const config::plan> plan_;
  std::vector<source_ptr> here_;                             ///< the plan's
  std::vector<std::unique_ptr<endpoint_on_loop>> endpoints_; ///< those that leave among them

  std::vector<std::weak_ptr<net::tcp_clients>> tcp_clients_; ///< one per loop, its endpoints'

  net::endpoint_counters gone_[2];           ///< of endpoints that are not there any more: UDP, TCP
  std::vector<source_ptr> living_;           ///< with actors; some are not the plan's any more
  std::vector<forward_ptr> living_forwards_; ///< likewise
  std::vector<cache_ptr> living_caches_;     ///< likewise
  size_t parts_here_ = 0;                    ///< clusters, forwards and caches of the plan
  std::vector<serving_plan_ptr> retired_;    ///< freed here, not in the turn of the last batch that holds one
  notify_watches notifies_;
  std::vector<std::shared_ptr<page_set>> pages_;
  std::unique_ptr<caf_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<std::unique_ptr<net::inner_endpoint>> own_questions_; ///< one per loop
  std::unique_ptr<watchdog> watchdog_;
  std::atomic<const watchdog*> watching_{nullptr}; ///< the same, for pages
  supervisor_actor supervisor_;
};

} // namespace troupe
