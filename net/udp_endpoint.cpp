// SPDX-License-Identifier: Apache-2.0
#include "net/udp_endpoint.hpp"

#include "net/dns/response.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

/// Answers that leave in one turn, twice what reading brings: the kernel takes up to half a millisecond for 64.
constexpr size_t most_per_turn = 2 * udp_endpoint::datagrams_per_call;

constexpr size_t control_octets = CMSG_SPACE(sizeof(in6_pktinfo)); // the larger of the two

/// Where the datagram was sent to, from the kernel's control message.
void read_local(msghdr& header, peer& to) noexcept {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      std::memcpy(&to.local, &info.ipi_spec_dst, sizeof info.ipi_spec_dst);
      to.interface = static_cast<uint32_t>(info.ipi_ifindex);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      to.local = info.ipi6_addr;
      to.interface = info.ipi6_ifindex;
    }
  }
}

/// A UDP socket connected to itself gets no datagrams from anyone else: the kernel gives them to the other sockets of
/// the port, which closing this one would not do for those that it still holds. What it holds stays to be read.
void take_nothing_new(int fd) noexcept {
  socket_address self = bound_address(fd);
  if (self.is_wildcard())
    self.is_v6() ? void(self.raw.v6.sin6_addr = in6addr_loopback)
                 : void(self.raw.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK));
  ::connect(fd, &self.raw.generic, self.size()); // where that fails, questions go on coming until the socket is closed
}

template <class Info>
void put_control(msghdr& header, uint8_t* control, int level, int type, const Info& info) noexcept {
  header.msg_control = control;
  header.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* c = CMSG_FIRSTHDR(&header);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(c), &info, sizeof info);
}

/// Makes the datagram leave from the address that was asked.
void write_local(msghdr& header, uint8_t* control, const peer& to) noexcept {
  if (to.interface == 0)
    return;
  if (to.is_v6()) {
    in6_pktinfo info{};
    info.ipi6_addr = to.local;
    // Only link-local addresses need their interface; elsewhere routing decides.
    info.ipi6_ifindex = IN6_IS_ADDR_LINKLOCAL(&to.local) ? to.interface : 0;
    put_control(header, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, &to.local, sizeof info.ipi_spec_dst);
    put_control(header, control, IPPROTO_IP, IP_PKTINFO, info);
  }
}

} // namespace

struct udp_endpoint::io : boost::intrusive_ref_counter<io, boost::thread_unsafe_counter> {
  io(udp_endpoint& of, descriptor fd) : owner(&of), socket(of.home_loop().io(), fd.release()) {}

  udp_endpoint* owner; ///< null: gone
  asio::posix::stream_descriptor socket;
  bool wait_armed = false, write_wait_armed = false;
  bool more = false;        ///< the kernel may hold more than was read
  bool read_posted = false; ///< a task that reads is queued
  std::vector<unsent> out;
  size_t out_octets = 0; ///< that its answers hold

  mmsghdr in_headers[datagrams_per_call];
  iovec in_vectors[datagrams_per_call];
  peer in_peers[datagrams_per_call];
  alignas(cmsghdr) uint8_t in_control[datagrams_per_call][control_octets];
  std::unique_ptr<uint8_t[]> in_octets =
    std::make_unique_for_overwrite<uint8_t[]>(datagrams_per_call * max_query_octets);

  mmsghdr out_headers[datagrams_per_call];
  iovec out_vectors[datagrams_per_call];
  alignas(cmsghdr) uint8_t out_control[datagrams_per_call][control_octets];
};

udp_endpoint::udp_endpoint(loop& home, descriptor socket, limits bounds)
  : endpoint(home, bounds), with_control_(bound_address(socket.get()).is_wildcard()),
    io_(new io(*this, std::move(socket))) {
  for (size_t i = 0; i < datagrams_per_call; ++i) {
    io_->in_vectors[i] = {io_->in_octets.get() + i * max_query_octets, max_query_octets};
    msghdr& h = io_->in_headers[i].msg_hdr = {};
    h.msg_name = &io_->in_peers[i].remote;
    h.msg_iov = &io_->in_vectors[i];
    h.msg_iovlen = 1;
    io_->out_headers[i].msg_hdr = {};
    io_->out_headers[i].msg_hdr.msg_iov = &io_->out_vectors[i];
    io_->out_headers[i].msg_hdr.msg_iovlen = 1;
  }
}

udp_endpoint::~udp_endpoint() {
  forget_first(io_->out.size());
  io_->owner = nullptr;
  boost::system::error_code ignored;
  io_->socket.close(ignored);
}

void udp_endpoint::drain() {
  draining_ = true;
  take_nothing_new(io_->socket.native_handle());
  io_->more =
    attached() != nullptr; // one last look, whatever is armed; with nobody to answer there is nothing to read for
}

bool udp_endpoint::nothing_to_send() const noexcept {
  return io_->out.empty() && !io_->more && !io_->read_posted;
}

/// A full read means that more may wait: the next turn takes it. Otherwise the kernel tells.
void udp_endpoint::resume_reading() {
  using io_ptr = boost::intrusive_ptr<io>;
  static constexpr task::verbs read_again{[](void* of, loop&) {
                                            const io_ptr by{static_cast<io*>(of), false};
                                            if (by->owner)
                                              by->owner->on_readable();
                                          },
                                          [](void* of) noexcept {
                                            io_ptr{static_cast<io*>(of), false};
                                          }};
  if (io_->read_posted)
    return;
  if (io_->more) {
    io_->read_posted = true;
    home_loop().post(lane::queries, {&read_again, io_ptr{io_}.detach()});
  } else if (!io_->wait_armed) {
    io_->wait_armed = true;
    io_->socket.async_wait(asio::posix::stream_descriptor::wait_read,
                           [by = io_](const boost::system::error_code& failed) {
                             if (failed || !by->owner)
                               return;
                             by->wait_armed = false;
                             by->owner->on_readable();
                           });
  }
}

