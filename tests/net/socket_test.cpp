// SPDX-License-Identifier: Apache-2.0
#include "net/socket.hpp"

#include <gtest/gtest.h>

using namespace troupe::net;

/// RFC 4007 section 11.2. The loopback interface has number 1 on Linux.
TEST(socket_address, texts_and_back) {
  const struct {
    const char* host;
    const char* text; // "": no address
    uint32_t interface;
  } cases[] = {
    {"127.0.0.1", "127.0.0.1:53", 0},
    {"::1", "[::1]:53", 0},
    {"fe80::1", "[fe80::1]:53", 0},
    {"fe80::1%lo", "[fe80::1%lo]:53", 1},
    {"fe80::1%1", "[fe80::1%lo]:53", 1},
    {"fe80::1%4000000", "[fe80::1%4000000]:53", 4'000'000},
    {"fe80::1%", "", 0},
    {"fe80::1%0", "", 0},
    {"fe80::1%no-such", "", 0},
    {"fe80::1%1x", "", 0},
    {"fe80::1%4294967296", "", 0},
    {"127.0.0.1%lo", "", 0},
    {"localhost", "", 0},
    {"", "", 0},
  };
  for (auto& c : cases) {
    const auto address = socket_address::from_text(c.host, 53);
    ASSERT_EQ(address.has_value(), *c.text != 0) << c.host;
    if (!address)
      continue;
    EXPECT_EQ(address->to_text(), c.text) << c.host;
    EXPECT_EQ(address->is_v6() ? address->raw.v6.sin6_scope_id : 0, c.interface) << c.host;
  }
}
