// SPDX-License-Identifier: Apache-2.0
#include "net/zone/published.hpp"
#include "tests/net/zone/small_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;

namespace {

struct pair {
  std::string key;
  int value;
};

struct by_key {
  static dns::name_view key(const pair& p) { return octets_of(p.key); }
  static bool same(const pair&, const pair&) { return true; }
};

using map = persistent_map<pair, by_key>;

/// Counts on which thread values die.
struct counted {
  explicit counted(std::atomic<int>& wrong) : wrong(wrong), born(std::this_thread::get_id()) {}
  ~counted() { wrong += std::this_thread::get_id() != born; }
  std::atomic<int>& wrong;
  std::thread::id born;
  int a = 0, b = 0;
};

} // namespace

TEST(zone_persistent_map, equals_std_map_and_older_copies_stay) {
  std::mt19937 random{5};
  std::map<std::string, int> expected;
  map current;
  for (int round = 0; round < 200; ++round) {
    const map before = current;
    const auto before_expected = expected;
    map::editor edit{current};
    const size_t range = round < 100 ? 5000 : 50; // grows, then shrinks
    for (int i = 0; i < 200; ++i) {
      const std::string key = "k" + std::to_string(random() % 5000);
      if (random() % 5000 < range) {
        edit.put({key, i});
        expected[key] = i;
      } else {
        EXPECT_EQ(edit.erase(octets_of(key)), expected.erase(key) == 1);
      }
    }
    current = std::move(edit).build();
    ASSERT_EQ(current.size(), expected.size());
    ASSERT_EQ(before.size(), before_expected.size());
    for (const auto& [key, value] : before_expected)
      ASSERT_EQ(before.find(octets_of(key))->value, value);
  }
  size_t visited = 0;
  current.for_each([&](const pair& p) { visited += expected.at(p.key) == p.value; });
  EXPECT_EQ(visited, expected.size());
  EXPECT_EQ(current.find(octets_of("absent")), nullptr);
  EXPECT_EQ(map{}.find(octets_of("absent")), nullptr);
}

TEST(zone_published, readers_see_whole_values_and_free_none) {
  std::atomic<int> wrong{0}, torn{0};
  std::atomic<bool> stop{false};
  published<counted> cell;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      reader<counted> mine{cell};
      int last = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        const auto& value = mine.get();
        if (!value)
          continue;
        torn += value->a != value->b || value->a < last;
        last = value->a;
      }
    });
  for (int i = 1; i <= 20000; ++i) {
    auto next = std::make_shared<counted>(wrong);
    next->a = next->b = i;
    cell.publish(std::move(next));
  }
  stop = true;
  for (std::thread& t : readers)
    t.join();
  EXPECT_EQ(cell.collect(), 0u);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(cell.snapshot()->a, 20000);
}

TEST(zone_published, tables_change_under_four_readers) {
  namespace_cell cell{"n"};
  cell.exists = true;
  zone::root root;
  zone::reverse_table reverse;
  zone::options how;
  how.zones = {text_name("cluster.local")};
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<long> asked{0};
  std::vector<std::thread> readers;
  for (unsigned i = 0; i < 4; ++i)
    readers.emplace_back([&, i] {
      std::mt19937 random{i};
      reader<table> mine{cell.tables};
      std::vector<uint8_t> buffer(1232);
      const answer_context w{how, root, reverse};
      while (!stop.load(std::memory_order_relaxed)) {
        const auto query = query_for("s" + std::to_string(random() % 64) + ".n.svc.cluster.local", dns::rrtype::a);
        const question q = parse_question(query, query.qname_octets - how.zones[0].size(), how);
        dns::response out{buffer, query};
        const outcome what = answer_service(q, cell, mine.get().get(), w, out);
        wrong += what != outcome::answered && what != outcome::name_error;
        asked.fetch_add(1, std::memory_order_relaxed);
      }
    });
  keeper k{"n"};
  std::mt19937 random{99};
  for (int i = 0; i < 3000 || asked < 1000; ++i) {
    const std::string name = "s" + std::to_string(random() % 64);
    k.apply(random() % 3 != 0 ? upsert(cluster_ip("n", name, {"10.0.0." + std::to_string(i % 250)}, {}))
                              : removal(headless("n", name)));
    if (auto made = k.build().table)
      cell.tables.publish(made);
  }
  stop = true;
  for (std::thread& t : readers)
    t.join();
  EXPECT_EQ(wrong, 0);
}
