// SPDX-License-Identifier: Apache-2.0
#include "net/dns/response.hpp"

#include "net/dns/wire.hpp"
#include "packets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace troupe::dns;
using namespace troupe::dns::test;

namespace {

using records = std::vector<octets>;

/// The records of each section, as they stand.
std::array<records, 3> read(std::span<const uint8_t> message) {
  std::array<records, 3> result;
  size_t at = skip_name(message, header_octets) + 4;
  for (size_t where = 0; where < 3; ++where)
    for (unsigned i = get16(&message[6 + 2 * where]); i > 0; --i) {
      const auto found = find_record(message, at);
      EXPECT_TRUE(found);
      result[where].emplace_back(message.begin() + static_cast<long>(at),
                                 message.begin() + static_cast<long>(found.end));
      at = found.end;
    }
  return result;
}

octets mixed(unsigned seed) {
  std::mt19937 random{seed};
  octets buffer(8192);
  response r(buffer, asked("web.test."));
  const octets target = wire_name("target.example.");
  uint16_t tail = 0;
  r.name_data(section::answer, in_question(), rrtype::cname, 5, {name_view{target}.first(target.size() - 1), 0}, &tail);
  for (unsigned where = 0; where < 3; ++where)
    for (unsigned i = random() % 12; i > 0; --i) {
      const auto last = static_cast<uint8_t>(random());
      const name_ref owners[] = {in_question(), {{}, tail}, {}, {name_view{target}.first(7), tail}};
      const name_ref owner = owners[random() % 4];
      if (random() % 3 == 0)
        r.aaaa(section{static_cast<uint8_t>(where)}, owner, 5, {0x20, 1, last});
      else if (random() % 5 == 0)
        r.txt(section{static_cast<uint8_t>(where)}, owner, 5, "between");
      else
        r.a(section{static_cast<uint8_t>(where)}, owner, 5, {10, 0, 0, last});
    }
  buffer.resize(r.size());
  return buffer;
}

} // namespace

TEST(shuffle_addresses, keeps_each_sections_set_and_what_is_no_address) {
  uint64_t state = 1;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const octets before = mixed(seed);
    octets after = before;
    shuffle_addresses(after, state);
    ASSERT_TRUE(std::equal(before.begin(), before.begin() + header_octets, after.begin()));
    auto old = read(before), now = read(after);
    for (size_t where = 0; where < 3; ++where) {
      ASSERT_EQ(old[where].size(), now[where].size());
      for (size_t i = 0; i < old[where].size(); ++i)
        ASSERT_EQ(old[where][i].size(), now[where][i].size()); // A changes with A, AAAA with AAAA
      std::sort(old[where].begin(), old[where].end());
      std::sort(now[where].begin(), now[where].end());
      ASSERT_EQ(old[where], now[where]);
    }
  }
}

TEST(shuffle_addresses, gives_every_order_its_turn) {
  octets buffer(600);
  response r(buffer, asked("web.test."));
  for (uint8_t i = 0; i < 4; ++i)
    r.a(section::answer, in_question(), 5, {10, 0, 0, i});
  std::map<octets, int> seen;
  uint64_t state = 42;
  constexpr int rounds = 24000;
  for (int i = 0; i < rounds; ++i) {
    shuffle_addresses(r.bytes(), state);
    ++seen[octets(r.bytes().begin(), r.bytes().end())];
  }
  EXPECT_EQ(seen.size(), 24u);
  for (auto& [order, times] : seen) // 1000 expected, standard deviation 31
    EXPECT_NEAR(times, rounds / 24, 160);
}

TEST(shuffle_addresses, leaves_alone_what_it_cannot_read) {
  uint64_t state = 7;
  octets whole = mixed(3);
  for (size_t size = 0; size + 1 < whole.size(); ++size) {
    octets part(whole.begin(), whole.begin() + static_cast<long>(size)), before = part;
    shuffle_addresses(part, state);
    ASSERT_EQ(part, before) << size;
  }
}
