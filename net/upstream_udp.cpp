// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_socket.hpp"
#include "net/upstream_state.hpp"

#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

/// Datagrams that one query looks at before others have their turn: a flood slows nobody but its target.
constexpr int datagrams_per_turn = 16;

constexpr int sockets_per_turn = 16; // with what a reply sets off, some 50 us each

/// Two interfaces may have neighbours of the same address.
bool same_zone(const sockaddr_in6& a, const sockaddr_in6& b) noexcept {
  return a.sin6_scope_id == 0 || b.sin6_scope_id == 0 || a.sin6_scope_id == b.sin6_scope_id;
}

bool same_end(const socket_address& a, const socket_address& b) noexcept {
  if (a.is_v6() != b.is_v6() || a.port() != b.port())
    return false;
  return a.is_v6() ? std::memcmp(&a.raw.v6.sin6_addr, &b.raw.v6.sin6_addr, sizeof(in6_addr)) == 0 &&
                       same_zone(a.raw.v6, b.raw.v6)
                   : a.raw.v4.sin_addr.s_addr == b.raw.v4.sin_addr.s_addr;
}

} // namespace

void upstream_link::state::ask_by_udp(uint64_t key, exchange& e) {
  descriptor_place place = take_place();
  if (!place)
    return attempt_failed(key, e, exchange_failure::no_socket, no_descriptor(protocol::udp));
  auto opened = open_upstream_udp(options.to, options.from, random);
  if (auto* failed = std::get_if<socket_error>(&opened); failed && is_exhaustion(failed->code) && make_room())
    opened = open_upstream_udp(options.to, options.from, random);
  if (auto* failed = std::get_if<socket_error>(&opened))
    return attempt_failed(key, e, failure_of(failed->code), std::move(failed->what));
  auto& fd = std::get<descriptor>(opened);
  e.id = random.next();
  if (!send_datagram(key, e, fd.get()))
    return;
  if (!watch(fd.get(), key))
    return attempt_failed(key, e, exchange_failure::no_socket, dial_error(e.over, options.to, "epoll", go_text(errno)));
  e.socket = {std::move(fd), std::move(place)};
  ++udp_open;
  while (!udp_asked.empty() && !find(udp_asked.front()))
    udp_asked.pop_front();
  udp_asked.push_back(key);
}

/// False if the attempt has failed over it. A full queue is a lost packet.
bool upstream_link::state::send_datagram(uint64_t key, exchange& e, int fd) {
  uint8_t packet[dns::max_upstream_query_octets];
  const size_t size = dns::write_upstream_query(e.asked, e.id, packet, e.with_opt);
  if (::send(fd, packet, size, 0) >= 0 || errno == EAGAIN || errno == ENOBUFS)
    return true;
  const int code = errno;
  attempt_failed(key, e, failure_of(code), stream_error("write", e.over, fd, options.to, "write: " + go_text(code)));
  return false;
}

/// Its socket, which is nobody's then.
upstream_link::state::counted_socket upstream_link::state::release(exchange& e) noexcept {
  udp_open -= e.socket.fd.get() >= 0;
  return std::exchange(e.socket, {});
}

/// False, and errno says why, if the system's bounds are reached.
bool upstream_link::state::watch(int fd, uint64_t key) {
  if (!udp_sockets.is_open()) {
    descriptor set{::epoll_create1(EPOLL_CLOEXEC)};
    boost::system::error_code failed;
    if (set.get() < 0 || udp_sockets.assign(set.get(), failed))
      return false;
    set.release();
    wait_for_datagrams();
  }
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.u64 = key;
  return ::epoll_ctl(udp_sockets.native_handle(), EPOLL_CTL_ADD, fd, &wanted) == 0;
}

void upstream_link::state::wait_for_datagrams() {
  udp_sockets.async_wait(asio::posix::stream_descriptor::wait_read,
                         [weak = weak_from_this()](const boost::system::error_code& failed) {
                           if (const auto self = failed ? nullptr : weak.lock())
                             self->on_datagrams();
                         });
}

void upstream_link::state::on_datagrams() {
  epoll_event ready[sockets_per_turn];
  const int count = ::epoll_wait(udp_sockets.native_handle(), ready, sockets_per_turn, 0);
  for (int i = 0; i < count; ++i)
    if (exchange* const e = find(ready[i].data.u64))
      read_datagrams(ready[i].data.u64, *e);
  wait_for_datagrams(); // at once, if there are more
  arm_timer();
  deliver();
}

void upstream_link::state::read_datagrams(uint64_t key, exchange& e) {
  for (int n = 0; n < datagrams_per_turn; ++n) {
    socket_address from;
    socklen_t from_size = sizeof from.raw;
    const ssize_t size =
      ::recvfrom(e.socket.fd.get(), buffer.get(), dns::max_message_octets, 0, &from.raw.generic, &from_size);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (size < 0) // the upstream's host, or one on the way, says that nobody is there
      return attempt_failed(key, e, failure_of(errno),
                            stream_error("read", e.over, e.socket.fd.get(), options.to, "read: " + go_text(errno)));
    if (!same_end(from, options.to))
      continue; // came between bind and connect
    auto read = dns::read_reply({buffer.get(), static_cast<size_t>(size)}, e.asked, e.id);
    if (auto* reply = std::get_if<dns::kept_reply_ptr>(&read))
      return answered(key, e, std::move(*reply));
    const auto problem = std::get<dns::reply_problem>(read);
    if (problem == dns::reply_problem::other_spelling)
      return ask_in_small_letters(key, e);
    e.unreadable |= problem == dns::reply_problem::malformed;
  }
}

} // namespace troupe::net
