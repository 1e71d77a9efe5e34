// SPDX-License-Identifier: Apache-2.0
#include "actors/server/places.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

/// `HOST PORT` of each place that `hosts` of port 53 and, with `!` in front, of port 54 have.
std::string places(const std::vector<std::string>& hosts, bool has_ipv6) {
  config::plan plan;
  for (auto& host : hosts) {
    const bool other = host.starts_with('!');
    plan.listeners.emplace_back();
    plan.listeners.back().host = host.substr(other ? 1 : 0);
    plan.listeners.back().port = other ? 54 : 53;
  }
  std::string out;
  for (auto& place : places_of(plan, has_ipv6))
    out += (out.empty() ? "" : ", ") + place.key();
  return out;
}

TEST(places, of_an_unspecified_address_are_both_families) {
  const struct {
    std::vector<std::string> hosts;
    const char *with_ipv6, *without;
  } table[] = {
    {{""}, "0.0.0.0 53, :: 53", "0.0.0.0 53"},
    {{"0.0.0.0"}, "0.0.0.0 53, :: 53", "0.0.0.0 53"},
    {{"::"}, "0.0.0.0 53, :: 53", "0.0.0.0 53"},
    {{"0.0.0.0", "::"}, "0.0.0.0 53, :: 53", "0.0.0.0 53"},
    {{"::", "0.0.0.0"}, ":: 53, 0.0.0.0 53", "0.0.0.0 53"},
    {{"::", "!0.0.0.0"}, "0.0.0.0 53, :: 53, 0.0.0.0 54, :: 54", "0.0.0.0 53, 0.0.0.0 54"},
    {{"127.0.0.1", "::1"}, "127.0.0.1 53, ::1 53", "127.0.0.1 53, ::1 53"},
    {{"127.0.0.1", "::"}, "127.0.0.1 53, 0.0.0.0 53, :: 53", "127.0.0.1 53, 0.0.0.0 53"},
  };
  for (auto& row : table) {
    EXPECT_EQ(places(row.hosts, true), row.with_ipv6);
    EXPECT_EQ(places(row.hosts, false), row.without);
  }
}

} // namespace
} // namespace troupe
