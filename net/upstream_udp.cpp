// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_socket.hpp"
#include "net/upstream_state.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

/// Datagrams that one query looks at before others have their turn: a flood slows nobody but its target.
constexpr int datagrams_per_turn = 64;

bool same_end(const socket_address& a, const socket_address& b) noexcept {
  if (a.is_v6() != b.is_v6() || a.port() != b.port())
    return false;
  return a.is_v6() ? std::memcmp(&a.raw.v6.sin6_addr, &b.raw.v6.sin6_addr, sizeof(in6_addr)) == 0
                   : a.raw.v4.sin_addr.s_addr == b.raw.v4.sin_addr.s_addr;
}

} // namespace

void upstream_link::state::ask_by_udp(uint64_t key, exchange& e) {
  auto opened = open_upstream_udp(options.to, options.from, random);
  if (auto* failed = std::get_if<socket_error>(&opened))
    return attempt_failed(key, e, failure_of(failed->code), std::move(failed->what));
  auto& fd = std::get<descriptor>(opened);
  e.id = random.next();
  uint8_t packet[dns::max_upstream_query_octets];
  const size_t size = dns::write_upstream_query(e.asked, e.id, packet, e.with_opt);
  if (::send(fd.get(), packet, size, 0) < 0 && errno != EAGAIN && errno != ENOBUFS) // a full queue is a lost packet
    return attempt_failed(key, e, failure_of(errno),
                          stream_error("write", e.over, fd.get(), options.to, "write: " + go_text(errno)));
  e.socket.emplace(home.io());
  boost::system::error_code failed;
  e.socket->assign(fd.get(), failed);
  if (failed)
    return attempt_failed(key, e, exchange_failure::no_socket,
                          dial_error(e.over, options.to, "", go_text(failed.value())));
  fd.release();
  wait_for_datagram(key, e);
}

void upstream_link::state::wait_for_datagram(uint64_t key, exchange& e) {
  e.socket->async_wait(asio::posix::stream_descriptor::wait_read,
                       [weak = weak_from_this(), key](const boost::system::error_code& failed) {
                         const auto self = failed ? nullptr : weak.lock();
                         if (!self)
                           return;
                         self->on_datagrams(key);
                         self->arm_timer();
                         self->deliver();
                       });
}

void upstream_link::state::on_datagrams(uint64_t key) {
  exchange* const e = find(key);
  if (!e || !e->socket)
    return;
  for (int n = 0; n < datagrams_per_turn; ++n) {
    socket_address from;
    socklen_t from_size = sizeof from.raw;
    const ssize_t size =
      ::recvfrom(e->socket->native_handle(), buffer.get(), dns::max_message_octets, 0, &from.raw.generic, &from_size);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
      break;
    if (size < 0) // the upstream's host, or one on the way, says that nobody is there
      return attempt_failed(
        key, *e, failure_of(errno),
        stream_error("read", e->over, e->socket->native_handle(), options.to, "read: " + go_text(errno)));
    if (!same_end(from, options.to))
      continue; // came between bind and connect
    auto read = dns::read_reply({buffer.get(), static_cast<size_t>(size)}, e->asked, e->id);
    if (auto* reply = std::get_if<dns::kept_reply_ptr>(&read))
      return answered(key, *e, std::move(*reply));
    e->unreadable |= std::get<dns::reply_problem>(read) == dns::reply_problem::malformed;
  }
  wait_for_datagram(key, *e);
}

} // namespace troupe::net
