// SPDX-License-Identifier: Apache-2.0
#include "tests/net/cache_replies.hpp"

#include <random>
#include <set>

using namespace troupe;
using namespace troupe::net;

namespace {

cache_item item(double when, uint32_t ttl, size_t padding = 0) {
  return {test::reply({.answer = {ttl}, .padding = padding}), test::at(when), ttl, cache_side::success};
}

std::string numbered(size_t i) {
  return "name-" + std::to_string(i) + ".example.";
}

cache_question question(const dns::query& q) {
  return cache_question::of(q);
}

} // namespace

TEST(cache_key, tells_questions_apart_by_all_their_parts) {
  std::vector<dns::query> all{test::ask("a.example."),
                              test::ask("b.example."),
                              test::ask("a.example.", {.type = 28}),
                              test::ask("a.example.", {.qclass = 3}),
                              test::ask("a.example.", {.dnssec_ok = true}),
                              test::ask("a.example.", {.checking_disabled = true}),
                              test::ask("a.example.", {.dnssec_ok = true, .checking_disabled = true}),
                              test::ask("a.example.", {.recursion_desired = true}),
                              test::ask("example."),
                              test::ask("a\\.example.")};
  for (const char* options : {"\1", "\2", "\1\1"}) { // for upstreams; not read here
    const std::string_view octets{options};
    all.push_back(test::ask("a.example."));
    all.back().upstream_options = std::make_shared<const std::vector<uint8_t>>(octets.begin(), octets.end());
  }
  std::set<uint64_t> hashes;
  for (size_t i = 0; i < all.size(); ++i) {
    const cache_key key{question(all[i])};
    hashes.insert(key.hash());
    for (size_t j = 0; j < all.size(); ++j) {
      cache_question other = question(all[j]);
      EXPECT_EQ(other.hash == key.hash(), i == j) << i << ' ' << j;
      other.hash = key.hash();
      EXPECT_EQ(key.matches(other), i == j) << i << ' ' << j;
    }
  }
  EXPECT_EQ(hashes.size(), all.size());
  EXPECT_TRUE(cache_key{question(test::ask("A.Example."))}.matches(question(all[0])));
}

// CoreDNS before 1.9.2 answered from an entry whose hash was equal.
TEST(cache_store, equal_hashes_are_not_equal_questions) {
  cache_store store(16, 1 << 20, 0);
  std::vector<dns::query> queries;
  for (size_t i = 0; i < 5; ++i)
    queries.push_back(test::ask(numbered(i)));
  const auto forced = [&](size_t i) {
    cache_question q = question(queries[i]);
    q.hash = 42;
    return q;
  };
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(store.find(forced(i)), nullptr);
    store.insert(forced(i), item(0, 100 + i), test::at(0));
  }
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(store.find(forced(i))->item.ttl, 100 + i);
  EXPECT_EQ(store.find(forced(4)), nullptr);
  EXPECT_TRUE(store.erase(forced(1)));
  EXPECT_FALSE(store.erase(forced(1)));
  for (const size_t i : {0, 2, 3})
    EXPECT_EQ(store.find(forced(i))->item.ttl, 100 + i);
}

TEST(cache_store, probing_survives_erasing_in_any_order) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::minstd_rand random(seed);
  cache_store store(21, 1 << 20, 0); // 64 slots, and hashes that fall on the last few of them
  std::vector<dns::query> queries;
  for (size_t i = 0; i < 21; ++i)
    queries.push_back(test::ask(numbered(i)));
  const auto crowded = [&](size_t i) {
    cache_question q = question(queries[i]);
    q.hash = 60 + i % 5;
    return q;
  };
  std::set<size_t> there;
  for (int step = 0; step < 20'000; ++step) {
    const size_t i = random() % 21;
    if (random() % 2) {
      store.insert(crowded(i), item(0, 1 + i), test::at(0));
      there.insert(i);
    } else {
      EXPECT_EQ(store.erase(crowded(i)), there.erase(i) == 1);
    }
    for (size_t j = 0; j < 21; ++j)
      ASSERT_EQ(store.find(crowded(j)) != nullptr, there.contains(j)) << "step " << step;
    ASSERT_EQ(store.size(), there.size());
  }
}

