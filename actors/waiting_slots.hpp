// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/forward.hpp"
#include "net/endpoint.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace troupe {

/// Slots that wait for an answer from elsewhere, each in a batch of its own, by number. Destroyed with slots in it, it
/// drops them: their endpoint sends them again. Thread: the slots' home loop.
class waiting_slots {
public:
  struct entry {
    net::slice slice; ///< of one slot
    shared_query what;
    unsigned losses = 0; ///< times that whoever had the question died with it

    net::slot& slot() const noexcept { return slice.home()[0]; }
  };

  /// `one`: a slice of one slot.
  uint64_t add(net::slice one) {
    entry fresh;
    net::endpoint& home = one.home().home();
    fresh.slice = home.alone(std::move(one));
    fresh.what = std::make_shared<const dns::query>(fresh.slot().query);
    entries_.emplace(++last_, std::move(fresh));
    return last_;
  }

  /// Null if it is not there any more.
  entry* find(uint64_t number) noexcept {
    const auto found = entries_.find(number);
    return found == entries_.end() ? nullptr : &found->second;
  }

  net::slice take(uint64_t number) {
    const auto found = entries_.find(number);
    net::slice out = std::move(found->second.slice);
    entries_.erase(found);
    return out;
  }

  void clear() { entries_.clear(); }

private:
  uint64_t last_ = 0;
  boost::unordered_flat_map<uint64_t, entry> entries_;
};

} // namespace troupe
