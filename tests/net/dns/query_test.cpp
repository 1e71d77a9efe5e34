// SPDX-License-Identifier: Apache-2.0
#include "packets.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <random>

using namespace troupe::dns;
using namespace troupe::dns::test;

namespace troupe::dns {

std::ostream& operator<<(std::ostream& out, verdict v) {
  constexpr const char* names[] = {"serve", "silence", "formerr", "notimp", "badvers", "refused", "notauth"};
  return out << names[static_cast<size_t>(v)];
}

} // namespace troupe::dns

namespace {

const octets Q = ask_for("cluster.local.", 6);

octets tsig(unsigned rrclass = 255, const octets& mac = repeat(0xab, 32)) {
  const octets data =
    wire_name("hmac-sha256.") + hex("000065000000 012c") + be16(mac.size()) + mac + hex("4142 0000 0000");
  return wire_name("key.") + be16(250) + be16(rrclass) + hex("00000000") + be16(data.size()) + data;
}

struct row {
  const char* what;
  octets packet;
  verdict expected;
};

void check(const std::vector<row>& rows) {
  for (auto& r : rows) {
    query q;
    EXPECT_EQ(parse_query(r.packet, q), r.expected) << r.what;
  }
}

octets labels(size_t count, size_t octets_each) {
  octets result;
  for (size_t i = 0; i < count; ++i)
    result = result + octets{static_cast<uint8_t>(octets_each)} + repeat('a', octets_each);
  return result;
}

} // namespace

// The P numbers are the project's list of bad input.
TEST(parse_query, judges_headers_and_counts) {
  check({
    {"P1 nothing", {}, verdict::silence},
    {"P2", hex("41"), verdict::silence},
    {"P3", hex("4142"), verdict::silence},
    {"P4", hex("4142 0000 0001 0000 0000 00"), verdict::silence},
    {"P5 header only", header(0), verdict::formerr},
    {"P6 no question", header(0, 0) + Q, verdict::formerr},
    {"P7 two questions", header(0, 2) + Q + Q, verdict::formerr},
    {"P8", header(0, 0xffff) + Q, verdict::formerr},
    {"P9", header(0, 0xffff, 0xffff, 0xffff, 0xffff) + Q, verdict::formerr},
    {"P9 but one question", header(0, 1, 0xffff, 0xffff, 0xffff) + Q, verdict::formerr},
    {"P10", header(0, 1, 1) + Q, verdict::formerr},
    {"authority absent", header(0, 1, 0, 1) + Q, verdict::formerr},
    {"P11", header(0, 1, 0, 0, 1) + Q, verdict::formerr},
    {"P12 a response", header(0x8000) + Q, verdict::silence},
    {"a response, other opcode", header(0xa800), verdict::silence},
    {"P13", repeat(0xff, 512), verdict::silence},
    {"P14", repeat(0, 512), verdict::formerr},
    {"P28 one octet more", header(0) + Q + hex("00"), verdict::serve},
    {"P28 400 octets more", header(0) + Q + repeat(0xa5, 400), verdict::serve},
    {"P28 OPT that no count promises", header(0) + Q + opt(), verdict::serve},
    {"AA TC RA Z AD", header(0x06e0) + Q, verdict::serve},
    {"an answer in a query", header(0, 1, 1) + Q + rr("x.", 1, hex("01020304")), verdict::serve},
    {"P42 60,000 octets", header(0) + Q + repeat(0, 60000), verdict::serve},
  });
  for (unsigned op = 1; op < 16; ++op) // P37, P38
    check({{"without question", header(op << 11, 0), verdict::notimp},
           {"with question", header(op << 11) + Q, verdict::notimp},
           {"nonsense behind", header(op << 11, 9, 9, 9, 9) + hex("ff"), verdict::notimp}});
}

