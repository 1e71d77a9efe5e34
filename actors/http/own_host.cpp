// SPDX-License-Identifier: Apache-2.0
#include "actors/http/own_host.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <string>

namespace troupe {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_numeric(int family, std::string_view text) {
  in6_addr address;
  return ::inet_pton(family, std::string{text}.c_str(), &address) == 1;
}

} // namespace

bool is_own_host(std::string_view host, std::string_view bound) {
  if (host.empty())
    return true;
  if (host.front() == '[') {
    const auto end = host.find(']');
    return end != host.npos && is_numeric(AF_INET6, host.substr(1, end - 1));
  }
  host = host.substr(0, host.find(':'));
  return is_numeric(AF_INET, host) || same(host, "localhost") || (!bound.empty() && same(host, bound));
}

} // namespace troupe
