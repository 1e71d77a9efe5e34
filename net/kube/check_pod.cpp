// SPDX-License-Identifier: Apache-2.0
#include "net/kube/check_parts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace troupe::kube {

bool has_ended(std::string_view phase) {
  return phase == "Succeeded" || phase == "Failed" || phase == "Unknown";
}

/// A pod without an address is one that has none yet.
std::variant<pod, unusable> check(raw_pod&& raw, std::string* note) {
  if (auto bad = check_meta(raw.meta, false))
    return *bad;
  if (raw.ips.size() > max_items)
    return unusable{fmt::format("{} podIPs are more than {}", raw.ips.size(), max_items)};
  pod out;
  if (raw.ips.empty() && !raw.ip.empty())
    raw.ips.push_back(std::move(raw.ip));
  for (auto& text : raw.ips)
    if (auto ip = address::from_text(text))
      out.addresses.push_back(*ip);
    else if (note)
      add_note(*note, fmt::format("podIP {} is not an address", quote(text)));
  out.terminating = raw.terminating;
  if (raw.labels.size() > max_labels) {
    if (note)
      add_note(*note, fmt::format("{} labels are more than {}: none is kept", raw.labels.size(), max_labels));
    raw.labels.clear();
  }
  for (auto& each : raw.labels) // of several the last counts
    if (const auto same = std::ranges::find(out.labels, each.key, &label::key); same != out.labels.end())
      *same = std::move(each);
    else
      out.labels.push_back(std::move(each));
  take_names(raw.meta, out);
  return out;
}

std::variant<service_import, unusable> check(raw_import&& raw) {
  if (auto bad = check_meta(raw.meta, true))
    return *bad;
  service_import out;
  if (auto bad = check_ports(raw.ports, out.ports))
    return *bad;
  if (raw.type != "ClusterSetIP" && raw.type != "Headless")
    return unusable{fmt::format("type {} is not ClusterSetIP or Headless", quote(raw.type))};
  out.headless = raw.type == "Headless";
  if (raw.ips.size() > max_items)
    return unusable{"too many ips"};
  for (auto& text : raw.ips) {
    auto ip = address::from_text(text);
    if (!ip)
      return unusable{fmt::format("ip {} is not an address", quote(text))};
    if (!out.headless)
      out.ips.push_back(*ip);
  }
  take_names(raw.meta, out);
  return out;
}

} // namespace troupe::kube
