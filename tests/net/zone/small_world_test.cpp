// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/small_world.hpp"

#include "net/zone/imports.hpp"

#include <gtest/gtest.h>

namespace troupe::zone::test {

kube::address ip(std::string_view text) {
  return kube::address::from_text(text).value();
}

kube::service cluster_ip(std::string ns, std::string name, std::vector<std::string> ips,
                         std::vector<kube::port> ports) {
  kube::service s;
  s.namespace_ = std::move(ns);
  s.name = std::move(name);
  s.ports = std::move(ports);
  for (const std::string& text : ips)
    s.cluster_ips.push_back(ip(text));
  return s;
}

kube::service headless(std::string ns, std::string name, std::vector<kube::port> ports) {
  kube::service s;
  s.namespace_ = std::move(ns);
  s.name = std::move(name);
  s.type = kube::service::kind::headless;
  s.ports = std::move(ports);
  return s;
}

kube::service external(std::string ns, std::string name, std::string target) {
  kube::service s;
  s.namespace_ = std::move(ns);
  s.name = std::move(name);
  s.type = kube::service::kind::external_name;
  s.external_name = std::move(target);
  return s;
}

kube::service outside(kube::service s, std::vector<std::string> addresses, std::vector<std::string> names) {
  for (const std::string& text : addresses)
    s.external_ips.push_back(ip(text));
  s.ingress_hostnames = std::move(names);
  return s;
}

kube::endpoint endpoint(std::vector<std::string> ips, std::string hostname, std::string pod) {
  kube::endpoint e;
  e.hostname = std::move(hostname);
  e.pod = std::move(pod);
  for (const std::string& text : ips)
    e.addresses.push_back(ip(text));
  return e;
}

kube::endpoint_slice slice(std::string ns, std::string service, std::string name, std::vector<kube::endpoint> endpoints,
                           std::vector<kube::port> ports) {
  kube::endpoint_slice s;
  s.namespace_ = std::move(ns);
  s.name = std::move(name);
  s.service = std::move(service);
  s.endpoints = std::move(endpoints);
  s.ports = std::move(ports);
  return s;
}

kube::change upsert(decltype(kube::change::object) object) {
  return {kube::change::what::upsert, std::move(object)};
}

kube::change removal(decltype(kube::change::object) object) {
  return {kube::change::what::remove, std::move(object)};
}

dns::name text_name(std::string_view text) {
  return dns::name::from_text(text).value();
}

dns::query query_for(std::string_view text, dns::rrtype type) {
  const dns::name name = text_name(text);
  dns::query q;
  q.id = 7;
  q.qtype = static_cast<uint16_t>(type);
  q.qclass = 1;
  q.qname_octets = static_cast<uint8_t>(name.size());
  q.qname_labels = static_cast<uint8_t>(name.labels());
  std::ranges::copy(name.wire(), q.qname.begin());
  dns::lower(name.wire(), q.lowered.data());
  return q;
}

small_world::small_world() {
  how.zones = {text_name("cluster.local"), text_name("10.in-addr.arpa"), text_name("ip6.arpa")};
}

keeper& small_world::keeper_of(const std::string& ns) {
  return keepers_.try_emplace(ns, ns).first->second;
}

void small_world::restart_keeper(const std::string& ns) {
  table_ptr last = root_.cell(ns)->tables.snapshot();
  keepers_.erase(ns);
  keepers_.try_emplace(ns, ns, std::move(last), kube::kept::all());
}

void small_world::restart_reverse() {
  reverse_ = reverse_keeper{*published_reverse_};
  for (const auto& [name, k] : keepers_)
    reverse_.replace(name, k.reverse_rows());
}

void small_world::apply(const kube::change& change) {
  std::visit(
    [&](const auto& object) {
      if constexpr (requires { object.namespace_; }) {
        keeper_of(object.namespace_).apply(change);
        if (const auto import = as_import(change))
          imports_.try_emplace(object.namespace_, object.namespace_).first->second.apply(*import);
      } else {
        root_.apply(change);
      }
    },
    change.object);
  pods_.apply(change);
}

void small_world::build() {
  for (auto& [name, k] : imports_)
    if (keeper::built made = k.build(); made.table)
      root_.cell(name)->imports.publish(made.table);
  if (auto made = pods_.build())
    published_pods_ = made;

  for (auto& [name, k] : keepers_) {
    keeper::built made = k.build();
    if (made.table)
      root_.cell(name)->tables.publish(made.table);
    reverse_.apply(made.reverse);
  }
  if (auto made = root_.build())
    published_root_ = made;
  if (auto made = reverse_.build())
    published_reverse_ = made;
}

small_world::reply small_world::ask(std::string_view name, dns::rrtype type, size_t room, uint32_t rotate) const {
  const dns::query query = query_for(name, type);
  const answer_context w{how, *published_root_, *published_reverse_, {}, published_pods_.get()};
  const auto zone = how.match(query.name_lowered());
  if (!zone)
    return {outcome::servfail, "not ours", {}, ""};
  question q = parse_question(query, query.qname_octets - how.zones[*zone].size(), how);
  q.rotate = rotate;
  std::vector<uint8_t> buffer(room);
  dns::response out{buffer, query};
  dns::name target;
  const namespace_cell_ptr* cell = q.asks() == server::zone ? w.root.find(octets_of(q.namespace_label())) : nullptr;
  reply r;
  if (cell) // as a zone server does; without one apex answers
    r.what = answer_service(q, **cell, (*cell)->of(q.imported).snapshot().get(), w, out, &target);
  else
    r.what = q.asks() == server::reverse ? answer_reverse(q, w, out) : answer_apex(q, w, out, &target);
  if (r.what != outcome::answered && r.what != outcome::external) {
    EXPECT_EQ(out.count(dns::section::answer) + out.count(dns::section::additional), 0) << name;
    write_negative(q, r.what, w, out);
  }
  const auto read = test::read(out.bytes());
  EXPECT_TRUE(read) << name << " " << static_cast<int>(type);
  r.read = read.value_or(message{});
  r.text = r.read.summary();
  r.target = r.what == outcome::external ? target.to_text() : "";
  return r;
}

} // namespace troupe::zone::test
