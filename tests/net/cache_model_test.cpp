// SPDX-License-Identifier: Apache-2.0
#include "tests/net/cache_replies.hpp"

#include <map>
#include <random>

using namespace troupe;
using namespace troupe::net;

namespace {

/// The rules once more, written down as plainly as they go: everything is remembered for ever, in one map.
class model {
public:
  explicit model(const cache_rules& rules) : rules_(rules) {}

  struct known {
    dns::kept_reply_ptr reply;
    uint64_t second;
    uint64_t ttl;
  };

  void learn(size_t question, const dns::kept_reply_ptr& reply, uint64_t second, bool refresh) {
    const auto code = static_cast<dns::rcode>(reply->rcode);
    const bool positive = code == dns::rcode::noerror && !reply->nodata;
    const bool failed = code == dns::rcode::servfail;
    if (refresh && failed)
      return;
    auto& [good, bad] = what_[question];
    if (positive) {
      good = {reply, second, reply->least_ttl};
      bad = {};
    } else {
      bad = {reply, second, failed ? 5 : reply->least_ttl};
      if (!failed && !rules_.prefer_positive)
        good = {};
    }
  }

  /// What is answered from; null: nothing.
  const known* answer(size_t question, uint64_t second) {
    const auto& [good, bad] = what_[question];
    const bool has_good = usable(good, second);
    const bool has_bad = usable(bad, second);
    const bool failed = has_bad && static_cast<dns::rcode>(bad.reply->rcode) == dns::rcode::servfail;
    if (has_good && (rules_.prefer_positive || !has_bad || failed))
      return &good;
    return has_bad ? &bad : nullptr;
  }

  /// It is what was last heard, of one kind or the other.
  bool heard(size_t question, const dns::kept_reply_ptr& reply) {
    const auto& [good, bad] = what_[question];
    return reply == good.reply || reply == bad.reply;
  }

private:
  bool usable(const known& k, uint64_t second) const {
    return k.reply && second < k.second + k.ttl + rules_.stale_seconds();
  }

  const cache_rules& rules_;
  std::map<size_t, std::pair<known, known>> what_; // question: positive, and denied or failed
};

dns::kept_reply_ptr any_reply(std::minstd_rand& random) {
  const uint32_t ttl = 1 + random() % 40;
  switch (random() % 6) {
  case 0:
    return test::nxdomain(ttl);
  case 1:
    return test::nodata(ttl);
  case 2:
    return test::servfail();
  default:
    return test::reply({.answer = {ttl}, .padding = random() % 600});
  }
}

/// Random operations on both. Where `exact`, nothing may be missing; else entries may be thrown out, but what is found
/// must be what the model knows, unless the better half of it was thrown out.
void compare(const cache_rules& rules, size_t max_octets, bool exact, unsigned seed) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::minstd_rand random(seed);
  cache_counters counters;
  cache_table table(rules, counters, max_octets);
  model expected(rules);
  std::vector<dns::query> questions;
  for (size_t i = 0; i < 500; ++i)
    questions.push_back(
      test::ask("n" + std::to_string(i / 4) + ".example.", {.dnssec_ok = i % 2 == 1, .checking_disabled = i % 4 > 1}));

  uint64_t second = 0;
  size_t hits = 0;
  for (int step = 0; step < 100'000; ++step) {
    second += random() % 50 == 0;
    const time_point now = test::at(static_cast<double>(second));
    const size_t i =
      random() % questions.size() * (random() % questions.size()) / questions.size(); // low ones more often
    const cache_found found = table.find(questions[i], now);
    const model::known* known = expected.answer(i, second);
    if (exact) {
      ASSERT_EQ(found.item != nullptr, known != nullptr) << step;
    }
    if (found.item) {
      ++hits;
      ASSERT_NE(known, nullptr) << step;
      ASSERT_TRUE(expected.heard(i, found.item->reply)) << step;
      if (exact) {
        ASSERT_EQ(found.item->reply, known->reply) << step;
      }
      const uint64_t age = second - static_cast<uint64_t>((found.item->stored - test::at(0)) / std::chrono::seconds{1});
      const bool is_fresh = age < found.item->ttl;
      ASSERT_EQ(found.outcome == cache_outcome::fresh, is_fresh) << step;
      ASSERT_EQ(found.ttl, is_fresh ? found.item->ttl - age : rules.stale_ttl) << step;
    }
    if (!found.item || found.refresh) {
      const dns::kept_reply_ptr reply = any_reply(random);
      expected.learn(i, reply, second, found.item != nullptr);
      if (found.item)
        table.refreshed(questions[i], reply, now);
      else
        table.store(questions[i], reply, now);
    }
    if (random() % 100 == 0)
      table.sweep(now, random() % 50);
    ASSERT_LE(table.octets(), max_octets);
    ASSERT_LE(table.size(cache_side::success), rules.success.capacity);
    ASSERT_LE(table.size(cache_side::denial), rules.denial.capacity);
    ASSERT_EQ(counters.entries[0].read(), table.size(cache_side::success));
  }
  EXPECT_GT(hits, 20'000u);
  EXPECT_EQ(counters.evictions[0].read() + counters.evictions[1].read() == 0, exact);
}

cache_rules rules(bool stale, bool prefer_positive, size_t capacity) {
  cache_rules r = test::wide();
  r.success.capacity = r.denial.capacity = capacity;
  r.serve_stale = std::chrono::seconds{stale ? 30 : 0};
  r.stale_ttl = 7;
  r.prefer_positive = prefer_positive;
  r.prefetch = 2;
  return r;
}

} // namespace

TEST(cache_model, says_the_same) {
  const unsigned seed = std::random_device{}();
  compare(rules(false, false, 9984), default_cache_octets, true, seed);
  compare(rules(true, false, 9984), default_cache_octets, true, seed + 1);
  compare(rules(true, true, 9984), default_cache_octets, true, seed + 2);
}

TEST(cache_model, says_nothing_else_when_it_is_small) {
  const unsigned seed = std::random_device{}();
  compare(rules(false, false, 100), default_cache_octets, false, seed);
  compare(rules(true, false, 100), default_cache_octets, false, seed + 1);
  compare(rules(true, true, 9984), 100'000, false, seed + 2);
}
