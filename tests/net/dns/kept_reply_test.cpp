// SPDX-License-Identifier: Apache-2.0
#include "net/dns/kept_reply.hpp"

#include "kept.hpp"
#include "net/dns/wire.hpp"

#include <chrono>

using namespace troupe::dns;
using namespace troupe::dns::test;

namespace {

/// What the reply is refused for; -1: it is not.
int refused_for(const octets& reply, const query& q) {
  auto read = read_reply(reply, q, id);
  const auto* problem = std::get_if<reply_problem>(&read);
  return problem ? static_cast<int>(*problem) : -1;
}

} // namespace

TEST(kept_reply, holds_what_was_asked_for_and_nothing_else) {
  struct {
    const char* what;
    unsigned type;
    unsigned rcode;
    rows answer, authority, additional;
    const char* expected; // sections parted by |
    bool nodata, has_soa, has_ns;
  } cases[] = {
    {"a plain answer", 1, 0, {"w.test. 9 A 1.1.1.1", "w.test. 9 A 1.1.1.2"}, {}, {}, "w.test. A w.test. A", 0, 0, 0},
    {"what servers add",
     1,
     0,
     {"w.test. 9 A 1.1.1.1"},
     {"test. 9 NS n.test."},
     {"n.test. 9 A 6.6.6.6"},
     "w.test. A",
     0,
     0,
     0},
    {"other names",
     1,
     0,
     {"evil.test. 9 A 6.6.6.6", "w.test. 9 A 1.1.1.1", "bank.test. 9 CNAME evil.test."},
     {},
     {},
     "w.test. A",
     0,
     0,
     0},
    {"other types", 1, 0, {"w.test. 9 NS n.test.", "w.test. 9 A 1.1.1.1"}, {}, {}, "w.test. A", 0, 0, 0},
    {"another class", 1, 0, {"w.test. 9 CH A 1.1.1.1"}, {"test. 9 CH SOA n.test."}, {}, "", 1, 0, 0},
    {"any case", 1, 0, {"W.tesT. 9 A 1.1.1.1"}, {}, {}, "w.test. A", 0, 0, 0},
    {"a chain in any order",
     1,
     0,
     {"b.test. 9 A 1.1.1.1", "A.test. 9 CNAME B.test.", "w.test. 9 CNAME a.test."},
     {},
     {},
     "b.test. A A.test. CNAME w.test. CNAME",
     0,
     0,
     0},
    {"the alias itself", 5, 0, {"w.test. 9 CNAME a.test.", "a.test. 9 A 1.1.1.1"}, {}, {}, "w.test. CNAME", 0, 0, 0},
    {"two aliases",
     1,
     0,
     {"w.test. 9 CNAME a.test.", "w.test. 9 CNAME b.test.", "b.test. 9 A 6.6.6.6"},
     {},
     {},
     "w.test. CNAME",
     1,
     0,
     0},
    {"all types",
     255,
     0,
     {"w.test. 9 A 1.1.1.1", "w.test. 9 NS n.test.", "n.test. 9 A 1.1.1.1"},
     {},
     {},
     "w.test. A w.test. NS",
     0,
     0,
     0},
    {"a loop of one", 1, 0, {"w.test. 9 CNAME w.test."}, {}, {}, "w.test. CNAME", 1, 0, 0},
    {"a loop of two",
     1,
     0,
     {"w.test. 9 CNAME a.test.", "a.test. 9 CNAME w.test."},
     {},
     {},
     "w.test. CNAME a.test. CNAME",
     1,
     0,
     0},
    {"a DNAME",
     1,
     0,
     {"test. 9 DNAME other.", "w.test. 9 CNAME w.other.", "w.other. 9 A 1.1.1.1"},
     {},
     {},
     "test. DNAME w.test. CNAME w.other. A",
     0,
     0,
     0},
    {"a DNAME that makes something else",
     1,
     0,
     {"test. 9 DNAME evil.", "w.test. 9 CNAME w.other."},
     {},
     {},
     "w.test. CNAME",
     1,
     0,
     0},
    {"a DNAME at the name",
     1,
     0,
     {"w.test. 9 DNAME other.", "w.test. 9 CNAME other."},
     {},
     {},
     "w.test. CNAME",
     1,
     0,
     0},
    {"signatures",
     1,
     0,
     {"w.test. 9 RRSIG CNAME test.", "w.test. 9 CNAME a.test.", "a.test. 9 A 1.1.1.1", "a.test. 9 RRSIG A test.",
      "a.test. 9 RRSIG MX test.", "b.test. 9 RRSIG A test."},
     {},
     {},
     "w.test. RRSIG w.test. CNAME a.test. A a.test. RRSIG",
     0,
     0,
     0},
    {"a wildcard's proof",
     1,
     0,
     {"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A test."},
     {"v.test. 9 NSEC x.test.", "v.test. 9 RRSIG NSEC test.", "v.evil. 9 NSEC x.evil."},
     {},
     "w.test. A w.test. RRSIG | v.test. NSEC v.test. RRSIG",
     0,
     0,
     0},
    {"a signer that is not above",
     1,
     0,
     {"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A evil."},
     {"v.evil. 9 NSEC x.evil."},
     {},
     "w.test. A w.test. RRSIG",
     0,
     0,
     0},
    {"no such type", 1, 0, {}, {"test. 9 SOA n.test."}, {}, "| test. SOA", 1, 1, 0},
    {"no such name",
     1,
     3,
     {},
     {"test. 9 SOA n.test.", "test. 9 RRSIG SOA test.", "a.test. 9 NSEC z.test."},
     {},
     "| test. SOA test. RRSIG a.test. NSEC",
     0,
     1,
     0},
    {"no such name, another's SOA", 1, 3, {}, {"evil. 9 SOA n.evil.", "a.evil. 9 NSEC z.evil."}, {}, "", 0, 0, 0},
    {"two SOA", 1, 3, {}, {"test. 9 SOA n.test.", ". 9 SOA n.test."}, {}, "| test. SOA", 0, 1, 0},
    {"the alias leaves the zone",
     1,
     3,
     {"w.test. 9 CNAME a.other."},
     {"test. 9 SOA n.test.", "other. 9 SOA n.other."},
     {},
     "w.test. CNAME | other. SOA",
     0,
     1,
     0},
    {"a SOA beside an answer", 1, 0, {"w.test. 9 A 1.1.1.1"}, {"test. 9 SOA n.test."}, {}, "w.test. A", 0, 0, 0},
    {"a referral",
     1,
     0,
     {},
     {"test. 9 NS n.test.", "evil. 9 NS n.evil."},
     {"n.test. 9 A 1.1.1.1"},
     "| test. NS",
     1,
     0,
     1},
    {"denied and referred", 1, 0, {}, {"test. 9 NS n.test.", "test. 9 SOA n.test."}, {}, "| test. SOA", 1, 1, 0},
    {"a failure", 1, 2, {}, {"test. 9 NS n.test."}, {}, "", 0, 0, 0},
  };
  for (auto& c : cases) {
    const query q = asked("w.test.", c.type);
    const auto got = kept(reply_to(q, id, c.rcode, c.answer, c.authority, c.additional), q);
    EXPECT_EQ(records_of(*got), c.expected) << c.what;
    EXPECT_EQ(got->nodata, c.nodata) << c.what;
    EXPECT_EQ(got->has_soa, c.has_soa) << c.what;
    EXPECT_EQ(got->has_ns, c.has_ns) << c.what;
    EXPECT_EQ(got->foreign_soa, c.what == std::string_view{"no such name, another's SOA"}) << c.what;
    EXPECT_EQ(got->rcode, c.rcode) << c.what;
  }
}

