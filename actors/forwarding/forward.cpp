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
                 forward_group& group, upstream_maker make_upstream)
  : pinned(cfg, shared, who, home), group_(group), make_upstream_(std::move(make_upstream)),
    upstreams_(group.upstreams()), rotation_(group.options.policy) {}

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
  const auto& options = group_.options;
  if (options.max_concurrent != 0 && waiting_ >= options.max_concurrent) {
    group_.counts.rejected();
    message.to.answer(forwarded::outcome::rejected);
    return;
  }
  ++waiting_;
  const net::exchange_wish wish = wish_of(message);
  const auto same = by_question_.find(key_of(*message.question, wish));
  if (same != by_question_.end()) {
    flight& under_way = *flights_.find(same->second)->second;
    under_way.waiting.push_back(std::move(message.to));
    under_way.noted |= message.noted;
    return;
  }
  const uint64_t token = ++next_token_;
  auto made = std::make_unique<flight>();
  made->question = std::move(message.question);
  made->wish = wish;
  made->noted = message.noted;
  made->waiting.push_back(std::move(message.to));
  made->choice = upstream_choice{upstreams_, rotation_};
  by_question_.emplace(made->key(), token);
  attempt(token, *flights_.emplace(token, std::move(made)).first->second);
}

/// Upstreams are asked with 1232 octets (RFC 9715 section 3.2) by UDP. A client that takes more is not told to come
/// again by TCP: we do. Others get what came as far as it fits, with TC; but some upstreams send nothing with TC, and a
/// client that does not come again takes that for no such name.
net::exchange_wish forward::wish_of(const resolve& message) const {
  const auto& options = group_.options;
  const bool by_udp = !options.force_tcp && (options.prefer_udp || message.client == net::protocol::udp);
  const bool takes_more = message.client == net::protocol::udp &&
                          dns::response_limit(*message.question, net::protocol::udp) > dns::our_udp_payload;
  return {by_udp ? net::protocol::udp : net::protocol::tcp,
          options.prefer_udp || takes_more ? net::refetch::always : net::refetch::if_empty, message.deadline};
}

/// Asks the next upstream. If there is none, or no time, the flight ends with what is under way still, if that is
/// anything.
void forward::attempt(uint64_t token, flight& lookup) {
  const auto fail = [&](const char* why) {
    if (lookup.under_way.empty())
      end(token, {0, forwarded::outcome::failed, {}, lookup.error ? lookup.error : text(why)});
  };
  const net::time_point now = home() ? home()->loop.now() : net::time_point{};
  if (now >= lookup.wish.deadline)
    return fail("i/o timeout");
  std::shared_ptr<upstream_state> whom;
  switch (lookup.choice.next(group_.options, rotation_, whom)) {
  case upstream_choice::verdict::exhausted:
    return fail("no forwarders defined");
  case upstream_choice::verdict::none_healthy:
    group_.counts.none_healthy();
    return fail("no healthy proxies");
  case upstream_choice::verdict::ask_unhealthy:
    group_.counts.none_healthy();
    break;
  case upstream_choice::verdict::ask:
    break;
  }
  lookup.under_way.push_back({++lookup.attempts, whom});
  if (lookup.noted)
    lookup.notes = std::make_shared<const net::answer_notes>(net::answer_notes{whom->text, {}});
  tell(shared().where.find<upstream_actor>(whom->actor),
       exchange{lookup.question, lookup.wish, reply_token<exchanged>{ctrl(), token << attempt_bits | lookup.attempts}});
}

void forward::on_exchanged(exchanged& message) {
  const uint64_t token = message.token >> attempt_bits;
  const auto found = flights_.find(token);
  if (found == flights_.end())
    return;
  flight& lookup = *found->second;
  const auto mine = std::find_if(lookup.under_way.begin(), lookup.under_way.end(),
                                 [&](auto& one) { return one.number == static_cast<uint16_t>(message.token); });
  if (mine == lookup.under_way.end())
    return;
  const asking over = std::move(*mine);
  lookup.under_way.erase(mine);
  const bool latest = over.number == lookup.attempts && !lookup.again;
  const auto& result = message.result;
  const bool lost = !message.answered || result.failure == net::exchange_failure::link_gone;
  if (lost && latest)
    return on_lost(token, lookup, over.whom);
  if (!lost && result.reply) {
    const auto& failover = group_.options.failover;
    const bool unwanted = std::find(failover.begin(), failover.end(), result.reply->rcode) != failover.end();
    if (!unwanted || !lookup.choice.another())
      return end(token, {0, forwarded::outcome::replied, result.reply, {}});
  } else if (!lost) {
    lookup.error = text(result.error);
    if (result.failure == net::exchange_failure::no_socket)
      lookup.choice.another(); // our own want: says nothing about the upstream, and asking it again makes it worse
    else if (group_.options.max_fails != 0)
      tell(shared().where.find<upstream_actor>(over.whom->actor), failing_atom::value);
  }
  if (latest || (lookup.under_way.empty() && !lookup.again))
    attempt(token, lookup);
}

/// A part of ours that died says nothing about the upstream and is no attempt; an upstream that went for good is none.
void forward::on_lost(uint64_t token, flight& lookup, const std::shared_ptr<upstream_state>& with) {
  lookup.choice.not_asked();
  if (std::find(upstreams_.begin(), upstreams_.end(), with) == upstreams_.end())
    lookup.choice = upstream_choice{upstreams_, rotation_};
  lookup.again = lost_.add(token, lookup.losses++, home(), ctrl());
  if (!lookup.again && lookup.under_way.empty())
    end(token, {0, forwarded::outcome::failed, {}, text("the upstream's part of the server failed")});
}

/// Whoever waits for that upstream asks another too, now; the first answer counts. So an upstream that dies costs
/// what it had taken little time, and one that is merely slow loses nothing.
void forward::on_doubted(const doubted& message) {
  if (group_.options.max_fails == 0)
    return;
  std::vector<uint64_t> waiting;
  for (auto& [token, lookup] : flights_)
    if (lookup->latest() == message.whom.get() && lookup->choice.trusts_any(group_.options))
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

void forward::end(uint64_t token, const forwarded& outcome) {
  const auto found = flights_.find(token);
  const auto over = std::move(found->second);
  flights_.erase(found);
  if (const auto mine = by_question_.find(over->key()); mine != by_question_.end() && mine->second == token)
    by_question_.erase(mine);
  waiting_ -= over->waiting.size();
  count_queries(over->waiting.size());
  net::each_piecemeal(loop(), std::move(over->waiting),
                      [outcome, notes = over->notes](const reply_token<forwarded>& client) {
                        client.answer(outcome.result, outcome.reply, outcome.why, notes);
                      });
}

void forward::arm_timer() {
  const auto& sources = group_.options.to;
  const bool has_files = (group_.tls && group_.tls->has_files()) ||
                         std::any_of(sources.begin(), sources.end(), [](auto& to) { return !to.file.empty(); });
  if (home() && has_files)
    timer_ = home()->loop.at(home()->loop.now() + file_interval,
                             [self = caf::actor_cast<forward_actor>(this)] { tell(self, due_atom::value); });
}

/// A changed resolv.conf: who is new gets an actor, who went loses it. A file without any address changes nothing,
/// since somebody may be writing it.
void forward::follow_files() {
  if (group_.tls)
    group_.tls->follow_files();
  upstream_list now = resolve_upstreams(group_, upstreams_);
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
  group_.set_upstreams(now);
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