void udp_endpoint::on_readable() {
  io_->read_posted = false;
  if (!may_read()) {
    io_->more = !draining_ || attached() != nullptr;
    return;
  }
  for (auto& message : io_->in_headers) {
    message.msg_hdr.msg_namelen = sizeof(peer::remote);
    message.msg_hdr.msg_flags = 0;
  }
  if (with_control_)
    for (size_t i = 0; i < datagrams_per_call; ++i) {
      io_->in_headers[i].msg_hdr.msg_control = io_->in_control[i];
      io_->in_headers[i].msg_hdr.msg_controllen = control_octets;
    }
  const int n = ::recvmmsg(io_->socket.native_handle(), io_->in_headers, datagrams_per_call, 0, nullptr);
  io_->more = n == static_cast<int>(datagrams_per_call);
  if (n <= 0)
    return; // nothing there after all, or an ICMP error of an earlier answer
  bump(count().received, static_cast<uint64_t>(n));
  batch& fresh = new_batch(static_cast<size_t>(n));
  for (size_t i = 0; i < static_cast<size_t>(n); ++i)
    take_datagram(fresh, i);
  deliver(fresh);
}

void udp_endpoint::take_datagram(batch& into, size_t index) {
  mmsghdr& message = io_->in_headers[index];
  peer& from = io_->in_peers[index];
  from.interface = 0;
  if (with_control_)
    read_local(message.msg_hdr, from);
  slot& fresh = open_slot(into);
  fresh.from = from;
  fresh.protocol = protocol::udp;
  const std::span<const uint8_t> packet{static_cast<const uint8_t*>(io_->in_vectors[index].iov_base), message.msg_len};
  const bool cut = (message.msg_hdr.msg_flags & MSG_TRUNC) != 0;
  const bool from_service_port = ntohs(from.remote.v4.sin_port) == 0;
  dns::verdict what = dns::parse_query(packet, fresh.query);
  if (cut && what == dns::verdict::serve)
    what = dns::verdict::formerr;
  if (from_service_port)
    what = dns::verdict::silence; // nothing can be sent there
  admit(into, fresh, what, packet);
}

void udp_endpoint::transmit(batch& home, size_t index) {
  slot& done = home[index];
  if (done.state == slot_state::silent) {
    bump(count().silent);
    close(home, uint64_t{1} << index);
    return;
  }
  const auto full = [this] { return io_->out.size() >= max_unsent || io_->out_octets >= max_unsent_octets; };
  io_->out.push_back({&home, index});
  io_->out_octets += done.answer.size();
  if (full()) {
    flush();
    while (full())
      forget_first(datagrams_per_call);
  }
}

void udp_endpoint::done_with(const unsent& answer) {
  io_->out_octets -= (*answer.home)[answer.index].answer.size();
  close(*answer.home, uint64_t{1} << answer.index);
}

void udp_endpoint::forget_first(size_t n) {
  n = std::min(n, io_->out.size());
  for (size_t i = 0; i < n; ++i)
    done_with(io_->out[i]);
  io_->out.erase(io_->out.begin(), io_->out.begin() + static_cast<ptrdiff_t>(n));
  bump(count().send_errors, n);
}

void udp_endpoint::prepare(size_t position, const unsent& answer) {
  slot& done = (*answer.home)[answer.index];
  io_->out_vectors[position] = {done.answer.data(), done.answer_octets};
  msghdr& h = io_->out_headers[position].msg_hdr;
  h.msg_name = &done.from.remote;
  h.msg_namelen = done.from.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  h.msg_control = nullptr;
  h.msg_controllen = 0;
  write_local(h, io_->out_control[position], done.from);
}

/// Sends up to one call's worth from `first` on; how many are dealt with, 0 if the socket's buffer is full.
size_t udp_endpoint::send_some(size_t first) {
  const size_t n = std::min(datagrams_per_call, io_->out.size() - first);
  for (size_t i = 0; i < n; ++i)
    prepare(i, io_->out[first + i]);
  int sent = ::sendmmsg(io_->socket.native_handle(), io_->out_headers, static_cast<unsigned>(n), 0);
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS))
    return 0;
  if (sent < 0) {
    bump(count().send_errors); // this one cannot be sent (unreachable, too large): the others can
    sent = 1;
  } else {
    bump(count().sent, static_cast<uint64_t>(sent));
  }
  for (size_t i = 0; i < static_cast<size_t>(sent); ++i)
    done_with(io_->out[first + i]);
  return static_cast<size_t>(sent);
}

void udp_endpoint::flush() {
  const size_t end = std::min(io_->out.size(), most_per_turn);
  size_t first = 0;
  while (first < end) {
    const size_t sent = send_some(first);
    if (sent == 0)
      break;
    first += sent;
  }
  io_->out.erase(io_->out.begin(), io_->out.begin() + static_cast<ptrdiff_t>(first));
  if (!io_->out.empty() && !io_->write_wait_armed) {
    io_->write_wait_armed = true;
    io_->socket.async_wait(asio::posix::stream_descriptor::wait_write,
                           [by = io_](const boost::system::error_code& failed) {
                             if (!failed)
                               by->write_wait_armed = false; // the turn that follows flushes
                           });
  }
}

} // namespace troupe::net