TEST(kept_reply, replies_to_something_else_are_no_answer) {
  const query q = asked("wEb.test."), small = asked("web.test.");
  const octets good = reply_to(q, id, flag::ra, {"web.test. 9 A 1.1.1.1"});
  const auto with = [&](size_t at, uint8_t value) {
    octets changed = good;
    changed[at] = value;
    return changed;
  };
  const int not_a_reply = static_cast<int>(reply_problem::not_a_reply);
  const int other_question = static_cast<int>(reply_problem::other_question);
  const int other_spelling = static_cast<int>(reply_problem::other_spelling);
  const auto bare = [](unsigned rcode, const octets& counts) { return be16(id) + be16(flag::qr | rcode) + counts; };
  struct {
    const char* what;
    octets reply;
    int problem;
  } cases[] = {
    {"as it should be", good, -1},
    {"nothing", {}, not_a_reply},
    {"eleven octets", octets(good.begin(), good.begin() + 11), not_a_reply},
    {"another ID", with(1, 0x35), not_a_reply},
    {"a query", with(2, 0x01), not_a_reply},
    {"another opcode", with(2, 0xa0), not_a_reply},
    {"no question", with(5, 0), other_question},
    {"two questions", with(5, 2), other_question},
    {"the name spelled otherwise", with(14, 'e'), other_spelling},
    {"a bare FORMERR", bare(1, octets(8)), -1},
    {"a bare REFUSED with OPT", bare(5, hex("0000 0000 0000 0001")) + opt(), -1},
    {"a bare REFUSED with less than it says", bare(5, hex("0000 0000 0000 0001")),
     static_cast<int>(reply_problem::malformed)},
    {"a bare error with an answer", bare(5, hex("0000 0001 0000 0000")), other_question},
    {"a bare error that is cut", bare(flag::tc | 2, octets(8)), other_question},
    {"a bare NOERROR", bare(0, octets(8)), other_question},
    {"a bare NXDOMAIN", bare(3, octets(8)), other_question},
    {"a bare error with another ID", hex("1235 8002") + octets(8), not_a_reply},
    {"another name", with(13, 'v'), other_question},
    {"another type", with(header_octets + 11, 28), other_question},
    {"another class", with(header_octets + 13, 3), other_question},
    {"cut within the question", octets(good.begin(), good.begin() + 20), other_question},
  };
  for (auto& c : cases) {
    EXPECT_EQ(refused_for(c.reply, q), c.problem) << c.what;
    EXPECT_EQ(is_reply_to(c.reply, q, id), c.problem == -1 || c.problem == static_cast<int>(reply_problem::malformed))
      << c.what;
  }
  EXPECT_EQ(refused_for(good, small), -1) << "who varied nothing has nothing to compare";
}

