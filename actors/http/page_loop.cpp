// SPDX-License-Identifier: Apache-2.0
#include "actors/http/page_loop.hpp"

#include "actors/http/busiest_client.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <thread>

namespace troupe {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using stage = page_connection::stage;

/// Connections of each server that need no place among descriptor_use::pages, so that no other server's clients keep
/// its own out.
constexpr size_t connections_without_place = 8;
/// In a turn: what is open already is looked at in between.
constexpr int accepts_a_turn = 16;
/// How long accepting rests when there is no descriptor; connections stay in the kernel's queue.
constexpr auto out_of_descriptors_pause = 50ms;
/// Rests shorter than this are not taken, and no rest is longer.
constexpr auto least_rest = 1ms, most_rest = 1'000ms;

std::chrono::nanoseconds cpu_time() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

page_connection::address address_of(const sockaddr_storage& from) {
  page_connection::address out{};
  if (from.ss_family == AF_INET6)
    std::memcpy(out.data(), &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, 16);
  else if (from.ss_family == AF_INET) {
    out[10] = out[11] = 0xff;
    std::memcpy(out.data() + 12, &reinterpret_cast<const sockaddr_in&>(from).sin_addr, 4);
  }
  return out;
}

} // namespace

page_loop::page_loop(net::descriptor listening, request_answers answers, const http_limits& limits)
  : listening_(std::move(listening)), answers_(std::move(answers)), limits_(limits),
    most_connections_(
      std::min(limits.connections, net::descriptor_shares::of_process().most(net::descriptor_use::pages) / 4 +
                                     connections_without_place)) {}

void page_loop::run() noexcept {
  while (!ending_) {
    try {
      turn();
    } catch (const std::exception&) { // no memory: what is open holds some
      connections_.clear();
    }
  }
  connections_.clear();
}

void page_loop::end() noexcept {
  ending_ = true;
  ::shutdown(listening_.get(), SHUT_RDWR); // wakes the thread
}

void page_loop::turn() {
  wait();
  const auto now = steady::now();
  proceed(now);
  if (!rests(now))
    answer_all();
  drop_over(steady::now());
  if (polled_.front().revents != 0)
    accept_some();
}

void page_loop::wait() {
  const auto now = steady::now();
  polled_.clear();
  // A negative descriptor is not looked at.
  polled_.push_back({now < accept_from_ ? -1 : listening_.get(), POLLIN, 0});
  for (auto& c : connections_)
    polled_.push_back({c.descriptor(), c.events(), 0});
  if (::poll(polled_.data(), polled_.size(), wait_ms(now)) >= 0)
    return;
  for (auto& p : polled_)
    p.revents = 0;
  if (errno != EINTR) // the kernel has no memory
    std::this_thread::sleep_for(out_of_descriptors_pause);
}

int page_loop::wait_ms(time_point now) const {
  auto until = now + 1h;
  if (now < accept_from_)
    until = accept_from_;
  for (auto& c : connections_)
    until = std::min(until, c.at() == stage::asking ? std::min(c.deadline(), rest_until_) : c.deadline());
  return std::max(0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(until - now).count()));
}

void page_loop::proceed(time_point now) {
  for (size_t i = 0; i < connections_.size(); ++i)
    if (const short events = polled_[i + 1].revents)
      connections_[i].proceed(events, now);
}

void page_loop::drop_over(time_point now) {
  std::erase_if(connections_, [now](auto& c) { return c.deadline() <= now; });
}

void page_loop::accept_some() {
  for (int i = 0; i < accepts_a_turn; ++i)
    if (!accept_one())
      return;
}

/// False if there is none, or no descriptor for it.
bool page_loop::accept_one() {
  net::descriptor_place place;
  if (connections_.size() >= most_connections_)
    make_room();
  if (connections_.size() >= connections_without_place) {
    place = net::descriptor_place{net::descriptor_use::pages};
    if (!place && make_room())
      place = net::descriptor_place{net::descriptor_use::pages}; // none if the one that went had none
  }
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  net::descriptor socket{
    ::accept4(listening_.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (socket.get() >= 0) {
    connections_.emplace_back(std::move(socket), address_of(from), std::move(place), limits_, steady::now());
    return true;
  }
  if ((errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) && !make_room())
    accept_from_ = steady::now() + out_of_descriptors_pause;
  return false;
}

/// Closes the connection that is worth least; false if none is open.
bool page_loop::make_room() {
  if (connections_.empty())
    return false;
  connections_.erase(connections_.begin() + static_cast<ptrdiff_t>(least_worth(connections_)));
  return true;
}

/// All who asked until now get one and the same page. Then pages rest in proportion to what they cost, so that requests
/// take from the machine no more than a share of a core, however many they are.
void page_loop::answer_all() {
  const auto began = cpu_time();
  bool any = false;
  for (auto& c : connections_)
    if (c.at() == stage::asking) {
      any = true;
      auto [text, last] = answers_.answer(c.descriptor(), c.request());
      c.answer(std::move(text), last, steady::now());
      bound_unsent();
    }
  if (!any)
    return;
  answers_.begin_anew();
  const auto now = steady::now();
  const auto rest = std::min<std::chrono::nanoseconds>((cpu_time() - began) * limits_.rest, most_rest);
  rest_until_ = std::max(rest_until_, now - least_rest) + rest;
}

/// Those who have been at it longest go first; the newest answer may be larger than all of the bound.
void page_loop::bound_unsent() {
  size_t sum = 0;
  for (auto c = connections_.rbegin(); c != connections_.rend(); ++c) {
    const size_t own = c->unsent();
    if (own > 0 && sum > 0 && sum + own > limits_.unsent)
      c->end();
    else
      sum += own;
  }
}

} // namespace troupe
