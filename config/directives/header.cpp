// SPDX-License-Identifier: Apache-2.0
#include "config/directives/header.hpp"

#include "config/directives/values.hpp"
#include "config/dispenser.hpp"
#include "config/plan.hpp"

namespace troupe::config {

namespace {

uint16_t bit_of(const std::string& flag) {
  if (flag == "aa")
    return dns::flag::aa;
  if (flag == "ra")
    return dns::flag::ra;
  return flag == "rd" ? dns::flag::rd : uint16_t{0};
}

failure read_rule(const dispenser& in, const std::vector<std::string>& words, header_options::bits& out) {
  const std::string before = "setting up rule: ";
  if (words.empty())
    return in.error(before + "no flag action provided");
  if (words.size() < 2)
    return in.error(before + "invalid length for flags, at least one should be provided");
  const std::string action = lower_case(words[0]);
  if (action != "set" && action != "clear")
    return in.error(before + "unknown flag action=" + action + ", should be set or clear");
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string flag = lower_case(words[i]);
    const uint16_t bit = bit_of(flag);
    if (bit == 0)
      return in.error(before + "unknown/unsupported flag=" + flag);
    uint16_t& to = action == "set" ? out.set : out.clear;
    uint16_t& from = action == "set" ? out.clear : out.set;
    to = static_cast<uint16_t>(to | bit);
    from = static_cast<uint16_t>(from & ~bit);
  }
  return std::nullopt;
}

} // namespace

failure parse_header(dispenser& in, setup& s) {
  header_options& options = s.block.own<header_options>("header");
  bool any = false;
  while (in.next_property()) {
    const std::string selector = lower_case(in.word());
    if (selector != "query" && selector != "response")
      return in.error("setting up rule: invalid selector=" + selector + " should be query or response");
    const auto words = in.arguments();
    if (auto bad = read_rule(in, words, selector == "query" ? options.query : options.response))
      return bad;
    any = true;
  }
  if (!any)
    return in.argument_error();
  return std::nullopt;
}

} // namespace troupe::config
