// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <map>
#include <mutex>
#include <string>

namespace troupe {

/// Where the actor of a name is now. A restarted actor has a new address, so nobody keeps handles across messages: they
/// ask here. Off the path of queries. Thread: any.
class directory {
public:
  void enter(const std::string& name, caf::strong_actor_ptr actor) {
    std::lock_guard lock{mutex_};
    actors_[name] = std::move(actor);
  }

  /// `gone` is not there any more; a newer actor of that name stays.
  void leave(const std::string& name, const caf::actor_addr& gone) {
    std::lock_guard lock{mutex_};
    auto found = actors_.find(name);
    if (found != actors_.end() && caf::actor_cast<caf::actor_addr>(found->second) == gone)
      actors_.erase(found);
  }

  /// A null handle if nobody has that name now.
  template <class Handle>
  Handle find(const std::string& name) const {
    std::lock_guard lock{mutex_};
    auto found = actors_.find(name);
    return found == actors_.end() ? Handle{} : caf::actor_cast<Handle>(found->second);
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, caf::strong_actor_ptr> actors_;
};

} // namespace troupe
