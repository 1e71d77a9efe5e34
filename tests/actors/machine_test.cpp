// SPDX-License-Identifier: Apache-2.0
#include "actors/machine.hpp"
#include "net/socket.hpp"

#include <gtest/gtest.h>
#include <net/if.h>

namespace troupe {
namespace {

struct entry {
  const char* address; ///< null: of another family
  unsigned flags;
};

/// As getifaddrs() gives them.
std::vector<std::string> addresses_of(const std::vector<entry>& entries) {
  std::vector<net::socket_address> addresses(entries.size());
  std::vector<ifaddrs> list(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].address) {
      addresses[i] = *net::socket_address::from_text(entries[i].address, 0);
      list[i].ifa_addr = &addresses[i].raw.generic;
    }
    list[i].ifa_flags = entries[i].flags;
    list[i].ifa_next = i + 1 < entries.size() ? &list[i + 1] : nullptr;
  }
  std::vector<std::string> out;
  for (auto& address : machine::host_addresses(list.data()))
    out.push_back(address.to_text());
  return out;
}

TEST(machine, leaves_out_loopback_addresses_and_not_the_interface) {
  const std::vector<std::string> expected{"198.51.100.53", "2001:db8::53", "192.0.2.2", "fd00::2"};
  EXPECT_EQ(addresses_of({{"127.0.0.1", IFF_LOOPBACK},
                          {"127.8.8.8", IFF_LOOPBACK},
                          {"::1", IFF_LOOPBACK},
                          {"198.51.100.53", IFF_LOOPBACK}, // anycast
                          {"2001:db8::53", IFF_LOOPBACK},
                          {nullptr, 0},
                          {"192.0.2.2", 0},
                          {"fd00::2", 0},
                          {"127.0.0.2", 0}}),
            expected);
}

} // namespace
} // namespace troupe
