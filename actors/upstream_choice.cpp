// SPDX-License-Identifier: Apache-2.0
#include "actors/upstream_choice.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace troupe {

namespace {

/// Spreads load; nothing depends on its being unpredictable.
uint32_t random_below(size_t count) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return static_cast<uint32_t>(std::uniform_int_distribution<size_t>{0, count - 1}(generator));
}

} // namespace

bool is_down(const upstream_state& which, const config::forward_options& options) noexcept {
  return options.max_fails != 0 && which.failed_probes.load(std::memory_order_relaxed) > options.max_fails;
}

void upstream_rotation::order(std::span<uint8_t> positions) {
  std::iota(positions.begin(), positions.end(), uint8_t{0});
  if (positions.size() < 2)
    return;
  if (policy_ == config::upstream_policy::round_robin)
    std::rotate(positions.begin(), positions.begin() + static_cast<ptrdiff_t>(next_++ % positions.size()),
                positions.end());
  if (policy_ == config::upstream_policy::random)
    for (size_t i = positions.size() - 1; i > 0; --i)
      std::swap(positions[i], positions[random_below(i + 1)]);
}

size_t upstream_rotation::any(size_t count) {
  return random_below(count);
}

upstream_choice::upstream_choice(std::shared_ptr<const upstream_list> all, upstream_rotation& rotation)
  : all_(std::move(all)) {
  const auto loops = [](auto& one) { return one->loops_back.load(std::memory_order_relaxed); };
  if (std::any_of(all_->begin(), all_->end(), loops)) {
    upstream_list rest = *all_;
    std::erase_if(rest, loops);
    all_ = std::make_shared<const upstream_list>(std::move(rest));
  }
  rotation.order(std::span{order_}.first(all_->size()));
}

upstream_choice::verdict upstream_choice::next(const config::forward_options& options, upstream_rotation& rotation,
                                               std::shared_ptr<upstream_state>& to) {
  const upstream_list& all = *all_;
  const size_t most = options.max_connect_attempts.value_or(static_cast<unsigned>(2 * all.size()));
  if (all.empty() || (most != 0 && attempts_ >= most))
    return verdict::exhausted;
  if (failed_ >= all.size())
    return verdict::exhausted; // the one that was asked though all are down has failed too
  for (;;) {
    if (at_ >= all.size())
      at_ = failed_ = 0;
    to = all[order_[at_++]];
    if (!is_down(*to, options))
      break;
    if (++failed_ < all.size())
      continue;
    if (options.failfast_all_unhealthy)
      return verdict::none_healthy;
    to = all[rotation.any(all.size())];
    ++attempts_;
    return verdict::ask_unhealthy;
  }
  ++attempts_;
  return verdict::ask;
}

} // namespace troupe
