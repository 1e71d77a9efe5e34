// SPDX-License-Identifier: Apache-2.0
#include "tests/net/cache_replies.hpp"

#include <random>

using namespace troupe;
using namespace troupe::net;

namespace {

constexpr size_t full = 10'000;
constexpr size_t calls = 40'000;
constexpr int rounds = 5;

/// How long each of a sequence of calls took at best, two clock reads (about 40 ns) included. The sequence is the same
/// in every round, so what remains is its own and not what else the machine did.
class costs {
public:
  explicit costs(const char* what) : what_(what), best_(calls, std::chrono::hours{1}) {}

  template <class Operation>
  void time(size_t call, Operation operation) {
    const auto begin = std::chrono::steady_clock::now();
    operation();
    best_[call] = std::min<std::chrono::nanoseconds>(best_[call], std::chrono::steady_clock::now() - begin);
  }

  /// Prints them; the longest.
  std::chrono::nanoseconds report() {
    std::ranges::sort(best_);
    const auto part = [&](size_t thousandths) { return best_[(calls - 1) * thousandths / 1000].count(); };
    std::printf("%-22s ns: median %4ld, p99 %5ld, p99.9 %5ld, most %6ld\n", what_, part(500), part(990), part(999),
                part(1000));
    return best_.back();
  }

private:
  const char* what_;
  std::vector<std::chrono::nanoseconds> best_;
};

struct questions {
  std::vector<dns::query> known;
  std::vector<dns::query> unknown;

  questions() {
    for (size_t i = 0; i < full; ++i)
      known.push_back(test::ask("service-" + std::to_string(i) + ".some-namespace.example."));
    for (size_t i = 0; i < calls; ++i)
      unknown.push_back(test::ask("once-" + std::to_string(i) + ".flood.example."));
  }
};

} // namespace

// Figures to read; what is held is that no call walks the table, which takes more than the limit at 10,000 entries.
TEST(cache_cost, no_call_walks_the_table) {
  cache_rules rules = test::wide();
  rules.success.capacity = full;
  const questions q;
  const dns::kept_reply_ptr reply = test::positive(3600);
  costs hits("find, a hit"), misses("find, a miss"), known("store, known"), flood("store, one goes for it"),
    sweeps("sweep of 4");
  for (int round = 0; round < rounds; ++round) {
    cache_counters counters;
    cache_table table(rules, counters);
    for (const dns::query& each : q.known)
      table.store(each, reply, test::at(0));
    std::minstd_rand random(1);
    for (size_t i = 0; i < calls; ++i)
      hits.time(i, [&, at = random() % full] { return table.find(q.known[at], test::at(1)).ttl; });
    for (size_t i = 0; i < calls; ++i)
      misses.time(i, [&] { return table.find(q.unknown[i], test::at(1)).ttl; });
    for (size_t i = 0; i < calls; ++i)
      known.time(i, [&, at = random() % full] { table.store(q.known[at], reply, test::at(1)); });
    for (size_t i = 0; i < calls; ++i)
      flood.time(i, [&] { table.store(q.unknown[i], reply, test::at(1)); });
    for (size_t i = 0; i < calls; ++i)
      sweeps.time(i, [&] { table.sweep(test::at(2), 4); });
    EXPECT_EQ(table.size(cache_side::success), full);
  }
  for (costs* each : {&hits, &misses, &known, &flood, &sweeps})
    EXPECT_LT(each->report(), std::chrono::microseconds{100});
}