TEST(parse_query, judges_names) {
  const octets end = hex("0006 0001");
  check({
    {"P15", header(0) + hex("40") + repeat('a', 64) + hex("00") + end, verdict::formerr},
    {"P16", header(0) + hex("80 61 62 63 00") + end, verdict::formerr},
    {"P17", header(0) + hex("41 08 ff 00") + end, verdict::formerr},
    {"P18", header(0) + hex("c0 0c") + end, verdict::formerr},
    {"P19", header(0) + hex("c0 0e c0 0c") + end, verdict::formerr},
    {"P20", header(0) + hex("03 61 62 63 c0 0c") + end, verdict::formerr},
    {"P21 forward", header(0) + hex("c0 10") + end + hex("00"), verdict::formerr},
    {"P21 past end", header(0) + hex("ff ff") + end, verdict::formerr},
    {"P21 into the header", header(0) + hex("c0 00") + end, verdict::formerr},
    {"P22 256", header(0) + labels(3, 63) + labels(1, 62) + hex("00") + end, verdict::formerr},
    {"P22 1000", header(0) + labels(16, 61) + hex("00") + end, verdict::formerr},
    {"P22 128 labels", header(0) + labels(128, 1) + hex("00") + end, verdict::formerr},
    {"P23", header(0) + hex("3f 61 62 63"), verdict::formerr},
    {"P24", header(0) + hex("c0"), verdict::formerr},
    {"name without end", header(0) + hex("03 61 62 63"), verdict::formerr},
    {"P25 no QTYPE", header(0) + wire_name("cluster.local."), verdict::formerr},
    {"P25 half a QTYPE", header(0) + wire_name("cluster.local.") + hex("00"), verdict::formerr},
    {"P25 half a QCLASS", header(0) + wire_name("cluster.local.") + hex("0006 00"), verdict::formerr},
    {"P26 255 octets", header(0) + labels(3, 63) + labels(1, 61) + hex("00") + end, verdict::serve},
    {"127 labels", header(0) + labels(127, 1) + hex("00") + end, verdict::serve},
    {"P27", header(0) + hex("04 2e 00 ff 5c 00") + end, verdict::serve},
    {"the root", header(0) + hex("00") + end, verdict::serve},
  });
}

TEST(parse_query, judges_edns) {
  const octets one = header(0, 1, 0, 0, 1) + Q;
  check({
    {"OPT", one + opt(), verdict::serve},
    {"P29 two OPT", header(0, 1, 0, 0, 2) + Q + opt() + opt(), verdict::formerr},
    {"P30 in answer", header(0, 1, 1) + Q + opt(), verdict::formerr},
    {"P30 in authority", header(0, 1, 0, 1) + Q + opt(), verdict::formerr},
    {"P30 owner x", one + hex("01 78") + opt(), verdict::formerr},
    {"owner is a pointer to the root", one + hex("c0 1a 0029 04d0 00000000 0000"), verdict::formerr},
    {"P31 more data promised", one + hex("00 0029 04d0 00000000 0064"), verdict::formerr},
    {"P31 option past the end", one + opt(hex("0003 00ff 0000")), verdict::formerr},
    {"P31 three octets of option header", one + opt(hex("0003 00")), verdict::formerr},
    {"P32 version 1", one + opt({}, 4096, 1), verdict::badvers},
    {"P32 version 255", one + opt({}, 4096, 255), verdict::badvers},
    {"version 1 in another format", one + opt(hex("ff"), 4096, 1), verdict::badvers},
    {"version 1 and class CH", header(0, 1, 0, 0, 1) + ask_for("a.", 1, 3) + opt({}, 512, 1), verdict::badvers},
    {"P35 30 NSID and padding", one + opt([] {
                                  octets all = option(12, repeat(0, 200));
                                  for (int i = 0; i < 30; ++i)
                                    all = all + option(3, {});
                                  return all;
                                }()),
     verdict::serve},
    {"P35 300 unknown options", one + opt([] {
                                  octets all;
                                  for (unsigned i = 0; i < 300; ++i)
                                    all = all + option(1000 + i, repeat(7, i % 5));
                                  return all;
                                }()),
     verdict::serve},
    {"P36 size 0", one + opt({}, 0), verdict::serve},
    {"P36 size 1", one + opt({}, 1), verdict::serve},
    {"P36 size 65535", one + opt({}, 65535), verdict::serve},
    {"reserved flags", one + opt({}, 4096, 0, 0x0080), verdict::serve},
  });
  for (size_t size = 0; size <= 50; ++size) { // P33
    const bool legal = size == 8 || (size >= 16 && size <= 40);
    check({{"cookie", edns_query(opt(option(10, repeat(1, size)))), legal ? verdict::serve : verdict::formerr},
           {"second cookie", edns_query(opt(option(10, repeat(1, 8)) + option(10, repeat(1, size)))), verdict::serve}});
  }
}

TEST(parse_query, judges_client_subnets) {
  struct {
    const char* data;
    bool good;
  } cases[] = {
    {"0001 00 00", true},
    {"0001 18 00 c00002", true},
    {"0001 20 00 c0000201", true},
    {"0001 19 00 c0000280", true},
    {"0002 38 00 20010db8000000", true},
    {"0000 00 00", true},
    {"0063 00 00", false},
    {"0001 21 00 c000020100", false},
    {"0001 19 00 c0000240", false},
    {"0001 18", false},
    {"0001 18 00 c00002 00", false},
    {"0001 18 00 c000", false},
    {"0001 18 01 c00002", false},
    {"0002 81 00", false},
    {"0000 08 00 01", false},
    {"", false},
  };
  for (auto& c : cases)
    check({{c.data, edns_query(opt(option(8, hex(c.data)))), c.good ? verdict::serve : verdict::formerr}});
}

