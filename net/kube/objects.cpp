// SPDX-License-Identifier: Apache-2.0
#include "net/kube/objects.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string_view>

namespace troupe::kube {

namespace {

constexpr std::array<uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

} // namespace

std::optional<address> address::from_text(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != text.npos)
    return std::nullopt;
  std::copy(text.begin(), text.end(), buffer);
  buffer[text.size()] = 0;
  address result;
  if (inet_pton(AF_INET, buffer, result.octets.data()) == 1)
    return result;
  if (inet_pton(AF_INET6, buffer, result.octets.data()) != 1)
    return std::nullopt;
  // ::ffff:192.0.2.1 is the IPv4 address to Kubernetes (RFC 4291 section 2.5.5.2): it is answered as A.
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), result.octets.begin())) {
    std::copy(result.octets.begin() + 12, result.octets.end(), result.octets.begin());
    std::fill(result.octets.begin() + 4, result.octets.end(), uint8_t{0});
    return result;
  }
  result.v6 = true;
  return result;
}

std::string address::to_text() const {
  char buffer[INET6_ADDRSTRLEN];
  return inet_ntop(v6 ? AF_INET6 : AF_INET, octets.data(), buffer, sizeof buffer);
}

bool kept::covers(const kept& wanted) const noexcept {
  return (endpoints || !wanted.endpoints) && (pod_names || !wanted.pod_names) && (zones || !wanted.zones) &&
         (external || !wanted.external) && (pods || !wanted.pods) && (imports || !wanted.imports) &&
         (labels || !wanted.labels);
}

void kept::add(const kept& more) noexcept {
  endpoints |= more.endpoints;
  pod_names |= more.pod_names;
  zones |= more.zones;
  external |= more.external;
  pods |= more.pods;
  imports |= more.imports;
  labels |= more.labels;
}

bool kept::wants(resource resource) const noexcept {
  switch (resource) {
  case resource::endpoint_slice:
    return endpoints || imports;
  case resource::pod:
    return pods;
  case resource::service_import:
    return imports;
  case resource::service:
  case resource::namespace_object:
    break;
  }
  return true;
}

} // namespace troupe::kube
