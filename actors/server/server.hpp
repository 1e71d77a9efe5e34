// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/notify_watches.hpp"
#include "actors/forwarding/loop_probes.hpp"
#include "actors/http/meters.hpp"
#include "actors/runtime/actor_context.hpp"
#include "actors/server/actor_tree.hpp"
#include "actors/server/endpoint_set.hpp"
#include "actors/server/pages.hpp"
#include "actors/server/parts.hpp"

#include <mutex>

namespace troupe {

/// One running server: prepare, start, listen, reload, stop. Built in steps, so that whatever is wrong with files or
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
  bool synced() const { return all_synced(clusters()); }
  /// Lets the listeners read.
  void listen();

  /// Serves by another plan from now on. What both plans name lives on untouched: sockets, clusters with their tables
  /// and watches, pages, counters. New clusters are listed first, for as long as their `startup_timeout` allows, unless
  /// `ended()` says that nobody waits any more. With an error, which is the text, everything is as before.
  std::optional<std::string> reload(std::shared_ptr<const config::plan> next, const std::function<bool()>& ended);
  /// Reads anew the sources of the plan whose files have changed, if any; what is known of them stays until their new
  /// lists are whole. The text of what is wrong with files, said once for each state of them; then all is as before.
  std::optional<std::string> follow_sources();
  /// Some source is made of manifests, which are looked at all the time. Any thread.
  bool has_manifests() const;
  /// Looks at the files that stages answer from, those that are due; secondaries hear of zones that have changed.
  void follow_files();
  std::optional<watched_files::clock::time_point> next_look() const { return files_.next_look(); } ///< any thread
  /// Stops what the plan does not name any more, as far as the last batches of older plans are home. True: all of it.
  bool collect();

  /// SIGTERM has come: `/ready` says so; everything else goes on. No reload may be under way.
  void begin_draining() { shared_.draining = true; }
  /// Reads what the sockets hold, answers what is in flight, stops the actors and closes the sockets; bounded by a few
  /// seconds. No reload may be under way.
  void stop();

  /// An actor that is none of a plan's, of a kind that the tree knows. Between start() and stop().
  void add(const actor_identity& who, const std::function<caf::strong_actor_ptr(caf::actor_system&)>& start);
  void remove(const std::string& name) { actors_.dismiss({name}); }
  actor_context& shared() noexcept { return shared_; }         ///< any thread
  server_metrics& counts() noexcept { return counts_.server; } ///< any thread
  std::shared_ptr<const config::plan> plan() const;            ///< the one in use; any thread

private:
  /// A plan on its way, and what it needs.
  struct change {
    std::shared_ptr<const config::plan> plan;
    parts_of_plan parts{};
    cluster_readings again{}; ///< of sources that are kept
    pages::fresh fresh_pages{};
    endpoint_set::fresh fresh_endpoints{};
  };

  part_list<cluster_group> clusters() const; ///< any thread
  void start_subqueries();
  void enter(change& to);
  void begin_notifying();
  std::vector<loop_resources> resources_of(const change& to);

  // -- reload.cpp
  std::optional<std::string> make_ready(change& to, const std::function<bool()>& ended);
  std::optional<std::string> list_new_clusters(const part_list<cluster_group>& fresh,
                                               const std::function<bool()>& ended) const;
  bool replaces_another(const cluster_group& fresh) const;
  void take(cluster_readings&& readings);

  actor_context shared_;
  meters counts_;
  loop_probes probes_;
  watched_files files_;
  notify_watches notifies_;
  actor_tree actors_;
  parts parts_{actors_, shared_, counts_};
  endpoint_set endpoints_{actors_, counts_.server};

  mutable std::mutex mutex_; ///< for the next two
  std::shared_ptr<const config::plan> plan_;
  part_list<cluster_group> clusters_; ///< the plan's, leased; those of the first from prepare() on

  pages pages_{actors_, shared_, counts_, endpoints_, [this] { return clusters(); }};
  std::vector<std::unique_ptr<net::subquery_endpoint>> subqueries_; ///< one per loop
  std::optional<change> first_;                                     ///< between prepare() and listen()
};

} // namespace troupe
