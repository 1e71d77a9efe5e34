// SPDX-License-Identifier: Apache-2.0
#include "net/dns/text.hpp"

#include "packets.hpp"

#include <gtest/gtest.h>

using namespace troupe::dns;
using namespace troupe::dns::test;

TEST(text, shows_records_as_master_files_do) {
  struct {
    unsigned type, rrclass;
    octets data;
    const char* text;
  } cases[] = {
    {1, 1, hex("c0000201"), "a.b. 30 IN A 192.0.2.1"},
    {1, 3, hex("c0000201"), "a.b. 30 CH A \\# 4 c0000201"},
    {28, 1, hex("20010db8 00000000 00000000 00000001"), "a.b. 30 IN AAAA 2001:db8::1"},
    {5, 1, wire_name("C.d."), "a.b. 30 IN CNAME C.d."},
    {6, 1, wire_name("n.") + wire_name("h.") + hex("00000001 00000002 00000003 00000004 ffffffff"),
     "a.b. 30 IN SOA n. h. 1 2 3 4 4294967295"},
    {15, 1, hex("000a") + wire_name("m."), "a.b. 30 IN MX 10 m."},
    {16, 1, hex("03 612262 00 01 ff"), "a.b. 30 IN TXT \"a\\\"b\" \"\" \"\\255\""},
    {33, 1, hex("0001 0002 0050") + wire_name("s."), "a.b. 30 IN SRV 1 2 80 s."},
    {35, 1, hex("0001 0002 0155 00 00") + wire_name("."), "a.b. 30 IN NAPTR 1 2 \"U\" \"\" \"\" ."},
    {666, 1, hex("01ff"), "a.b. 30 IN TYPE666 \\# 2 01ff"},
    {46, 1, {}, "a.b. 30 IN RRSIG \\# 0"},
    {1, 1, hex("c00002"), "a.b. 30 IN A \\# 3 c00002"},
    {1, 4660, hex("c00002"), "a.b. 30 CLASS4660 A \\# 3 c00002"},
  };
  for (auto& c : cases)
    EXPECT_EQ(to_text(record{*name::from_text("a.b."), static_cast<uint16_t>(c.type), static_cast<uint16_t>(c.rrclass),
                             30, c.data}),
              c.text);
}

TEST(text, names_numbers_and_back) {
  for (unsigned type = 0; type < 65536; ++type)
    ASSERT_EQ(type_from_text(type_text(static_cast<uint16_t>(type))), type);
  EXPECT_EQ(type_from_text("aaaa"), 28);
  EXPECT_EQ(type_from_text("type65535"), 65535);
  for (const char* wrong : {"", "B", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "AAAAA"})
    EXPECT_EQ(type_from_text(wrong), std::nullopt) << wrong;
  EXPECT_EQ(rcode_text(3), "NXDOMAIN");
  EXPECT_EQ(rcode_text(16), "BADVERS");
  EXPECT_EQ(rcode_text(777), "RCODE777");
  EXPECT_EQ(class_text(1), "IN");
  EXPECT_EQ(class_text(2), "CLASS2");
}
