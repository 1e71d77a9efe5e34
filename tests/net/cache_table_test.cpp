// SPDX-License-Identifier: Apache-2.0
#include "tests/net/cache_replies.hpp"

#include <optional>

using namespace troupe;
using namespace troupe::net;
using enum cache_outcome;
using dns::rcode;
using std::chrono::seconds;

namespace {

cache_rules stale_rules(bool verify = false, bool prefer_positive = false, seconds recheck = seconds{0}) {
  cache_rules r = test::wide();
  r.serve_stale = seconds{20};
  r.stale_ttl = 30;
  r.stale_verify = verify;
  r.prefer_positive = prefer_positive;
  r.stale_recheck = recheck;
  return r;
}

struct world {
  cache_counters counters;
  cache_table table;
  const dns::query q = test::ask("a.example.");

  explicit world(cache_rules rules = test::wide()) : table(std::move(rules), counters) {}

  cache_found find(double when) {
    const cache_found f = table.find(q, test::at(when));
    count_lookup(counters, f);
    return f;
  }
  cache_stored store(double when, dns::kept_reply_ptr r) { return table.store(q, std::move(r), test::at(when)); }
  cache_stored refreshed(double when, dns::kept_reply_ptr r) {
    return table.refreshed(q, std::move(r), test::at(when));
  }
};

/// One look-up and what is expected of it.
struct look {
  double when;
  cache_outcome outcome;
  uint32_t ttl = 0;
  bool refresh = false;
  std::optional<rcode> says = {}; // rcode of what is found, where it matters
};

void check(world& w, const std::vector<look>& looks) {
  for (const look& l : looks) {
    SCOPED_TRACE(l.when);
    const cache_found f = w.find(l.when);
    EXPECT_EQ(f.outcome, l.outcome);
    EXPECT_EQ(f.ttl, l.ttl);
    EXPECT_EQ(f.refresh, l.refresh);
    EXPECT_EQ(f.item == nullptr, l.outcome == miss);
    if (l.says && f.item) {
      EXPECT_EQ(static_cast<rcode>(f.item->reply->rcode), *l.says);
    }
  }
}

} // namespace

TEST(cache_table, the_first_answer_and_later_ones) {
  world w;
  check(w, {{0, miss}});
  const cache_stored s = w.store(0, test::reply({.answer = {300, 5}}));
  EXPECT_TRUE(s.kept);
  EXPECT_TRUE(s.serve);
  EXPECT_EQ(s.item.ttl, 5u);
  check(w, {{0, fresh, 5}, {0.999, fresh, 5}, {1, fresh, 4}, {4.999, fresh, 1}, {5, miss}, {6, miss}});
  EXPECT_EQ(w.counters.requests.read(), 7u);
  EXPECT_EQ(w.counters.hits[0].read(), 4u);
  EXPECT_EQ(w.counters.hits[1].read(), 0u);
  EXPECT_EQ(w.counters.misses.read(), 3u);
  EXPECT_EQ(w.counters.served_stale.read(), 0u);
}

TEST(cache_table, what_is_not_kept_is_still_shown_with_its_ttl) {
  world w;
  const cache_stored s = w.store(0, test::reply({rcode::noerror, {300}, {}, true}));
  EXPECT_FALSE(s.kept);
  EXPECT_TRUE(s.serve);
  EXPECT_EQ(s.item.ttl, 300u);
  check(w, {{0, miss}});
}

TEST(cache_table, keepttl_shows_the_first_ttl) {
  cache_rules rules = test::wide();
  rules.keep_ttl = true;
  world w(rules);
  w.store(0, test::positive(60));
  check(w, {{0, fresh, 60}, {59.9, fresh, 60}, {60, miss}});
}

