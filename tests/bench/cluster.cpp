// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

namespace troupe::bench {
namespace {

constexpr const char* zone_text = "cluster.local";
constexpr size_t headless_every = 4;

kube::address pod_address(size_t number) {
  kube::address a;
  a.octets = {10, static_cast<uint8_t>(128 + number / 65536), static_cast<uint8_t>(number / 256),
              static_cast<uint8_t>(number)};
  return a;
}

kube::endpoint_slice make_slice(const kube::service& of, size_t number, size_t pods) {
  kube::endpoint_slice slice;
  slice.namespace_ = of.namespace_;
  slice.name = of.name + "-1";
  slice.service = of.name;
  slice.ports = of.ports;
  for (size_t i = 0; i < pods; ++i) {
    kube::endpoint one;
    one.addresses = {pod_address(number * pods + i)};
    one.pod = of.name + "-" + std::to_string(i);
    slice.endpoints.push_back(std::move(one));
  }
  return slice;
}

dns::name zone_name(const char* text) {
  return dns::name::from_text(text).value();
}

} // namespace

cluster::cluster(cluster_size size) {
  options_.zones = {zone_name(zone_text), zone_name("in-addr.arpa")};
  zone::root_builder root;
  zone::reverse_keeper reverse;
  for (size_t i = 0; i < size.namespaces; ++i)
    fill(i, size, root, reverse);
  root.synced();
  root.touched(1'700'000'000);
  root_ = root.build();
  reverse_ = reverse.build();
}

void cluster::fill(size_t which, cluster_size size, zone::root_builder& root, zone::reverse_keeper& reverse) {
  auto where = "team-" + std::to_string(which);
  root.apply({kube::change::what::upsert, kube::namespace_object{where, {}}});
  namespaces_.push_back(where);
  zone::keeper keeper{where};
  for (size_t n = which; n < size.services; n += size.namespaces) {
    auto service = make_service(where, n, (n / size.namespaces) % headless_every == 0);
    if (service.type == kube::service::kind::headless)
      keeper.apply({kube::change::what::upsert, make_slice(service, n, size.pods)});
    keeper.apply({kube::change::what::upsert, std::move(service)});
    absent_.push_back("absent-" + std::to_string(n) + "." + where + ".svc." + zone_text);
  }
  auto built = keeper.build();
  reverse.apply(built.reverse);
  root.cell(where)->tables.publish(built.table);
}

kube::service cluster::make_service(const std::string& where, size_t number, bool headless) {
  kube::service service;
  service.namespace_ = where;
  service.name = "orders-" + std::to_string(number);
  service.type = headless ? kube::service::kind::headless : kube::service::kind::cluster_ip;
  service.ports = {{"http", "tcp", 80}};
  auto name = service.name + "." + where + ".svc." + zone_text;
  if (headless) {
    headless_.push_back(std::move(name));
    return service;
  }
  kube::address a;
  a.octets = {10, 96, static_cast<uint8_t>(number / 256), static_cast<uint8_t>(number)};
  service.cluster_ips = {a};
  cluster_ip_.push_back(std::move(name));
  pointers_.push_back(std::to_string(a.octets[3]) + "." + std::to_string(a.octets[2]) + ".96.10.in-addr.arpa");
  return service;
}

std::vector<uint8_t> encode_question(const std::string& name, dns::rrtype type, uint16_t edns_octets) {
  auto encoded = dns::name::from_text(name);
  if (!encoded)
    throw std::invalid_argument("not a domain name: '" + name + "'");
  const std::array<uint8_t, dns::header_octets> header = {
    0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, static_cast<uint8_t>(edns_octets != 0)};
  const std::array<uint8_t, 4> asked = {0, static_cast<uint8_t>(type), 0, 1};
  const std::array<uint8_t, 11> opt = {0, 0, 41, static_cast<uint8_t>(edns_octets >> 8),
                                       static_cast<uint8_t>(edns_octets)};
  std::vector<uint8_t> wire;
  wire.reserve(header.size() + encoded->size() + asked.size() + opt.size());
  std::copy(header.begin(), header.end(), std::back_inserter(wire));
  std::copy(encoded->wire().begin(), encoded->wire().end(), std::back_inserter(wire));
  std::copy(asked.begin(), asked.end(), std::back_inserter(wire));
  if (edns_octets)
    std::copy(opt.begin(), opt.end(), std::back_inserter(wire));
  return wire;
}

} // namespace troupe::bench