TEST(kept_reply, what_cannot_be_read_is_malformed) {
  const query q = asked("web.test.");
  const octets a = hex("c00c 0001 0001 0000001e 0004 01020304");
  const auto reply = [&](unsigned answers, const octets& behind) {
    return hex("1234 8180 0001") + be16(answers) + hex("0000 0000") + ask_for("web.test.") + behind;
  };
  const auto many = [&](size_t n) {
    octets records;
    for (size_t i = 0; i < n; ++i)
      records.insert(records.end(), a.begin(), a.end());
    return reply(static_cast<unsigned>(n), records);
  };
  // The first record's owner has ten labels, and all others point there.
  const auto deep = [&](size_t n) {
    octets records = hex("0161 0162 0163 0164 0165 0166 0167 0168 c00c 0001 0001 0000001e 0004 01020304");
    const octets again = hex("c01a") + octets(a.begin() + 2, a.end());
    for (size_t i = 1; i < n; ++i)
      records.insert(records.end(), again.begin(), again.end());
    return reply(static_cast<unsigned>(n), records);
  };
  struct {
    const char* what;
    octets reply;
    bool good;
  } cases[] = {
    {"one record", reply(1, a), true},
    {"a count that lies", reply(2, a), false},
    {"the largest count", reply(0xffff, a), false},
    {"octets behind", reply(1, a + hex("00")), false},
    {"cut in the record", reply(1, octets(a.begin(), a.end() - 1)), false},
    {"a pointer at itself", reply(1, hex("c01a 0001 0001 0000001e 0004 01020304")), false},
    {"a pointer ahead", reply(1, hex("c0ff 0001 0001 0000001e 0004 01020304")), false},
    {"data shorter than its type", reply(1, hex("c00c 0001 0001 0000001e 0003 010203")), false},
    {"data longer than the message", reply(1, hex("c00c 0001 0001 0000001e ffff 01020304")), false},
    {"as many records as may be", many(max_reply_records), true},
    {"one more", many(max_reply_records + 1), false},
    {"as many labels as may be", deep(max_message_labels / 10), true},
    {"more", deep(max_message_labels / 10 + 1), false},
  };
  for (auto& c : cases)
    EXPECT_EQ(refused_for(c.reply, q), c.good ? -1 : static_cast<int>(reply_problem::malformed)) << c.what;
}

TEST(kept_reply, of_a_truncated_reply_what_is_whole_stays) {
  const query q = asked("web.test.");
  const octets reply =
    reply_to(q, id, flag::tc | flag::ra, {"web.test. 9 A 1.1.1.1", "web.test. 9 A 1.1.1.2", "bank.test. 9 A 6.6.6.6"},
             {"test. 9 NS n.test."});
  const size_t first = header_octets + q.qname_octets + 4, second = first + 16, third = second + 16;
  for (size_t size = first; size <= reply.size(); ++size) {
    const auto got = kept(octets(reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(size)), q);
    EXPECT_TRUE(got->truncated());
    EXPECT_FALSE(got->nodata);
    EXPECT_EQ(got->found, size >= second) << size;
    EXPECT_EQ(records_of(*got), size < second ? "" : size < third ? "web.test. A" : "web.test. A web.test. A") << size;
  }
  octets lying = reply;
  lying[6] = 0xff;
  EXPECT_EQ(records_of(*kept(lying, q)), "") << "more than any reply may have";
}

