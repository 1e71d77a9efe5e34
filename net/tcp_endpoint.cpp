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

constexpr size_t accepts_per_turn = 64;
constexpr std::chrono::milliseconds accept_pause{100}; ///< when descriptors have run out: no spinning
constexpr std::chrono::seconds sweep_every{1};

} // namespace

struct tcp_endpoint::acceptor {
  acceptor(loop& home, descriptor fd) : socket(home.io(), fd.release()) {}
  asio::posix::stream_descriptor socket;
  bool armed = false, paused = false;
};

tcp_endpoint::tcp_endpoint(loop& home, descriptor listening, limits bounds, stream_limits streams)
  : endpoint(home, bounds), bounds_(streams), acceptor_(std::make_unique<acceptor>(home, std::move(listening))),
    streamer_(std::make_unique<streamer>(*this)) {}

tcp_endpoint::~tcp_endpoint() {
  if (sweeper_ != 0)
    home_loop().cancel(sweeper_);
}

void tcp_endpoint::drain() {
  draining_ = true;
  accept_some(); // connections that are complete already get their chance
  boost::system::error_code ignored;
  acceptor_->socket.cancel(ignored);
  service_all(); // what has arrived is read once more
  for (auto& [id, s] : streams_)
    s->stop_reading();
  std::erase_if(streams_, [](auto& entry) { return entry.second->finished(); }); // which have nothing under way
}

void tcp_endpoint::service_all() {
  std::vector<uint32_t> all;
  for (auto& [id, s] : streams_)
    all.push_back(id);
  for (uint32_t id : all)
    if (auto found = streams_.find(id); found != streams_.end())
      service(*found->second);
}

bool tcp_endpoint::nothing_to_send() const noexcept {
  return std::all_of(streams_.begin(), streams_.end(), [](auto& entry) { return entry.second->idle(); });
}

void tcp_endpoint::resume_reading() {
  if (std::exchange(stalled_, false))
    service_all();
  if (acceptor_->armed || acceptor_->paused || draining_)
    return;
  acceptor_->armed = true;
  acceptor_->socket.async_wait(asio::posix::stream_descriptor::wait_read,
                               [this](const boost::system::error_code& failed) {
                                 if (failed)
                                   return;
                                 acceptor_->armed = false;
                                 accept_some();
                               });
}

void tcp_endpoint::accept_some() {
  for (size_t n = 0; n < accepts_per_turn; ++n) {
    peer from;
    socklen_t size = sizeof from.remote;
    descriptor fd{::accept4(acceptor_->socket.native_handle(), reinterpret_cast<sockaddr*>(&from.remote), &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fd.get() < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        accept_later();
      return;
    }
    const socket_address here = bound_address(fd.get());
    here.is_v6() ? void(from.local = here.raw.v6.sin6_addr)
                 : void(std::copy_n(reinterpret_cast<const uint8_t*>(&here.raw.v4.sin_addr), 4, from.local.s6_addr));
    if (streams_.size() >= bounds_.connections)
      make_room();
    const uint32_t id = next_id_++;
    auto& fresh = *streams_.emplace(id, std::make_unique<stream>(*this, id, std::move(fd), from)).first->second;
    if (sweeper_ == 0)
      sweeper_ = home_loop().at(home_loop().now() + sweep_every, [this] { sweep(); });
    service(fresh);
  }
}

/// Out of descriptors: idle clients make room, and the listening socket is left alone for a moment.
void tcp_endpoint::accept_later() {
  make_room();
  acceptor_->paused = true;
  home_loop().at(home_loop().now() + accept_pause, [this] { acceptor_->paused = false; });
}

void tcp_endpoint::make_room() {
  const stream* oldest = nullptr;
  for (auto& [id, s] : streams_)
    if (s->idle() && (!oldest || s->last_heard() < oldest->last_heard()))
      oldest = s.get();
  if (oldest)
    close_stream(oldest->id());
}

/// Lets a connection read and write what it can, then waits or ends.
void tcp_endpoint::service(stream& s) {
  if (!s.read() || !s.write())
    return close_stream(s.id());
  s.wait();
  if (!streamer_->idle())
    streamer_->go_on();
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
    found->second->answered();
    if (done.state == slot_state::answered && !done.streamed) {
      found->second->enqueue(done.message());
      bump(count().sent);
    }
    dirty_.push_back(done.stream.id);
  }
  close(home, uint64_t{1} << index);
}

void tcp_endpoint::flush() {
  for (uint32_t id : std::exchange(dirty_, {}))
    if (auto found = streams_.find(id); found != streams_.end())
      service(*found->second);
}

void tcp_endpoint::sweep() {
  const time_point now = home_loop().now();
  std::vector<uint32_t> over = streamer_->overdue(now);
  for (auto& [id, s] : streams_)
    if (s->overdue(now))
      over.push_back(id);
  for (uint32_t id : over)
    close_stream(id);
  sweeper_ = streams_.empty() ? 0 : home_loop().at(now + sweep_every, [this] { sweep(); });
}

} // namespace troupe::net
