// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.hpp"

#include "net/dns/response.hpp"

#include <algorithm>
#include <cerrno>

namespace troupe::net {

namespace {

constexpr size_t length_octets = 2;   // RFC 1035 section 4.2.2
constexpr size_t read_octets = 4096;  // one read at a time per connection and turn: connections are equal
constexpr size_t piece_octets = 4096; // of what is to be written: small answers share one
/// An answer is taken for no smaller than this, so that many small ones do not open the way for as many big ones.
constexpr size_t least_expected = 4096;

} // namespace

tcp_endpoint::stream::stream(tcp_endpoint& owner, uint32_t id, std::unique_ptr<byte_stream> octets,
                             descriptor_place place, const peer& from)
  : connection(*owner.clients_, key_of(from)), owner_(owner), id_(id), from_(from), place_(std::move(place)),
    octets_(std::move(octets)), expected_(dns::max_message_octets) {}

/// Questions that may be handed on: as many as their answers, as big as the last ones were, leave room for. A client
/// begins with few, until its answers turn out to be small.
size_t tcp_endpoint::stream::room() const noexcept {
  if (owner_.clients_->scarce())
    return in_flight_ == 0 && unsent_ == 0 ? 1 : 0;
  const size_t held = unsent_ + in_flight_ * expected_;
  const size_t octets = owner_.bounds_.unsent_octets - std::min(held, owner_.bounds_.unsent_octets);
  const size_t slots = owner_.bounds_.in_flight - std::min(in_flight_, owner_.bounds_.in_flight);
  return std::min({slots, octets / expected_, batch::max_slots});
}

bool tcp_endpoint::stream::has_whole_message() const noexcept {
  return in_.size() >= length_octets && in_.size() - length_octets >= (size_t{in_[0]} << 8 | in_[1]);
}

bool tcp_endpoint::stream::read(size_t questions) {
  if (!has_whole_message()) {
    uint8_t buffer[read_octets];
    const ssize_t n = octets_->read(buffer);
    if (n < 0)
      return n == -EAGAIN;
    if (n == 0) {
      end_of_input_ = true; // a half-closed connection still gets its answers (RFC 7766 section 6.2.3)
      return !idle();
    }
    in_.insert(in_.end(), buffer, buffer + n);
  }
  return take_messages(std::min(questions, room()));
}

/// Hands on what is whole; false if the client does not speak DNS.
bool tcp_endpoint::stream::take_messages(size_t room) {
  std::span<const uint8_t> messages[batch::max_slots];
  size_t count = 0, at = 0;
  room = std::min(room, owner_.bounds_.questions - std::min(asked_, owner_.bounds_.questions));
  while (count < room && in_.size() - at >= length_octets) {
    const size_t length = size_t{in_[at]} << 8 | in_[at + 1];
    if (length < dns::header_octets)
      return false; // no message is that short
    if (in_.size() - at - length_octets < length)
      break;
    messages[count++] = std::span<const uint8_t>{in_}.subspan(at + length_octets, length);
    at += length_octets + length;
  }
  if (count != 0) {
    deliver({messages, count});
    did_part_ |= out_.empty();
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(at));
  asked_ += count;
  if (asked_ >= owner_.bounds_.questions) { // what comes behind them is as good as never sent
    end_of_input_ = true;
    in_.clear();
  }
  if (in_.empty())
    std::vector<uint8_t>{}.swap(in_);
  return true;
}

void tcp_endpoint::stream::deliver(std::span<const std::span<const uint8_t>> messages) {
  batch& fresh = owner_.new_batch(messages.size());
  for (auto& message : messages) {
    slot& s = owner_.open_slot(fresh);
    s.from = from_;
    s.stream = {id_, 0};
    s.protocol = protocol::tcp;
    owner_.admit(fresh, s, dns::parse_query(message, s.query), message);
  }
  in_flight_ += messages.size();
  bump(owner_.count().received, messages.size());
  owner_.deliver(fresh);
}

void tcp_endpoint::stream::enqueue(std::span<const uint8_t> response) {
  const size_t octets = length_octets + response.size();
  if (out_.empty() || out_.back().capacity() - out_.back().size() < octets) {
    did_part_ |= out_.empty();
    out_.emplace_back().reserve(std::max(octets, piece_octets));
  }
  auto& to = out_.back();
  to.push_back(static_cast<uint8_t>(response.size() >> 8));
  to.push_back(static_cast<uint8_t>(response.size()));
  to.insert(to.end(), response.begin(), response.end());
  unsent_ += octets;
  expected_ = std::max({response.size(), expected_ / 2, least_expected});
}

bool tcp_endpoint::stream::write() {
  while (!out_.empty() || octets_->wants_room()) {
    iovec pieces[byte_stream::max_pieces];
    const size_t count = std::min(out_.size(), byte_stream::max_pieces);
    for (size_t i = 0; i < count; ++i)
      pieces[i] = {out_[i].data(), out_[i].size()};
    if (count != 0)
      pieces[0] = {out_[0].data() + written_, out_[0].size() - written_};
    const ssize_t n = octets_->write({pieces, count});
    if (n < 0)
      return n == -EAGAIN;
    forget_written(static_cast<size_t>(n));
  }
  return !finished();
}

void tcp_endpoint::stream::forget_written(size_t octets) {
  unsent_ -= octets;
  taken_ += octets;
  written_ += octets;
  size_t whole = 0;
  for (; whole < out_.size() && written_ >= out_[whole].size(); ++whole)
    written_ -= out_[whole].size();
  out_.erase(out_.begin(), out_.begin() + static_cast<ptrdiff_t>(whole));
  if (out_.empty())
    std::vector<std::vector<uint8_t>>{}.swap(out_);
  if (out_.empty() || taken_ >= least_taken) {
    taken_ = 0;
    did_part_ = true;
  }
}

/// A client owes what is read of it or written to it; while it may not send, and there is nothing to take, it is our
/// turn.
void tcp_endpoint::stream::note() {
  using stage = tcp_clients::stage;
  const bool owes = !out_.empty() || (!in_.empty() && may_read() && !has_whole_message());
  size_t octets = in_.capacity();
  for (auto& piece : out_)
    octets += piece.capacity();
  owner_.clients_->note(*this,
                        owes                    ? stage::owing
                        : idle() && in_.empty() ? stage::quiet
                                                : stage::busy,
                        octets, std::exchange(did_part_, false));
}

void tcp_endpoint::stream::wait() {
  const auto arm = [this](byte_stream::direction where, bool stream::*flag) {
    if (std::exchange(this->*flag, true))
      return;
    // The id finds the connection again: it may have been closed by the time the socket says something.
    octets_->wait(where, [by = owner_.acceptor_, id = id_, flag](const boost::system::error_code& failed) {
      if (failed || !by->owner)
        return;
      if (auto found = by->owner->streams_.find(id); found != by->owner->streams_.end()) {
        (*found->second).*flag = false;
        by->owner->service(*found->second);
      }
    });
  };
  note();
  if (may_read() && has_input())
    owner_.clients_->await_turn(*this);
  else if (may_read() && !awaits_turn() && !stalled)
    arm(byte_stream::direction::wait_read, &stream::read_armed_);
  if (!out_.empty() || octets_->wants_room())
    arm(byte_stream::direction::wait_write, &stream::write_armed_);
}

} // namespace troupe::net
