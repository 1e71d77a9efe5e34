// SPDX-License-Identifier: Apache-2.0
#include "net/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>

using namespace troupe::net;

TEST(metrics, durations_fall_under_their_bound) {
  struct {
    uint64_t ns;
    size_t bucket;
  } cases[] = {
    {0, 0},         {1, 0},         {250'000, 0},        {250'001, 1},        {500'000, 1},     {500'001, 2},
    {1'000'000, 2}, {1'000'001, 3}, {8'192'000'000, 15}, {8'192'000'001, 16}, {UINT64_MAX, 16},
  };
  for (auto& c : cases)
    EXPECT_EQ(duration_bucket(c.ns), c.bucket) << c.ns;
  EXPECT_DOUBLE_EQ(duration_bound_seconds(0), 0.00025);
  EXPECT_DOUBLE_EQ(duration_bound_seconds(15), 8.192);
}

TEST(metrics, sizes_fall_under_their_bound) {
  for (uint32_t octets = 0; octets <= 70'000; ++octets) {
    const auto bucket = size_bucket(octets);
    if (bucket < size_bounds.size()) {
      ASSERT_LE(octets, size_bounds[bucket]);
    }
    if (bucket > 0) {
      ASSERT_GT(octets, size_bounds[bucket - 1]);
    }
  }
}

TEST(metrics, labels_are_those_of_coredns) {
  struct {
    uint16_t qtype;
    std::string_view label;
  } types[] = {{1, "A"},      {28, "AAAA"},   {64, "SVCB"}, {65, "HTTPS"},   {255, "ANY"},
               {35, "other"}, {256, "other"}, {0, "other"}, {65535, "other"}};
  for (auto& t : types)
    EXPECT_EQ(type_label(type_slot(t.qtype)), t.label) << t.qtype;
  EXPECT_EQ(rcode_label(0), "NOERROR");
  EXPECT_EQ(rcode_label(3), "NXDOMAIN");
  EXPECT_EQ(rcode_label(16), "BADVERS");
  EXPECT_EQ(rcode_label(4000), "BADCOOKIE");
  EXPECT_EQ(plugin_names[plugin_index("kubernetes")], "kubernetes");
  EXPECT_EQ(plugin_index(""), 0);
  EXPECT_EQ(plugin_index("unheard of"), 0);
}

TEST(metrics, a_query_counts_once_in_each_place) {
  query_metrics all{2};
  auto kubernetes = plugin_index("kubernetes");
  auto& here = all.counters({"dns://:53", ".", ""}, 0);
  auto& there = all.counters({"dns://:53", ".", ""}, 1);
  EXPECT_NE(&here, &there);
  EXPECT_EQ(&here, &all.counters({"dns://:53", ".", ""}, 0));
  here.add({.plugin = kubernetes, .qtype = 1, .request_octets = 40, .response_octets = 120, .duration_ns = 300'000});
  there.add({.protocol = troupe::dns::protocol::tcp,
             .v6 = true,
             .dnssec_ok = true,
             .qtype = 999,
             .rcode = 4095,
             .request_octets = 65'535,
             .response_octets = 511,
             .duration_ns = 9'000'000'000});
  all.counters({"dns://:53", std::string{dropped_zone}, ""}, 1).add({.rcode = 5});

  auto totals = all.totals();
  ASSERT_EQ(totals.size(), 2u);
  auto& root = totals[0];
  EXPECT_EQ(root.labels.zone, ".");
  EXPECT_EQ(root.requests[0][0][type_slot(1)], 1u);
  EXPECT_EQ(root.requests[1][1][type_slots - 1], 1u);
  EXPECT_EQ(root.durations[1], 1u);
  EXPECT_EQ(root.durations[duration_buckets], 1u);
  EXPECT_EQ(root.duration_sum_ns, 9'000'300'000u);
  EXPECT_EQ(root.request_sizes[0].buckets[1], 1u);
  EXPECT_EQ(root.request_sizes[1].buckets[size_bounds.size()], 1u);
  EXPECT_EQ(root.request_sizes[1].sum, 65'535u);
  EXPECT_EQ(root.response_sizes[0].buckets[2], 1u);
  EXPECT_EQ(root.response_sizes[1].buckets[5], 1u);
  EXPECT_EQ(root.dnssec_ok, 1u);
  EXPECT_EQ(root.responses[0][kubernetes], 1u);
  EXPECT_EQ(root.responses[rcode_slots - 1][0], 1u);
  EXPECT_EQ(totals[1].labels.zone, "dropped");
  EXPECT_EQ(totals[1].responses[5][0], 1u);
}

TEST(metrics, reading_while_a_loop_counts_only_grows) {
  constexpr uint64_t queries = 200'000;
  query_metrics all{1};
  auto& mine = all.counters({"dns://:53", ".", ""}, 0);
  std::thread loop{[&] {
    for (uint64_t i = 0; i < queries; ++i)
      mine.add({.qtype = 1, .request_octets = 1, .duration_ns = 1});
  }};
  uint64_t last = 0;
  while (last < queries) {
    auto now = all.totals().at(0).requests[0][0][type_slot(1)];
    EXPECT_GE(now, last);
    last = now;
    std::this_thread::yield();
  }
  loop.join();
  EXPECT_EQ(all.totals().at(0).request_sizes[0].sum, queries);
}
