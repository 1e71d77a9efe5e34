// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_streamer.hpp"

#include "net/dns/response.hpp"
#include "net/tcp_stream.hpp"

#include <algorithm>
#include <exception>

namespace troupe::net {

tcp_endpoint::streamer::~streamer() {
  owner_.home_loop().cancel(timer_);
  for (const answer& a : running_)
    owner_.close(*a.home, uint64_t{1} << a.index);
  for (const answer& a : waiting_)
    owner_.close(*a.home, uint64_t{1} << a.index);
}

void tcp_endpoint::streamer::add(uint32_t stream, batch& home, size_t index) {
  const auto found = owner_.streams_.find(stream);
  if (found == owner_.streams_.end())
    return come_home_unfinished({stream, &home, index});
  slice own = owner_.alone(slice{home, uint64_t{1} << index});
  const answer fresh{stream, &own.home(), 0};
  own.release();
  if (!waiting_for_.may_take(fresh.whose(), owner_.bounds_.streamed_waiting, waiting_.size()))
    return come_home_failed(fresh, "too many transfers wait");
  waiting_for_.take(fresh.whose());
  waiting_.push_back(fresh);
  go_on();
}

bool tcp_endpoint::streamer::runs(uint32_t stream) const noexcept {
  return std::ranges::any_of(running_, [&](const answer& a) { return a.stream == stream; });
}

tcp_endpoint::stream* tcp_endpoint::streamer::with_room(const answer& a) const {
  const auto found = owner_.streams_.find(a.stream);
  stream* const to = found == owner_.streams_.end() ? nullptr : found->second.get();
  return to && to->unsent() < owner_.bounds_.streamed_ahead ? to : nullptr;
}

/// One of a connection at a time, and so many of a client that others are left places.
bool tcp_endpoint::streamer::may_begin(const answer& a) const noexcept {
  return !runs(a.stream) && running_for_.may_take(a.whose(), owner_.bounds_.streamed, running_.size());
}

/// In a turn of its own, so that the sockets of others have theirs between two steps.
void tcp_endpoint::streamer::go_on() {
  if (timer_ != 0)
    return;
  const bool something = std::ranges::any_of(running_, [&](const answer& a) { return with_room(a); }) ||
                         std::ranges::any_of(waiting_, [&](const answer& a) { return may_begin(a); });
  if (something)
    timer_ = owner_.home_loop().at(owner_.home_loop().now(), [this] { step(); });
}

void tcp_endpoint::streamer::begin_waiting() {
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    if (!may_begin(*next)) {
      ++next;
      continue;
    }
    const client_key whose = next->whose();
    waiting_for_.give_back(whose);
    running_for_.take(whose);
    running_.push_back(*next);
    running_.back().began = owner_.home_loop().now();
    next = waiting_.erase(next);
  }
}

void tcp_endpoint::streamer::step() {
  timer_ = 0;
  begin_waiting();
  for (size_t n = 0; n < running_.size(); ++n) {
    const size_t at = (turn_ + n) % running_.size();
    if (stream* const to = with_room(running_[at])) {
      turn_ = at + 1;
      draw(running_[at], *to);
      break;
    }
  }
  if (running_.empty())
    buffer_.reset();
  go_on();
}

/// `a` may be gone afterwards, and `to` too.
void tcp_endpoint::streamer::draw(answer& a, stream& to) {
  if (!buffer_)
    buffer_ = std::make_unique_for_overwrite<uint8_t[]>(dns::max_message_octets);
  answer_source::piece made;
  try {
    made = a.of().rest->next({buffer_.get(), dns::max_message_octets});
  } catch (const std::exception&) {
    return failed(a, "making a part of the answer failed");
  }
  if (made.octets != 0) {
    to.enqueue({buffer_.get(), made.octets});
    bump(owner_.count().sent);
    ++a.messages;
    a.uncompressed += made.uncompressed;
  }
  if (made.last) {
    a.of().rest->done();
    come_home(a, dns::rcode::noerror);
    remove(a);
  }
  if (made.octets != 0)
    owner_.service(to);
}

/// Before the first message there still is an answer to give; in the middle the end of the connection tells the client
/// that what it has is not whole (RFC 5936 section 2.2).
void tcp_endpoint::streamer::failed(answer& a, const char* why) {
  const answer was = a;
  if (was.messages != 0)
    return owner_.close_stream(was.stream);
  remove(a);
  come_home_failed(was, why);
}

void tcp_endpoint::streamer::come_home_failed(const answer& a, const char* why) {
  fail(*a.home, a.of(), why);
  owner_.on_finished(*a.home, uint64_t{1} << a.index);
}

/// What stages look at is the answer without its records, and the size of all of it.
void tcp_endpoint::streamer::come_home(const answer& a, dns::rcode code) {
  slot& s = a.of();
  std::array<uint8_t, smallest_response> buffer;
  dns::response empty{buffer, s.query};
  empty.authoritative();
  empty.code(code);
  a.home->keep(s, empty.bytes(), a.uncompressed);
  s.rcode = code;
  s.streamed = s.complete = true;
  owner_.on_finished(*a.home, uint64_t{1} << a.index);
}

void tcp_endpoint::streamer::come_home_unfinished(const answer& a) {
  come_home(a, dns::rcode::servfail);
  a.of().failure = "the connection ended before the answer did";
}

void tcp_endpoint::streamer::remove(const answer& a) {
  const auto at = running_.begin() + (&a - running_.data());
  if (static_cast<size_t>(at - running_.begin()) < turn_)
    --turn_;
  running_for_.give_back(a.whose());
  running_.erase(at);
}

void tcp_endpoint::streamer::closed(uint32_t stream) {
  const auto end = [&](client_shares& places) {
    return [&](const answer& a) {
      if (a.stream != stream)
        return false;
      places.give_back(a.whose());
      come_home_unfinished(a);
      return true;
    };
  };
  std::erase_if(running_, end(running_for_));
  std::erase_if(waiting_, end(waiting_for_));
  turn_ = std::min(turn_, running_.size());
  go_on();
}

bool tcp_endpoint::streamer::others_wait(const answer& a) const noexcept {
  return std::ranges::any_of(waiting_, [&](const answer& other) { return other.whose() != a.whose(); });
}

std::vector<uint32_t> tcp_endpoint::streamer::overdue(time_point now) const {
  const auto& bounds = owner_.bounds_;
  std::vector<uint32_t> out;
  for (const answer& a : running_) // in the order in which they began
    if (now - a.began > bounds.streamed_for ||
        (out.empty() && now - a.began > bounds.streamed_while_others_wait && others_wait(a)))
      out.push_back(a.stream);
  return out;
}

} // namespace troupe::net
