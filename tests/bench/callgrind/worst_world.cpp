// SPDX-License-Identifier: Apache-2.0
#include "worst_world.hpp"

#include "net/zone/imports.hpp"

#include <functional>

namespace troupe::bench {
namespace {

constexpr size_t per_slice = 1000; // what the API server allows
constexpr const char* server_address = "10.9.9.9";

dns::name name_of(const std::string& text) {
  return dns::name::from_text(text).value();
}

kube::address numbered(size_t n, uint8_t net = 10) {
  kube::address a;
  a.octets = {net, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8), static_cast<uint8_t>(n)};
  return a;
}

kube::address numbered6(size_t n) {
  kube::address a = numbered(n, 0xfd);
  a.octets[15] = 1;
  a.v6 = true;
  return a;
}

zone::options options_of(std::vector<std::string> zones) {
  zone::options out;
  for (const std::string& z : zones)
    out.zones.push_back(name_of(z));
  return out;
}

zone::options cluster_options() {
  zone::options out = options_of({"cluster.local", "other.local", "clusterset.local", "10.in-addr.arpa", "ip6.arpa"});
  out.multicluster = {name_of("clusterset.local")};
  out.zonal = true;
  out.local_addresses = {kube::address::from_text(server_address).value()};
  return out;
}

zone::options external_options() {
  zone::options out = options_of({"example.org", "in-addr.arpa"});
  out.local_addresses = cluster_options().local_addresses;
  out.external = zone::external_names{name_of("dns"), 5, true};
  return out;
}

/// Applies objects of the namespace `n`, and builds.
class maker {
public:
  using endpoint_of = std::function<kube::endpoint(size_t)>;

  kube::service& service(const std::string& name, kube::service::kind type, size_t ports) {
    made_.push_back({});
    kube::service& s = made_.back();
    s.namespace_ = "n";
    s.name = name;
    s.type = type;
    s.ports = ports_of(ports);
    return s;
  }

  void slice(const std::string& service, size_t number, size_t begin, size_t end, const endpoint_of& one, size_t ports,
             const std::string& suffix = {}) {
    kube::endpoint_slice s;
    s.namespace_ = "n";
    s.service = s.imported = service;
    s.name = service + "-" + std::to_string(number);
    s.source_cluster = "c" + std::to_string(number);
    s.ports = ports_of(ports, suffix);
    for (size_t i = begin; i < end; ++i)
      s.endpoints.push_back(one(i));
    apply(std::move(s));
  }

  void headless(const std::string& name, size_t endpoints, const endpoint_of& one, size_t ports = 1,
                size_t each = per_slice) {
    service(name, kube::service::kind::headless, ports);
    for (size_t begin = 0; begin < endpoints; begin += each)
      slice(name, begin / each, begin, std::min(begin + each, endpoints), one, ports);
  }

  template <class Object>
  void apply(Object object) {
    const kube::change c{kube::change::what::upsert, std::move(object)};
    services_.apply(c);
    if (const auto import = zone::as_import(c))
      imports_.apply(*import);
  }

  static std::vector<kube::port> ports_of(size_t count, const std::string& suffix = {}) {
    std::vector<kube::port> out;
    for (size_t i = 0; i < count; ++i)
      out.push_back({"p" + std::to_string(i) + suffix, "tcp", static_cast<uint16_t>(i + 1)});
    return out;
  }