TEST(cache_table, questions_do_not_answer_each_other) {
  world w;
  const std::vector<dns::query> all{test::ask("a.example."),
                                    test::ask("a.example.", {.type = 28}),
                                    test::ask("a.example.", {.qclass = 3}),
                                    test::ask("a.example.", {.dnssec_ok = true}),
                                    test::ask("a.example.", {.checking_disabled = true}), // CVE-2024-0874
                                    test::ask("b.example."),
                                    test::ask("a.example.", {.recursion_desired = true})};
  for (uint32_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(w.table.find(all[i], test::at(0)).outcome, miss) << i;
    // NXDOMAIN of one type says nothing about another: answers are kept by question, as CoreDNS does.
    w.table.store(all[i], i % 2 ? test::nxdomain(100 + i) : test::positive(100 + i), test::at(0));
  }
  for (uint32_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(w.table.find(all[i], test::at(0)).ttl, 100 + i) << i;
  EXPECT_EQ(w.table.find(test::ask("A.EXAMPLE."), test::at(0)).ttl, 100u);
  EXPECT_EQ(w.table.find(test::ask("a.example.", {.qclass = 255}), test::at(0)).ttl, 100u);
  EXPECT_EQ(w.table.size(cache_side::success), 4u);
  EXPECT_EQ(w.counters.entries[1].read(), 3u);
}

/// CVE-2026-44687: an upstream's NXDOMAIN for `local.` says nothing about cluster.local.
TEST(cache_table, a_denial_shadows_no_name_below_it) {
  world w;
  w.table.store(test::ask("local."), test::nxdomain(100), test::at(0));
  for (const char* below : {"cluster.local.", "a.b.cluster.local."})
    EXPECT_EQ(w.table.find(test::ask(below), test::at(0)).outcome, miss) << below;
}

TEST(cache_table, the_newest_answer_is_the_only_one) {
  using make = dns::kept_reply_ptr (*)(uint32_t);
  const make failure = [](uint32_t) { return test::servfail(); };
  const make unknown = [](uint32_t) { return test::notimp(); };
  struct row {
    const char* what;
    make first;
    make second;
    rcode says;
    size_t entries;
  };
  for (const row& r : std::initializer_list<row>{{"denied", test::positive, test::nxdomain, rcode::nxdomain, 1},
                                                 {"no such data", test::positive, test::nodata, rcode::noerror, 1},
                                                 {"there again", test::nxdomain, test::positive, rcode::noerror, 1},
                                                 {"a referral", test::nxdomain, test::referral, rcode::noerror, 1},
                                                 {"SERVFAIL after", test::positive, failure, rcode::noerror, 2},
                                                 {"SERVFAIL before", failure, test::positive, rcode::noerror, 1},
                                                 {"NOTIMP after", test::positive, unknown, rcode::notimp, 2},
                                                 {"NXDOMAIN, SERVFAIL", test::nxdomain, failure, rcode::servfail, 1}}) {
    SCOPED_TRACE(r.what);
    world w;
    w.store(0, r.first(100));
    const dns::kept_reply_ptr second = r.second(50);
    w.store(1, second);
    const cache_found f = w.find(2);
    ASSERT_NE(f.item, nullptr);
    EXPECT_EQ(static_cast<rcode>(f.item->reply->rcode), r.says);
    EXPECT_EQ(w.table.size(cache_side::success) + w.table.size(cache_side::denial), r.entries);
  }
}

TEST(cache_table, prefetch) {
  cache_rules rules = test::wide();
  rules.prefetch = 3;
  rules.prefetch_within = seconds{10};
  rules.prefetch_percentage = 50;
  world w(rules);
  w.store(0, test::positive(60));
  // Asked often too early, then rarely, then often and late.
  check(w, {{1, fresh, 59},
            {2, fresh, 58},
            {3, fresh, 57},
            {4, fresh, 56},
            {29.9, fresh, 31},
            {31, fresh, 29},
            {41, fresh, 19, true},
            {42, fresh, 18},
            {43, fresh, 17}});
  EXPECT_EQ(w.counters.prefetches.read(), 1u);
  // Asks go on counting in what it brought, since they come without a gap.
  w.refreshed(44, test::positive(10));
  check(w, {{45, fresh, 9}, {49, fresh, 5, true}});
  // Nothing came: the next who asks has it fetched.
  w.refreshed(50, nullptr);
  check(w, {{50, fresh, 4, true}});
  // A failure takes nothing away.
  EXPECT_FALSE(w.refreshed(51, test::servfail()).serve);
  check(w, {{51, fresh, 3, true, rcode::noerror}});
  // Nobody ever says what became of it.
  check(w, {{53.999, fresh, 1}});
  EXPECT_EQ(w.counters.prefetches.read(), 4u);
  // An answer to a miss starts counting anew.
  w.store(53.999, test::positive(4));
  check(w, {{56, fresh, 2}, {56, fresh, 2}, {56, fresh, 2, true}});
}

TEST(cache_table, prefetch_needs_asks_without_a_gap) {
  cache_rules rules = test::wide();
  rules.prefetch = 2;
  rules.prefetch_within = seconds{10};
  rules.prefetch_percentage = 90;
  world w(rules);
  w.store(0, test::positive(100));
  check(w, {{20, fresh, 80}, {30.1, fresh, 70}, {40.2, fresh, 60}, {50.2, fresh, 50, true}});
}

TEST(cache_table, prefetch_of_what_is_gone_brings_the_denial) {
  cache_rules rules = test::wide();
  rules.prefetch = 1;
  rules.prefetch_percentage = 90;
  world w(rules);
  w.store(0, test::positive(100));
  check(w, {{20, fresh, 80, true}});
  EXPECT_TRUE(w.refreshed(20, test::nxdomain(5)).serve);
  check(w, {{21, fresh, 4, true, rcode::nxdomain}, {26, miss}});
}

TEST(cache_table, stale_at_once) {
  world w(stale_rules());
  w.store(0, test::positive(5));
  check(w, {{4.999, fresh, 1}, {5, stale, 30, true}, {6, stale, 30}, {9.999, stale, 30}});
  EXPECT_EQ(w.counters.served_stale.read(), 3u);
  EXPECT_EQ(w.counters.prefetches.read(), 1u);
  EXPECT_FALSE(w.refreshed(10, test::servfail()).serve);
  check(w, {{11, stale, 30, true, rcode::noerror}});
  EXPECT_FALSE(w.refreshed(12, nullptr).serve);
  check(w, {{24.999, stale, 30, true}, {25, miss}});
  EXPECT_TRUE(w.refreshed(24, test::positive(7)).serve);
  check(w, {{25, fresh, 6}});
  EXPECT_EQ(w.counters.hits[0].read(), 7u);
}

TEST(cache_table, a_stale_denial_is_one_too) {
  world w(stale_rules());
  w.store(0, test::nxdomain(5));
  check(w, {{5, stale, 30, true, rcode::nxdomain}});
  w.refreshed(5, test::servfail());
  check(w, {{6, stale, 30, true, rcode::nxdomain}});
  EXPECT_TRUE(w.refreshed(6, test::positive(5)).kept);
  check(w, {{6, fresh, 5, false, rcode::noerror}});
  EXPECT_EQ(w.counters.hits[1].read(), 2u);
}

TEST(cache_table, a_refresh_that_failed_is_left_alone_for_the_recheck) {
  for (const bool verify : {false, true}) {
    world w(stale_rules(verify, false, seconds{4}));
    const cache_outcome asks = verify ? cache_outcome::verify : stale;
    w.store(0, test::positive(5));
    check(w, {{6, asks, 30, true}});
    w.refreshed(7, nullptr);
    check(w, {{7, stale, 30}, {10.999, stale, 30}, {11, asks, 30, true}});
    w.refreshed(12, test::positive(1));
    check(w, {{12, fresh, 1}, {13, asks, 30, true}});
  }
}

TEST(cache_table, stale_only_after_asking) {
  struct row {
    const char* what;
    dns::kept_reply_ptr came;
    bool serve;
    look next;
  };
  for (const row& r :
       std::vector<row>{{"an answer", test::positive(9), true, {7, fresh, 9, false, rcode::noerror}},
                        {"NXDOMAIN", test::nxdomain(9), true, {7, fresh, 9, false, rcode::nxdomain}},
                        {"NODATA", test::nodata(9), true, {7, fresh, 9}},
                        {"not kept", test::reply({.rcode = rcode::nxdomain}), true, {7, verify, 30, true}},
                        {"SERVFAIL", test::servfail(), false, {7, verify, 30, true, rcode::noerror}},
                        {"NOTIMP", test::notimp(), false, {7, verify, 30, true, rcode::noerror}},
                        {"REFUSED", test::reply({.rcode = rcode::refused}), false, {7, verify, 30, true}},
                        {"cut", test::reply({.answer = {9}, .truncated = true}), false, {7, verify, 30, true}},
                        {"nothing", nullptr, false, {7, verify, 30, true, rcode::noerror}}}) {
    SCOPED_TRACE(r.what);
    world w(stale_rules(true));
    w.store(0, test::positive(5));
    check(w, {{6, verify, 30, true}, {6.5, verify, 30}});
    EXPECT_EQ(w.refreshed(7, r.came).serve, r.serve);
    check(w, {r.next});
    EXPECT_EQ(w.counters.prefetches.read(), 0u);
    EXPECT_EQ(w.counters.served_stale.read(), 0u);
  }
}

TEST(cache_table, a_verification_nobody_ended_is_begun_again) {
  world w(stale_rules(true));
  w.store(0, test::positive(5));
  check(w, {{6, verify, 30, true}, {10.999, verify, 30}, {11, verify, 30, true}});
}

TEST(cache_table, prefer_positive) {
  struct row {
    const char* what;
    dns::kept_reply_ptr came;
    bool serve;
    look next;
  };
  for (const row& r : std::vector<row>{{"an answer", test::positive(9), true, {7, fresh, 9}},
                                       {"NXDOMAIN", test::nxdomain(9), false, {7, verify, 30, true, rcode::noerror}},
                                       {"NODATA", test::nodata(9), false, {7, verify, 30, true, rcode::noerror}},
                                       {"a referral", test::referral(9), false, {7, verify, 30, true, rcode::noerror}},
                                       {"SERVFAIL", test::servfail(), false, {7, verify, 30, true, rcode::noerror}}}) {
    SCOPED_TRACE(r.what);
    world w(stale_rules(true, true));
    const dns::kept_reply_ptr first = test::positive(5);
    w.store(0, first);
    check(w, {{6, verify, 30, true}});
    EXPECT_EQ(w.refreshed(7, r.came).serve, r.serve);
    check(w, {r.next});
    if (!r.serve) {
      EXPECT_EQ(w.find(7.1).item->reply, first);
    }
  }
}

TEST(cache_table, prefer_positive_ends_with_the_stale_window) {
  world w(stale_rules(false, true));
  w.store(0, test::positive(5));
  check(w, {{6, stale, 30, true}});
  EXPECT_FALSE(w.refreshed(20, test::nxdomain(60)).serve);
  check(w, {{24.999, stale, 30, true, rcode::noerror}, {25, fresh, 55, false, rcode::nxdomain}});
  // Without a known answer a denial that comes is an answer like any other, and one that answers takes its place.
  check(w, {{80, stale, 30, true, rcode::nxdomain}});
  EXPECT_TRUE(w.refreshed(80, test::nxdomain(5)).serve);
  w.refreshed(81, test::positive(5));
  check(w, {{81, fresh, 5, false, rcode::noerror}});
  EXPECT_EQ(w.table.size(cache_side::denial), 0u);
}

TEST(cache_table, prefer_positive_says_nothing_without_serve_stale) {
  cache_rules rules = test::wide();
  rules.prefer_positive = true;
  world w(rules);
  w.store(0, test::positive(60));
  w.store(1, test::nxdomain(60));
  check(w, {{2, fresh, 59, false, rcode::nxdomain}});
}

TEST(cache_table, a_front_gets_what_its_owner_keeps) {
  world owner(stale_rules());
  world front(stale_rules());
  const cache_stored s = owner.store(0, test::positive(10));
  front.table.put(front.q, s.item, test::at(2));
  check(front, {{3, fresh, 7}, {10, stale, 30, true}});
  EXPECT_EQ(owner.table.peek(owner.q, test::at(10))->stored, test::at(0)); // nothing newer
  EXPECT_TRUE(owner.table.begin_refresh(owner.q, test::at(10)));
  EXPECT_FALSE(owner.table.begin_refresh(owner.q, test::at(11))); // another front's
  EXPECT_EQ(owner.counters.prefetches.read(), 1u);
  const cache_stored denied = owner.refreshed(11, test::nxdomain(5));
  front.table.put(front.q, denied.item, test::at(11));
  check(front, {{11, fresh, 5, false, rcode::nxdomain}});
  front.table.put(front.q, s.item, test::at(12)); // late
  check(front, {{12, fresh, 4, false, rcode::nxdomain}});
  EXPECT_EQ(owner.table.peek(owner.q, test::at(12))->stored, test::at(11));
  const dns::query unknown = test::ask("unknown.example.");
  EXPECT_EQ(owner.table.peek(unknown, test::at(12)), nullptr);
  EXPECT_FALSE(owner.table.begin_refresh(unknown, test::at(12)));
}

TEST(cache_table, each_side_has_its_own_bounds) {
  cache_rules rules = test::wide();
  rules.success.capacity = 10;
  rules.denial.capacity = 5;
  world w(rules);
  for (int i = 0; i < 100; ++i) {
    const dns::query q = test::ask("n" + std::to_string(i) + ".example.");
    w.table.store(q, i < 10 ? test::positive(60) : test::nxdomain(60), test::at(0));
  }
  EXPECT_EQ(w.counters.entries[0].read(), 10u);
  EXPECT_EQ(w.counters.entries[1].read(), 5u);
  EXPECT_EQ(w.counters.evictions[0].read(), 0u);
  EXPECT_EQ(w.counters.evictions[1].read(), 85u);
  w.table.sweep(test::at(60), 100);
  EXPECT_EQ(w.table.octets(), 0u);
  EXPECT_EQ(w.counters.entries[0].read() + w.counters.entries[1].read(), 0u);
}

TEST(cache_table, what_is_found_again_outlives_what_is_not) {
  cache_rules rules = test::wide();
  rules.success.capacity = 10;
  world w(rules);
  w.store(0, test::positive(60));
  for (int i = 0; i < 100; ++i) {
    w.table.store(test::ask("once" + std::to_string(i) + ".example."), test::positive(60), test::at(0));
    check(w, {{0, fresh, 60}});
  }
}

TEST(cache_table, the_dead_make_room_as_others_come) {
  world w;
  for (int i = 0; i < 4'000; ++i)
    w.table.store(test::ask("old" + std::to_string(i) + ".example."), test::positive(60), test::at(0));
  for (int i = 0; i < 1'400; ++i)
    w.table.store(test::ask("new" + std::to_string(i) + ".example."), test::positive(60), test::at(60));
  EXPECT_EQ(w.table.size(cache_side::success), 1'400u);
  EXPECT_EQ(w.counters.evictions[0].read(), 0u);
}

TEST(cache_table, forgets_what_is_at_and_below_a_name) {
  for (const char* zone : {".", "example.", "b.example.", "test."}) {
    world w;
    const dns::name below = *dns::name::from_text(zone);
    const std::vector<std::string> names{"a.example.", "b.example.", "c.b.example.", "example.", "ab.example."};
    for (size_t i = 0; i < names.size(); ++i)
      w.table.store(test::ask(names[i]), i % 2 ? test::nxdomain(60) : test::positive(60), test::at(0));
    w.table.store(test::ask("later.b.example."), test::positive(60), test::at(2));
    while (w.table.forget(below.wire(), test::at(1), 1)) {
    }
    for (auto& name : names)
      EXPECT_EQ(w.table.find(test::ask(name), test::at(2)).outcome == miss,
                dns::is_subdomain(dns::name::from_text(name)->wire(), below.wire()))
        << name << " below " << zone;
    EXPECT_EQ(w.table.find(test::ask("later.b.example."), test::at(2)).outcome, fresh) << "stored after that";
    EXPECT_EQ(w.counters.entries[0].read(), w.table.size(cache_side::success));
  }
}
