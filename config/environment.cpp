// SPDX-License-Identifier: Apache-2.0
#include "config/environment.hpp"

#include "config/host_lookup.hpp"
#include "config/read_whole.hpp"

#include <arpa/inet.h>
#include <glob.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace troupe::config {

namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>{value} : std::nullopt;
}

std::vector<std::string> paths(const std::string& pattern) {
  std::vector<std::string> found;
  glob_t list{};
  // Go's wildcards match names that begin with a dot, too; only the folder itself and its parent are never meant.
  if (::glob(pattern.c_str(), GLOB_PERIOD, nullptr, &list) == 0) {
    for (size_t i = 0; i < list.gl_pathc; ++i) {
      const auto name = std::filesystem::path{list.gl_pathv[i]}.filename();
      if (name != "." && name != "..")
        found.emplace_back(list.gl_pathv[i]);
    }
  }
  ::globfree(&list);
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<std::string> numeric(const ifaddrs& entry) {
  char text[INET6_ADDRSTRLEN];
  if (!entry.ifa_addr)
    return std::nullopt;
  if (entry.ifa_addr->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(entry.ifa_addr);
    return ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  }
  if (entry.ifa_addr->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
    std::string address = ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    return IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) ? address + "%" + entry.ifa_name : address;
  }
  return std::nullopt;
}

std::vector<environment::interface_address> interfaces() {
  std::vector<environment::interface_address> all;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0)
    return all;
  for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    if (auto address = numeric(*entry))
      all.push_back({entry->ifa_name, *address});
  }
  ::freeifaddrs(list);
  return all;
}

/// What Go knows where there is no /etc/services, as in most images.
std::optional<uint16_t> well_known_port(const std::string& name, const std::string& protocol) {
  constexpr struct {
    std::string_view name, protocol;
    uint16_t port;
  } ports[] = {{"domain", "udp", 53}, {"domain", "tcp", 53}, {"http", "tcp", 80}, {"https", "tcp", 443}};
  for (const auto& known : ports)
    if (known.name == name && known.protocol == protocol)
      return known.port;
  return std::nullopt;
}

std::optional<uint16_t> service(const std::string& name, const std::string& protocol) {
  std::string lowered = name; // as Go compares them
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  servent entry{}, *found = nullptr;
  char room[4096];
  if (::getservbyname_r(lowered.c_str(), protocol.c_str(), &entry, room, sizeof room, &found) == 0 && found)
    return ntohs(static_cast<uint16_t>(found->s_port));
  return well_known_port(lowered, protocol);
}

} // namespace

environment process_environment() {
  environment env;
  env.variable = variable;
  env.paths = paths;
  env.read = read_whole;
  env.service = service;
  env.addresses = look_up_host;
  env.interfaces = interfaces();
  return env;
}

} // namespace troupe::config
