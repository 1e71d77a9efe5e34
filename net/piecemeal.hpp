// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/loop.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace troupe::net {

namespace detail {

template <class Step>
struct pieces {
  Step step;

  static void run(void* object, loop& on) {
    std::unique_ptr<pieces> self{static_cast<pieces*>(object)};
    for (;;) {
      for (size_t n = 0; n < between_looks; ++n)
        if (!self->step())
          return;
      if (on.read_clock() - on.job_began() >= loop::max_turn)
        return on.post(lane::control, {&own_verbs, self.release()});
    }
  }
  static void discard(void* object) noexcept { delete static_cast<pieces*>(object); }

  static constexpr size_t between_looks = 8;
  static constexpr task::verbs own_verbs{run, discard};
};

} // namespace detail

/// Work that may be much, a little in each turn of `on`, so that it holds nobody up: `step()` does a bit of it and says
/// whether there is more. It begins in the next job, and is destroyed when it ends, or with the loop. Thread: the
/// loop's.
template <class Step>
void piecemeal(loop& on, Step step) {
  using all = detail::pieces<Step>;
  on.post(lane::control, {&all::own_verbs, new all{std::move(step)}});
}

/// Calls `work` with each of `all`: at once if they are few, or without a loop.
template <class T, class F>
void each_piecemeal(loop* on, std::vector<T> all, F work) {
  if (on && all.size() > detail::pieces<F>::between_looks)
    return piecemeal(*on, [all = std::move(all), work = std::move(work), next = size_t{0}]() mutable {
      work(all[next]);
      all[next] = {};
      return ++next < all.size();
    });
  for (auto& one : all)
    work(one);
}

/// Destroys what a map holds.
template <class Map>
void destroy_piecemeal(loop* on, Map all) {
  if (!on || all.empty())
    return;
  piecemeal(*on, [all = std::move(all), next = typename Map::iterator{}, begun = false]() mutable {
    if (!std::exchange(begun, true))
      next = all.begin();
    next->second = {};
    return ++next != all.end();
  });
}

} // namespace troupe::net
