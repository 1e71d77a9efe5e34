// SPDX-License-Identifier: Apache-2.0
#include "packets.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <random>
#include <set>

using namespace troupe::dns;
using namespace troupe::dns::test;

namespace {

std::string label(size_t octets, char c = 'a') {
  return std::string(octets, c);
}

octets random_octets(std::mt19937& random, size_t size) {
  octets result(size);
  for (auto& octet : result)
    octet = static_cast<uint8_t>(random());
  return result;
}

name random_name(std::mt19937& random) {
  name result;
  for (size_t labels = random() % 20; labels > 0; --labels) {
    const auto text = random_octets(random, 1 + random() % (random() % 4 == 0 ? 63 : 12));
    if (!result.prepend({reinterpret_cast<const char*>(text.data()), text.size()}))
      break;
  }
  return result;
}

} // namespace

TEST(name, is_read_from_text) {
  const std::string longest = label(63) + "." + label(63) + "." + label(63) + "." + label(61);
  struct {
    std::string text;
    std::string wire; // empty: refused
  } cases[] = {
    {".", std::string("\0", 1)},
    {"a", std::string("\1a\0", 3)},
    {"a.", std::string("\1a\0", 3)},
    {"A.bC.", std::string("\1A\2bC\0", 6)},
    {"\\.a.b", std::string("\2.a\1b\0", 6)},
    {"\\000.b", std::string("\1\0\1b\0", 5)},
    {"\\255", std::string("\1\xff\0", 3)},
    {"\\\\", std::string("\1\\\0", 3)},
    {"\\a", std::string("\1a\0", 3)},
    {"", ""},
    {"..", ""},
    {"a..b", ""},
    {".a", ""},
    {"a\\", ""},
    {"\\25", ""},
    {"\\256", ""},
    {"\\2x5", ""},
    {label(63), "\x3f" + label(63) + std::string(1, '\0')},
    {label(64), ""},
    {longest, "\x3f" + label(63) + "\x3f" + label(63) + "\x3f" + label(63) + "\x3d" + label(61) + std::string(1, '\0')},
    {longest + ".",
     "\x3f" + label(63) + "\x3f" + label(63) + "\x3f" + label(63) + "\x3d" + label(61) + std::string(1, '\0')},
    {longest + "a", ""},
    {longest + ".a", ""},
  };
  for (auto& c : cases) {
    const auto got = name::from_text(c.text);
    ASSERT_EQ(got.has_value(), !c.wire.empty()) << c.text;
    const auto wire = got ? got->wire() : name_view{};
    EXPECT_EQ(std::string(wire.begin(), wire.end()), c.wire) << c.text;
  }
}

TEST(name, is_read_from_wire_only_whole) {
  struct {
    const char* digits;
    bool good;
  } cases[] = {
    {"00", true},        {"01 61 00", true},     {"", false},         {"01 61", false},
    {"01", false},       {"01 61 00 00", false}, {"00 00", false},    {"c0 0c", false},
    {"40 61 00", false}, {"80 61 00", false},    {"02 61 00", false},
  };
  for (auto& c : cases)
    EXPECT_EQ(name::from_wire(hex(c.digits)).has_value(), c.good) << c.digits;
  octets longest;
  for (int i = 0; i < 127; ++i)
    longest = longest + hex("01 61");
  EXPECT_EQ(name::from_wire(longest + hex("00"))->labels(), max_labels);
  EXPECT_FALSE(name::from_wire(longest + hex("01 61 00")));
  EXPECT_EQ(name_length(longest + hex("00 ff ff")), 255u);
}

TEST(name, is_written_as_master_file_text) {
  struct {
    const char* digits;
    const char* text;
  } cases[] = {
    {"00", "."},
    {"01 61 02 62 43 00", "a.bC."},
    {"01 61 02 62 43", "a.bC"}, // a run of labels
    {"01 2e 00", "\\.."},
    {"04 00 ff 5c 20 00", "\\000\\255\\\\\\ ."},
    {"01 7f 00", "\\127."},
    {"01 61 05 62", "a"}, // what is broken ends the text
    {"01 61 c0 0c", "a"},
    {"", ""},
  };
  for (auto& c : cases)
    EXPECT_EQ(to_text(hex(c.digits)), c.text) << c.digits;
}

