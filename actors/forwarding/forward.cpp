// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/forward.hpp"

#include "actors/questions/cache_flush.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/supervisor.hpp"
#include "net/dns/response.hpp"
#include "net/piecemeal.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::shared_ptr<const std::string> text(std::string what) {
  return std::make_shared<const std::string>(std::move(what));
}

} // namespace

forward::forward(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
                 forward_group& of, upstream_maker make_upstream)
  : pinned(cfg, shared, who, home), of_(of), make_upstream_(std::move(make_upstream)), upstreams_(of.upstreams()),
    rotation_(of.options.policy) {}

forward::behavior_type forward::make_behavior() {
  arm_timer();
  return {
    [this](resolve& message) { on_resolve(message); },
    [this](exchanged& message) { on_exchanged(message); },
    [this](doubted& message) { on_doubted(message); },
    [this](due_atom) {
      follow_files();
      arm_timer();
    },
    [this](again_atom, uint32_t losses) { on_again(losses); },
  };
}

void forward::on_resolve(resolve& message) {
  const auto& options = of_.options;
  if (options.max_concurrent != 0 && waiting_ >= options.max_concurrent) {
    of_.counts.rejected();
    message.to.answer(forwarded::outcome::rejected);
    return;
  }
  ++waiting_;
  const net::exchange_wish how = wish_of(message);
  const auto same = by_question_.find(key_of(*message.what, how));
  if (same != by_question_.end()) {
    flights_.find(same->second)->second->waiting.push_back(std::move(message.to));
    return;
  }
  const uint64_t token = ++next_token_;
  auto made = std::make_unique<flight>();
  made->what = std::move(message.what);
  made->how = how;
  made->waiting.push_back(std::move(message.to));
  made->choice = upstream_choice{upstreams_, rotation_};
  by_question_.emplace(made->key(), token);
  attempt(token, *flights_.emplace(token, std::move(made)).first->second);
}

/// Upstreams are asked with 1232 octets (RFC 9715 section 3.2) by UDP. A client that takes more is not told to come
/// again by TCP: we do. Others get what came as far as it fits, with TC; but some upstreams send nothing with TC, and a
/// client that does not come again takes that for no such name.
net::exchange_wish forward::wish_of(const resolve& message) const {
  const auto& options = of_.options;
  const bool by_udp = !options.force_tcp && (options.prefer_udp || message.client == net::protocol::udp);
  const bool takes_more = message.client == net::protocol::udp &&
                          dns::response_limit(*message.what, net::protocol::udp) > dns::our_udp_payload;
  return {by_udp ? net::protocol::udp : net::protocol::tcp,
          options.prefer_udp || takes_more ? net::refetch::always : net::refetch::if_empty, message.deadline};
}

/// Asks the next upstream. If there is none, or no time, the flight ends with what is under way still, if that is
/// anything.
void forward::attempt(uint64_t token, flight& of) {
  const auto fail = [&](const char* why) {
    if (of.under_way.empty())
      end(token, {0, forwarded::outcome::failed, {}, of.error ? of.error : text(why)});
  };
  const net::time_point now = home() ? home()->loop.now() : net::time_point{};
  if (now >= of.how.deadline)
    return fail("i/o timeout");
  std::shared_ptr<upstream_state> whom;
  switch (of.choice.next(of_.options, rotation_, whom)) {
  case upstream_choice::verdict::exhausted:
    return fail("no forwarders defined");
  case upstream_choice::verdict::none_healthy:
    of_.counts.none_healthy();
    return fail("no healthy proxies");
  case upstream_choice::verdict::ask_unhealthy:
    of_.counts.none_healthy();
    break;
  case upstream_choice::verdict::ask:
    break;
  }
  of.under_way.push_back({++of.attempts, whom});
  tell(shared().where.find<upstream_actor>(whom->actor),
       exchange{of.what, of.how, reply_token<exchanged>{ctrl(), token << attempt_bits | of.attempts}});
}

