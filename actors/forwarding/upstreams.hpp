// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/forward_tls.hpp"
#include "actors/http/proxy_metrics.hpp"
#include "actors/questions/query_target.hpp"
#include "config/directives/forward.hpp"
#include "net/upstream_link.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe {

/// One upstream of one `forward`: what is known of it outlives its actor. Thread: any.
struct upstream_state {
  std::string actor; ///< name of its actor: `upstream/10.0.0.1:53`
  std::string text;  ///< label `to`: `10.0.0.1:53`
  net::link_options link;
  std::atomic<unsigned> failed_probes{0}; ///< in a row; an answer to a probe makes it 0
  std::atomic<uint32_t> pace_us{0};       ///< a smoothed time to an answer, longer by failures; 0: not known
  std::atomic<bool> fenced{false};        ///< its actor failed too often: it is not asked until the next slow try
  std::atomic<bool> loops_back{false};    ///< LOOP found that what it is asked comes back to us: it is not asked
};

using upstream_list = std::vector<std::shared_ptr<upstream_state>>;

/// One distinct `forward` of the Corefile, for all loops. Plans that say the same share it, and with it its actors;
/// lives as long as a plan names it. Thread: any.
struct forward_group {
  forward_group(const config::forward_options& its_options, std::string prefix, size_t loops,
                proxy_metrics& its_counts);

  const std::string identity; ///< forward_options::identity
  const std::string prefix;   ///< of its actors' names: empty for the first, `2/` for the second, …
  const config::forward_options options;
  proxy_metrics& counts;                  ///< what its actors count
  const std::unique_ptr<forward_tls> tls; ///< null: no upstream has it
  std::vector<std::unique_ptr<struct forward_on_loop>> on_loop;

  std::string named(std::string_view actor) const { return prefix + std::string{actor}; }
  upstream_list upstreams() const {
    std::lock_guard lock{mutex_};
    return upstreams_;
  }
  void set_upstreams(upstream_list now) {
    std::lock_guard lock{mutex_};
    upstreams_ = std::move(now);
  }

private:
  mutable std::mutex mutex_;
  upstream_list upstreams_; ///< changes with resolv.conf
};

using forward_ptr = std::shared_ptr<forward_group>;

/// The upstreams that the options name at present: addresses as written, files as they stand. An upstream that is in
/// `known` already keeps its state.
upstream_list resolve_upstreams(const forward_group& group, const upstream_list& known);

/// The front of one loop to a `forward`. Thread: the loop's.
struct forward_on_loop {
  explicit forward_on_loop(forward_group& its_group) : group(its_group) {}
  forward_group& group;
  query_target front;
};

} // namespace troupe
