// SPDX-License-Identifier: Apache-2.0
#include "tests/net/cache_replies.hpp"

using namespace troupe;
using namespace troupe::net;
using dns::rcode;

namespace {

constexpr auto success = cache_side::success;
constexpr auto denial = cache_side::denial;
constexpr uint32_t now = 0xffff'ffff - 100; // seconds since 1970: signatures outlast the end of 32 bits

cache_rules limits(uint32_t success_min, uint32_t success_max, uint32_t denial_min = 5, uint32_t denial_max = 1800) {
  cache_rules r;
  r.success.min_ttl = success_min;
  r.success.max_ttl = success_max;
  r.denial.min_ttl = denial_min;
  r.denial.max_ttl = denial_max;
  return r;
}

cache_rules failing_for(std::chrono::nanoseconds d) {
  cache_rules r;
  r.servfail = d;
  return r;
}

} // namespace

TEST(cache_rules, what_is_kept_and_how_long) {
  struct row {
    const char* what;
    cache_rules rules;
    test::saying reply;
    bool keep;
    cache_side side;
    uint32_t ttl;
  };
  const std::vector<row> rows{
    {"an answer", {}, {.answer = {300}}, true, success, 300},
    {"the least of its TTLs", {}, {.answer = {300, 20, 60}}, true, success, 20},
    {"the least, of the authority too", {}, {.answer = {300}, .authority = {17}}, true, success, 17},
    {"TTL 0 becomes the least that is allowed", {}, {.answer = {0}}, true, success, 5},
    {"TTL 0 where that is allowed is not kept", limits(0, 3600), {.answer = {0}}, false, success, 0},
    {"at the least", {}, {.answer = {5}}, true, success, 5},
    {"under it", {}, {.answer = {4}}, true, success, 5},
    {"at the most", {}, {.answer = {3600}}, true, success, 3600},
    {"over it", {}, {.answer = {3601}}, true, success, 3600},
    {"cache 30", limits(5, 30, 5, 30), {.answer = {300}}, true, success, 30},
    {"a least over the most: the most wins", limits(60, 30), {.answer = {1}}, true, success, 30},
    {"2^31 - 1", limits(5, UINT32_MAX), {.answer = {0x7fffffff}}, true, success, 0x7fffffff},
    {"2^31", {}, {.answer = {0x80000000}}, true, success, 3600},
    {"2^32 - 1", {}, {.answer = {UINT32_MAX}}, true, success, 3600},
    {"2^32 - 1 unlimited", limits(5, UINT32_MAX), {.answer = {UINT32_MAX}}, true, success, UINT32_MAX},
    {"an answer with SOA beside it", {}, {.answer = {300}, .authority = {100}, .soa = true}, true, success, 100},

    {"NXDOMAIN", {}, {rcode::nxdomain, {}, {60}, false, true}, true, denial, 60},
    {"NXDOMAIN, short", {}, {rcode::nxdomain, {}, {3}, false, true}, true, denial, 5},
    {"NXDOMAIN, long", {}, {rcode::nxdomain, {}, {4000}, false, true}, true, denial, 1800},
    {"NXDOMAIN at the end of a chain", {}, {rcode::nxdomain, {20}, {60}, false, true}, true, denial, 20},
    {"NXDOMAIN without SOA", {}, {rcode::nxdomain, {}, {}}, false, denial, 5},
    {"NODATA", {}, {rcode::noerror, {}, {60}, true, true}, true, denial, 60},
    {"NODATA at the end of a chain", {}, {rcode::noerror, {300}, {200}, true, true}, true, denial, 200},
    {"a chain that ends nowhere, without SOA", {}, {rcode::noerror, {300}, {}, true}, false, success, 300},
    {"NODATA with SOA and NS", {}, {rcode::noerror, {}, {60, 60}, true, true, true}, true, denial, 60},
    {"a referral", {}, {rcode::noerror, {}, {300}, true, false, true}, true, success, 5},
    {"a referral, cache 30 with least 10",
     limits(10, 30),
     {rcode::noerror, {}, {300}, true, false, true},
     true,
     success,
     10},
    {"an empty NOERROR", {}, {rcode::noerror, {}, {}, true}, true, success, 5},

    {"a signature that outlasts the TTL", {}, {.answer = {300}, .signed_until = now + 301}, true, success, 300},
    {"one that does not", {}, {.answer = {300}, .signed_until = now + 200}, true, success, 200},
    {"one that has expired", {}, {.answer = {300}, .signed_until = now - 1}, true, success, 5},
    {"one that is valid from now on",
     {},
     {.answer = {300}, .signed_until = now + 1000, .signed_from = now},
     true,
     success,
     300},
    {"one that is not valid yet",
     {},
     {.answer = {300}, .signed_until = now + 1000, .signed_from = now + 1},
     true,
     success,
     5},
    {"one that is not valid yet, behind the end of 32 bits",
     limits(0, 3600),
     {.answer = {300}, .signed_until = now + 1000, .signed_from = now + 500},
     false,
     success,
     0},
    {"a denial's that is not valid yet",
     {},
     {.rcode = rcode::nxdomain, .authority = {60}, .soa = true, .signed_until = now + 1000, .signed_from = now + 1},
     true,
     denial,
     5},
    {"one that expires now, and nothing is kept for long",
     limits(0, 3600),
     {.answer = {300}, .signed_until = now},
     false,
     success,
     0},
    {"a denial's",
     {},
     {.rcode = rcode::nxdomain, .authority = {60}, .soa = true, .signed_until = now + 30},
     true,
     denial,
     30},
    {"NXDOMAIN with a foreign SOA", {}, {.rcode = rcode::nxdomain, .foreign_soa = true}, true, denial, 5},
    {"NXDOMAIN with one at the end of a chain",
     {},
     {.rcode = rcode::nxdomain, .answer = {300}, .foreign_soa = true},
     true,
     denial,
     5},
    {"NODATA with a foreign SOA", {}, {.nodata = true, .foreign_soa = true}, true, denial, 5},
    {"a chain that ends nowhere, with one",
     {},
     {.answer = {300}, .nodata = true, .foreign_soa = true},
     true,
     denial,
     5},
    {"a foreign SOA, least 20",
     limits(5, 60, 20, 60),
     {.rcode = rcode::nxdomain, .foreign_soa = true},
     true,
     denial,
     20},

    {"SERVFAIL", {}, {rcode::servfail}, true, denial, 5},
    {"SERVFAIL, the limits of denial do not count", limits(5, 5, 60, 60), {rcode::servfail}, true, denial, 5},
    {"SERVFAIL with a SOA", {}, {rcode::servfail, {}, {900}, false, true}, true, denial, 5},
    {"NOTIMP", {}, {rcode::notimp}, true, denial, 5},
    {"servfail 0", failing_for(std::chrono::seconds{0}), {rcode::servfail}, false, denial, 0},
    {"servfail 5m", failing_for(std::chrono::minutes{5}), {rcode::servfail}, true, denial, 300},
    {"servfail 1500ms", failing_for(std::chrono::milliseconds{1500}), {rcode::servfail}, true, denial, 1},
    {"servfail 500ms", failing_for(std::chrono::milliseconds{500}), {rcode::servfail}, false, denial, 0},

    {"REFUSED", {}, {rcode::refused, {}, {300}, false, true}, false, success, 5},
    {"FORMERR", {}, {rcode::formerr}, false, success, 5},
    {"BADVERS", {}, {rcode::badvers}, false, success, 5},
    {"YXDOMAIN", {}, {rcode::yxdomain}, false, success, 5},
    {"a truncated answer", {}, {.answer = {300}, .truncated = true}, false, success, 300},
    {"a truncated NXDOMAIN", {}, {rcode::nxdomain, {}, {60}, false, true, false, true}, false, denial, 60},
    {"a truncated SERVFAIL", {}, {.rcode = rcode::servfail, .truncated = true}, false, denial, 5},
  };
  const dns::query q = test::ask("a.example.");
  for (const row& r : rows) {
    SCOPED_TRACE(r.what);
    const cache_verdict v = judge(r.rules, *test::reply(r.reply), q.name_lowered(), now);
    EXPECT_EQ(v.keep, r.keep);
    EXPECT_EQ(v.side, r.side);
    EXPECT_EQ(v.ttl, r.ttl);
  }
}

