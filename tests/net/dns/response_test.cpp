// SPDX-License-Identifier: Apache-2.0
#include "net/dns/response.hpp"

#include "net/dns/wire.hpp"
#include "packets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

using namespace troupe::dns;
using namespace troupe::dns::test;

namespace {

constexpr auto answer = section::answer, authority = section::authority, additional = section::additional;
constexpr std::array<uint8_t, 4> ipv4{192, 0, 2, 1};
constexpr std::array<uint8_t, 16> ipv6{0x20, 0x01, 0x0d, 0xb8};

octets copy(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

octets flags_of(std::span<const uint8_t> message) {
  return copy(message.subspan(2, 2));
}

/// The header with which a NOERROR answer to `asked` (RD set) begins.
octets answered(unsigned flags, unsigned answers, unsigned authorities = 0, unsigned additionals = 0) {
  return header(flags, 1, answers, authorities, additionals);
}

name_ref labels(const octets& wire) {
  return {name_view{wire}.first(wire.size() - 1), 0};
}

} // namespace

TEST(response, writes_records_as_their_rfcs_say) {
  const query q = asked("Web.Example.", 255);
  const octets target = wire_name("other.test.");
  const octets start = ask_for("Web.Example.", 255);
  const soa_fields soa{labels(target), in_question(4), 1, 2, 3, 4, 5};
  struct {
    const char* what;
    std::function<bool(response&)> write;
    octets records; // expected behind the question
  } cases[] = {
    {"a", [](response& r) { return r.a(answer, in_question(), 30, ipv4); },
     hex("c00c 0001 0001 0000001e 0004 c0000201")},
    {"a of a parent", [](response& r) { return r.a(answer, in_question(4), 30, ipv4); },
     hex("c010 0001 0001 0000001e 0004 c0000201")},
    {"a of the root", [](response& r) { return r.a(answer, name_ref{}, 30, ipv4); },
     hex("00 0001 0001 0000001e 0004 c0000201")},
    {"aaaa", [](response& r) { return r.aaaa(answer, in_question(), 30, ipv6); },
     hex("c00c 001c 0001 0000001e 0010 20010db8 00000000 00000000 00000000")},
    {"cname", [&](response& r) { return r.name_data(answer, in_question(), rrtype::cname, 30, labels(target)); },
     hex("c00c 0005 0001 0000001e 000c") + target},
    {"ptr with tail",
     [&](response& r) {
       return r.name_data(answer, in_question(), rrtype::ptr, 30, {name_view{target}.first(6), question_offset});
     },
     hex("c00c 000c 0001 0000001e 0008 056f74686572 c00c")},
    {"dname uncompressed",
     [](response& r) { return r.name_data(answer, in_question(4), rrtype::dname, 30, in_question(4)); },
     hex("c010 0027 0001 0000001e 0009") + wire_name("Example.")},
    {"srv uncompressed",
     [&](response& r) {
       return r.srv(answer, in_question(), 30, 1, 2, 80, {name_view{target}.first(6), question_offset});
     },
     hex("c00c 0021 0001 0000001e 0019 0001 0002 0050") + wire_name("other.Web.Example.")},
    {"soa", [&](response& r) { return r.soa(authority, in_question(4), 30, soa); },
     hex("c010 0006 0001 0000001e 0022") + target + hex("c010 00000001 00000002 00000003 00000004 00000005")},
    {"txt", [](response& r) { return r.txt(answer, in_question(), 30, "1.1.0"); },
     hex("c00c 0010 0001 0000001e 0006 05") + octets{'1', '.', '1', '.', '0'}},
    {"empty txt", [](response& r) { return r.txt(answer, in_question(), 30, ""); },
     hex("c00c 0010 0001 0000001e 0001 00")},
    {"long txt", [](response& r) { return r.txt(answer, in_question(), 30, std::string(300, 'x')); },
     hex("c00c 0010 0001 0000001e 012e ff") + repeat('x', 255) + hex("2d") + repeat('x', 45)},
    {"raw", [](response& r) { return r.raw(additional, in_question(), 65280, 3, 30, ipv4); },
     hex("c00c ff00 0003 0000001e 0004 c0000201")},
  };
  for (auto& c : cases) {
    octets buffer(600, 0xee);
    response r(buffer, q);
    ASSERT_TRUE(c.write(r)) << c.what;
    const unsigned n = r.count(answer), ns = r.count(authority), ar = r.count(additional);
    EXPECT_EQ(n + ns + ar, 1u) << c.what;
    EXPECT_EQ(copy(r.bytes()), answered(0x8100, n, ns, ar) + start + c.records) << c.what;
    // One octet less: refused, nothing left behind but TC.
    octets small(r.size() - 1);
    response tight(small, q);
    EXPECT_FALSE(c.write(tight)) << c.what;
    EXPECT_EQ(copy(tight.bytes()), answered(0x8300, 0) + start) << c.what;
  }
}

TEST(response, sets_its_flags) {
  octets buffer(600);
  query q;
  parse_query(header(0x0130) + ask_for("a."), q); // RD, AD, CD
  response r(buffer, q);
  EXPECT_EQ(flags_of(r.bytes()), hex("8110"));
  r.authoritative();
  r.recursion_available();
  r.code(rcode::refused);
  EXPECT_EQ(flags_of(r.bytes()), hex("8595"));
  r.code(rcode::nxdomain);
  r.truncated();
  EXPECT_EQ(flags_of(r.bytes()), hex("8793"));
}

TEST(response, refuses_everything_in_a_buffer_too_small_for_the_question) {
  octets buffer(20);
  response r(buffer, asked("a.very.long.name."));
  r.authoritative();
  r.code(rcode::servfail);
  EXPECT_EQ(r.size(), 0u);
  EXPECT_FALSE(r.a(answer, in_question(), 1, ipv4));
  EXPECT_FALSE(r.name_data(answer, {}, rrtype::ns, 1, {}));
  EXPECT_FALSE(r.srv(answer, {}, 1, 1, 1, 1, {}));
  EXPECT_FALSE(r.txt(answer, {}, 1, ""));
  EXPECT_EQ(r.count(answer), 0u);
}

TEST(response, takes_nothing_behind_what_did_not_fit) {
  octets buffer(60);
  response r(buffer, asked("a.test."));
  const size_t before = r.size();
  EXPECT_EQ(r.room(), buffer.size() - before);
  EXPECT_FALSE(r.txt(answer, in_question(), 1, std::string(200, 't')));
  EXPECT_FALSE(r.a(answer, in_question(), 1, ipv4)); // there would be room
  EXPECT_EQ(r.size(), before);
  EXPECT_TRUE(flags_of(r.bytes())[0] & 2); // TC
}

TEST(response, names_that_cannot_be_pointed_at_are_written_out) {
  octets buffer(max_message_octets);
  response r(buffer, asked("a.test."));
  const octets target = wire_name("far.away.");
  while (r.size() <= 0x4000)
    ASSERT_TRUE(r.txt(answer, in_question(), 1, std::string(200, 't')));
  uint16_t written = 0;
  ASSERT_TRUE(r.name_data(answer, in_question(), rrtype::cname, 1, labels(target), &written));
  ASSERT_GT(written, 0x3fff);
  const size_t before = r.size();
  ASSERT_TRUE(r.a(answer, {{}, written}, 30, ipv4));
  EXPECT_EQ(copy(r.bytes().subspan(before)), target + hex("0001 0001 0000001e 0004 c0000201"));
}

TEST(finish_response, appends_the_opt_that_answers_the_querys) {
  struct {
    const char* what;
    octets packet;
    rcode code;
    const char* flags;
    const char* end; // OPT expected at the end
  } cases[] = {
    {"plain", header(0) + ask_for("a."), rcode::noerror, "8000", ""},
    {"edns", header(0, 1, 0, 0, 1) + ask_for("a.") + opt({}, 4096), rcode::noerror, "8000",
     "00 0029 04d0 00000000 0000"},
    {"do, options", header(0, 1, 0, 0, 1) + ask_for("a.") + opt(option(100, {1}), 4096, 0, 0x80ff), rcode::noerror,
     "8000", "00 0029 04d0 00008000 0000"},
    {"badvers", header(0, 1, 0, 0, 1) + ask_for("a.") + opt({}, 4096, 7), rcode::badvers, "8000",
     "00 0029 04d0 01000000 0000"},
    {"refused", header(0, 1, 0, 0, 1) + ask_for("a.") + opt(), rcode::refused, "8005", "00 0029 04d0 00000000 0000"},
  };
  for (auto& c : cases) {
    query q;
    parse_query(c.packet, q);
    octets buffer(600);
    response r(buffer, q);
    const size_t before = r.size(), size = finish_response(buffer, before, q, response_limit(q, protocol::udp), c.code);
    EXPECT_EQ(flags_of(buffer), hex(c.flags)) << c.what;
    EXPECT_EQ(octets(buffer.begin() + static_cast<long>(before), buffer.begin() + static_cast<long>(size)), hex(c.end))
      << c.what;
    EXPECT_EQ(buffer[11], hex(c.end).empty() ? 0 : 1) << c.what;
  }
}

TEST(finish_response, keeps_the_nameservers_code) {
  octets buffer(600);
  const query q = asked("a.", 1, 1232);
  response r(buffer, q);
  r.code(rcode::nxdomain);
  finish_response(buffer, r.size(), q, 512);
  EXPECT_EQ(buffer[3], 3);
}

TEST(finish_response, cuts_whole_records_at_every_limit) {
  for (unsigned edns_size : {0u, 1232u}) {
    const query q = asked("web.test.", 1, edns_size);
    const size_t opt_octets = edns_size != 0 ? 11 : 0;
    octets whole(4096);
    response r(whole, q);
    std::vector<size_t> ends{r.size()};
    for (int i = 0; i < 30; ++i)
      r.a(i < 15 ? answer : i < 20 ? authority : additional, in_question(), 5, ipv4), ends.push_back(r.size());
    for (size_t limit = 100; limit < r.size() + 20; ++limit) {
      octets buffer = whole;
      const size_t size = finish_response(buffer, r.size(), q, limit);
      const auto kept = std::upper_bound(ends.begin(), ends.end(), limit - opt_octets) - ends.begin() - 1;
      ASSERT_EQ(size, ends[static_cast<size_t>(kept)] + opt_octets) << limit;
      ASSERT_EQ(get16(&buffer[6]), std::min<long>(kept, 15)) << limit;
      ASSERT_EQ(get16(&buffer[8]), std::clamp<long>(kept - 15, 0, 5)) << limit;
      ASSERT_EQ(get16(&buffer[10]), std::max<long>(kept - 20, 0) + (edns_size != 0)) << limit;
      ASSERT_EQ((buffer[2] & 2) != 0, kept < 30) << limit;
    }
  }
}

TEST(finish_response, cuts_what_is_broken_to_header_and_question) {
  const query q = asked("web.test.", 1, 1232);
  octets buffer(600, 0xff);
  response r(buffer, q);
  const size_t question_end = r.size();
  put16(&buffer[6], 9);
  EXPECT_EQ(finish_response(buffer, 590, q, 512), question_end + 11);
  EXPECT_EQ(copy(std::span(buffer).first(12)), header(0x8300, 1, 0, 0, 1));
}

TEST(response_limit, is_what_the_client_can_take) {
  struct {
    unsigned edns_size;
    protocol by;
    size_t limit;
  } cases[] = {{0, protocol::udp, 512},     {1, protocol::udp, 512},     {512, protocol::udp, 512},
               {1232, protocol::udp, 1232}, {4096, protocol::udp, 4096}, {65535, protocol::udp, 65507},
               {0, protocol::tcp, 65535},   {512, protocol::tcp, 65535}};
  for (auto& c : cases) {
    const query q = asked("a.", 1, c.edns_size);
    EXPECT_EQ(response_limit(q, c.by), c.limit) << c.edns_size << text(c.by);
    EXPECT_EQ(response_room(q, c.by), c.limit - (c.edns_size != 0 ? 11 : 0)) << c.edns_size << text(c.by);
  }
}

TEST(response_limit, is_no_more_than_we_send_by_udp) {
  struct {
    unsigned edns_size;
    protocol by;
    size_t limit;
  } cases[] = {{0, protocol::udp, 512},
               {1231, protocol::udp, 1231},
               {4096, protocol::udp, 1232},
               {65535, protocol::udp, 1232},
               {4096, protocol::tcp, 65535}};
  for (auto& c : cases) {
    query q = asked("a.", 1, c.edns_size);
    q.edns.udp_most = 1232;
    EXPECT_EQ(response_limit(q, c.by), c.limit) << c.edns_size << text(c.by);
  }
}

TEST(error_response, says_no_more_than_was_understood) {
  const octets q = ask_for("Ab.", 6), opt_answer = hex("00 0029 04d0 00000000 0000");
  struct {
    const char* what;
    octets packet, expected;
  } cases[] = {
    {"opcode 15, all flags", header(0x7ff0, 0), hex("4142 f804 0000 0000 0000 0000")},
    {"UPDATE", header(0x2900) + q, hex("4142 a804 0000 0000 0000 0000")},
    {"no question", header(0x0100, 0), hex("4142 8101 0000 0000 0000 0000")},
    {"unreadable question", header(0x0100) + hex("c00c"), hex("4142 8101 0000 0000 0000 0000")},
    {"absent record", header(0x0110, 1, 1) + q, hex("4142 8111 0001 0000 0000 0000") + q},
    {"bad cookie", header(0, 1, 0, 0, 1) + q + opt(option(10, {1})), header(0x8001, 1, 0, 0, 1) + q + opt_answer},
    {"broken options", header(0, 1, 0, 0, 1) + q + opt({1}), header(0x8001) + q},
    {"two OPT", header(0, 1, 0, 0, 2) + q + opt() + opt(), header(0x8001) + q},
    {"version 1", header(0, 1, 0, 0, 1) + q + opt({}, 512, 1),
     header(0x8000, 1, 0, 0, 1) + q + hex("00 0029 04d0 01000000 0000")},
    {"class CH", header(0) + ask_for("Ab.", 6, 3), header(0x8005) + ask_for("Ab.", 6, 3)},
  };
  for (auto& c : cases) {
    query parsed;
    const verdict v = parse_query(c.packet, parsed);
    octets buffer(540);
    buffer.resize(error_response(buffer, parsed, rcode_of(v)));
    EXPECT_EQ(buffer, c.expected) << c.what;
  }
}

TEST(badkey_response, carries_an_unsigned_tsig) {
  const octets data = wire_name("hmac-sha256.") + hex("000065000000 012c 0004 01020304 1111 0000 0000");
  const octets packet = header(0, 1, 0, 0, 1) + ask_for("a.") + wire_name("Key.test.") + hex("00fa 00ff 00000000") +
                        be16(data.size()) + data;
  query q;
  ASSERT_EQ(parse_query(packet, q), verdict::notauth);
  octets buffer(1100);
  buffer.resize(badkey_response(buffer, packet, q));
  EXPECT_EQ(buffer, header(0x8009, 1, 0, 0, 1) + ask_for("a.") + wire_name("Key.test.") +
                      hex("00fa 00ff 00000000 001d") + wire_name("hmac-sha256.") +
                      hex("000065000000 012c 0000 4142 0011 0000"));
  octets small(error_response(buffer, q, rcode::notauth));
  EXPECT_EQ(badkey_response(small, packet, q), small.size());
}
