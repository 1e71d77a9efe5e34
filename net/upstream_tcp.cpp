// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_socket.hpp"
#include "net/upstream_state.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

/// Connections that a query may lose before it is given up (a server may close an idle one as we write to it).
constexpr unsigned max_reconnects = 2;

/// Connections that are opened in a turn for queries that lost theirs: some 100 us each.
constexpr int reconnects_per_turn = 4;

bool is_other_spelling(const std::variant<dns::kept_reply_ptr, dns::reply_problem>& read) noexcept {
  const auto* const problem = std::get_if<dns::reply_problem>(&read);
  return problem && *problem == dns::reply_problem::other_spelling;
}

} // namespace

/// `alone`: on a new connection that no other query joins. It lost its last one, and whether that was its own fault or
/// that of those beside it, this way it harms nobody and nobody it.
void upstream_link::state::ask_by_tcp(uint64_t key, exchange& e, bool alone) {
  uint64_t chosen = alone ? 0 : choose_stream();
  e.reused_connection = chosen != 0;
  if (chosen == 0) {
    exchange_failure why{};
    std::string error;
    chosen = open_stream(why, error);
    if (chosen == 0)
      return attempt_failed(key, e, why, std::move(error));
  }
  upstream_stream& s = *streams.at(chosen);
  if (s.due) {
    due.erase({*s.due, chosen});
    s.due.reset();
    --idle_streams;
  }
  s.alone = alone;
  if (!s.is_ready() && options.handshake_timeout.count() != 0)
    set_end(key, e, options.handshake_timeout, false);
  e.stream = chosen;
  e.turn = next_turn++;
  e.sent = home.now();
  e.id = s.admit(key, random);
  uint8_t packet[dns::max_upstream_query_octets];
  s.enqueue({packet, dns::write_upstream_query(e.asked, e.id, packet, e.with_opt)});
  check_stream(chosen, s, s.flush(), "write");
}

/// An idle stream, or one to share with those that wait on it; 0: a new one is to be opened.
uint64_t upstream_link::state::choose_stream() const {
  const time_point now = home.now();
  uint64_t emptiest = 0;
  size_t least = SIZE_MAX;
  for (auto& [key, s] : streams) {
    if (!s->has_room() || (options.max_age.count() != 0 && now - s->born >= options.max_age))
      continue;
    if (out_of_order || s->waiting.empty())
      return key;
    if (s->waiting.size() < least) {
      emptiest = key;
      least = s->waiting.size();
    }
  }
  return may_open_another() ? 0 : emptiest;
}

/// Only where nothing is ended for it.
bool upstream_link::state::may_open_another() const noexcept {
  return streams.size() < options.side_by_side && held() < left_of_share();
}

/// Its answer came before that to one that was asked earlier on the same stream.
bool upstream_link::state::overtakes(const upstream_stream& s, const exchange& e) const {
  return std::any_of(s.waiting.begin(), s.waiting.end(),
                     [&](auto& other) { return exchanges.at(other.second).turn < e.turn; });
}

/// The key of a new stream; 0 if there is none.
uint64_t upstream_link::state::open_stream(exchange_failure& why, std::string& error) {
  if (streams.size() >= max_connections)
    end_slowest_stream(exchange_failure::timed_out);
  descriptor_place place = take_place();
  if (!place) {
    why = exchange_failure::no_socket;
    error = no_descriptor(protocol::tcp);
    return 0;
  }
  auto opened = open_upstream_tcp(options.to, options.from);
  if (auto* failed = std::get_if<socket_error>(&opened); failed && is_exhaustion(failed->code) && make_room())
    opened = open_upstream_tcp(options.to, options.from);
  if (auto* failed = std::get_if<socket_error>(&opened)) {
    why = failure_of(failed->code);
    error = std::move(failed->what);
    return 0;
  }
  auto octets = options.opener(home, std::move(std::get<descriptor>(opened)));
  if (!octets) {
    why = exchange_failure::no_socket;
    error = dial_error(protocol::tcp, options.to, "", "the event loop takes no more sockets");
    return 0;
  }
  const uint64_t key = next_key++;
  streams.emplace(key, std::make_unique<upstream_stream>(home.now(), std::move(octets), std::move(place)));
  return key;
}

void upstream_link::state::wait_for_stream(uint64_t key, upstream_stream& s) {
  const auto arm = [&](byte_stream::direction where, bool upstream_stream::*armed) {
    if (std::exchange(s.*armed, true))
      return;
    s.octets().wait(where, [weak = weak_from_this(), key, armed](const boost::system::error_code& failed) {
      const auto self = failed ? nullptr : weak.lock();
      if (!self || !self->streams.contains(key))
        return;
      (*self->streams.at(key)).*armed = false;
      self->on_stream(key);
      self->arm_timer();
      self->deliver();
    });
  };
  if (!s.connecting)
    arm(byte_stream::direction::wait_read, &upstream_stream::read_armed);
  if (s.wants_room())
    arm(byte_stream::direction::wait_write, &upstream_stream::write_armed);
}

void upstream_link::state::on_stream(uint64_t key) {
  upstream_stream& s = *streams.at(key);
  if (s.connecting) {
    if (const int code = s.finish_connecting())
      return end_stream(key, failure_of(code), dial_error(protocol::tcp, options.to, "connect", go_text(code)), false);
  }
  if (const int failed = s.flush())
    return check_stream(key, s, failed, "write");
  const int found = s.read({buffer.get(), dns::max_message_octets});
  if (s.is_ready() && !std::exchange(s.noted_open, true))
    opened(s);
  if (const int failed = found == 0 ? s.flush() : 0) // what waited for a handshake
    return check_stream(key, s, failed, "write");
  if (take_messages(key, s))
    check_stream(key, s, found, "read");
}

