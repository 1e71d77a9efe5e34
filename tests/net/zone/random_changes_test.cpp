// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/model.hpp"
#include "tests/net/zone/small_world.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;
using dns::rrtype;

namespace {

constexpr int rounds = 400, changes_per_round = 10, rounds_per_comparison = 5;

/// Makes random changes to a few names, so that they meet often, in the model and in the tables alike.
class storm {
public:
  explicit storm(unsigned seed) : random_(seed) { world_.synced(); }

  void round() {
    for (int i = 0; i < changes_per_round; ++i)
      change();
    if (below(10) == 0)
      relist();
    if (below(10) == 0)
      restart();
    world_.build();
    if (below(20) == 0) {
      world_.restart_reverse();
      world_.build();
    }
  }

  void compare() const {
    for (const char* ns : {"n0", "n1"})
      for (const std::string& name : names)
        for (const std::string& front : fronts)
          for (auto type : {rrtype::a, rrtype::aaaa, rrtype::srv}) {
            const std::string qname = (front.empty() ? "" : front + ".") + name + "." + ns + ".svc.cluster.local";
            ASSERT_EQ(said(world_.ask(qname, type, 16384)), model_.service(ns, name, front, type))
              << qname << " " << static_cast<int>(type);
          }
    for (int i = 0; i < 16; ++i) {
      const auto said_now = said(world_.ask(std::to_string(i) + ".0.0.10.in-addr.arpa", rrtype::ptr));
      const auto expected = model_.reverse(address(i));
      const bool one_service = expected.size() > 1 && expected.begin()->starts_with("PTR s");
      if (one_service)
        ASSERT_TRUE(said_now.size() == 1 && expected.contains(*said_now.begin())) << i;
      else
        ASSERT_EQ(said_now, expected) << i;
    }
  }

private:
  static inline const std::vector<std::string> names = {"s0", "s1", "s2", "s3"};
  static inline const std::vector<std::string> fronts = {"",         "_http._tcp", "_dns._udp", "h0",
                                                         "10-0-0-1", "fd00--1",    "fd00--0",   "absent"};

  static std::set<std::string> said(const small_world::reply& r) {
    if (r.what == outcome::name_error)
      return {"denied"};
    std::set<std::string> records;
    auto after = [](const std::string& text, int words) {
      size_t at = 0;
      while (words-- > 0)
        at = text.find(' ', at) + 1;
      return at;
    };
    for (const std::string& text : r.read.answer)
      records.insert(text.substr(after(text, 2)));
    for (const std::string& text : r.read.additional)
      records.insert("+ " + text.substr(0, after(text, 1)) + text.substr(after(text, 2)));
    return records;
  }

  size_t below(size_t n) { return random_() % n; }
  static kube::address address(size_t i) { return ip("10.0.0." + std::to_string(i)); }
  kube::address any_address() {
    const size_t i = below(16);
    return below(3) != 0 ? address(i) : ip(i == 0 ? "fd00::" : "fd00::" + std::to_string(i));
  }
  std::string any_namespace() { return below(2) == 0 ? "n0" : "n1"; }

  std::vector<kube::port> any_ports() {
    std::vector<kube::port> ports;
    if (below(4) != 0)
      ports.push_back({"http", "tcp", static_cast<uint16_t>(80 + below(2))});
    if (below(3) == 0)
      ports.push_back({"dns", "udp", 53});
    return ports;
  }

  void change() {
    const std::string ns = any_namespace(), name = names[below(names.size())];
    switch (below(6)) {
    case 0: {
      const bool exists = below(4) != 0;
      exists ? (void)model_.namespaces.insert(ns) : (void)model_.namespaces.erase(ns);
      const kube::namespace_object object{ns, ""};
      return world_.apply(exists ? upsert(object) : removal(object));
    }
    case 1: {
      kube::service s = below(2) == 0 ? headless(ns, name, any_ports()) : cluster_ip(ns, name, {}, any_ports());
      if (s.type == kube::service::kind::cluster_ip)
        for (size_t i = 1 + below(2); i-- > 0;)
          if (const auto a = any_address(); std::ranges::count(s.cluster_ips, a) == 0)
            s.cluster_ips.push_back(a);
      model_.services[{ns, name}] = s;
      return world_.apply(upsert(s));
    }
    case 2:
      model_.services.erase({ns, name});
      return world_.apply(removal(cluster_ip(ns, name, {}, {})));
    case 3: {
      const std::string slice_name = "slice" + std::to_string(below(8));
      model_.slices.erase({ns, slice_name});
      return world_.apply(removal(slice(ns, "", slice_name, {})));
    }
    default: {
      kube::endpoint_slice s = slice(ns, name, "slice" + std::to_string(below(8)), {}, any_ports());
      for (size_t i = below(below(10) == 0 ? 60 : 5); i-- > 0;) {
        kube::endpoint e;
        e.addresses.push_back(any_address());
        e.hostname = below(3) == 0 ? "h" + std::to_string(below(2)) : "";
        e.pod = "pod" + std::to_string(below(3));
        s.endpoints.push_back(e);
      }
      model_.slices[{ns, s.name}] = s;
      return world_.apply(upsert(s));
    }
    }
  }

  /// A watch broke and missed changes; the list brings them.
  void relist() {
    const std::string ns = any_namespace();
    std::erase_if(model_.services, [&](const auto& at) { return at.first.first == ns && below(3) == 0; });
    std::erase_if(model_.slices, [&](const auto& at) { return at.first.first == ns && below(3) == 0; });
    if (below(2) == 0)
      model_.namespaces.erase(ns);
    list(ns);
  }

  void restart() {
    const std::string ns = any_namespace();
    world_.restart_keeper(ns);
    list(ns);
  }

  void list(const std::string& ns) {
    world_.builder().list_begin();
    for (const std::string& name : model_.namespaces)
      world_.add_namespace(name);
    world_.builder().list_end();
    keeper& k = world_.keeper_of(ns);
    k.list_begin(kube::resource::service);
    k.list_begin(kube::resource::endpoint_slice);
    if (below(4) == 0) // cut off and begun again
      k.list_begin(kube::resource::service);
    for (const auto& [key, s] : model_.services)
      k.apply(upsert(s));
    for (const auto& [key, s] : model_.slices)
      k.apply(upsert(s));
    k.list_end(kube::resource::service);
    k.list_end(kube::resource::endpoint_slice);
  }

  std::mt19937 random_;
  small_world world_;
  model model_;
};

} // namespace

TEST(zone_random_changes, tables_equal_the_model) {
  for (unsigned seed : {1u, 2u, 3u}) {
    storm s{seed};
    for (int i = 0; i < rounds; ++i) {
      s.round();
      if (i % rounds_per_comparison == 0)
        s.compare();
      ASSERT_FALSE(testing::Test::HasFatalFailure()) << "seed " << seed << " round " << i;
    }
  }
}
