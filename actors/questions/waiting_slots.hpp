// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messages/forward.hpp"
#include "net/endpoint.hpp"
#include "net/piecemeal.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace troupe {

/// Slots that wait for an answer from elsewhere, each in a batch of its own, by number. Whoever holds as many of an
/// endpoint's as may still wait there sheds the oldest for each that comes, so one `forward` whose upstream is silent
/// takes half of them and not all: answers come soon or not at all, so it is hardly ever a loss. Destroyed with slots
/// in it, it drops them: their endpoint sends them again. Thread: the slots' home loop.
class waiting_slots {
public:
  struct entry {
    net::slice slice; ///< of one slot
    shared_query question;
    unsigned losses = 0; ///< times that whoever had the question died with it

    net::slot& slot() const noexcept { return slice.home()[0]; }
  };

  /// `loops`: that share what may be in flight at an address.
  explicit waiting_slots(size_t loops) : most_(net::endpoint::limits{}.in_flight / loops) {}

  /// `one`: a slice of one slot.
  uint64_t add(net::slice one) {
    entry fresh;
    net::endpoint& home = one.home().home();
    if (entries_.size() + home.in_flight() >= most_)
      shed_oldest();
    fresh.slice = home.alone(std::move(one));
    fresh.question = std::make_shared<const dns::query>(fresh.slot().query);
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

  void clear(net::loop* on) { net::destroy_piecemeal(on, std::exchange(entries_, {})); }

private:
  void shed_oldest() {
    while (oldest_ <= last_ && !entries_.contains(oldest_))
      ++oldest_;
    if (oldest_ > last_)
      return;
    net::slice shed = take(oldest_);
    net::fail(shed.home(), shed.home()[0], "too many queries in flight");
    std::move(shed).finish();
  }

  const size_t most_; ///< that may wait, whoever holds them
  uint64_t last_ = 0;
  uint64_t oldest_ = 1; ///< none before it waits
  boost::unordered_flat_map<uint64_t, entry> entries_;
};

} // namespace troupe