void forward::on_exchanged(exchanged& message) {
  const uint64_t token = message.token >> attempt_bits;
  const auto found = flights_.find(token);
  if (found == flights_.end())
    return;
  flight& of = *found->second;
  const auto mine = std::find_if(of.under_way.begin(), of.under_way.end(),
                                 [&](auto& one) { return one.number == static_cast<uint16_t>(message.token); });
  if (mine == of.under_way.end())
    return;
  const asking over = std::move(*mine);
  of.under_way.erase(mine);
  const bool latest = over.number == of.attempts && !of.again;
  const auto& result = message.result;
  const bool lost = !message.answered || result.failure == net::exchange_failure::link_gone;
  if (lost && latest)
    return on_lost(token, of, over.whom);
  if (!lost && result.reply) {
    const auto& failover = of_.options.failover;
    const bool unwanted = std::find(failover.begin(), failover.end(), result.reply->rcode) != failover.end();
    if (!unwanted || !of.choice.another())
      return end(token, {0, forwarded::outcome::replied, result.reply, {}});
  } else if (!lost) {
    of.error = text(result.error);
    if (result.failure == net::exchange_failure::no_socket)
      of.choice.another(); // our own want: says nothing about the upstream, and asking it again makes it worse
    else if (of_.options.max_fails != 0)
      tell(shared().where.find<upstream_actor>(over.whom->actor), failing_atom::value);
  }
  if (latest || (of.under_way.empty() && !of.again))
    attempt(token, of);
}

/// A part of ours that died says nothing about the upstream and is no attempt; an upstream that went for good is none.
void forward::on_lost(uint64_t token, flight& of, const std::shared_ptr<upstream_state>& with) {
  of.choice.not_asked();
  if (std::find(upstreams_.begin(), upstreams_.end(), with) == upstreams_.end())
    of.choice = upstream_choice{upstreams_, rotation_};
  of.again = lost_.add(token, of.losses++, home(), ctrl());
  if (!of.again && of.under_way.empty())
    end(token, {0, forwarded::outcome::failed, {}, text("the upstream's part of the server failed")});
}

/// Whoever waits for that upstream asks another too, now; the first answer counts. So an upstream that dies costs
/// what it had taken little time, and one that is merely slow loses nothing.
void forward::on_doubted(const doubted& message) {
  if (of_.options.max_fails == 0)
    return;
  std::vector<uint64_t> waiting;
  for (auto& [token, of] : flights_)
    if (of->latest() == message.whom.get() && of->choice.trusts_any(of_.options))
      waiting.push_back(token);
  lost_.add_now(waiting, ctrl());
}

void forward::on_again(unsigned losses) {
  for (uint64_t token : lost_.take(losses, ctrl()))
    if (const auto found = flights_.find(token); found != flights_.end()) {
      found->second->again = false;
      attempt(token, *found->second);
    }
}

void forward::end(uint64_t token, const forwarded& how) {
  const auto found = flights_.find(token);
  const auto over = std::move(found->second);
  flights_.erase(found);
  if (const auto mine = by_question_.find(over->key()); mine != by_question_.end() && mine->second == token)
    by_question_.erase(mine);
  waiting_ -= over->waiting.size();
  count_queries(over->waiting.size());
  net::each_piecemeal(loop(), std::move(over->waiting),
                      [how](const reply_token<forwarded>& client) { client.answer(how.what, how.reply, how.why); });
}

void forward::arm_timer() {
  const bool has_files =
    std::any_of(of_.options.to.begin(), of_.options.to.end(), [](auto& to) { return !to.file.empty(); });
  if (home() && has_files)
    timer_ = home()->loop.at(home()->loop.now() + file_interval,
                             [self = caf::actor_cast<forward_actor>(this)] { tell(self, due_atom::value); });
}

/// A changed resolv.conf: who is new gets an actor, who went loses it. A file without any address changes nothing,
/// since somebody may be writing it.
void forward::follow_files() {
  upstream_list now = resolve_upstreams(of_, upstreams_);
  if (now.empty() || now == upstreams_)
    return;
  const auto keeper = shared().where.find<supervisor_actor>("supervisor");
  const auto in = [](const upstream_list& all, auto& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  for (auto& one : now)
    if (!in(upstreams_, one))
      tell(keeper, adopt{make_upstream_(one), nullptr});
  dismiss gone;
  for (auto& one : upstreams_)
    if (!in(now, one))
      gone.names.push_back(one->actor);
  log::info("plugin/forward: {} upstreams from the changed files", now.size());
  of_.set_upstreams(now);
  upstreams_ = std::move(now);
  if (gone.names.empty())
    return;
  // What they said is not to be heard any more, neither from caches nor from what is under way.
  tell(keeper, std::move(gone));
  by_question_.clear();
  flush_caches(shared());
}

void forward::on_exit() {
  if (home())
    home()->loop.cancel(timer_);
  net::destroy_piecemeal(loop(), std::move(flights_));
  by_question_.clear();
}

} // namespace troupe
