// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/cluster_groups.hpp"
#include "net/socket.hpp"

#include <mutex>
#include <optional>
#include <vector>

namespace troupe {

/// A zone whose secondaries are told when its serial changes.
struct notify_watch {
  dns::name zone;
  std::shared_ptr<const numbered> from;
  std::vector<net::socket_address> to;
  std::optional<net::socket_address> source;
};

/// What NOTIFY has to watch: set by whoever changes plans. Holds on to what it watches. Thread: any.
class notify_watches {
public:
  void watch(std::vector<notify_watch> all);
  std::vector<notify_watch> all() const;

private:
  mutable std::mutex mutex_;
  std::vector<notify_watch> all_;
};

/// Adds `zone` to `out` if `block` has a `transfer` that names secondaries for it.
void watch_zone(const config::server_block& block, const dns::name& zone, std::shared_ptr<const numbered> from,
                std::vector<notify_watch>& out);

/// The clusters' zones of a plan that `transfer` names secondaries for, with their sources among `living`.
std::vector<notify_watch> watches_of(const config::plan& plan, const std::vector<cluster_group_ptr>& living);

} // namespace troupe
