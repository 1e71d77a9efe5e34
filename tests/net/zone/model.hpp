// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/types.hpp"
#include "net/kube/objects.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace troupe::zone::test {

/// Answers of cluster.local by plain search through all objects: slow, and short enough to be believed. Knows A, AAAA,
/// SRV, TXT and PTR at names of services, endpoints and ports, without aliases.
struct model {
  using id = std::pair<std::string, std::string>; ///< namespace, name

  std::map<id, kube::service> services;
  std::map<id, kube::endpoint_slice> slices;
  std::set<std::string> namespaces;

  /// Records as `TYPE data` without order; nothing for NODATA, `denied` for a name that is not there.
  std::set<std::string> service(const std::string& ns, const std::string& name, const std::string& front,
                                dns::rrtype type) const;
  std::set<std::string> reverse(const kube::address& address) const;
};

/// An endpoint's label by the rule of reference 1.6, without pod names.
std::string model_label(const kube::endpoint& endpoint, const kube::address& address);

} // namespace troupe::zone::test
