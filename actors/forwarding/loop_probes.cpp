// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/loop_probes.hpp"

#include "net/secure_random.hpp"

#include <algorithm>
#include <ranges>

namespace troupe {

namespace {

/// `<20 digits at most>.<likewise>.<zone>`, as CoreDNS's look. A zone that leaves no room is passed over for the root.
dns::name fresh_name(const dns::name& zone) {
  net::secure_random random;
  const auto label = [&random] {
    uint64_t bits = 0;
    for (int i = 0; i < 4; ++i)
      bits = bits << 16 | random.next();
    return std::to_string(bits) + ".";
  };
  const std::string front = label() + label();
  const std::string below = zone.wire().size() > 1 ? dns::to_text(zone.wire()) : std::string{};
  if (auto name = dns::name::from_text(front + below))
    return *name;
  return *dns::name::from_text(front);
}

} // namespace

void loop_probes::watch(std::vector<loop_watch> all) {
  std::lock_guard lock{mutex_};
  watches_ = std::move(all);
}

std::vector<loop_watch> loop_probes::watches() const {
  std::lock_guard lock{mutex_};
  return watches_;
}

loop_probes::probe loop_probes::add(size_t watch, const dns::name& zone, std::shared_ptr<upstream_state> through) {
  std::lock_guard lock{mutex_};
  under_way_.push_back({++last_, fresh_name(zone), watch, std::move(through)});
  count_ = under_way_.size();
  return under_way_.back();
}

std::optional<loop_probes::probe> loop_probes::find(uint64_t number) const {
  std::lock_guard lock{mutex_};
  const auto found = std::ranges::find(under_way_, number, &probe::number);
  return found == under_way_.end() ? std::nullopt : std::optional{*found};
}

void loop_probes::remove(uint64_t number) {
  std::lock_guard lock{mutex_};
  std::erase_if(under_way_, [&](const probe& p) { return p.number == number; });
  count_ = under_way_.size();
}

void loop_probes::clear() {
  std::lock_guard lock{mutex_};
  under_way_.clear();
  count_ = 0;
}

std::optional<uint64_t> loop_probes::number_of(dns::name_view lowered) const {
  std::lock_guard lock{mutex_};
  const auto found =
    std::ranges::find_if(under_way_, [&](const probe& p) { return std::ranges::equal(p.name.wire(), lowered); });
  return found == under_way_.end() ? std::nullopt : std::optional{found->number};
}

std::vector<loop_watch> loop_watches(const config::plan& plan, const std::vector<forward_ptr>& living) {
  std::vector<loop_watch> out;
  for (auto& block : plan.blocks) {
    if (!block.loop || block.zones.empty())
      continue;
    loop_watch& made = out.emplace_back(loop_watch{block.zones.front(), block.loop->report, {}});
    for (auto& options : block.forward)
      for (auto& each : living)
        if (each->identity == options.identity())
          made.forwards.push_back(each);
  }
  return out;
}

} // namespace troupe