/// For `geoip`: the address of the first, as CoreDNS's library has it.
TEST(parse_query, keeps_the_client_subnet) {
  struct {
    octets options;
    std::string address;
  } cases[] = {
    {option(8, hex("0001 18 00 c00002")), "00000000000000000000ffffc0000200"},
    {option(8, hex("0001 00 00")), "00000000000000000000ffff00000000"},
    {option(8, hex("0000 00 00")), "00000000000000000000ffff00000000"},
    {option(8, hex("0002 38 00 20010db8000000")), "20010db8000000000000000000000000"},
    {option(3, {}) + option(8, hex("0001 08 00 0a")) + option(8, hex("0001 08 00 0b")),
     "00000000000000000000ffff0a000000"},
    {option(3, {}), "none"},
  };
  for (auto& c : cases) {
    query q;
    EXPECT_EQ(parse_query(edns_query(opt(c.options)), q), verdict::serve);
    std::string got = q.edns.has_subnet ? "" : "none";
    for (size_t i = 0; q.edns.has_subnet && i < q.client_subnet.size(); ++i) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", q.client_subnet[i]);
      got += digits;
    }
    EXPECT_EQ(got, c.address);
  }
}

TEST(parse_query, judges_types_and_classes) {
  struct {
    unsigned type, rrclass;
    verdict expected;
  } cases[] = {
    {0, 1, verdict::serve},     {1, 1, verdict::serve},      {41, 1, verdict::formerr}, {249, 1, verdict::notimp},
    {250, 1, verdict::formerr}, {251, 1, verdict::serve},    {252, 1, verdict::serve},  {253, 1, verdict::serve},
    {254, 1, verdict::serve},   {255, 1, verdict::serve},    {666, 1, verdict::serve},  {65535, 1, verdict::serve},
    {1, 0, verdict::refused},   {1, 3, verdict::refused},    {1, 4, verdict::refused},  {1, 254, verdict::refused},
    {1, 255, verdict::serve},   {1, 1234, verdict::refused}, {41, 3, verdict::refused},
  };
  for (auto& c : cases) {
    query q;
    EXPECT_EQ(parse_query(header(0) + ask_for("cluster.local.", c.type, c.rrclass), q), c.expected)
      << c.type << ' ' << c.rrclass;
    EXPECT_EQ(q.qtype, c.type);
    EXPECT_EQ(q.qclass, c.rrclass);
  }
}

/// RFC 1995 section 3: what the client has stands in the authority section.
TEST(parse_query, reads_the_serial_of_an_ixfr) {
  constexpr unsigned ixfr = 251, axfr = 252, soa = 6, ns = 2;
  const octets numbers = hex("6553f100 00001c20 00000708 00015180 00000005");
  const octets data = wire_name("ns.dns.a.") + wire_name("hostmaster.a.") + numbers;
  struct {
    const char* what;
    octets packet;
    bool has_serial;
  } const rows[] = {
    {"one SOA", header(0, 1, 0, 1) + ask_for("a.", ixfr) + rr("a.", soa, data), true},
    {"names that point at the question",
     header(0, 1, 0, 1) + ask_for("a.", ixfr) + rr("a.", soa, hex("c00c c00c") + numbers), true},
    {"with OPT", header(0, 1, 0, 1, 1) + ask_for("a.", ixfr) + rr("a.", soa, data) + opt(), true},
    {"behind an answer", header(0, 1, 1, 1) + ask_for("a.", ixfr) + rr("a.", ns, wire_name("b.")) + rr("a.", soa, data),
     true},
    {"none", header(0, 1) + ask_for("a.", ixfr), false},
    {"two", header(0, 1, 0, 2) + ask_for("a.", ixfr) + rr("a.", soa, data) + rr("a.", soa, data), false},
    {"of another type", header(0, 1, 0, 1) + ask_for("a.", ixfr) + rr("a.", ns, wire_name("b.")), false},
    {"as an answer", header(0, 1, 1) + ask_for("a.", ixfr) + rr("a.", soa, data), false},
    {"for AXFR", header(0, 1, 0, 1) + ask_for("a.", axfr) + rr("a.", soa, data), false},
    {"cut short", header(0, 1, 0, 1) + ask_for("a.", ixfr) + rr("a.", soa, hex("00 00 6553f100")), false},
    {"too long", header(0, 1, 0, 1) + ask_for("a.", ixfr) + rr("a.", soa, data + hex("00")), false},
    {"without names", header(0, 1, 0, 1) + ask_for("a.", ixfr) + rr("a.", soa, numbers), false},
    {"names that point nowhere", header(0, 1, 0, 1) + ask_for("a.", ixfr) + rr("a.", soa, hex("cfff cfff") + numbers),
     false},
  };
  for (const auto& row : rows) {
    query q;
    EXPECT_EQ(parse_query(row.packet, q), verdict::serve) << row.what;
    EXPECT_EQ(q.has_serial, row.has_serial) << row.what;
    EXPECT_EQ(q.serial, row.has_serial ? 0x6553f100u : 0u) << row.what;
  }
}

