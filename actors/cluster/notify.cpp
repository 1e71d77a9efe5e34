// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/notify.hpp"

#include "actors/runtime/log.hpp"
#include "config/dispenser.hpp"

#include <algorithm>

namespace troupe {

notify::behavior_type notify::make_behavior() {
  begin();
  return {
    [this](begin_atom) { begin(); },
    [this](renumbered_atom) { look(); },
    [this](due_atom) {
      timer_ = 0;
      look();
    },
  };
}

void notify::on_exit() {
  zones_.clear();
  if (home())
    home()->loop.cancel(timer_);
}

/// A zone that the last plan had for the same secondaries has been told of already.
void notify::begin() {
  std::vector<told> before = std::exchange(zones_, {});
  for (auto& watch : watches_.all()) {
    const auto same = std::ranges::find_if(before, [&](const told& t) {
      return t.watch.zone == watch.zone && t.watch.from == watch.from &&
             std::ranges::equal(t.watch.to, watch.to, {}, &net::socket_address::to_text, &net::socket_address::to_text);
    });
    if (same == before.end()) {
      zones_.push_back({std::move(watch)});
    } else {
      same->watch = std::move(watch);
      zones_.push_back(std::move(*same));
    }
  }
  look();
}

void notify::look() {
  if (!home())
    return;
  const net::time_point now = home()->loop.now();
  net::time_point next = net::time_point::max();
  for (told& zone : zones_) {
    const auto serial = zone.watch.from->serial();
    if (!serial || serial == zone.serial)
      continue;
    const net::time_point due = zone.serial ? zone.at + shortest_interval : now;
    if (due <= now)
      tell_of(zone, *serial);
    else
      next = std::min(next, due);
  }
  home()->loop.cancel(timer_);
  timer_ = 0;
  if (next != net::time_point::max())
    timer_ = home()->loop.at(next, [self = caf::actor_cast<notify_actor>(this)] { tell(self, due_atom::value); });
}

void notify::tell_of(told& zone, uint32_t serial) {
  zone.serial = serial;
  zone.at = home()->loop.now();
  zone.under_way.clear();
  for (const auto& to : zone.watch.to)
    zone.under_way.push_back(std::make_unique<net::notification>(
      home()->loop, zone.watch.zone, to, zone.watch.source,
      [name = zone.watch.zone.to_text(), whom = to.to_text()](const net::notification::outcome& problem) {
        if (problem)
          log::error("plugin/transfer: notify for zone {} was not accepted by {}: {}", config::quote(name),
                     config::quote(whom), *problem);
      }));
  count_queries(zone.watch.to.size());
}

} // namespace troupe