TEST(cache_rules, nothing_is_kept_where_it_is_disabled) {
  cache_rules rules;
  rules.success.disabled = {*dns::name::from_text("no.example.")};
  rules.denial.disabled = {*dns::name::from_text("x."), *dns::name::from_text("DENY.example.")};
  struct row {
    const char* name;
    bool success;
    bool denial;
  };
  for (const row& r : std::initializer_list<row>{{"example.", true, true},
                                                 {"no.example.", false, true},
                                                 {"a.no.example.", false, true},
                                                 {"ano.example.", true, true},
                                                 {"a.x.", true, false},
                                                 {"deny.example.", true, false},
                                                 {"b.deny.example.", true, false}}) {
    SCOPED_TRACE(r.name);
    const dns::query q = test::ask(r.name);
    EXPECT_EQ(judge(rules, *test::positive(60), q.name_lowered(), now).keep, r.success);
    EXPECT_EQ(judge(rules, *test::nxdomain(60), q.name_lowered(), now).keep, r.denial);
    EXPECT_EQ(judge(rules, *test::servfail(), q.name_lowered(), now).keep, r.denial);
  }
  rules.denial.disabled = {dns::name{}};
  EXPECT_FALSE(judge(rules, *test::nxdomain(60), test::ask("example.").name_lowered(), now).keep);
}

