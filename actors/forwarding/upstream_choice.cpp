// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/upstream_choice.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace troupe {

namespace {

/// One question of so many begins with an upstream at random.
constexpr uint32_t fastest_tries = 32;

/// Spreads load; nothing depends on its being unpredictable.
uint32_t random_below(size_t count) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return static_cast<uint32_t>(std::uniform_int_distribution<size_t>{0, count - 1}(generator));
}

} // namespace

bool is_down(const upstream_state& state, const config::forward_options& options) noexcept {
  return options.max_fails != 0 && state.failed_probes.load(std::memory_order_relaxed) > options.max_fails;
}

bool is_in_doubt(const upstream_state& state, const config::forward_options& options) noexcept {
  return options.max_fails != 0 && state.failed_probes.load(std::memory_order_relaxed) != 0;
}

std::vector<uint8_t> upstream_rotation::order(size_t count) {
  std::vector<uint8_t> out(count);
  std::iota(out.begin(), out.end(), uint8_t{0});
  if (count < 2)
    return out;
  if (policy_ == config::upstream_policy::round_robin)
    std::rotate(out.begin(), out.begin() + static_cast<ptrdiff_t>(next_++ % count), out.end());
  if (policy_ == config::upstream_policy::random || policy_ == config::upstream_policy::fastest)
    for (size_t i = count - 1; i > 0; --i)
      std::swap(out[i], out[random_below(i + 1)]);
  return out;
}

void upstream_rotation::sort_by_pace(const upstream_list& all, std::vector<uint8_t>& order) {
  if (policy_ != config::upstream_policy::fastest || order.size() < 2)
    return;
  const bool tries_another = next_++ % fastest_tries == fastest_tries - 1;
  std::vector<uint32_t> paces; // read once: a sort must not see them change
  for (const auto& one : all)
    paces.push_back(one->pace_us.load(std::memory_order_relaxed));
  std::stable_sort(order.begin() + tries_another, order.end(),
                   [&](uint8_t a, uint8_t b) { return paces[a] < paces[b]; });
}

size_t upstream_rotation::any(size_t count) {
  return random_below(count);
}

upstream_choice::upstream_choice(upstream_list all, upstream_rotation& rotation) : all_(std::move(all)) {
  std::erase_if(all_, [](auto& one) {
    return one->loops_back.load(std::memory_order_relaxed) || one->fenced.load(std::memory_order_relaxed);
  });
  order_ = rotation.order(all_.size());
  rotation.sort_by_pace(all_, order_);
}

bool upstream_choice::trusts_any(const config::forward_options& options) const noexcept {
  return std::any_of(all_.begin(), all_.end(), [&](auto& one) { return !is_in_doubt(*one, options); });
}

/// Of those whose turn is still to come, who is not in doubt comes first.
void upstream_choice::trusted_first(const config::forward_options& options) noexcept {
  const auto trusted = [&](uint8_t i) { return !is_in_doubt(*all_[i], options); };
  auto next = order_.begin() + static_cast<ptrdiff_t>(at_);
  for (auto it = next; it != order_.end(); ++it)
    if (trusted(*it))
      std::rotate(next++, it, it + 1);
}

upstream_choice::verdict upstream_choice::next(const config::forward_options& options, upstream_rotation& rotation,
                                               std::shared_ptr<upstream_state>& to) {
  const size_t most = options.max_connect_attempts.value_or(static_cast<unsigned>(2 * all_.size()));
  if (all_.empty() || (most != 0 && attempts_ >= most))
    return verdict::exhausted;
  if (failed_ >= all_.size())
    return verdict::exhausted; // the one that was asked though all are down has failed too
  for (;;) {
    if (at_ >= order_.size())
      at_ = failed_ = 0;
    trusted_first(options);
    to = all_[order_[at_++]];
    if (!is_down(*to, options))
      break;
    if (++failed_ < all_.size())
      continue;
    if (options.failfast_all_unhealthy)
      return verdict::none_healthy;
    to = all_[rotation.any(all_.size())];
    ++attempts_;
    return verdict::ask_unhealthy;
  }
  ++attempts_;
  return verdict::ask;
}

} // namespace troupe
