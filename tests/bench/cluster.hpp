// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/zone/answer.hpp"
#include "net/zone/keeper.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::bench {

/// How big the cluster of an in-process benchmark is. Every fourth service is headless with `pods` endpoints.
struct cluster_size {
  size_t namespaces = 50;
  size_t services = 10'000;
  size_t pods = 4;
};

/// The tables of a made-up cluster, always the same for the same size, and the names in it. Read-only once made.
class cluster {
public:
  explicit cluster(cluster_size size);

  zone::answer_context world() const noexcept { return {options_, *root_, *reverse_}; }
  const zone::options& options() const noexcept { return options_; }
  const zone::root& root() const noexcept { return *root_; }
  const zone::root_ptr& shared_root() const noexcept { return root_; }
  const zone::reverse_table_ptr& shared_reverse() const noexcept { return reverse_; }
  const std::vector<std::string>& namespaces() const noexcept { return namespaces_; }

  /// Offset of the zone in a name of `octets` octets that lies in it.
  size_t zone_skip(size_t octets) const noexcept { return octets - options_.zones.front().size(); }

  const std::vector<std::string>& cluster_ip_names() const noexcept { return cluster_ip_; }
  const std::vector<std::string>& headless_names() const noexcept { return headless_; }
  const std::vector<std::string>& absent_names() const noexcept { return absent_; }
  const std::vector<std::string>& pointer_names() const noexcept { return pointers_; } ///< of the cluster IPs

private:
  void fill(size_t which, cluster_size size, zone::root_builder& root, zone::reverse_keeper& reverse);
  kube::service make_service(const std::string& where, size_t number, bool headless);

  zone::options options_;
  zone::root_ptr root_;
  zone::reverse_table_ptr reverse_;
  std::vector<std::string> namespaces_, cluster_ip_, headless_, absent_, pointers_;
};

/// A question as a client sends it, RD set; `edns_octets` 0: without OPT.
std::vector<uint8_t> encode_question(const std::string& name, dns::rrtype type, uint16_t edns_octets = 0);

} // namespace troupe::bench