TEST(parse_query, judges_signatures) {
  const octets one = header(0, 1, 0, 0, 1) + Q, two = header(0, 1, 0, 0, 2) + Q;
  octets no_data = tsig();
  no_data.resize(5 + 8);
  check({
    {"P41 unknown key", one + tsig(), verdict::notauth},
    {"no MAC", one + tsig(255, {}), verdict::notauth},
    {"behind OPT", two + opt() + tsig(), verdict::notauth},
    {"P41 not last", two + tsig() + opt(), verdict::formerr},
    {"twice", two + tsig() + tsig(), verdict::formerr},
    {"in answer", header(0, 1, 1) + Q + tsig(), verdict::formerr},
    {"P41 rdlen 0", one + no_data + hex("0000"), verdict::formerr},
    {"class IN", one + tsig(1), verdict::formerr},
  });
}

TEST(parse_query, tells_what_was_asked) {
  query q;
  const octets packet = header(0x0110, 1, 0, 0, 1) + ask_for("KuberNetes.default.svc.cluster.local.", 28) +
                        opt(option(3, {}) + option(10, repeat(9, 8)) + option(11, {}), 4096, 0, 0x8000);
  ASSERT_EQ(parse_query(packet, q), verdict::serve);
  EXPECT_EQ(q.id, 0x4142);
  EXPECT_EQ(q.flags, 0x0110);
  EXPECT_EQ(q.type(), rrtype::aaaa);
  EXPECT_EQ(q.message_octets, packet.size());
  EXPECT_EQ(to_text(q.name_as_sent()), "KuberNetes.default.svc.cluster.local.");
  EXPECT_EQ(to_text(q.name_lowered()), "kubernetes.default.svc.cluster.local.");
  EXPECT_EQ(q.qname_labels, 5);
  EXPECT_EQ(q.qname_hash, hash(q.name_lowered()));
  EXPECT_TRUE(q.edns.present && q.edns.dnssec_ok && q.edns.wants_nsid && q.edns.has_cookie && q.edns.has_keepalive);
  EXPECT_EQ(q.edns.udp_payload, 4096);
  EXPECT_TRUE(q.edns.sent(3) && q.edns.sent(10) && q.edns.sent(11));
  EXPECT_FALSE(q.edns.sent(8) || q.edns.sent(0));
  q.upstream_options = std::make_shared<const octets>(4);
  // The same object again: nothing of the first query may be left.
  ASSERT_EQ(parse_query(header(0) + ask_for("a.", 1), q), verdict::serve);
  EXPECT_FALSE(q.edns.present || q.edns.dnssec_ok || q.edns.wants_nsid || q.edns.has_cookie || q.edns.has_keepalive);
  EXPECT_FALSE(q.edns.sent(3) || q.upstream_options);
  EXPECT_EQ(q.qname_octets, 3);
  EXPECT_EQ(parse_query(header(0x2800), q), verdict::notimp);
  EXPECT_EQ(q.qname_octets, 0);
}

TEST(parse_query, never_serves_what_is_cut_short) {
  const octets whole = header(0, 1, 1, 0, 2) + Q + rr("x.y.", 16, hex("03 616263")) + rr("z.", 1, hex("01020304")) +
                       opt(option(10, repeat(1, 24)));
  query q;
  ASSERT_EQ(parse_query(whole, q), verdict::serve);
  for (size_t size = 0; size < whole.size(); ++size) {
    const octets part(whole.begin(),
                      whole.begin() + static_cast<long>(size)); // exact size, so that asan sees reads past it
    EXPECT_EQ(parse_query(part, q), size < header_octets ? verdict::silence : verdict::formerr) << size;
  }
}

TEST(parse_query, stands_changed_octets) {
  std::mt19937 random{4713};
  const octets whole = header(0, 1, 1, 0, 2) + Q + rr("x.y.", 16, hex("03 616263")) +
                       opt(option(10, repeat(1, 24)) + option(8, hex("0001 18 00 c00002"))) + tsig();
  for (int i = 0; i < 100000; ++i) {
    octets changed = whole;
    for (unsigned n = 1 + random() % 4; n > 0; --n)
      changed[random() % changed.size()] = static_cast<uint8_t>(random());
    changed.resize(random() % 4 == 0 ? random() % changed.size() : changed.size());
    query q;
    const verdict v = parse_query(changed, q);
    ASSERT_TRUE(v != verdict::serve || name_length(q.name_as_sent()) == q.qname_octets);
  }
}
