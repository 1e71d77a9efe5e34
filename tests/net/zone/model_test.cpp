// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/model.hpp"

#include <algorithm>
#include <vector>

namespace troupe::zone::test {

namespace {

struct found {
  kube::address address;
  int port;
  std::string target;
};

bool port_fits(const std::string& front, const std::string& name, const std::string& protocol) {
  const size_t dot = front.find('.');
  return dot == front.npos || front == "_" + name + "._" + protocol;
}

template <class F>
void for_ports(const std::vector<kube::port>& ports, const std::string& front, F&& f) {
  if (ports.empty() && front.find('.') == front.npos)
    f(-1);
  for (const kube::port& p : ports)
    if (port_fits(front, p.name, p.protocol))
      f(static_cast<int>(p.number));
}

} // namespace

std::string model_label(const kube::endpoint& endpoint, const kube::address& address) {
  if (!endpoint.hostname.empty())
    return endpoint.hostname;
  std::string text = address.to_text();
  std::ranges::replace(text, address.v6 ? ':' : '.', '-');
  return text.back() == '-' ? text + "0" : text;
}

std::set<std::string> model::service(const std::string& ns, const std::string& name, const std::string& front,
                                     dns::rrtype type) const {
  const auto at = services.find({ns, name});
  if (!namespaces.contains(ns) || at == services.end())
    return {"denied"};
  const kube::service& s = at->second;
  const std::string own = name + "." + ns + ".svc.cluster.local.";
  const bool endpoint_name = !front.empty() && front.find('.') == front.npos;
  std::vector<found> rows;
  bool exists = false;
  if (s.type == kube::service::kind::headless || endpoint_name) {
    for (const auto& [key, slice] : slices)
      if (key.first == ns && slice.service == name)
        for (const kube::endpoint& e : slice.endpoints)
          for (const kube::address& a : e.addresses)
            if (const std::string label = model_label(e, a); !endpoint_name || label == front)
              for_ports(slice.ports, front, [&](int port) {
                exists = true;
                rows.push_back({a, port, label + "." + own});
              });
  } else {
    for_ports(s.ports, front, [&](int port) {
      exists = true;
      for (const kube::address& a : s.cluster_ips)
        rows.push_back({a, port, own});
    });
  }
  if (!exists)
    return {"denied"};
  std::set<std::string> records;
  const std::string weight = std::to_string(std::max<size_t>(1, rows.empty() ? 1 : 100 / rows.size()));
  for (const found& r : rows) {
    if (type == dns::rrtype::a && !r.address.v6)
      records.insert("A " + r.address.to_text());
    if (type == dns::rrtype::aaaa && r.address.v6)
      records.insert("AAAA " + r.address.to_text());
    if (type == dns::rrtype::srv && r.port != -1) {
      records.insert("SRV 0 " + weight + " " + std::to_string(r.port) + " " + r.target);
      records.insert("+ " + r.target + (r.address.v6 ? " AAAA " : " A ") + r.address.to_text());
    }
  }
  return records;
}

std::set<std::string> model::reverse(const kube::address& address) const {
  std::set<std::string> cluster, endpoints;
  for (const auto& [key, s] : services)
    if (std::ranges::count(s.cluster_ips, address) != 0)
      cluster.insert("PTR " + s.name + "." + s.namespace_ + ".svc.cluster.local.");
  for (const auto& [key, slice] : slices)
    for (const kube::endpoint& e : slice.endpoints)
      if (std::ranges::count(e.addresses, address) != 0)
        endpoints.insert("PTR " + model_label(e, address) + "." + slice.service + "." + slice.namespace_ +
                         ".svc.cluster.local.");
  if (!cluster.empty())
    return cluster; // one of them is said
  return endpoints.empty() ? std::set<std::string>{"denied"} : endpoints;
}

} // namespace troupe::zone::test
