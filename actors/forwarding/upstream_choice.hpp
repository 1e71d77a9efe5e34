// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/upstreams.hpp"

#include <cstdint>

namespace troupe {

/// Where the next question begins: state of a policy, one per `forward`.
class upstream_rotation {
public:
  explicit upstream_rotation(config::upstream_policy policy) : policy_(policy) {}

  /// The order in which one question asks `count` upstreams (positions).
  std::vector<uint8_t> order(size_t count);
  size_t any(size_t count); ///< a position at random
  /// For `fastest`: brings the positions of `all` into the order of their paces, unknown ones first; now and then one
  /// at random before all, or nobody would know that it has become fast.
  void sort_by_pace(const upstream_list& all, std::vector<uint8_t>& order);

private:
  config::upstream_policy policy_;
  uint32_t next_ = 0;
};

/// The upstreams that one question may still ask, in CoreDNS's way: those that are down are passed over; when all are,
/// one is asked anyway, unless `failfast_all_unhealthy_upstreams` says otherwise. Those in doubt come last, which
/// CoreDNS does not do.
class upstream_choice {
public:
  upstream_choice() = default;
  upstream_choice(upstream_list all, upstream_rotation& rotation);

  enum class verdict : uint8_t { ask, ask_unhealthy, none_healthy, exhausted };

  /// Chooses the next upstream into `to`. Called again after a failure.
  verdict next(const config::forward_options& options, upstream_rotation& rotation,
               std::shared_ptr<upstream_state>& to);
  /// True if the question may ask one that is not in doubt.
  bool trusts_any(const config::forward_options& options) const noexcept;
  /// The one chosen last could not be asked, for no fault of its own, and might have answered: what was spent on the
  /// others until it is there again does not count either.
  void not_asked() noexcept {
    attempts_ = 0;
    if (failed_ >= all_.size())
      at_ = failed_ = 0;
  }
  /// The one asked last gave an rcode that `failover` names: true if another may be asked.
  bool another() noexcept { return ++failed_ < all_.size(); }

private:
  void trusted_first(const config::forward_options& options) noexcept;

  upstream_list all_;
  std::vector<uint8_t> order_;
  size_t at_ = 0, failed_ = 0;
  unsigned attempts_ = 0;
};

/// True if the upstream has failed more probes in a row than `max_fails` allows.
bool is_down(const upstream_state& state, const config::forward_options& options) noexcept;

/// True if it has failed the last probe. One answer to a probe ends that, as it ends being down.
bool is_in_doubt(const upstream_state& state, const config::forward_options& options) noexcept;

} // namespace troupe
