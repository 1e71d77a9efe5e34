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
  cluster_group_ptr from; ///< whose root has the serial
  std::vector<net::socket_address> to;
  std::optional<net::socket_address> source;

  /// Nothing while the cluster is not listed: there is no zone yet that a secondary should take.
  std::optional<uint32_t> serial() const;
};

/// What NOTIFY has to watch: set by whoever changes plans. Holds on to the sources of the plan. Thread: any.
class notify_watches {
public:
  void watch(std::vector<notify_watch> all);
  std::vector<notify_watch> all() const;

private:
  mutable std::mutex mutex_;
  std::vector<notify_watch> all_;
};

/// The zones of a plan that `transfer` names secondaries for, with their sources among `living`.
std::vector<notify_watch> watches_of(const config::plan& plan, const std::vector<cluster_group_ptr>& living);

} // namespace troupe
