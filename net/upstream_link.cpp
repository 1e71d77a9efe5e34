// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_link.hpp"

#include "net/upstream_socket.hpp"
#include "net/upstream_state.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace troupe::net {

namespace {

constexpr const char* link_gone_text = "the upstream was taken out of service";

} // namespace

exchange_failure failure_of(int code) noexcept {
  switch (code) {
  case ECONNREFUSED:
  case EHOSTUNREACH:
  case ENETUNREACH:
  case EPERM: // a firewall of our own
  case EACCES:
    return exchange_failure::refused;
  case ETIMEDOUT:
    return exchange_failure::timed_out;
  case ECONNRESET:
  case EPIPE:
    return exchange_failure::closed;
  default:
    return exchange_failure::no_socket;
  }
}

upstream_link::upstream_link(loop& home, const link_options& options)
  : state_(std::make_shared<state>(home, options)) {}

upstream_link::~upstream_link() {
  state_->close();
}

void upstream_link::ask(const dns::query& what, const exchange_wish& how, done then) {
  state_->ask(what, how, std::move(then));
}

size_t upstream_link::in_flight() const noexcept {
  return state_->exchanges.size() + state_->finished.size();
}

void upstream_link::state::ask(const dns::query& what, const exchange_wish& how, done then) {
  if (closed) { // asked by one who has just been told so; nothing of this will be there to call back
    home.at(home.now(), [then = std::move(then)] {
      exchange_result gone;
      gone.failure = exchange_failure::link_gone;
      gone.error = link_gone_text;
      then(std::move(gone));
    });
    return;
  }
  const uint64_t key = next_key++;
  exchange& e = exchanges.try_emplace(key).first->second;
  e.asked = what;
  e.how = how;
  e.then = std::move(then);
  e.began = home.now();
  e.over = options.streams_only ? protocol::tcp : how.over;
  e.with_opt = edns->is_asked_with(e.began);
  if (exchanges.size() > max_in_flight && !end_longest())
    attempt_failed(key, e, exchange_failure::no_socket,
                   dial_error(how.over, options.to, "", std::to_string(max_in_flight) + " queries are in flight"));
  else
    begin_attempt(key, e);
  if (!finished.empty())
    due.emplace(home.now(), 0); // whoever asked is called later, not from inside
  arm_timer();
}

void upstream_link::state::begin_attempt(uint64_t key, exchange& e) {
  set_end(key, e, options.read_timeout, true);
  e.over == protocol::udp ? ask_by_udp(key, e) : ask_by_tcp(key, e, false);
}

/// `may_leave_opt`: silence may be on account of EDNS.
void upstream_link::state::set_end(uint64_t key, exchange& e, std::chrono::nanoseconds from_now, bool may_leave_opt) {
  due.erase({e.due, key});
  const time_point now = home.now();
  e.ends = std::min(now + std::chrono::duration_cast<duration>(from_now), e.how.deadline);
  e.due = may_leave_opt && edns_in_doubt(e) ? now + (e.ends - now) / 2 : e.ends;
  due.emplace(e.due, key);
}

void upstream_link::state::attempt_failed(uint64_t key, exchange& e, exchange_failure why, std::string error) {
  if (e.fallback)
    finish(key, e, e.fallback);
  else
    finish(key, e, nullptr, why, std::move(error));
}

void upstream_link::state::finish(uint64_t key, exchange& e, dns::kept_reply_ptr reply, exchange_failure why,
                                  std::string error) {
  exchange_result result;
  result.reply = std::move(reply);
  result.failure = why;
  result.error = std::move(error);
  result.took = home.now() - e.began;
  result.reused_connection = e.reused_connection;
  result.used = e.over;
  finished.push_back({std::move(e.then), std::move(result)});
  release(e);
  due.erase({e.due, key});
  exchanges.erase(key);
}

void upstream_link::state::timed_out(uint64_t key, exchange& e) {
  std::string error;
  if (e.over == protocol::udp) {
    error = stream_error("read", e.over, e.socket.fd.get(), options.to, "i/o timeout");
  } else if (e.stream == 0) {
    error = dial_error(e.over, options.to, "", "i/o timeout");
  } else {
    upstream_stream& s = *streams.at(e.stream);
    error = s.in_handshake() ? dial_error(e.over, options.to, "TLS handshake", "i/o timeout")
            : s.connecting   ? dial_error(e.over, options.to, "", "i/o timeout")
                             : stream_error("read", e.over, s.fd(), options.to, "i/o timeout");
    // A late answer must not meet a new query with its ID, and what does not answer may be dead.
    s.retired = true;
    if (s.heard < e.sent) // or it is slow names that held this one up
      out_of_order = false;
    leave_stream(e);
  }
  attempt_failed(key, e, e.unreadable ? exchange_failure::malformed : exchange_failure::timed_out, std::move(error));
}

/// Calls those whose exchanges have ended. Nothing of this may be relied upon afterwards.
void upstream_link::state::deliver() {
  for (auto& f : std::exchange(finished, {}))
    f.then(std::move(f.result));
}

void upstream_link::state::close() {
  closed = true;
  while (!exchanges.empty()) {
    auto& [key, e] = *exchanges.begin();
    e.fallback = nullptr;
    attempt_failed(key, e, exchange_failure::link_gone, link_gone_text);
  }
  streams.clear();
  due.clear();
  home.cancel(timer);
  deliver();
}

/// One timer of the loop for all: most exchanges end long before theirs, and the loop's are not made to be taken back.
void upstream_link::state::arm_timer() {
  if (due.empty() || (timer != 0 && timer_at <= due.begin()->first))
    return;
  home.cancel(timer);
  timer_at = due.begin()->first;
  timer = home.at(timer_at, [weak = weak_from_this()] {
    if (const auto self = weak.lock())
      self->on_timer();
  });
}

void upstream_link::state::on_timer() {
  timer = 0;
  const time_point now = home.now();
  while (!due.empty() && due.begin()->first <= now) {
    const uint64_t key = due.begin()->second;
    due.erase(due.begin());
    if (exchange* e = find(key))
      now < e->ends ? ask_without_opt(key, *e) : timed_out(key, *e);
    else if (streams.contains(key))
      end_stream(key, exchange_failure::closed, "", false);
  }
  ask_again();
  arm_timer();
  deliver();
}

upstream_link::state::exchange* upstream_link::state::find(uint64_t key) {
  const auto found = exchanges.find(key);
  return found == exchanges.end() ? nullptr : &found->second;
}

} // namespace troupe::net
