// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/actors.hpp"
#include "config/directives/autopath.hpp"
#include "config/directives/bind.hpp"
#include "config/directives/cache.hpp"
#include "config/directives/errors.hpp"
#include "config/directives/forward.hpp"
#include "config/directives/health.hpp"
#include "config/directives/k8s_external.hpp"
#include "config/directives/kubernetes.hpp"
#include "config/directives/loadbalance.hpp"
#include "config/directives/log.hpp"
#include "config/directives/loop.hpp"
#include "config/directives/multisocket.hpp"
#include "config/directives/prometheus.hpp"
#include "config/directives/ready.hpp"
#include "config/directives/reload.hpp"
#include "config/directives/transfer.hpp"
#include "config/environment.hpp"
#include "config/error.hpp"

#include <any>
#include <map>
#include <memory>
#include <optional>

namespace troupe::config {

/// One block of a Corefile: what is done with questions for its zones. Directives that are there have a value.
struct server_block {
  place at;                     ///< of its first key
  std::vector<dns::name> zones; ///< of all its keys, lower-cased, in the order of the Corefile
  std::string keys;             ///< `.:53 example.org.:1053`: zones and ports, in the order of the Corefile
  std::string view;             ///< label for metrics
  /// The directives that are there, by name, with the options of those that have no member below: these only their own
  /// parse_NAME and make_NAME know.
  std::map<std::string_view, std::any> uses;

  /// Those of `directive`, which is there; empty ones where nobody has asked for them before. A directive that may be
  /// there often has a vector.
  template <class Options>
  Options& own(std::string_view directive) {
    std::any& held = uses.at(directive);
    return held.has_value() ? std::any_cast<Options&>(held) : held.emplace<Options>();
  }
  template <class Options>
  const Options& own(std::string_view directive) const {
    return std::any_cast<const Options&>(uses.at(directive));
  }

  std::optional<multisocket_options> multisocket;
  std::optional<reload_options> reload;
  std::optional<bind_options> bind;
  std::optional<ready_options> ready;
  std::optional<health_options> health;
  std::optional<prometheus_options> prometheus;
  std::optional<errors_options> errors;
  std::optional<log_options> log;
  std::optional<loadbalance_options> loadbalance;
  std::optional<autopath_options> autopath;
  std::optional<cache_options> cache;
  std::vector<transfer_options> transfer;
  std::optional<k8s_external_options> k8s_external; ///< only beside `kubernetes`
  std::optional<kubernetes_options> kubernetes;
  std::optional<loop_options> loop;
  std::vector<forward_options> forward; ///< each passes on to the next
  std::optional<actors_options> actors;
};

/// A zone at a listener.
struct served_zone {
  dns::name zone;        ///< lower-cased
  std::string label;     ///< text with final dot: label `zone` of metrics
  uint32_t block = 0;    ///< index into plan::blocks
  uint32_t position = 0; ///< index into server_block::zones
  /// Index of the next one of the same zone, at the same listener: a block with a `view` is for some questions only.
  uint32_t next = zone_index::none;
};

/// One listening address, UDP and TCP, and the zones served there.
struct listener_plan {
  std::string host;               ///< numeric (IPv6 may carry `%zone`); empty: every address of both families
  uint16_t port = 53;             ///< may be 0: the kernel chooses
  std::string server;             ///< label `server` of metrics: `dns://:53`, `dns://[::1]:53`
  std::optional<size_t> queries;  ///< of one connection, by `timeouts` of its blocks, the last
  unsigned sockets = 0;           ///< of `multisocket` of its first block; 0: as many as there are loops
  std::vector<served_zone> zones; ///< in the order of the Corefile

  /// The zone that answers a question: the longest one that holds the name; for DS the shortest but the root, since DS
  /// belongs to the parent (RFC 4035 section 3.1.4.1, CoreDNS's choice); the root last; nullptr: REFUSED.
  /// `lowered`: whole lower-cased wire name.
  const served_zone* match(dns::name_view lowered, uint16_t qtype) const noexcept;

  /// Calls `f` for each zone that holds the name (lowered, whole) and each block that serves it, from the longest zone
  /// to shorter ones, and in each from block to block, until it says true.
  template <class F>
  void walk(dns::name_view lowered, F&& f) const {
    dns::name_view rest = lowered;
    for (uint32_t at = index.longest(rest); at != zone_index::none; at = index.longest(rest)) {
      const size_t octets = zones[at].zone.size();
      for (; at != zone_index::none; at = zones[at].next)
        if (f(zones[at]))
          return;
      if (octets == 1)
        return;
      rest = rest.last(octets);
      rest = rest.subspan(rest[0] + size_t{1});
    }
  }

  zone_index index;       ///< over `zones`
  bool has_views = false; ///< some of their blocks have a `view`
};

/// Of an answer by UDP at most, in octets: what passes in one piece everywhere (RFC 9715 section 3.1), and how far that
/// can be moved.
inline constexpr uint16_t default_udp_octets = 1232, least_udp_octets = 512, most_udp_octets = 4096;

/// What a plan was read from: whoever looks whether a new one would be another looks at these.
struct plan_origin {
  std::vector<std::string> files;    ///< absolute: the Corefile and what it imports, each once; also what was not there
  std::vector<std::string> patterns; ///< absolute: imports with wildcards; a new file that fits changes the plan
  /// SHA-512 of what the Corefile says once imports and variables are replaced, 128 hex digits; comments and white
  /// space do not count, and neither does what manifests and files in resolv.conf's format hold. Empty after an error
  /// of the grammar.
  std::string digest;
};

/// What a Corefile says, checked and put in order. Immutable; shared by everything that came from it; any thread.
struct plan : plan_origin {
  std::string file; ///< the Corefile it was made from, as named by who asked for it
  std::vector<server_block> blocks;
  std::vector<listener_plan> listeners;

  // Of the whole process, from all blocks, each address once.
  std::vector<host_port> health, ready, prometheus;
  std::vector<host_port> actors; ///< never empty
  bool actors_named = false;     ///< false: nobody asked for the address, and one in use is only a warning
  bool ready_continuously = false;
  std::optional<reload_options> reload;     ///< of the last block that has it, as in CoreDNS
  uint16_t udp_octets = default_udp_octets; ///< of an answer by UDP at most; `TROUPE_UDP_SIZE`
  unsigned loops = 0;                       ///< `multisocket N`; 0: nobody said
  /// What connections of clients may take: of all blocks the longest; nothing: as long as usual.
  std::optional<std::chrono::nanoseconds> client_idle, client_slow;
  bool debug = false;                   ///< some block says so: debug lines are written
  std::chrono::nanoseconds lameduck{0}; ///< the longest of all blocks

  std::vector<std::string> warnings; ///< what is odd but no error, one line each

  /// What CoreDNS prints for each listener and zone at start: `.:53`, `cluster.local.:1053 on 127.0.0.1`.
  std::string start_text() const;
};

struct plan_result {
  std::shared_ptr<const config::plan> plan; ///< null with an error
  std::optional<parse_error> error;
  plan_origin origin; ///< also with an error, as far as reading came
};

/// Reads `text` (whose name is `file`; imports and manifests are relative to it) into a plan. Reads imported files and
/// those that `forward` names, opens nothing else. The first error counts: of the grammar, then of directives in
/// CoreDNS's order, then what is not built yet, then across blocks.
plan_result make_plan(const std::string& file, const std::string& text, const environment& env);

} // namespace troupe::config
