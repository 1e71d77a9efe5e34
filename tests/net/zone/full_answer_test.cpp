// SPDX-License-Identifier: Apache-2.0
#include "tests/net/zone/small_world.hpp"

#include "net/dns/response.hpp"
#include "net/zone/label_set.hpp"
#include "net/zone/srv_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;

namespace {

constexpr uint16_t plenty = 65'535;

std::string number(size_t n) {
  return std::to_string(n);
}

std::string pod(size_t n) {
  return "10.1." + number(n / 250) + "." + number(n % 250);
}

const std::vector<kube::port> two_of_a_number{{"dns", "udp", 53}, {"dns-tcp", "tcp", 53}, {"http", "tcp", 80}};

/// Services that repeat themselves in every way that objects can.
small_world repetitions() {
  small_world w;
  w.synced();
  w.add_namespace("n");
  w.apply(upsert(cluster_ip("n", "one", {"10.96.0.1"}, two_of_a_number)));
  w.apply(upsert(headless("n", "peers", two_of_a_number)));
  std::vector<kube::endpoint> named, again;
  for (size_t i = 0; i < 300; ++i)
    (i < 200 ? named : again).push_back(endpoint({pod(i % 250)}, i % 3 == 0 ? "h" : ""));
  w.apply(upsert(slice("n", "peers", "a", named, two_of_a_number)));
  w.apply(upsert(slice("n", "peers", "b", again, {{"http", "tcp", 80}, {"other", "tcp", 81}})));
  w.apply(upsert(slice("n", "peers", "c", named, two_of_a_number)));
  for (size_t i = 0; i < 300; ++i) {
    w.apply(upsert(headless("n", "s" + number(i))));
    // The same endpoint of two pods is one name.
    w.apply(upsert(slice("n", "s" + number(i), "s" + number(i),
                         {endpoint({"10.2.0.1"}, "", "p"), endpoint({"10.2.0.1"}, "", "q")})));
  }
  w.build();
  return w;
}

std::set<std::string> set_of(const std::vector<std::string>& all) {
  return {all.begin(), all.end()};
}

struct asked {
  const char* name;
  dns::rrtype type;
  size_t answer, additional; ///< of the whole, each once
};

const asked questions[] = {
  {"one.n.svc.cluster.local", dns::rrtype::srv, 2, 1},
  {"_dns-tcp._tcp.one.n.svc.cluster.local", dns::rrtype::srv, 1, 1},
  {"peers.n.svc.cluster.local", dns::rrtype::a, 250, 0},
  {"_http._tcp.peers.n.svc.cluster.local", dns::rrtype::a, 250, 0},
  {"h.peers.n.svc.cluster.local", dns::rrtype::a, 100, 0},
  {"_other._tcp.peers.n.svc.cluster.local", dns::rrtype::srv, 68, 100},
  {"1.0.2.10.in-addr.arpa", dns::rrtype::ptr, 300, 0},
};

} // namespace

TEST(zone_full_answer, holds_every_record_once) {
  const small_world w = repetitions();
  for (const asked& q : questions) {
    const auto whole = w.ask(q.name, q.type, plenty);
    EXPECT_FALSE(whole.read.tc) << q.name;
    EXPECT_EQ(whole.read.answer.size(), q.answer) << q.name;
    EXPECT_EQ(set_of(whole.read.answer).size(), q.answer) << q.name;
    EXPECT_EQ(whole.read.additional.size(), q.additional) << q.name;
    EXPECT_EQ(set_of(whole.read.additional).size(), q.additional) << q.name;
  }
}

// What a client gets in little room is what a cut of the whole would leave: the same records in the same order, TC, and
// nothing behind the first that does not fit.
TEST(zone_full_answer, in_little_room_is_the_beginning_of_the_whole) {
  const small_world w = repetitions();
  for (const asked& q : questions)
    for (const uint32_t rotate : {0u, 7u, 249u}) {
      const auto whole = w.ask(q.name, q.type, plenty, rotate);
      for (size_t room : {512u, 513u, 530u, 1221u, 4096u, 9000u}) {
        const auto part = w.ask(q.name, q.type, room, rotate);
        const bool cut = part.read.answer.size() + part.read.additional.size() < q.answer + q.additional;
        const std::string where = std::string{q.name} + " in " + number(room);
        EXPECT_EQ(part.read.tc, cut) << where;
        ASSERT_LE(part.read.answer.size(), whole.read.answer.size()) << where;
        EXPECT_TRUE(std::equal(part.read.answer.begin(), part.read.answer.end(), whole.read.answer.begin())) << where;
        ASSERT_LE(part.read.additional.size(), whole.read.additional.size()) << where;
        EXPECT_TRUE(std::equal(part.read.additional.begin(), part.read.additional.end(), whole.read.additional.begin()))
          << where;
        EXPECT_TRUE(part.read.additional.empty() || part.read.answer.size() == q.answer) << where;
      }
    }
}

