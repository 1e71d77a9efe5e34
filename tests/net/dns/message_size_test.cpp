// SPDX-License-Identifier: Apache-2.0
#include "net/dns/message_size.hpp"

#include "net/dns/response.hpp"
#include "packets.hpp"

#include <gtest/gtest.h>

#include <functional>

using namespace troupe::dns;
using namespace troupe::dns::test;

namespace {

constexpr auto answer = section::answer, additional = section::additional;
constexpr std::array<uint8_t, 4> ipv4{192, 0, 2, 1};
constexpr size_t name_octets = 11, fixed_octets = 10; ///< of `a.example.`; of a record
constexpr size_t header_and_question = 12 + name_octets + 4;

} // namespace

TEST(message_size, is_that_without_compression) {
  const query q = asked("a.example.", 1);
  const octets other = wire_name("other.");
  const name_ref below_question{name_view{other}.first(other.size() - 1), in_question().tail};
  struct {
    const char* what;
    std::function<void(response&)> write;
    size_t records; // octets
  } cases[] = {
    {"nothing", [](response&) {}, 0},
    {"an address", [](response& r) { r.a(answer, in_question(), 5, ipv4); }, name_octets + fixed_octets + 4},
    {"a name in data", [](response& r) { r.name_data(answer, in_question(2), rrtype::ns, 5, in_question()); },
     name_octets - 2 + fixed_octets + name_octets},
    {"what is never compressed", [](response& r) { r.srv(answer, in_question(), 5, 0, 0, 53, in_question(2)); },
     name_octets + fixed_octets + 6 + name_octets - 2},
    {"two names in data",
     [](response& r) {
       r.soa(answer, in_question(2), 5, {in_question(), in_question(2), 1, 2, 3, 4, 5});
     },
     name_octets - 2 + fixed_octets + name_octets + name_octets - 2 + 20},
    {"a name that points on",
     [&](response& r) {
       uint16_t written = 0;
       r.name_data(answer, in_question(), rrtype::cname, 5, below_question, &written);
       r.a(additional, {{}, written}, 5, ipv4);
     },
     name_octets + fixed_octets + 2 * (6 + name_octets) + fixed_octets + 4},
    {"a record that did not fit", [](response& r) { r.raw(answer, in_question(), 16, 1, 5, octets(600)); }, 0},
  };
  for (auto& c : cases) {
    uint8_t buffer[512];
    response r{buffer, q};
    c.write(r);
    EXPECT_EQ(r.uncompressed_size(), header_and_question + c.records) << c.what;
    EXPECT_EQ(uncompressed_size(r.bytes()), header_and_question + c.records) << c.what;
    for (size_t cut = 0; cut < r.size(); ++cut)
      EXPECT_GE(uncompressed_size(r.bytes().first(cut)), cut) << c.what;
  }
}
