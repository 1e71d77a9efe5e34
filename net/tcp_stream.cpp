// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

constexpr size_t length_octets = 2;  // RFC 1035 section 4.2.2
constexpr size_t read_octets = 4096; // one read at a time per connection and turn: connections are equal
constexpr size_t messages_per_read = batch::max_slots;

} // namespace

tcp_endpoint::stream::stream(tcp_endpoint& owner, uint32_t id, descriptor fd, const peer& from)
  : owner_(owner), id_(id), from_(from), socket_(owner.home_loop().io(), fd.release()),
    last_heard_(owner.home_loop().now()), message_began_(last_heard_), last_progress_(last_heard_) {}

bool tcp_endpoint::stream::may_read() const noexcept {
  return !end_of_input_ && in_flight_ < owner_.bounds_.in_flight &&
         out_.size() - written_ < owner_.bounds_.unsent_octets;
}

bool tcp_endpoint::stream::read() {
  if (!owner_.may_read())
    return true;
  if (!in_.empty() && in_flight_ < owner_.bounds_.in_flight && !take_messages())
    return false;
  if (!may_read())
    return true;
  uint8_t buffer[read_octets];
  const ssize_t n = ::read(socket_.native_handle(), buffer, sizeof buffer);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  if (n == 0) {
    end_of_input_ = true; // a half-closed connection still gets its answers (RFC 7766 section 6.2.3)
    return !idle();
  }
  if (in_.empty())
    message_began_ = owner_.home_loop().now();
  last_heard_ = owner_.home_loop().now();
  in_.insert(in_.end(), buffer, buffer + n);
  return take_messages();
}

/// Hands on what is whole; false if the client does not speak DNS.
bool tcp_endpoint::stream::take_messages() {
  std::span<const uint8_t> messages[messages_per_read];
  size_t count = 0, at = 0;
  const size_t room = std::min(messages_per_read, owner_.bounds_.in_flight - in_flight_);
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
    message_began_ = owner_.home_loop().now();
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(at));
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
  if (out_.empty())
    last_progress_ = owner_.home_loop().now();
  out_.push_back(static_cast<uint8_t>(response.size() >> 8));
  out_.push_back(static_cast<uint8_t>(response.size()));
  out_.insert(out_.end(), response.begin(), response.end());
}

bool tcp_endpoint::stream::write() {
  while (written_ < out_.size()) {
    const ssize_t n = ::send(socket_.native_handle(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
    if (n < 0)
      return errno == EAGAIN || errno == EINTR;
    written_ += static_cast<size_t>(n);
    last_progress_ = owner_.home_loop().now();
  }
  std::vector<uint8_t>{}.swap(out_);
  written_ = 0;
  return !finished();
}

void tcp_endpoint::stream::wait() {
  auto arm = [this](asio::posix::stream_descriptor::wait_type what, bool stream::*flag) {
    if (this->*flag)
      return;
    this->*flag = true;
    // The id finds the connection again: it may have been closed by the time the socket says something.
    socket_.async_wait(what, [&owner = owner_, id = id_, flag](const boost::system::error_code& failed) {
      if (auto found = owner.streams_.find(id); !failed && found != owner.streams_.end()) {
        (*found->second).*flag = false;
        owner.service(*found->second);
      }
    });
  };
  if (may_read() && !owner_.may_read())
    owner_.stalled_ = true;
  else if (may_read())
    arm(asio::posix::stream_descriptor::wait_read, &stream::read_armed_);
  if (!out_.empty())
    arm(asio::posix::stream_descriptor::wait_write, &stream::write_armed_);
}

bool tcp_endpoint::stream::overdue(time_point now) const noexcept {
  const auto& bounds = owner_.bounds_;
  if (!out_.empty() && now - last_progress_ > bounds.write)
    return true;
  if (!in_.empty() && in_flight_ == 0 && now - message_began_ > bounds.message)
    return true;
  return idle() && in_.empty() && now - last_heard_ > bounds.idle;
}

} // namespace troupe::net