/// Whoever waits for it has been sent, and its attempt begins.
void upstream_link::state::opened(upstream_stream& s) {
  if (options.handshake_timeout.count() == 0)
    return;
  for (auto& [id, whose] : s.waiting) {
    exchange& e = exchanges.at(whose);
    e.sent = home.now();
    set_end(whose, e, options.read_timeout, true);
  }
}

/// False if the stream has ended over them.
bool upstream_link::state::take_messages(uint64_t key, upstream_stream& s) {
  while (const auto message = s.next_message()) {
    s.heard = home.now();
    if (message->size() < dns::header_octets) {
      end_stream(key, exchange_failure::malformed,
                 stream_error("read", protocol::tcp, s.fd(), options.to, "message shorter than a header"), true);
      return false;
    }
    const uint16_t id = static_cast<uint16_t>((*message)[0] << 8 | (*message)[1]);
    const auto booked = s.waiting.find(id);
    if (booked == s.waiting.end())
      continue;
    const uint64_t whose = booked->second;
    exchange& e = exchanges.at(whose);
    auto read = dns::read_reply(*message, e.asked, id);
    if (is_other_spelling(read)) { // nobody else can speak on a connection: there is nothing to tell by the case
      e.asked.qname = e.asked.lowered;
      read = dns::read_reply(*message, e.asked, id);
    }
    if (auto* reply = std::get_if<dns::kept_reply_ptr>(&read)) {
      s.waiting.erase(booked);
      e.stream = 0;
      out_of_order = out_of_order || overtakes(s, e);
      answered(whose, e, std::move(*reply));
    } else if (std::get<dns::reply_problem>(read) == dns::reply_problem::malformed) {
      s.waiting.erase(booked);
      e.stream = 0;
      attempt_failed(whose, e, exchange_failure::malformed,
                     stream_error("read", protocol::tcp, s.fd(), options.to, "malformed reply"));
    }
    if (!streams.contains(key))
      return false;
  }
  return true;
}

/// Goes on waiting, or ends the stream over what a call on its socket has returned.
void upstream_link::state::check_stream(uint64_t key, upstream_stream& s, int found, const char* verb) {
  if (found == upstream_stream::end_of_stream)
    end_stream(key, exchange_failure::closed, "EOF", true);
  else if (found != 0 && !s.octets().failure().empty()) // one that worked may be had again
    end_stream(key, s.noted_open ? exchange_failure::closed : exchange_failure::handshake,
               std::string{s.octets().failure()}, s.noted_open);
  else if (found != 0)
    end_stream(key, exchange_failure::closed,
               stream_error(verb, protocol::tcp, s.fd(), options.to, std::string{verb} + ": " + go_text(found)), true);
  else if (s.waiting.empty())
    became_idle(key, s);
  else
    wait_for_stream(key, s);
}

/// An idle stream is kept for a while, and watched: the upstream may close it.
void upstream_link::state::became_idle(uint64_t key, upstream_stream& s) {
  const bool limited = options.max_age.count() != 0;
  const time_point too_old = limited ? s.born + options.max_age : time_point::max();
  const bool too_many = options.max_idle_connections != 0 && !s.due && idle_streams >= options.max_idle_connections;
  if (s.retired || too_many || home.now() >= too_old)
    return end_stream(key, exchange_failure::closed, "", false);
  if (!s.due) {
    s.alone = false;
    s.due = std::min(home.now() + options.expire, too_old);
    due.emplace(*s.due, key);
    ++idle_streams;
  }
  wait_for_stream(key, s);
}

/// Closes a stream. Queries that wait on it are asked again elsewhere if they may, or fail.
void upstream_link::state::end_stream(uint64_t key, exchange_failure why, const std::string& error, bool try_again) {
  const auto ended = streams.extract(key);
  upstream_stream& s = *ended.mapped();
  if (s.due) {
    due.erase({*s.due, key});
    --idle_streams;
  }
  for (auto& [id, whose] : s.waiting) {
    exchange& e = exchanges.at(whose);
    e.stream = 0;
    if (try_again && e.reconnects < max_reconnects) {
      if (++e.reconnects == max_reconnects && edns_in_doubt(e))
        give_up_opt(e); // some close instead of saying that they do not know it
      to_ask_again.push_back(whose);
    } else {
      attempt_failed(whose, e, why, error);
    }
  }
  if (!to_ask_again.empty())
    due.emplace(home.now(), 0);
}

/// As many as a turn may take of those that lost their stream.
void upstream_link::state::ask_again() {
  for (int n = 0; n < reconnects_per_turn && !to_ask_again.empty();) {
    const uint64_t key = to_ask_again.front();
    to_ask_again.pop_front();
    exchange* const e = find(key); // it may have ended meanwhile
    if (!e || e->stream != 0)
      continue;
    ask_by_tcp(key, *e, true);
    ++n;
  }
  if (!to_ask_again.empty())
    due.emplace(home.now(), 0);
}

void upstream_link::state::leave_stream(exchange& e) {
  const uint64_t key = std::exchange(e.stream, 0);
  upstream_stream& s = *streams.at(key);
  s.waiting.erase(e.id);
  if (s.waiting.empty() && s.retired)
    end_stream(key, exchange_failure::closed, "", false);
}

} // namespace troupe::net
