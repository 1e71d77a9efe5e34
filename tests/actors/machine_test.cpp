// SPDX-License-Identifier: Apache-2.0
#include "actors/machine.hpp"

#include <gtest/gtest.h>
#include <map>
#include <sstream>

using namespace troupe;

TEST(Machine, TheLeastQuotaOfACgroupAndThoseAboveItCounts) {
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
    EXPECT_EQ(machine::cgroup_cpus(own, first_line), c.cpus) << c.own;
  }
}
