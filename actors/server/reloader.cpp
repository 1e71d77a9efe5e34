// SPDX-License-Identifier: Apache-2.0
#include "actors/server/reloader.hpp"

namespace troupe {

reloader::behavior_type reloader::make_behavior() {
  arm();
  return {
    [this](look_atom, uint64_t timer) {
      if (timer != timer_)
        return;
      worker_.ask(reload_worker::wish::look);
      arm();
    },
    [this](altered_options_atom) { arm(); },
  };
}

void reloader::arm() {
  ++timer_;
  const auto options = worker_.options();
  if (!options)
    return;
  const auto half = options->jitter.count() / 2;
  std::uniform_int_distribution<int64_t> spread{-half, half};
  delayed_send(this, options->interval + std::chrono::nanoseconds{spread(random_)}, look_atom::value, timer_);
}

} // namespace troupe
