// SPDX-License-Identifier: Apache-2.0
#include "config/directives/acl.hpp"

#include "config/directives/values.hpp"
#include "config/dispenser.hpp"
#include "config/plan.hpp"
#include "config/zone_key.hpp"
#include "net/dns/text.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

bool is_section(const std::string& word) {
  const auto small = lower_case(word);
  return small == "type" || small == "net";
}

struct acl_reader {
  const dispenser& in;
  acl_options::policy& out;
  bool any_type = false, any_net = false; ///< `*` was there: nothing else counts

  failure type(const std::string& word) {
    const auto number = dns::type_from_text(word);
    if (!number || dns::type_mnemonic(*number) != word) // a mnemonic, in capitals
      return in.error("unexpected token " + quote(word) + "; expect legal QTYPE");
    out.types.push_back(*number);
    return std::nullopt;
  }

  failure net(const std::string& word) {
    const auto found = prefix::from_text(word);
    if (!found)
      return in.error("illegal CIDR notation " + quote(word.find('/') != word.npos   ? word
                                                       : word.find(':') != word.npos ? word + "/128"
                                                                                     : word + "/32"));
    out.nets.push_back(*found);
    return std::nullopt;
  }

  failure section(const std::string& name, std::span<const std::string> words) {
    const auto kind = lower_case(name);
    if (words.empty())
      return in.error("no token specified in " + quote(kind) + " section");
    for (const auto& word : words) {
      if (word == "*") {
        (kind == "type" ? any_type : any_net) = true;
        break;
      }
      if (auto bad = kind == "type" ? type(word) : net(word))
        return bad;
    }
    return std::nullopt;
  }

  failure all(std::span<const std::string> words) {
    while (!words.empty()) {
      if (!is_section(words[0]))
        return in.error("unexpected token " + quote(words[0]) + "; expect 'type | net'");
      const auto next = std::find_if(words.begin() + 1, words.end(), is_section);
      const auto count = static_cast<size_t>(next - words.begin());
      if (auto bad = section(words[0], words.subspan(1, count - 1)))
        return bad;
      words = words.subspan(count);
    }
    if (any_type)
      out.types.clear();
    if (any_net)
      out.nets.clear();
    return std::nullopt;
  }
};

} // namespace

bool acl_options::policy::applies(uint16_t qtype, const std::array<uint8_t, 16>& client, bool v6) const noexcept {
  return (types.empty() || std::ranges::find(types, qtype) != types.end()) &&
         (nets.empty() || std::ranges::any_of(nets, [&](const prefix& net) { return net.holds(client, v6); }));
}

failure parse_acl(dispenser& in, setup& s) {
  using action = acl_options::action;
  static constexpr std::pair<std::string_view, action> actions[] = {
    {"allow", action::allow}, {"block", action::block}, {"filter", action::filter}, {"drop", action::drop}};
  acl_options rule;
  const auto words = in.arguments();
  rule.zones = words.empty() ? s.block.zones : named_zones(words);
  rule.zone_of = zone_index{rule.zones};
  while (in.next_property()) {
    const auto found = std::ranges::find(actions, lower_case(in.word()), [](auto& row) { return row.first; });
    if (found == std::end(actions))
      return in.error("unexpected token " + quote(in.word()) + "; expect 'allow', 'block', 'filter' or 'drop'");
    acl_options::policy policy;
    policy.does = found->second;
    if (auto bad = acl_reader{in, policy}.all(in.arguments()))
      return bad;
    rule.policies.push_back(std::move(policy));
  }
  s.block.own<std::vector<acl_options>>("acl").push_back(std::move(rule));
  return std::nullopt;
}

} // namespace troupe::config
