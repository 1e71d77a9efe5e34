// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/caches.hpp"
#include "actors/forwards.hpp"
#include "actors/http/endpoint_families.hpp"
#include "actors/http_actor.hpp"
#include "actors/listener.hpp"
#include "actors/serving_plan.hpp"
#include "actors/sources.hpp"
#include "actors/tree.hpp"
#include "net/tcp_endpoint.hpp"
#include "net/udp_endpoint.hpp"

#include <caf/actor_system.hpp>

namespace troupe {

/// One running server: sockets, loops, and the tree of actors. Built in steps, so that whatever is wrong with files or
/// ports is said before anything runs. Thread: main's.
class server {
public:
  server(std::shared_ptr<const config::plan> plan, size_t loops);
  ~server();

  /// Reads manifests and kubeconfigs, opens all sockets. The text of the first error.
  std::optional<std::string> prepare();
  /// Starts loops and actors; nothing is read from DNS sockets yet.
  void start();
  /// All clusters have been listed once.
  bool synced() const;
  /// Lets the listeners read.
  void listen();
  /// SIGTERM has come: `/ready` says so; everything else goes on.
  void begin_draining() { shared_.draining = true; }
  /// Reads what the sockets hold, answers what is in flight, stops the actors and closes the sockets; bounded by a few
  /// seconds.
  void stop();

private:
  struct opened {
    const config::listener_plan* listener;
    std::string address;
    size_t loop;
    net::descriptor udp, tcp;
  };
  struct endpoint_on_loop {
    std::string name;
    size_t loop;
    const config::listener_plan* listener;
    std::unique_ptr<net::endpoint> socket;
    listener::current_plan_cell plan;
  };

  std::optional<std::string> open_sockets();
  std::optional<std::string> open_address(const config::listener_plan& listener, const std::string& host);
  std::optional<std::string> open_pages();
  void add_pages(page_set pages);
  endpoint_list endpoint_counts() const; ///< any thread, while the pages are open
  void make_endpoints();
  void open_caches();
  tree data_children();
  tree listener_children();
  child_ptr page_child(const std::shared_ptr<page_set>& pages);
  void run_on(size_t loop, const std::function<void()>& what);
  bool wait_drained();
  [[noreturn]] static void end_at_once();

  std::shared_ptr<const config::plan> plan_;
  size_t loop_count_;
  process shared_;
  sources sources_;
  forwards forwards_;
  caches caches_;
  std::vector<opened> opened_;
  std::vector<std::shared_ptr<page_set>> pages_;
  std::unique_ptr<caf_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<std::unique_ptr<loop_resources>> resources_; ///< per loop
  std::vector<std::unique_ptr<endpoint_on_loop>> endpoints_;
  std::vector<std::unique_ptr<net::inner_endpoint>> own_questions_; ///< per loop
  std::atomic<bool> endpoints_made_{false};                         ///< and complete: pages may look at them
  supervisor_actor supervisor_;
};

} // namespace troupe
