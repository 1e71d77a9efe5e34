// SPDX-License-Identifier: Apache-2.0
#include "actors/upstream.hpp"

namespace troupe {

namespace {

constexpr std::chrono::seconds probe_limit{1};

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

upstream::upstream(caf::actor_config& cfg, process& shared, const actor_identity& who, scheduled_loop* home,
                   const forward_group& of, std::shared_ptr<upstream_state> which)
  : pinned(cfg, shared, who, home), of_(of), which_(std::move(which)), metrics_(shared.proxies, which_->text),
    probe_question_(probe_for(of.options)) {}

upstream::behavior_type upstream::make_behavior() {
  if (stats().distrusted) { // of its health nothing is known then
    which_->failed_probes = 0;
    made_anew(which_.get());
  }
  use_of(which_.get());
  link_ = std::make_unique<net::upstream_link>(home()->loop, which_->link);
  if (which_->failed_probes != 0)
    begin_probing();
  return {
    [this](exchange& message) { on_exchange(message); },
    [this](failing_atom) { begin_probing(); },
    [this](probe_atom) { probe(); },
  };
}

void upstream::on_exit() {
  home()->loop.cancel(timer_);
  link_.reset(); // ends what is under way: `link_gone`
}

void upstream::on_exchange(exchange& message) {
  use_of(which_.get());
  link_->ask(*message.what, message.how, [this, to = std::move(message.to)](net::exchange_result&& result) {
    count(result);
    to.answer(true, std::move(result));
  });
  count_queries(1);
}

void upstream::count(const net::exchange_result& result) {
  if (result.reply)
    metrics_.request(result.reply->rcode, result.took);
  metrics_.connection(result.used == net::protocol::tcp, result.reused_connection);
}

void upstream::begin_probing() {
  if (std::exchange(probing_, true))
    return;
  probe();
}

void upstream::probe() {
  const auto over = of_.options.force_tcp ? net::protocol::tcp : net::protocol::udp;
  link_->ask(probe_question_, {over, false, home()->loop.now() + probe_limit},
             [this](net::exchange_result&& result) { probed(result); });
}

/// An answer ends the probing; without one the next probe follows after the interval.
void upstream::probed(const net::exchange_result& result) {
  if (result.reply) {
    which_->failed_probes = 0;
    probing_ = false;
    return;
  }
  if (result.failure == net::exchange_failure::link_gone)
    return;
  ++which_->failed_probes;
  metrics_.probe_failed();
  timer_ = home()->loop.at(home()->loop.now() + of_.options.health_check,
                           [self = caf::actor_cast<upstream_actor>(this)] { tell(self, probe_atom::value); });
}

} // namespace troupe
