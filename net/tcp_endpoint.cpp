// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_endpoint.hpp"

#include "net/tcp_stream.hpp"
#include "net/tcp_streamer.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

constexpr size_t accepts_per_turn = 16; // some 30 us each
constexpr size_t accepts_at_the_end = 64;
constexpr size_t places_made_at_once = 64;             ///< when descriptors have run out
constexpr std::chrono::milliseconds accept_pause{100}; ///< when there is no more room to make: no spinning
constexpr std::chrono::seconds sweep_every{1};

} // namespace

tcp_endpoint::tcp_endpoint(loop& home, descriptor listening, limits bounds, stream_limits streams,
                           std::shared_ptr<tcp_clients> clients, stream_opener opener)
  : endpoint(home, bounds), bounds_(streams), clients_(std::move(clients)), opener_(std::move(opener)),
    acceptor_(new acceptor(*this, std::move(listening))), streamer_(std::make_unique<streamer>(*this)) {
  clients_->add(*this);
}

tcp_endpoint::~tcp_endpoint() {
  clients_->remove(*this);
  home_loop().cancel(sweeper_);
  home_loop().cancel(pause_);
  acceptor_->owner = nullptr;
  boost::system::error_code ignored;
  acceptor_->socket.close(ignored);
}

void tcp_endpoint::drain() {
  draining_ = true;
  accept_some(accepts_at_the_end); // connections that are complete already get their chance
  boost::system::error_code ignored;
  acceptor_->socket.cancel(ignored);
  std::vector<uint32_t> over;
  for (auto& [id, s] : streams_) {
    if (s->may_read() && may_read() && !s->read(batch::max_slots)) // what has arrived is read once more
      over.push_back(id);
    s->stop_reading();
    if (s->finished()) // which has nothing under way
      over.push_back(id);
  }
  for (uint32_t id : over)
    close_stream(id);
}

bool tcp_endpoint::nothing_to_send() const noexcept {
  return std::all_of(streams_.begin(), streams_.end(), [](auto& entry) { return entry.second->idle(); });
}

void tcp_endpoint::resume_reading() {
  for (uint32_t id : std::exchange(stalled_, {}))
    if (auto found = streams_.find(id); found != streams_.end()) {
      found->second->stalled = false;
      clients_->await_turn(*found->second);
    }
  clients_->give_turns();
  if (!dirty_.empty())
    clients_->turn_again();
  if (acceptor_->armed || pause_ != 0 || draining_)
    return;
  acceptor_->armed = true;
  acceptor_->socket.async_wait(asio::posix::stream_descriptor::wait_read,
                               [by = acceptor_](const boost::system::error_code& failed) {
                                 if (failed || !by->owner)
                                   return;
                                 by->armed = false;
                                 by->owner->accept_some(accepts_per_turn);
                               });
}

void tcp_endpoint::accept_some(size_t most) {
  bool made_room = false;
  for (size_t n = 0; n < most; ++n) {
    peer from;
    socklen_t size = sizeof from.remote;
    descriptor fd{::accept4(acceptor_->socket.native_handle(), reinterpret_cast<sockaddr*>(&from.remote), &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fd.get() >= 0) {
      enter(std::move(fd), from);
      continue;
    }
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
      return;
    if (std::exchange(made_room, true) || !clients_->make_room(places_made_at_once))
      return accept_later();
  }
}

/// A connection begins, in the place of another if there is none left; with nobody to give way it is closed.
void tcp_endpoint::enter(descriptor fd, peer from) {
  if (clients_->full() && !clients_->make_room(1))
    return;
  descriptor_place place{descriptor_use::clients};
  if (!place && clients_->make_room(1))
    place = descriptor_place{descriptor_use::clients};
  if (!place)
    return;
  const socket_address here = bound_address(fd.get());
  here.is_v6() ? void(from.local = here.raw.v6.sin6_addr)
               : void(std::copy_n(reinterpret_cast<const uint8_t*>(&here.raw.v4.sin_addr), 4, from.local.s6_addr));
  const uint32_t id = next_id_++;
  auto octets = opener_(home_loop(), std::move(fd));
  if (!octets)
    return;
  auto fresh = std::make_unique<stream>(*this, id, std::move(octets), std::move(place), from);
  if (sweeper_ == 0)
    sweeper_ = home_loop().at(home_loop().now() + sweep_every, [this] { sweep(); });
  service(*streams_.emplace(id, std::move(fresh)).first->second);
}

/// Out of descriptors, and nobody is left to make room: the listening socket is left alone for a moment.
void tcp_endpoint::accept_later() {
  home_loop().cancel(pause_);
  pause_ = home_loop().at(home_loop().now() + accept_pause, [this] { pause_ = 0; });
}

/// Lets a connection write and read what it can, then waits or ends.
void tcp_endpoint::service(stream& s) {
  if (!s.write())
    return close_stream(s.id());
  if (!streamer_->idle())
    streamer_->go_on();
  if (s.wants_turn() && clients_->may_go_ahead())
    return let_read(s, batch::max_slots);
  if (s.wants_turn())
    clients_->await_turn(s);
  s.wait();
}

void tcp_endpoint::let_read(stream& s, size_t questions) {
  if (!may_read()) {
    if (!std::exchange(s.stalled, true))
      stalled_.push_back(s.id());
  } else if (s.may_read() && !s.read(questions)) {
    return close_stream(s.id());
  }
  s.wait();
}

void tcp_endpoint::close_stream(uint32_t id) {
  streams_.erase(id);
  if (!streamer_->idle())
    streamer_->closed(id);
}

void tcp_endpoint::transmit(batch& home, size_t index) {
  slot& done = home[index];
  auto found = streams_.find(done.stream.id);
  if (done.rest && !done.streamed)
    return streamer_->add(done.stream.id, home, index);
  if (found != streams_.end()) {
    stream& to = *found->second;
    to.answered();
    if (done.state == slot_state::answered && !done.streamed) {
      to.enqueue(done.message());
      bump(count().sent);
    }
    if (!std::exchange(to.dirty, true))
      dirty_.push_back(to.id());
  }
  close(home, uint64_t{1} << index);
}

void tcp_endpoint::flush() {
  for (uint32_t id : std::exchange(dirty_, {}))
    if (auto found = streams_.find(id); found != streams_.end()) {
      found->second->dirty = false;
      service(*found->second);
    }
  clients_->relieve();
}

void tcp_endpoint::sweep() {
  const bool more = clients_->sweep();
  for (uint32_t id : streamer_->overdue(home_loop().now()))
    close_stream(id);
  const std::chrono::nanoseconds wait = more ? std::chrono::nanoseconds{0} : sweep_every;
  sweeper_ = streams_.empty() ? 0 : home_loop().at(home_loop().now() + wait, [this] { sweep(); });
}

} // namespace troupe::net
