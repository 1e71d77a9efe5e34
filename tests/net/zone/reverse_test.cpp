// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/question_rows.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;
using enum dns::rrtype;

namespace {

std::string negative(const char* rcode, const std::string& zone) {
  return std::string{rcode} + " aa |  | " + zone + " 5 SOA ns.dns." + zone + " hostmaster." + zone +
         " 9 7200 1800 86400 5 | ";
}

constexpr const char* nibbles = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";

small_world make_world() {
  small_world w;
  w.add_namespace("n");
  w.apply(upsert(cluster_ip("n", "web", {"10.96.0.1", "fd00::1"}, {})));
  w.apply(upsert(headless("n", "peers")));
  const auto endpoints = {endpoint({"10.244.0.1"}), endpoint({"10.244.0.2"}, "two")};
  w.apply(upsert(slice("n", "web", "web-1", endpoints, {})));
  w.apply(upsert(slice("n", "peers", "peers-1", endpoints, {})));
  w.apply(upsert(slice("n", "peers", "peers-2", endpoints, {}))); // the same again
  w.apply(upsert(slice("n", "orphan", "orphan-1", {endpoint({"10.244.0.9"})}, {})));
  w.synced();
  w.touched(9);
  w.build();
  return w;
}

} // namespace

TEST(zone_reverse, ptr) {
  const small_world w = make_world();
  const std::string v4 = negative("NXDOMAIN", "10.in-addr.arpa."), v6 = negative("NXDOMAIN", "ip6.arpa.");
  check(w,
        {
          {"1.0.96.10.in-addr.arpa", ptr, "NOERROR aa | 1.0.96.10.in-addr.arpa. 5 PTR web.n.svc.cluster.local. |  | "},
          {"1.0.96.10.IN-ADDR.arpa", ptr, "NOERROR aa | 1.0.96.10.IN-ADDR.arpa. 5 PTR web.n.svc.cluster.local. |  | "},
          {nibbles, ptr, "NOERROR aa | " + std::string{nibbles} + ". 5 PTR web.n.svc.cluster.local. |  | "},
          {"x.y.z." + std::string{nibbles}, ptr,
           "NOERROR aa | x.y.z." + std::string{nibbles} + ". 5 PTR web.n.svc.cluster.local. |  | "},
          {"w.x.y.z." + std::string{nibbles}, ptr, v6},
          {"1.0.244.10.in-addr.arpa", ptr,
           "NOERROR aa | 1.0.244.10.in-addr.arpa. 5 PTR 10-244-0-1.peers.n.svc.cluster.local.; "
           "1.0.244.10.in-addr.arpa. 5 PTR 10-244-0-1.web.n.svc.cluster.local. |  | "},
          {"2.0.244.10.in-addr.arpa", ptr,
           "NOERROR aa | 2.0.244.10.in-addr.arpa. 5 PTR two.peers.n.svc.cluster.local.; "
           "2.0.244.10.in-addr.arpa. 5 PTR two.web.n.svc.cluster.local. |  | "},
          {"9.0.244.10.in-addr.arpa", ptr,
           "NOERROR aa | 9.0.244.10.in-addr.arpa. 5 PTR 10-244-0-9.orphan.n.svc.cluster.local. |  | "},
          {"9.9.9.10.in-addr.arpa", ptr, v4},
          {"1.96.10.in-addr.arpa", ptr, v4},
          {"7.1.0.96.10.in-addr.arpa", ptr, v4},
          {"01.0.96.10.in-addr.arpa", ptr, v4},
          {"256.0.96.10.in-addr.arpa", ptr, v4},
          {"1.0.96.10.in-addr.arpa", a, negative("NOERROR", "10.in-addr.arpa.")},
          {"1.0.96.10.in-addr.arpa", txt, negative("NOERROR", "10.in-addr.arpa.")},
          {"9.0.244.10.in-addr.arpa", ns, negative("NOERROR", "10.in-addr.arpa.")},
          {"9.9.9.10.in-addr.arpa", a, v4},
          {"9.9.9.10.in-addr.arpa", soa, v4},
          {"0.96.10.in-addr.arpa", a, v4},
          {"1.0.96.10.in-addr.arpa", soa, negative("NOERROR", "10.in-addr.arpa.")},
          {"10.in-addr.arpa", ptr, negative("NOERROR", "10.in-addr.arpa.")},
          {"10.in-addr.arpa", a, negative("NOERROR", "10.in-addr.arpa.")},
          {"web.n.svc.10.in-addr.arpa", a, v4},
          {"n.svc.10.in-addr.arpa", a, v4},
          {"svc.10.in-addr.arpa", a, negative("NOERROR", "10.in-addr.arpa.")},
          {"d.f.ip6.arpa", ptr, v6},
          {"web.n.svc.cluster.local", ptr, negative("NOERROR", "cluster.local.")},
          {"nope.n.svc.cluster.local", ptr, negative("NXDOMAIN", "cluster.local.")},
        });
}

TEST(zone_reverse, follows_changes) {
  small_world w = make_world();
  w.apply(removal(headless("n", "peers"))); // endpoints answer without their Service
  w.apply(removal(slice("n", "", "peers-1", {})));
  w.build();
  EXPECT_EQ(w.ask("1.0.244.10.in-addr.arpa", ptr).read.answer.size(), 2u) << "the second slice still names it";
  w.apply(removal(slice("n", "", "peers-2", {})));
  w.apply(upsert(cluster_ip("n", "web", {"10.96.0.2"}, {})));
  w.build();
  EXPECT_EQ(w.ask("1.0.244.10.in-addr.arpa", ptr).read.answer.size(), 1u);
  EXPECT_EQ(w.ask("1.0.96.10.in-addr.arpa", ptr).what, outcome::name_error);
  EXPECT_EQ(w.ask("2.0.96.10.in-addr.arpa", ptr).what, outcome::answered);
}

TEST(zone_reverse, a_replaced_namespace_keeps_the_others) {
  small_world w = make_world();
  w.apply(upsert(cluster_ip("m", "web", {"10.96.7.1"}, {})));
  w.build();
  reverse_keeper restarted{w.reverse()};
  EXPECT_EQ(restarted.build()->size(), w.reverse().size());
  const auto rows = w.keeper_of("n").reverse_rows();
  restarted.replace("n", rows);
  EXPECT_EQ(restarted.build()->size(), w.reverse().size());
  restarted.replace("n", {rows.begin(), rows.begin() + 2});
  EXPECT_EQ(restarted.build()->size(), 3u);
  restarted.replace("n", {});
  EXPECT_EQ(restarted.build()->size(), 1u);
}
