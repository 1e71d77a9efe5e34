// SPDX-License-Identifier: Apache-2.0
#include "actors/runtime/host.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <malloc.h>
#include <netinet/in.h>
#include <optional>
#include <sched.h>
#include <sstream>

namespace troupe::host {

namespace {

size_t affinity_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<size_t>(std::max(1, CPU_COUNT(&set))) : 1;
}

std::string first_line_of(const std::string& file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  return line;
}

/// What is freed after a list is freed by then.
constexpr std::chrono::seconds settled{2};

std::atomic<std::chrono::steady_clock::rep> freed_at{0}; ///< when memory was last said to be freed; 0: given back since

using reader = std::function<std::string(const std::string&)>;

/// The quota of one cgroup; v1 keeps quota and period in two files.
size_t cpus_of(const std::string& folder, bool v1, const reader& first_line) {
  if (!v1)
    return quota_cpus(first_line(folder + "/cpu.max"));
  const std::string quota = first_line(folder + "/cpu.cfs_quota_us");
  return quota.empty() ? 0 : quota_cpus(quota + " " + first_line(folder + "/cpu.cfs_period_us"));
}

/// A line of /proc/self/cgroup is `0::PATH` in v2, `N:CONTROLLERS:PATH` in v1. Every cgroup on the path may have a
/// quota.
size_t cpus_on_path(const std::string& line, const reader& first_line) {
  const auto kind = line.find(':'), path = kind == line.npos ? line.npos : line.find(':', kind + 1);
  if (path == line.npos)
    return 0;
  const std::string controllers = "," + line.substr(kind + 1, path - kind - 1) + ",";
  const bool v1 = controllers != ",,";
  if (v1 && controllers.find(",cpu,") == controllers.npos)
    return 0;
  const std::string root = v1 ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup";
  size_t least = 0;
  for (std::string below = line.substr(path + 1);; below.resize(below.find_last_of('/'))) {
    if (below == "/")
      below.clear();
    const size_t cpus = cpus_of(root + below, v1, first_line);
    least = least == 0 || cpus == 0 ? std::max(least, cpus) : std::min(least, cpus);
    if (below.find('/') == below.npos)
      return least;
  }
}

std::optional<kube::address> interface_address(const sockaddr& from) {
  kube::address out;
  if (from.sa_family == AF_INET) {
    std::memcpy(out.octets.data(), &reinterpret_cast<const sockaddr_in&>(from).sin_addr, 4);
    return out;
  }
  if (from.sa_family != AF_INET6)
    return std::nullopt;
  std::memcpy(out.octets.data(), &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, 16);
  out.v6 = true;
  return out;
}

} // namespace

size_t quota_cpus(const std::string& cpu_max) {
  std::istringstream in{cpu_max};
  long long quota = 0, period = 0;
  if (!(in >> quota >> period) || quota <= 0 || period <= 0)
    return 0;
  return static_cast<size_t>((quota + period - 1) / period);
}

size_t cgroup_cpus(std::istream& own, const reader& first_line) {
  size_t least = 0;
  for (std::string line; std::getline(own, line);)
    if (const size_t cpus = cpus_on_path(line, first_line); cpus != 0)
      least = least == 0 ? cpus : std::min(least, cpus);
  return least;
}

size_t default_loops() {
  const size_t loops = std::min(affinity_cpus(), most_loops);
  std::ifstream own{"/proc/self/cgroup"};
  const size_t cpus = cgroup_cpus(own, first_line_of);
  return cpus == 0 ? loops : std::min(loops, cpus);
}

void open_standard_descriptors() noexcept {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      (void)::open("/dev/null",
                   O_RDWR); // the lowest number is free, so it gets that; kept over exec like its neighbours
}

std::vector<kube::address> host_addresses(const ifaddrs* all) {
  std::vector<kube::address> out;
  for (const ifaddrs* i = all; i != nullptr; i = i->ifa_next) {
    const auto address = i->ifa_addr ? interface_address(*i->ifa_addr) : std::nullopt;
    if (address && !is_loopback(*address))
      out.push_back(*address);
  }
  return out;
}

std::string host_name() {
  char name[256] = "";
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != 0 ? name : "localhost";
}

std::vector<kube::address> local_addresses() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0)
    return {};
  auto out = host_addresses(all);
  ::freeifaddrs(all);
  return out;
}

bool is_loopback(const kube::address& a) {
  static const auto v6_loopback = *kube::address::from_text("::1");
  return a.v6 ? a == v6_loopback : a.octets[0] == 127;
}

void bound_arenas(size_t loops) noexcept {
  mallopt(M_ARENA_MAX, static_cast<int>(std::max<size_t>(2, loops / 2)));
}

void expect_free_memory() noexcept {
  freed_at = std::chrono::steady_clock::now().time_since_epoch().count();
}

void give_back_memory() noexcept {
  auto since = freed_at.load();
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  if (since == 0 || now - std::chrono::steady_clock::duration{since} < settled)
    return;
  if (freed_at.compare_exchange_strong(since, 0)) // else there is more to come
    malloc_trim(0);
}

} // namespace troupe::host