  std::pair<zone::root_ptr, zone::reverse_table_ptr> build() {
    for (auto& s : made_)
      apply(std::move(s));
    zone::root_builder root;
    zone::reverse_keeper reverse;
    root.apply({kube::change::what::upsert, kube::namespace_object{"n", {}}});
    auto built = services_.build();
    reverse.apply(built.reverse);
    root.cell("n")->tables.publish(built.table);
    root.cell("n")->imports.publish(imports_.build().table);
    root.synced();
    root.touched(1'700'000'000);
    return {root.build(), reverse.build()};
  }

private:
  std::vector<kube::service> made_;
  zone::keeper services_{"n"}, imports_{"n"};
};

kube::endpoint at(kube::address address, std::string hostname = {}) {
  kube::endpoint e;
  e.addresses = {address};
  e.hostname = std::move(hostname);
  return e;
}

using kind = kube::service::kind;

void add_ports_and_endpoints(maker& to) {
  constexpr size_t many = worst_world::many, very_many = worst_world::very_many;
  to.service("ports", kind::cluster_ip, many).cluster_ips = {numbered(1, 11)};
  to.headless("pods", very_many, [](size_t i) { return at(numbered(i)); });
  to.headless("pods6", very_many, [](size_t i) { return at(numbered6(i)); });
  to.headless("one-name", very_many, [](size_t i) { return at(numbered(i), "h"); });
  to.headless("two-names", very_many, [](size_t i) { return at(numbered(i), i % 2 ? "h" : "g"); });
  to.headless("own-names", very_many, [](size_t i) { return at(numbered(i), "host-" + std::to_string(i)); });
  to.headless("one-address", very_many, [](size_t) { return at(numbered(7)); });
  to.headless("two-addresses", very_many, [](size_t i) { return at(numbered(i % 2), i % 2 ? "h" : "g"); });
  to.headless(
    "hundred-ports", very_many, [](size_t i) { return at(numbered(i), "h"); }, 100);
  to.headless("aliases", very_many, [](size_t i) {
    kube::endpoint e;
    e.fqdn = "a" + std::to_string(i) + ".example.com";
    return e;
  });
  to.headless("zones", very_many, [](size_t i) {
    kube::endpoint e = at(numbered(i));
    e.zone = "z" + std::to_string(i % 500);
    return e;
  });
  to.service("slices", kind::headless, 1);
  for (size_t i = 0; i < many; ++i)
    to.slice(
      "slices", i, i, i + 1, [](size_t n) { return at(numbered(n)); }, 20, "-" + std::to_string(i));
}

void add_aliases(maker& to) {
  // Each link costs a look-up, each zone begins a new chain; the last leads to the ports of all pods.
  constexpr size_t links = 80;
  constexpr const char* zones[] = {"cluster.local", "back.local"};
  for (size_t i = 0; i < links; ++i)
    to.service("link-" + std::to_string(i), kind::external_name, 0).external_name =
      i + 1 == links ? "_p0._tcp.pods.n.svc.cluster.local"
                     : "link-" + std::to_string(i + 1) + ".n.svc." + zones[(i + 1) / 10 % 2];
  std::string long_name;
  while (long_name.size() < 250)
    long_name += "a.";
  to.service("far", kind::external_name, 0).external_name = long_name;
}

void add_shared_addresses(maker& to) {
  for (size_t i = 0; i < worst_world::many; ++i) {
    const std::string number = std::to_string(i);
    to.headless("shares-" + number, 1, [](size_t) { return at(numbered(5, 10), {}); });
    to.headless("serves-" + number, 1, [](size_t) { return at(kube::address::from_text(server_address).value()); });
    kube::service& s = to.service("outside-" + number, kind::cluster_ip, 1);
    s.cluster_ips = {numbered(i, 12)};
    s.external_ips = {numbered(1, 13)};
  }
  to.headless("server", worst_world::very_many, [](size_t i) {
    return at(i % per_slice == per_slice - 1 ? kube::address::from_text(server_address).value() : numbered(i, 10),
              "s" + std::to_string(i));
  });
}

void add_external(maker& to) {
  kube::service& all = to.service("external", kind::cluster_ip, worst_world::many);
  all.cluster_ips = {numbered(2, 11)};
  for (size_t i = 0; i < worst_world::very_many; ++i)
    all.external_ips.push_back(numbered(i, 14));
  kube::service& balanced = to.service("balanced", kind::cluster_ip, 20);
  balanced.cluster_ips = {numbered(3, 11)};
  for (size_t i = 0; i < 2'000; ++i)
    balanced.ingress_hostnames.push_back("lb-" + std::to_string(i) + ".example.com");
}

void add_imports(maker& to) {
  kube::service_import import;
  import.namespace_ = "n";
  import.name = "imported";
  import.ports = maker::ports_of(worst_world::many);
  for (size_t i = 0; i < worst_world::many; ++i)
    import.ips.push_back(numbered(i, 15));
  to.apply(import);
  for (const char* name : {"pods", "one-name", "two-addresses"}) {
    kube::service_import endpoints;
    endpoints.namespace_ = "n";
    endpoints.name = name;
    endpoints.headless = true;
    endpoints.ports = maker::ports_of(1);
    to.apply(endpoints);
  }
}

} // namespace

worst_world::worst_world()
  : how(cluster_options()), back(options_of({"back.local"})), outside(external_options()), stanzas_{&how, &back} {
  maker objects;
  add_ports_and_endpoints(objects);
  add_aliases(objects);
  add_shared_addresses(objects);
  add_external(objects);
  add_imports(objects);
  std::tie(root_, reverse_) = objects.build();
  names_.publish(root_);
  addresses_.publish(reverse_);
}

} // namespace troupe::bench