TEST(kept_reply, chains_are_followed_so_far) {
  for (const size_t links : {size_t{50}, max_chain, max_chain + 1, size_t{1000}}) {
    rows answer;
    for (size_t i = 0; i < links; ++i)
      answer.push_back("n" + std::to_string(i) + ".test. 9 CNAME n" + std::to_string(i + 1) + ".test.");
    answer.push_back("n" + std::to_string(links) + ".test. 9 A 1.1.1.1");
    const query q = asked("n0.test.");
    const auto got = kept(reply_to(q, id, 0, answer), q);
    EXPECT_EQ(got->nodata, links > max_chain) << links;
    EXPECT_EQ(got->ttls.size(), links > max_chain ? max_chain : links + 1) << links;
  }
}

TEST(kept_reply, times_are_those_of_rfc_8767) {
  struct {
    uint32_t first, second, least;
  } cases[] = {
    {30, 60, 30},         {60, 30, 30},
    {0, 30, 0},           {0x7fffffff, 0x7fffffff, 0x7fffffff},
    {0x80000000, 30, 30}, {0x80000000, 0xffffffff, 0x7fffffff},
  };
  const query q = asked("web.test.");
  for (auto& c : cases) {
    const auto got = kept(reply_to(q, id, 0,
                                   {"web.test. " + std::to_string(c.first) + " CNAME a.test.",
                                    "a.test. " + std::to_string(c.second) + " A 1.1.1.1"}),
                          q);
    EXPECT_EQ(got->least_ttl, c.least) << c.first << ' ' << c.second;
    for (const uint16_t at : got->ttls)
      EXPECT_LT(get32(&got->image[at]), 0x80000000u);
  }
  EXPECT_EQ(kept(reply_to(q, id, 0, {}), q)->least_ttl, 0u);
}

TEST(kept_reply, knows_when_the_first_of_its_signatures_expires) {
  const struct {
    rows answer;
    std::optional<uint32_t> until;
  } cases[] = {
    {{"w.test. 9 A 1.1.1.1"}, {}},
    {{"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A test. 1800000000"}, 1'800'000'000},
    {{"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A test. 1800000000", "w.test. 9 RRSIG A test. 1700000000"},
     1'700'000'000},
    {{"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A test. 5", "w.test. 9 RRSIG A test. 4294967290"}, 4'294'967'290},
    {{"w.test. 9 A 1.1.1.1", "b.test. 9 RRSIG A test. 1800000000"}, {}}, // of another name: not kept
  };
  const query q = asked("w.test.");
  for (auto& c : cases)
    EXPECT_EQ(kept(reply_to(q, id, 0, c.answer), q)->signed_until, c.until) << c.answer.back();
}

TEST(kept_reply, knows_when_the_last_of_its_signatures_begins) {
  const struct {
    rows answer;
    uint32_t from;
  } cases[] = {
    {{"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A test. 1800000000 1700000000"}, 1'700'000'000},
    {{"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A test. 1800000000 1700000000",
      "w.test. 9 RRSIG A test. 1800000000 1750000000"},
     1'750'000'000},
    {{"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A test. 1800000000 1750000000",
      "w.test. 9 RRSIG A test. 1800000000 1700000000"},
     1'750'000'000},
    {{"w.test. 9 A 1.1.1.1", "w.test. 9 RRSIG A test. 99 5", "w.test. 9 RRSIG A test. 99 4294967290"}, 5},
  };
  const query q = asked("w.test.");
  for (auto& c : cases)
    EXPECT_EQ(kept(reply_to(q, id, 0, c.answer), q)->signed_from, c.from) << c.answer.back();
}

TEST(kept_reply, opt_gives_the_upper_bits_of_the_rcode_and_goes) {
  const query q = asked("web.test.");
  const octets reply = hex("1234 8180 0001 0000 0000 0001") + ask_for("web.test.") + hex("00 0029 1000 01000000 0000");
  const auto got = kept(reply, q);
  EXPECT_EQ(got->rcode, 16);
  EXPECT_TRUE(got->edns);
  EXPECT_FALSE(kept(reply_to(q, id, 0, {}), q)->edns);
  EXPECT_FALSE(got->nodata);
  EXPECT_EQ(records_of(*got), "");
}

TEST(kept_reply, the_worst_reply_costs_little) {
  // 64 links, each with many DNAMEs above it that must be tried, and very many signatures.
  rows answer;
  for (size_t i = 0; i < max_chain; ++i)
    answer.push_back("n" + std::to_string(i) + ".a.test. 9 CNAME n" + std::to_string(i + 1) + ".a.test.");
  while (answer.size() < 1'200)
    answer.push_back("n0.a.test. 9 RRSIG CNAME test.");
  while (answer.size() < 1'250)
    answer.push_back("a.test. 9 DNAME a.test.");
  const query q = asked("n0.a.test.");
  const octets reply = reply_to(q, id, 0, answer);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(kept(reply, q)->ttls.size(), 1'200u);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
}
