// SPDX-License-Identifier: Apache-2.0
#include "config/plan.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

/// RFC 1035 section 2.3.1, as CoreDNS checks it before it warns; reverse zones need not follow it.
bool has_preferred_syntax(const std::string& zone) {
  if (zone == "." || zone.ends_with(".in-addr.arpa.") || zone.ends_with(".ip6.arpa."))
    return true;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  for (size_t i = 0; i < zone.size(); ++i) {
    const bool first = i == 0 || zone[i - 1] == '.', last = zone[i + 1 < zone.size() ? i + 1 : i] == '.';
    const bool digit = zone[i] >= '0' && zone[i] <= '9';
    const bool inside = digit ? !first : zone[i] == '-' && !first && !last;
    if (zone[i] != '.' && !letter(zone[i]) && !inside)
      return false;
  }
  return true;
}

} // namespace

const served_zone* listener_plan::match(dns::name_view lowered, uint16_t qtype) const noexcept {
  uint32_t position = zone_index::none;
  if (qtype == static_cast<uint16_t>(dns::rrtype::ds))
    position = index.shortest_below_root(lowered);
  if (position == zone_index::none)
    position = index.longest(lowered);
  return position == zone_index::none ? nullptr : &zones[position];
}

std::string plan::start_text() const {
  std::string text;
  for (const auto& listener : listeners) {
    std::vector<std::string> labels;
    for (const auto& zone : listener.zones)
      labels.push_back(zone.label);
    std::sort(labels.begin(), labels.end());
    for (const auto& label : labels) {
      if (!has_preferred_syntax(label))
        text += "Warning: Domain \"" + label + "\" does not follow RFC1035 preferred syntax\n";
      text += label + ":" + std::to_string(listener.port);
      text += listener.host.empty() ? "\n" : " on " + listener.host + "\n";
    }
  }
  return text;
}

} // namespace troupe::config
