// SPDX-License-Identifier: Apache-2.0
#include "net/kube/manifest_objects.hpp"

#include "net/kube/stable_hash.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace troupe::kube::manifest {

namespace {

constexpr uint32_t service_network = 10u << 24 | 96u << 16; ///< kubeadm's default service subnet
constexpr uint32_t pod_network = 10u << 24 | 244u << 16;    ///< flannel's default pod network
constexpr uint32_t host_bits = 0xffff;
/// The first 256 (network, API server, DNS server) and the broadcast address are not given away.
constexpr uint32_t first_host = 256, last_host = host_bits - 1;

address v4(uint32_t bits) {
  address out;
  for (size_t i = 0; i < 4; ++i)
    out.octets[i] = static_cast<uint8_t>(bits >> (24 - 8 * i));
  return out;
}

/// Addresses of one network, each given once.
class pool {
public:
  explicit pool(uint32_t network) : network_(network) {}

  void take(const std::string& text) {
    if (auto ip = address::from_text(text))
      taken_.insert(*ip);
  }

  /// Empty if all are gone.
  std::string give(const std::string& key) {
    constexpr uint32_t hosts = last_host - first_host + 1;
    const uint32_t start = stable_hash(key) % hosts;
    for (uint32_t i = 0; i < hosts; ++i)
      if (auto ip = v4(network_ | (first_host + (start + i) % hosts)); taken_.insert(ip).second)
        return ip.to_text();
    return {};
  }

private:
  uint32_t network_;
  std::set<address> taken_;
};

bool needs_address(const service_object& s) {
  return s.raw.type != "ExternalName" && s.raw.cluster_ip.empty() && s.raw.cluster_ips.empty();
}

bool selects(const labels& selector, const labels& tags) {
  return std::all_of(selector.begin(), selector.end(), [&](auto& wanted) {
    auto found = tags.find(wanted.first);
    return found != tags.end() && found->second == wanted.second;
  });
}

/// Two writings of the default protocol are one.
bool same_protocol(const std::string& a, const std::string& b) {
  return (a.empty() ? "TCP" : a) == (b.empty() ? "TCP" : b);
}

/// The ports of `s` as this pod has them; a name that it does not know is left out, as Kubernetes does.
std::vector<raw_port> resolve_ports(const service_object& s, const pod_object& pod) {
  std::vector<raw_port> out;
  for (size_t i = 0; i < s.targets.size(); ++i) {
    raw_port port = s.raw.ports[i];
    if (s.targets[i].name.empty()) {
      port.number = s.targets[i].number;
    } else {
      auto found = std::find_if(pod.ports.begin(), pod.ports.end(), [&](auto& p) {
        return p.name == s.targets[i].name && same_protocol(p.protocol, port.protocol);
      });
      if (found == pod.ports.end())
        continue;
      port.number = found->number;
    }
    out.push_back(std::move(port));
  }
  return out;
}

/// The families a service serves: what it says, else those of its addresses, else that of the pod's first address.
std::vector<bool> families(const service_object& s, const pod_object& pod) {
  if (!s.families.empty())
    return s.families;
  std::vector<bool> out;
  for (auto& text : s.raw.cluster_ips.empty() ? std::vector<std::string>{s.raw.cluster_ip} : s.raw.cluster_ips)
    if (auto ip = address::from_text(text); ip && std::find(out.begin(), out.end(), ip->v6) == out.end())
      out.push_back(ip->v6);
  if (out.empty() && !pod.addresses.empty())
    if (auto ip = address::from_text(pod.addresses.front()))
      out.push_back(ip->v6);
  return out;
}

void add_endpoints(const service_object& s, const pod_object& pod, raw_slice& slice) {
  const bool named = !pod.hostname.empty() && pod.subdomain == s.raw.meta.name;
  const auto wanted = families(s, pod);
  for (auto& text : pod.addresses)
    if (auto ip = address::from_text(text); ip && std::find(wanted.begin(), wanted.end(), ip->v6) != wanted.end())
      slice.endpoints.push_back({{text}, named ? pod.hostname : std::string{}, "Pod", pod.meta.name, true, {}});
}

using port_key = std::vector<std::tuple<std::string, std::string, int64_t>>;

port_key key_of(const std::vector<raw_port>& ports) {
  port_key key;
  for (auto& port : ports)
    key.emplace_back(port.name, port.protocol, port.number.value_or(0));
  return key;
}

void slices_of(const service_object& s, const std::vector<const pod_object*>& pods, std::vector<raw_slice>& out) {
  std::map<port_key, raw_slice> by_ports;
  for (auto* pod : pods) {
    if (!pod->running || !(pod->ready || s.not_ready_too) || !selects(s.selector, pod->tags))
      continue;
    auto ports = resolve_ports(s, *pod);
    auto& slice = by_ports[key_of(ports)];
    slice.ports = std::move(ports);
    add_endpoints(s, *pod, slice);
  }
  size_t number = 0;
  for (auto& [key, slice] : by_ports) {
    slice.meta = {s.raw.meta.namespace_, fmt::format("{}-manifest-{}", s.raw.meta.name, number++), {}};
    slice.service = s.raw.meta.name;
    slice.address_type = "IPv4"; // check() takes either family
    out.push_back(std::move(slice));
  }
}

} // namespace

void make_up_addresses(collection& in) {
  pool services(service_network), pods(pod_network);
  for (auto& [key, s] : in.services) {
    services.take(s.raw.cluster_ip);
    for (auto& text : s.raw.cluster_ips)
      services.take(text);
  }
  for (auto& [key, pod] : in.pods)
    for (auto& text : pod.addresses)
      pods.take(text);
  const auto full = [&](const place& at, const char* what) {
    in.errors.push_back({at.file, at.line, fmt::format("no address is left for this {}: name one", what)});
  };
  for (auto& [key, s] : in.services)
    if (needs_address(s) && (s.raw.cluster_ip = services.give(key.first + "/" + key.second)).empty())
      full(s.at, "Service");
  for (auto& [key, pod] : in.pods)
    if (pod.addresses.empty())
      pod.addresses.push_back(pods.give(key.first + "/" + key.second));
  for (auto& [key, pod] : in.pods)
    if (pod.addresses.front().empty())
      full(pod.at, "Pod");
}

std::vector<raw_slice> make_up_slices(const collection& in) {
  // By namespace, label and value, so that ten thousand services do not each look at all pods.
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<const pod_object*>> index;
  for (auto& [key, pod] : in.pods)
    for (auto& [label, value] : pod.tags)
      index[{key.first, label, value}].push_back(&pod);
  std::vector<raw_slice> out;
  for (auto& [key, s] : in.services) {
    if (s.selector.empty() || s.raw.type == "ExternalName")
      continue;
    const std::vector<const pod_object*>* fewest = nullptr;
    for (auto& [label, value] : s.selector)
      if (auto& pods = index[{key.first, label, value}]; !fewest || pods.size() < fewest->size())
        fewest = &pods;
    slices_of(s, *fewest, out);
  }
  return out;
}

} // namespace troupe::kube::manifest