TEST(name, survives_text_and_back_whatever_it_holds) {
  std::mt19937 random{4711};
  for (int i = 0; i < 20000; ++i) {
    const name original = random_name(random);
    const auto back = name::from_text(original.to_text());
    ASSERT_TRUE(back) << original.to_text();
    ASSERT_TRUE(std::equal(back->wire().begin(), back->wire().end(), original.wire().begin(), original.wire().end()));
    const auto again = name::from_wire(original.wire());
    ASSERT_TRUE(again && *again == original);
  }
}

TEST(name, lowers_and_compares_like_one_octet_at_a_time) {
  std::mt19937 random{4712};
  for (int i = 0; i < 20000; ++i) {
    const octets in = random_octets(random, random() % 256);
    octets expected = in, got(in.size() + 1, 0x5a);
    for (auto& octet : expected)
      if (octet >= 'A' && octet <= 'Z')
        octet += 'a' - 'A';
    lower(in, got.data());
    ASSERT_EQ(got.back(), 0x5a);
    got.pop_back();
    ASSERT_EQ(got, expected);
    ASSERT_TRUE(equal(in, expected));
    ASSERT_EQ(hash(got), hash(expected));
    if (!in.empty()) {
      octets other = in;
      auto& changed = other[random() % other.size()];
      changed ^= static_cast<uint8_t>(1 << random() % 8);
      octets other_lowered(other.size());
      lower(other, other_lowered.data());
      ASSERT_EQ(equal(in, other), expected == other_lowered);
      if (expected == other_lowered)
        continue;
      EXPECT_NE(hash(expected), hash(other_lowered)); // 20,000 pairs: 2^-18 for one of them to collide
    }
  }
}

TEST(name, hash_spreads_what_clusters_are_full_of) {
  std::set<uint32_t> low_bits;
  constexpr int names = 4096;
  for (int i = 0; i < names; ++i)
    low_bits.insert(hash(wire_name("service-" + std::to_string(i) + ".default.svc.cluster.local.")) % names);
  // Thrown at random, 1 - 1/e of the buckets are hit: 2589, give or take 30.
  EXPECT_GT(low_bits.size(), 2400u);
  EXPECT_LT(low_bits.size(), 2800u);
}

TEST(name, knows_its_descendants) {
  struct {
    const char *child, *parent;
    bool below;
  } cases[] = {
    {"a.b.", "b.", true},  {"b.", "b.", true},           {"A.B.", "b.", true},      {"ab.", "b.", false},
    {"b.", "a.b.", false}, {"a.b.", ".", true},          {".", ".", true},          {"c.", "b.", false},
    {".", "b.", false},    {"\\003a\\.b.", "b.", false}, {"x\\001b.", "b.", false},
  };
  for (auto& c : cases)
    EXPECT_EQ(is_subdomain(wire_name(c.child), wire_name(c.parent)), c.below) << c.child << ' ' << c.parent;
}

TEST(name, takes_labels_in_front_while_they_fit) {
  name n;
  EXPECT_TRUE(n.is_root());
  EXPECT_FALSE(n.prepend(""));
  EXPECT_FALSE(n.prepend(label(64)));
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(n.prepend(label(63)));
  EXPECT_FALSE(n.prepend(label(62)));
  EXPECT_TRUE(n.prepend(label(61, 'B')));
  EXPECT_EQ(n.size(), max_name_octets);
  EXPECT_EQ(n.labels(), 4u);
  EXPECT_FALSE(n.prepend("a"));
  EXPECT_EQ(n.lowered(), n);
  EXPECT_EQ(n.lowered().wire()[1], 'b');
}
