// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message_writer.hpp"

#include "difference.hpp"
#include "net/dns/wire.hpp"
#include "packets.hpp"
#include "random_message.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace troupe::dns;
using namespace troupe::dns::test;

namespace {

// All with a layout, and some without.
const std::vector<uint16_t> all_types = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,  13,
                                         14, 15, 16, 17, 18, 19, 20, 21, 24, 25, 26, 28,  29,
                                         30, 33, 35, 36, 39, 43, 46, 47, 64, 65, 99, 257, 65280};

message parsed(const octets& packet) {
  auto result = read_message(packet);
  if (const auto* error = std::get_if<message_error>(&result))
    ADD_FAILURE() << error->what << " at " << error->at;
  return std::get<message>(std::move(result));
}

octets written(const message& m) {
  octets out(max_message_octets);
  out.resize(write_message(m, out));
  return out;
}

octets with_record(const octets& r) {
  return header(0x8000, 1, 1) + ask_for("web.test.") + r;
}

} // namespace

TEST(message, survives_writing_and_reading) {
  size_t records = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const message original = random_message(seed).make(20, all_types);
    const octets wire = written(original);
    ASSERT_EQ(difference(original, parsed(wire)), "") << "seed " << seed;
    for (const auto& section : original.sections)
      records += section.size();
  }
  EXPECT_GT(records, 80000u);
}

TEST(message, names_are_read_where_old_types_compress_them) {
  const octets w = wire_name("web.test.");
  struct {
    const char* what;
    unsigned type;
    const char* data; // compressed: c00c is web.test., c010 is test.
    octets expected;
  } cases[] = {
    {"NS", 2, "c00c", w},
    {"CNAME", 5, "0161 c00c", wire_name("a.web.test.")},
    {"SOA", 6, "c00c c010 00000001 00000002 00000003 00000004 00000005",
     w + wire_name("test.") + hex("00000001 00000002 00000003 00000004 00000005")},
    {"PTR", 12, "c010", wire_name("test.")},
    {"MINFO", 14, "c00c c00c", w + w},
    {"MX", 15, "000a c00c", hex("000a") + w},
    {"RP", 17, "c00c c010", w + wire_name("test.")},
    {"AFSDB", 18, "0001 c00c", hex("0001") + w},
    {"RT", 21, "0001 c00c", hex("0001") + w},
    {"PX", 26, "0001 c00c c010", hex("0001") + w + wire_name("test.")},
    {"SRV", 33, "0001 0002 0050 c00c", hex("0001 0002 0050") + w},
    {"NAPTR", 35, "0001 0002 0155 0173 00 c00c", hex("0001 0002 0155 0173 00") + w},
    {"KX", 36, "0001 c00c", hex("0001") + w},
    {"DNAME", 39, "c00c", w},
    {"unknown: left alone", 65280, "c00c", hex("c00c")},
    {"RRSIG: left alone", 46, "c00c", hex("c00c")},
  };
  for (auto& c : cases) {
    const octets data = hex(c.data);
    const octets packet = with_record(hex("c00c") + be16(c.type) + hex("0001 00000005") + be16(data.size()) + data);
    const message m = parsed(packet);
    EXPECT_EQ(m[section::answer].at(0).data, c.expected) << c.what;
    EXPECT_EQ(difference(m, parsed(written(m))), "") << c.what;
  }
}

TEST(message, refuses_what_is_malformed) {
  const octets a = rr("a.", 1, hex("01020304"));
  struct {
    const char* what;
    octets packet;
    const char* error; // part of the message
  } cases[] = {
    {"nothing", {}, "shorter"},
    {"11 octets", repeat(0, 11), "shorter"},
    {"65536 octets", repeat(0, 65536), "longer"},
    {"no question there", header(0), "name in a question"},
    {"no type", header(0) + wire_name("a."), "without type"},
    {"no record there", header(0, 0, 1), "owner"},
    {"owner points at itself", header(0, 0, 1) + hex("c00c 0001 0001 00000000 0000"), "owner"},
    {"owner points forward", header(0, 0, 1) + hex("c00e 00 0001 0001 00000000 0000"), "owner"},
    {"owner points into the header", header(0, 0, 1) + hex("c000 0001 0001 00000000 0000"), "owner"},
    {"fixed part cut", header(0, 0, 1) + hex("00 0001 0001 0000"), "cut short"},
    {"data cut", header(0, 0, 1) + hex("00 0010 0001 00000000 0005 0161"), "longer than the message"},
    {"A of 3 octets", header(0, 0, 1) + rr("a.", 1, hex("010203")), "type wants"},
    {"A of 5 octets", header(0, 0, 1) + rr("a.", 1, hex("0102030405")), "type wants"},
    {"AAAA of 4 octets", header(0, 0, 1) + rr("a.", 28, hex("01020304")), "type wants"},
    {"MX without name", header(0, 0, 1) + rr("a.", 15, hex("000a")), "type wants"},
    {"name runs out of the data", with_record(hex("c00c 0002 0001 00000000 0002 0161 00")), "type wants"},
    {"TXT without string", header(0, 0, 1) + rr("a.", 16, {}), "type wants"},
    {"TXT string too long", header(0, 0, 1) + rr("a.", 16, hex("0261")), "type wants"},
    {"SOA cut", header(0, 0, 1) + rr("a.", 6, hex("00 00 00000001")), "type wants"},
    {"octets left", header(0, 0, 1) + a + hex("00"), "behind the last"},
    {"all counts lie", header(0, 0, 0xffff, 0xffff, 0xffff) + a, "owner"},
  };
  for (auto& c : cases) {
    const auto result = read_message(c.packet);
    const auto* error = std::get_if<message_error>(&result);
    ASSERT_NE(error, nullptr) << c.what;
    EXPECT_NE(std::string(error->what).find(c.error), std::string::npos) << c.what << ": " << error->what;
  }
}