TEST(zone_full_answer, begins_somewhere_else_each_time) {
  const small_world w = repetitions();
  std::set<std::string> seen;
  for (uint32_t rotate = 0; rotate < 250; rotate += 10)
    for (auto& record : w.ask("peers.n.svc.cluster.local", dns::rrtype::a, 512, rotate).read.answer)
      seen.insert(record);
  EXPECT_EQ(seen.size(), 250u);
}

// What says nothing new costs, too: the search for more ends, and the client is told that there may be some.
TEST(zone_full_answer, says_so_when_it_was_not_looked_for_to_the_end) {
  small_world w;
  w.synced();
  w.add_namespace("n");
  w.apply(upsert(headless("n", "same")));
  w.apply(upsert(headless("n", "ports")));
  const std::vector<kube::endpoint> repeated(1000, endpoint({"10.1.0.1"}));
  for (size_t i = 0; i < 30; ++i)
    w.apply(upsert(slice("n", "same", "same-" + number(i), repeated, {{"http", "tcp", 80}})));
  for (size_t i = 0; i < 500; ++i) {
    std::vector<kube::port> ports;
    for (size_t p = 0; p < 800; ++p)
      ports.push_back({"p" + number(p) + "-" + number(i), "tcp", static_cast<uint16_t>(p + 1)});
    w.apply(upsert(slice("n", "ports", "ports-" + number(i), {endpoint({pod(i)})}, ports)));
  }
  w.build();
  struct {
    const char* name;
    dns::rrtype type;
    int rcode;
    size_t answer;
    bool tc;
  } cases[] = {
    {"same.n.svc.cluster.local", dns::rrtype::a, 0, 1, false},
    {"same.n.svc.cluster.local", dns::rrtype::srv, 0, 1, true},
    {"_http._tcp.same.n.svc.cluster.local", dns::rrtype::a, 0, 1, true},
    {"_http._tcp.same.n.svc.cluster.local", dns::rrtype::aaaa, 0, 0, false},
    {"10-1-0-1.same.n.svc.cluster.local", dns::rrtype::a, 0, 1, true},
    {"_p0-0._tcp.ports.n.svc.cluster.local", dns::rrtype::aaaa, 0, 0, false},
    {"_none._tcp.ports.n.svc.cluster.local", dns::rrtype::a, 2, 0, false}, // SERVFAIL: not denied
  };
  for (auto& c : cases) {
    const auto got = w.ask(c.name, c.type, plenty);
    EXPECT_EQ(got.read.rcode, c.rcode) << c.name;
    EXPECT_EQ(got.read.answer.size(), c.answer) << c.name;
    EXPECT_EQ(got.read.tc, c.tc) << c.name;
  }
}

TEST(zone_label_set, numbers_each_run_once) {
  label_set all;
  const auto run = [](size_t n) {
    const std::string text = number(n);
    std::vector<uint8_t> out{static_cast<uint8_t>(text.size())};
    out.insert(out.end(), text.begin(), text.end());
    return out;
  };
  for (size_t round = 0; round < 2; ++round)
    for (size_t n = 0; n < 3000; ++n) {
      const auto got = all.add(run(n));
      ASSERT_EQ(got.number, n);
      ASSERT_EQ(got.is_new, round == 0) << n;
    }
  EXPECT_EQ(all.size(), 3000u);
  EXPECT_TRUE(std::ranges::equal(all[2999], run(2999)));
}

TEST(zone_dashed, is_what_inet_ntop_writes) {
  std::mt19937 random{1};
  for (size_t i = 0; i < 20'000; ++i) {
    kube::address a;
    a.v6 = true;
    for (size_t g = 0; g < 16; g += 2)
      if (random() % 3 != 0) {
        a.octets[g] = static_cast<uint8_t>(random() % 2 ? random() : 0);
        a.octets[g + 1] = static_cast<uint8_t>(random() % 2 ? random() : 0);
      }
    std::string text = a.to_text();
    std::ranges::replace(text, ':', '-');
    label_buffer buffer;
    ASSERT_EQ(dashed(a, buffer), text.back() == '-' ? text + "0" : text);
  }
}

TEST(zone_number_set, knows_few_and_many) {
  number_set all;
  for (size_t round = 0; round < 2; ++round)
    for (size_t n = 0; n < 65'536; n += 13)
      ASSERT_EQ(all.add(static_cast<uint16_t>(n)), round == 0) << n;
}
