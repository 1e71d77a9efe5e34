// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/host.hpp"
#include "net/socket.hpp"

#include <gtest/gtest.h>
#include <map>
#include <net/if.h>
#include <sstream>

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
  for (auto& address : host::host_addresses(list.data()))
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

TEST(machine, the_least_quota_of_a_cgroup_and_those_above_it_counts) {
  using files = std::map<std::string, std::string>;
  const std::string v2 = "/sys/fs/cgroup", v1 = "/sys/fs/cgroup/cpu";
  const struct {
    const char* own; ///< /proc/self/cgroup
    files there;
    size_t cpus;
  } cases[] = {
    {"", {}, 0},
    {"0::/\n", {}, 0},
    {"0::/\n", {{v2 + "/cpu.max", "200000 100000"}}, 2}, // a container
    {"0::/\n", {{v2 + "/cpu.max", "max 100000"}}, 0},
    {"0::/system.slice/dns.service\n", {{v2 + "/system.slice/dns.service/cpu.max", "150000 100000"}}, 2},
    {"0::/a/b\n", {{v2 + "/a/b/cpu.max", "max 100000"}, {v2 + "/a/cpu.max", "100000 100000"}}, 1},
    {"0::/a/b\n", {{v2 + "/a/b/cpu.max", "300000 100000"}, {v2 + "/a/cpu.max", "500000 100000"}}, 3},
    {"0::/../other\n", {{v2 + "/cpu.max", "400000 100000"}}, 4}, // moved out of sight
    {"3:memory:/m\n2:cpu,cpuacct:/c\n0::/\n",
     {{v1 + "/c/cpu.cfs_quota_us", "250000"}, {v1 + "/c/cpu.cfs_period_us", "100000"}},
     3},
    {"2:cpuacct,cpu:/elsewhere\n", // a container's view without a namespace of its own
     {{v1 + "/cpu.cfs_quota_us", "100000"}, {v1 + "/cpu.cfs_period_us", "100000"}},
     1},
    {"2:cpu:/\n", {{v1 + "/cpu.cfs_quota_us", "-1"}, {v1 + "/cpu.cfs_period_us", "100000"}}, 0},
    {"nonsense\n::\n1:\n", {{v2 + "/cpu.max", "100000 100000"}}, 1},
  };
  for (auto& c : cases) {
    std::istringstream own{c.own};
    const auto first_line = [&](const std::string& path) {
      const auto found = c.there.find(path);
      return found == c.there.end() ? std::string{} : found->second;
    };
    EXPECT_EQ(host::cgroup_cpus(own, first_line), c.cpus) << c.own;
  }
}

} // namespace
} // namespace troupe