TEST(message, keeps_data_of_classes_without_layout) {
  const message m = parsed(header(0, 0, 2) + rr("a.", 1, {}, 255) + rr("a.", 1, hex("c00c"), 3));
  EXPECT_EQ(m[section::answer].at(0).data, octets{});
  EXPECT_EQ(m[section::answer].at(1).data, hex("c00c"));
  EXPECT_EQ(difference(m, parsed(written(m))), "");
}

TEST(message_writer, compresses_what_rfc_1035_allows) {
  message m = parsed(header(0x8000, 1, 0) + ask_for("web.test."));
  m[section::answer] = {{*name::from_text("web.test."), 5, 1, 1, wire_name("x.web.test.")},
                        {*name::from_text("x.web.test."), 33, 1, 1, hex("0001 0002 0003") + wire_name("web.test.")},
                        {*name::from_text("Web.test."), 16, 1, 1, hex("00")}};
  EXPECT_EQ(written(m), header(0x8000, 1, 3) + ask_for("web.test.") + hex("c00c 0005 0001 00000001 0004 0178 c00c") +
                          hex("c026 0021 0001 00000001 0010 0001 0002 0003") + wire_name("web.test.") +
                          hex("03 576562 c010 0010 0001 00000001 0001 00"));
}

TEST(message_writer, leaves_out_what_does_not_fit) {
  const message m = random_message(5).make(40, all_types);
  const octets whole = written(m);
  size_t most = 0;
  for (size_t room = 0; room <= whole.size(); ++room) {
    octets out(room);
    const size_t size = write_message(m, out);
    ASSERT_LE(size, room);
    if (size == 0)
      continue;
    out.resize(size);
    const message part = parsed(out);
    const size_t records = part.sections[0].size() + part.sections[1].size() + part.sections[2].size();
    EXPECT_EQ((part.flags & flag::tc) != 0, room < whole.size());
    EXPECT_GE(records, most);
    most = records;
  }
}

TEST(message_writer, goes_on_rightly_after_a_record_that_did_not_fit) {
  octets out(400);
  message_writer writer(out, 1, 0);
  const record big{*name::from_text("new.labels.example."), 16, 1, 1, octets(500, 1)};
  const record fits{*name::from_text("new.labels.example."), 1, 1, 1, {1, 2, 3, 4}};
  EXPECT_FALSE(writer.add(section::answer, big));
  EXPECT_TRUE(writer.add(section::answer, fits));
  EXPECT_TRUE(writer.add(section::answer, fits));
  out.resize(writer.size());
  const message m = parsed(out);
  EXPECT_EQ(m[section::answer].at(1).owner, fits.owner);
  EXPECT_EQ(m.flags, flag::tc);
}

TEST(message_writer, refuses_data_that_does_not_match_its_type) {
  octets out(400);
  message_writer writer(out, 1, 0);
  EXPECT_FALSE(writer.add(section::answer, record{name{}, 1, 1, 1, {1, 2, 3}}));
  EXPECT_FALSE(writer.add(section::answer, record{name{}, 15, 1, 1, hex("000a c00c")}));
  EXPECT_EQ(writer.size(), header_octets);
  octets none(11);
  message_writer nowhere(none, 1, 0);
  EXPECT_FALSE(nowhere.ask({}));
  EXPECT_FALSE(nowhere.add(section::answer, {}));
  EXPECT_EQ(nowhere.size(), 0u);
}

TEST(message, worst_cases_take_milliseconds) {
  // Each owner one label in front of the one before, 126 deep, over and over: the longest pointer chains there can be.
  octets packet = header(0x8000, 0);
  unsigned count = 0;
  size_t labels = 0;
  for (size_t last = 0; (labels += count % 126 + 1) <= max_message_labels; ++count) {
    const size_t here = packet.size();
    const bool fresh = count % 126 == 0;
    packet = std::move(packet) + hex("01 61") + (fresh ? hex("00") : be16(0xc000 | static_cast<unsigned>(last))) +
             hex("0001 0001 00000000 0004 01020304");
    last = here;
  }
  ASSERT_LT(packet.size(), max_pointer_target);
  put16(&packet[6], static_cast<uint16_t>(count));
  const auto start = std::chrono::steady_clock::now();
  const message m = parsed(packet);
  const octets again = written(m);
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(difference(m, parsed(again)), "");
  EXPECT_LT(took, std::chrono::milliseconds(200)) << "about 1 ms without sanitizers";
}
