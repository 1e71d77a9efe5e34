// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/upstream.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr std::chrono::seconds probe_limit{1}, tls_probe_limit{2}; ///< a handshake may come first

/// An answer moves the pace by so much of the difference, as TCP smooths round trips (RFC 6298 section 2).
constexpr uint32_t pace_weight = 8;
constexpr std::chrono::microseconds slowest_pace = std::chrono::seconds{10};

/// Answers are due and none comes, for so long: it is probed before the first of them is overdue. Some questions take a
/// resolver longer than that; those cost one probe.
constexpr std::chrono::milliseconds suspicious_silence{500};

/// `. NS`, or what `health_check … domain` says. Any answer shows that somebody is there.
dns::query probe_for(const config::forward_options& options) {
  dns::query q;
  dns::set_name(q, options.probe_domain.wire());
  q.qtype = static_cast<uint16_t>(dns::rrtype::ns);
  q.qclass = 1;
  q.flags = options.probe_recursion ? 0x0100 : 0;
  return q;
}

} // namespace

upstream::upstream(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                   const forward_group& group, std::shared_ptr<upstream_state> state)
  : pinned(cfg, shared, who, home), group_(group), state_(std::move(state)),
    metrics_(group.counts, state_->text, state_->link.streams_only), probe_question_(probe_for(group.options)) {}

upstream::behavior_type upstream::make_behavior() {
  // What is known of the upstream's health may be what made this actor fail. So it is forgotten.
  if (stats().distrusted) {
    state_->failed_probes = 0;
    made_anew(state_.get());
  }
  use_of(state_.get());
  link_ = std::make_unique<net::upstream_link>(home()->loop, state_->link);
  if (state_->failed_probes != 0)
    begin_probing();
  return {
    [this](exchange& message) { on_exchange(message); },
    [this](failing_atom) { begin_probing(); },
    [this](probe_atom) { probe(); },
    [this](silent_atom) { on_silent(); },
  };
}

void upstream::on_exit() {
  home()->loop.cancel(timer_);
  home()->loop.cancel(silence_timer_);
  link_.reset(); // ends what is under way: `link_gone`
}

void upstream::on_exchange(exchange& message) {
  use_of(state_.get());
  if (link_->in_flight() == 0)
    heard();
  link_->ask(*message.question, message.wish, [this, to = std::move(message.to)](net::exchange_result&& result) {
    if (result.reply)
      heard();
    count(result);
    to.answer(true, std::move(result));
  });
  count_queries(1);
  watch_for_silence();
}

void upstream::heard() {
  heard_ = home()->loop.now();
}

/// `max_fails 0` says that nobody is to be probed.
void upstream::watch_for_silence() {
  if (silence_timer_ == 0 && !probing_ && group_.options.max_fails != 0)
    silence_timer_ = home()->loop.at(
      heard_ + suspicious_silence, [self = caf::actor_cast<upstream_actor>(this)] { tell(self, silent_atom::value); });
}

void upstream::on_silent() {
  silence_timer_ = 0;
  if (link_->in_flight() == 0)
    return; // the next question watches again
  if (home()->loop.now() - heard_ >= suspicious_silence)
    begin_probing();
  else
    watch_for_silence();
}

/// A failure makes it twice as slow as it took to fail, so that it comes last until it answers again.
void note_pace(upstream_state& whom, const net::exchange_result& result) noexcept {
  using failure = net::exchange_failure;
  if (result.failure == failure::no_socket || result.failure == failure::link_gone)
    return; // says nothing about the upstream
  const auto took = std::clamp(std::chrono::duration_cast<std::chrono::microseconds>(result.took),
                               std::chrono::microseconds{1}, slowest_pace);
  const auto now = static_cast<uint32_t>(took.count());
  const uint32_t before = whom.pace_us.load(std::memory_order_relaxed);
  uint32_t pace = now;
  if (!result.reply)
    pace = static_cast<uint32_t>(std::min<int64_t>(2 * int64_t{std::max(before, now)}, slowest_pace.count()));
  else if (before != 0)
    pace = std::max(before - before / pace_weight + now / pace_weight, 1u);
  whom.pace_us.store(pace, std::memory_order_relaxed);
}

void upstream::count(const net::exchange_result& result) {
  if (result.reply)
    metrics_.request(result.reply->rcode, result.took);
  note_pace(*state_, result);
  metrics_.connection(result.used, result.reused_connection);
  metrics_.asked_without_edns(state_->link.edns->left_out());
}

void upstream::begin_probing() {
  if (std::exchange(probing_, true))
    return;
  probe();
}

void upstream::probe() {
  const auto over = group_.options.force_tcp ? net::protocol::tcp : net::protocol::udp;
  const auto limit = state_->link.streams_only ? tls_probe_limit : probe_limit;
  link_->ask(probe_question_, {over, net::refetch::never, home()->loop.now() + limit, true},
             [this](net::exchange_result&& result) { probed(result); });
}

/// An answer ends the probing; without one the next probe follows after the interval.
void upstream::probed(const net::exchange_result& result) {
  if (result.reply) {
    state_->failed_probes = 0;
    probing_ = false;
    heard();
    if (link_->in_flight() != 0)
      watch_for_silence();
    return;
  }
  if (result.failure == net::exchange_failure::link_gone)
    return;
  if (result.failure != net::exchange_failure::no_socket) { // which says nothing about the upstream
    ++state_->failed_probes;
    metrics_.probe_failed();
    tell(shared().where.find<forward_actor>(group_.named("forward")), doubted{state_});
  }
  timer_ = home()->loop.at(home()->loop.now() + group_.options.health_check,
                           [self = caf::actor_cast<upstream_actor>(this)] { tell(self, probe_atom::value); });
}

} // namespace troupe