TEST(cache_rules, whole_seconds_are_taken_off) {
  struct row {
    double after;
    int64_t left;
    bool usable_within_0;
    bool usable_within_10;
  };
  const cache_item item{test::positive(5), test::at(0), 5, success};
  for (const row& r : std::initializer_list<row>{{-0.5, 5, true, true},
                                                 {0, 5, true, true},
                                                 {0.999, 5, true, true},
                                                 {1, 4, true, true},
                                                 {4, 1, true, true},
                                                 {4.999, 1, true, true},
                                                 {5, 0, false, true},
                                                 {5.999, 0, false, true},
                                                 {6, -1, false, true},
                                                 {14.999, -9, false, true},
                                                 {15, -10, false, false}}) {
    SCOPED_TRACE(r.after);
    EXPECT_EQ(item.remaining(test::at(r.after)), r.left);
    EXPECT_EQ(item.usable(test::at(r.after), 0), r.usable_within_0);
    EXPECT_EQ(item.usable(test::at(r.after), 10), r.usable_within_10);
  }
  const cache_item longest{test::positive(5), test::at(0), UINT32_MAX, success};
  EXPECT_EQ(longest.remaining(test::at(1)), int64_t{UINT32_MAX} - 1);
}

TEST(cache_rules, prefetch_is_due) {
  struct row {
    unsigned percentage;
    uint32_t ttl;
    int64_t left;
    bool due;
  };
  cache_rules rules;
  for (const row& r : std::initializer_list<row>{{10, 300, 31, false},
                                                 {10, 300, 30, true},
                                                 {10, 5, 2, false},
                                                 {10, 5, 1, true}, // always in the last second
                                                 {50, 5, 3, true}, // rounded up
                                                 {50, 5, 4, false},
                                                 {90, 10, 9, true},
                                                 {55, 100, 56, true}, // as CoreDNS's doubles have it
                                                 {55, 100, 57, false}}) {
    SCOPED_TRACE(testing::Message() << r.percentage << "% of " << r.ttl << ", " << r.left << " left");
    rules.prefetch_percentage = r.percentage;
    EXPECT_EQ(prefetch_due(rules, r.ttl, r.left), r.due);
  }
}

TEST(cache_rules, a_stale_answer_shows) {
  struct row {
    uint32_t stale_ttl;
    bool keep_ttl;
    uint32_t shown;
  };
  const cache_item item{test::positive(60), test::at(0), 60, success};
  for (const row& r : std::initializer_list<row>{{0, false, 0}, {30, false, 30}, {0, true, 60}, {30, true, 30}}) {
    cache_rules rules;
    rules.stale_ttl = r.stale_ttl;
    rules.keep_ttl = r.keep_ttl;
    EXPECT_EQ(stale_ttl_shown(rules, item), r.shown);
  }
}