TEST(cache_store, a_flood_of_names_asked_once_leaves_those_asked_again) {
  constexpr size_t capacity = 1000;
  cache_store store(capacity, size_t{64} << 20, 0);
  std::vector<dns::query> hot;
  for (size_t i = 0; i < 100; ++i)
    hot.push_back(test::ask("hot-" + std::to_string(i) + ".example."));
  for (const dns::query& q : hot)
    store.insert(question(q), item(0, 3600), test::at(0));
  size_t missed = 0;
  for (size_t i = 0; i < 50'000; ++i) {
    store.insert(question(test::ask(numbered(i))), item(0, 3600), test::at(1));
    if (i % 5 != 0)
      continue;
    const cache_question again = question(hot[i / 5 % hot.size()]); // each once in 500 of the flood
    cache_store::entry* e = store.find(again);
    missed += e == nullptr;
    (e ? e : store.insert(again, item(0, 3600), test::at(1)))->used = true;
  }
  // Throwing out at random would miss four in ten. A few go when the hand meets more of them in a row than it forgives.
  EXPECT_LE(missed, 10u) << "of 10,000";
  EXPECT_EQ(store.size(), capacity);
  EXPECT_EQ(store.take_evictions(), 50'000 + hot.size() + missed - capacity);
  EXPECT_EQ(store.take_evictions(), 0u);
}

TEST(cache_store, all_used_is_no_reason_to_walk_them_all) {
  cache_store store(1000, size_t{64} << 20, 0);
  for (size_t i = 0; i < 1000; ++i)
    store.insert(question(test::ask(numbered(i))), item(0, 3600), test::at(0))->used = true;
  store.insert(question(test::ask("new.example.")), item(0, 3600), test::at(0));
  size_t forgiven = 0;
  for (size_t i = 0; i < 1000; ++i)
    if (const cache_store::entry* e = store.find(question(test::ask(numbered(i)))))
      forgiven += !e->used;
  EXPECT_EQ(forgiven, cache_store::hand_steps);
  EXPECT_EQ(store.size(), 1000u);
}

TEST(cache_store, the_dead_go_first_and_are_no_evictions) {
  cache_store store(10, 1 << 20, 5);
  for (size_t i = 0; i < 10; ++i)
    store.insert(question(test::ask(numbered(i))), item(0, i < 5 ? 100 : 1), test::at(0))->used = true;
  // From the oldest: five alive and used are forgiven, the sixth is dead.
  for (size_t i = 10; i < 15; ++i)
    store.insert(question(test::ask(numbered(i))), item(6, 100), test::at(6));
  EXPECT_EQ(store.take_evictions(), 0u);
  for (size_t i = 0; i < 15; ++i)
    EXPECT_EQ(store.find(question(test::ask(numbered(i)))) != nullptr, i < 5 || i >= 10) << i;
}

TEST(cache_store, sweeping_takes_the_dead_only_and_comes_round) {
  cache_store store(100, 1 << 20, 0);
  for (size_t i = 0; i < 100; ++i)
    store.insert(question(test::ask(numbered(i))), item(0, i % 2 ? 10 : 20), test::at(0));
  store.sweep(test::at(9.999), 1000);
  EXPECT_EQ(store.size(), 100u);
  store.sweep(test::at(10), 10);
  EXPECT_EQ(store.size(), 95u);
  for (int i = 0; i < 9; ++i)
    store.sweep(test::at(10), 10);
  EXPECT_EQ(store.size(), 50u);
  store.sweep(test::at(20), 30);
  store.sweep(test::at(20), 30);
  EXPECT_EQ(store.size(), 0u);
  store.sweep(test::at(20), 30);
}

TEST(cache_store, octets_are_bounded_and_given_back) {
  constexpr size_t limit = 100'000;
  cache_store store(10'000, limit, 0);
  std::vector<std::weak_ptr<const dns::kept_reply>> replies;
  for (size_t i = 0; i < 2'000; ++i) {
    cache_item it = item(0, 100, i * 7 % 3'000);
    replies.push_back(it.reply);
    ASSERT_NE(store.insert(question(test::ask(numbered(i))), std::move(it), test::at(0)), nullptr);
    ASSERT_LE(store.octets(), limit);
  }
  const auto alive = [&] { return std::ranges::count_if(replies, [](const auto& r) { return !r.expired(); }); };
  EXPECT_EQ(static_cast<size_t>(alive()), store.size());
  EXPECT_GT(store.size(), 30u);

  EXPECT_EQ(store.insert(question(test::ask("large.example.")), item(0, 100, limit), test::at(0)), nullptr);
  store.sweep(test::at(100), 10'000);
  EXPECT_EQ(store.size(), 0u);
  EXPECT_EQ(store.octets(), 0u);
  EXPECT_EQ(alive(), 0);
}

TEST(cache_store, an_entry_that_grows_stays_within_the_octets) {
  constexpr size_t limit = 10'000;
  cache_store store(100, limit, 0);
  for (size_t i = 0; i < 20; ++i)
    store.insert(question(test::ask(numbered(i))), item(0, 100), test::at(0));
  for (const size_t padding : {100, 3'000, 8'000, 200}) {
    ASSERT_NE(store.insert(question(test::ask(numbered(7))), item(0, 100, padding), test::at(0)), nullptr);
    EXPECT_LE(store.octets(), limit);
    EXPECT_NE(store.find(question(test::ask(numbered(7)))), nullptr);
  }
  EXPECT_EQ(store.insert(question(test::ask(numbered(7))), item(0, 100, limit), test::at(0)), nullptr);
  EXPECT_EQ(store.find(question(test::ask(numbered(7)))), nullptr);
}

TEST(cache_store, of_no_size_keeps_nothing) {
  for (const auto& [entries, octets] : {std::pair<size_t, size_t>{0, 1 << 20}, {10, 0}, {0, 0}}) {
    cache_store store(entries, octets, 0);
    EXPECT_EQ(store.insert(question(test::ask("a.")), item(0, 100), test::at(0)), nullptr);
    EXPECT_EQ(store.find(question(test::ask("a."))), nullptr);
    store.sweep(test::at(0), 10);
  }
}
