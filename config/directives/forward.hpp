// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/directives/upstreams.hpp"
#include "config/setup.hpp"
#include "config/tls_files.hpp"
#include "config/zone_index.hpp"
#include "net/dns/types.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::config {

/// `fastest` is ours: the one that has answered soonest of late.
enum class upstream_policy : uint8_t { random, round_robin, sequential, fastest };

/// `forward FROM TO... { ... }` with CoreDNS's defaults.
struct forward_options {
  place at;
  std::vector<dns::name> from; ///< lower-cased; several only for a CIDR off the octet boundary
  std::vector<upstream_source> to;
  zone_index except; ///< names below these go to the next stage

  bool force_tcp = false;
  bool prefer_udp = false; ///< ask by UDP also for a client that came by TCP
  unsigned max_fails = 2;  ///< failed probes in a row that an upstream may have and still be asked; 0: never down
  std::optional<unsigned> max_connect_attempts; ///< per query; none: two for each upstream; 0: only the deadline counts
  std::chrono::nanoseconds expire{std::chrono::seconds{10}}; ///< of an idle TCP connection
  std::chrono::nanoseconds max_age{0};                       ///< of any TCP connection; 0: none
  unsigned max_idle_connections = 0;                         ///< 0: no bound
  std::chrono::nanoseconds read_timeout{std::chrono::seconds{2}};
  upstream_policy policy = upstream_policy::random;
  std::chrono::nanoseconds health_check{std::chrono::milliseconds{500}}; ///< between probes of a failing upstream
  bool probe_recursion = true;                                           ///< RD of probes
  dns::name probe_domain;                                                ///< the root unless `domain` says otherwise
  unsigned max_concurrent = 0;                                           ///< 0: no bound; beyond it REFUSED
  std::vector<uint16_t> next; ///< rcodes that go to the block's next `forward`
  bool next_on_nodata = false;
  bool failfast_all_unhealthy = false;
  std::vector<uint16_t> failover; ///< rcodes for which another upstream is asked
  std::string source_address;     ///< numeric; empty: the kernel's choice

  tls_files tls;               ///< of all upstreams with TLS; no authority: those that the system trusts
  tls_texts tls_content;       ///< what was in them when the Corefile was read
  std::string tls_server_name; ///< for whom their certificates have to be; empty: for their addresses, or see `to`
  std::vector<std::string> resolvers; ///< who was asked for upstreams that are hosts

  /// Everything that makes two uses the same: kind and all options in one normal form. Uses with equal identity share
  /// actors, also across reloads.
  std::string identity() const;
};

} // namespace troupe::config
