// SPDX-License-Identifier: Apache-2.0
#include "kept.hpp"
#include "net/dns/wire.hpp"

using namespace troupe::dns;
using namespace troupe::dns::test;

namespace {

octets answered(const kept_reply& r, const query& to, reply_writing how = {}) {
  octets out(max_message_octets);
  out.resize(write_reply(r, to, how, out));
  return out;
}

} // namespace

TEST(write_reply, is_given_to_another_asker_in_its_own_words) {
  const query first = asked("wEb.tEst.");
  const auto got = kept(reply_to(first, id, flag::aa | flag::ra | flag::ad | flag::rd | flag::cd,
                                 {"web.test. 30 CNAME A.web.test.", "a.web.test. 40 A 1.1.1.1"}),
                        first);
  struct {
    const char* what;
    unsigned flags;
    bool dnssec_ok;
    reply_writing how;
    unsigned expected;
  } cases[] = {
    {"nothing set", 0, false, {}, flag::qr | flag::aa | flag::ra},
    {"RD", flag::rd, false, {}, flag::qr | flag::aa | flag::ra | flag::rd},
    {"CD", flag::cd, false, {}, flag::qr | flag::aa | flag::ra | flag::cd},
    {"AD", flag::ad, false, {}, flag::qr | flag::aa | flag::ra | flag::ad},
    {"DO", 0, true, {}, flag::qr | flag::aa | flag::ra | flag::ad},
    {"from the cache", 0, false, {.authoritative = true, .fixed_ttl = true, .ttl = 5}, flag::qr | flag::aa | flag::ra},
    {"bits of a query that mean nothing", flag::tc | flag::z, false, {}, flag::qr | flag::aa | flag::ra},
  };
  for (auto& c : cases) {
    query other = asked("WeB.test.");
    other.id = 77;
    other.flags = static_cast<uint16_t>(c.flags);
    other.edns.dnssec_ok = c.dnssec_ok;
    auto read = read_message(answered(*got, other, c.how));
    ASSERT_TRUE(std::holds_alternative<message>(read)) << c.what;
    const auto& m = std::get<message>(read);
    EXPECT_EQ(m.id, 77) << c.what;
    EXPECT_EQ(m.flags, c.expected) << c.what;
    EXPECT_EQ(m.questions.at(0).owner.to_text(), "WeB.test.") << c.what;
    const std::string ttls[] = {c.how.fixed_ttl ? "5" : "30", c.how.fixed_ttl ? "5" : "40"};
    ASSERT_EQ(m[section::answer].size(), 2u) << c.what;
    EXPECT_EQ(to_text(m[section::answer][0]), "WeB.test. " + ttls[0] + " IN CNAME A.web.test.") << c.what;
    EXPECT_EQ(to_text(m[section::answer][1]), "a.web.test. " + ttls[1] + " IN A 1.1.1.1") << c.what;
  }
}

/// All that there is is IN: that is what is asked for and kept, and the client's question comes back as it was.
TEST(write_reply, class_any_means_in) {
  const query in = asked("web.test.");
  query any = in;
  any.id = id;
  any.qclass = 255;
  octets sent(512);
  sent.resize(write_upstream_query(any, id, sent));
  octets same(512);
  same.resize(write_upstream_query(in, id, same));
  EXPECT_EQ(sent, same);
  const octets reply = reply_to(in, id, 0, {"web.test. 30 A 1.1.1.1", "web.test. 30 CH A 2.2.2.2"});
  const auto got = kept(reply, any);
  EXPECT_EQ(records_of(*got), "web.test. A");
  EXPECT_EQ(records_of(*kept(answered(*got, any), any)), "web.test. A") << "as a cache reads what our own stages say";
  for (const query& to : {in, any}) {
    const auto m = std::get<message>(read_message(answered(*got, to)));
    EXPECT_EQ(m.questions.at(0).rrclass, to.qclass);
    EXPECT_EQ(to_text(m[section::answer].at(0)), "web.test. 30 IN A 1.1.1.1");
  }
}

TEST(write_reply, is_not_written_where_it_does_not_fit) {
  const query q = asked("web.test.");
  const auto got = kept(reply_to(q, id, 0, {"web.test. 30 A 1.1.1.1"}), q);
  octets out(got->image.size());
  EXPECT_EQ(write_reply(*got, q, {}, out), out.size());
  EXPECT_EQ(write_reply(*got, q, {}, std::span{out}.first(out.size() - 1)), 0u);
  EXPECT_EQ(write_reply(*got, asked("longer.test."), {}, out), 0u);
  EXPECT_FALSE(kept(reply_to(q, id, 0, {}), q)->truncated());
  EXPECT_TRUE(image_of(*got).sections[2].empty());
}

TEST(upstream_query, has_the_options_of_our_own) {
  query q = asked("web.test.");
  q.upstream_options = std::make_shared<const octets>(hex("ffee 0002 abcd"));
  for (const bool with_opt : {true, false}) {
    octets out(max_upstream_query_octets);
    out.resize(write_upstream_query(q, 1, out, with_opt));
    const octets opt = with_opt ? hex("00 0029 04d0 00000000 0006 ffee 0002 abcd") : octets{};
    EXPECT_EQ(out, hex("0001 0120 0001 0000 0000") + be16(with_opt) + ask_for("web.test.", 1) + opt);
    EXPECT_EQ(write_upstream_query(q, 1, std::span{out}.first(out.size() - 1), with_opt), 0u);
  }
  q.upstream_options = std::make_shared<const octets>(repeat(1, max_upstream_option_octets));
  const std::string label(63, 'a');
  const auto longest = name::from_text(label + "." + label + "." + label + "." + std::string(61, 'b'));
  set_name(q, longest.value().wire());
  octets out(max_upstream_query_octets);
  EXPECT_GT(write_upstream_query(q, 1, out), max_upstream_option_octets);
}

TEST(upstream_query, says_what_the_asker_said_and_no_more) {
  query q = asked("wEb.test.", 28);
  q.flags = flag::rd | flag::cd | flag::tc | flag::z;
  struct {
    bool dnssec_ok, with_opt;
    const char* opt;
  } cases[] = {
    {false, true, "00 0029 04d0 00000000 0000"}, {true, true, "00 0029 04d0 00008000 0000"}, {true, false, ""}};
  for (auto& c : cases) {
    q.edns.dnssec_ok = c.dnssec_ok;
    octets out(max_upstream_query_octets);
    out.resize(write_upstream_query(q, 0xbeef, out, c.with_opt));
    EXPECT_EQ(out, hex("beef 0130 0001 0000 0000") + be16(c.with_opt) + ask_for("wEb.test.", 28) + hex(c.opt));
    EXPECT_EQ(write_upstream_query(q, 1, std::span{out}.first(out.size() - 1), c.with_opt), 0u);
  }
}
