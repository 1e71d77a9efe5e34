// SPDX-License-Identifier: Apache-2.0
#include "net/upstream_socket.hpp"
#include "net/upstream_state.hpp"

#include <algorithm>
#include <cerrno>

namespace troupe::net {

namespace {

/// Of the descriptors that a link holds, one in so many is given up at once when the system has none left.
constexpr size_t given_up_at_once = 8;

/// That one upstream may end for one that it asks for, so that it shrinks while others grow.
constexpr int ended_for_one = 2;

} // namespace

bool is_exhaustion(int code) noexcept {
  return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

std::string upstream_link::state::no_descriptor(protocol over) const {
  return dial_error(over, options.to, "socket", go_text(EMFILE));
}

size_t upstream_link::state::left_of_share() const noexcept {
  constexpr auto use = descriptor_use::upstreams;
  return shares.most(use) - std::min(shares.most(use), shares.taken(use));
}

/// Empty: others have them all.
descriptor_place upstream_link::state::take_place() {
  for (int i = 0; i < ended_for_one && held() >= left_of_share() && end_longest(); ++i) {
  }
  return descriptor_place{descriptor_use::upstreams, shares};
}

/// The system has no descriptor although the share has: several are given back, so that not every query fails once.
bool upstream_link::state::make_room() {
  const size_t wanted = std::max(held() / given_up_at_once, size_t{1});
  size_t ended = 0;
  while (ended < wanted && end_longest())
    ++ended;
  return ended != 0;
}

/// Ends what has one of the link's descriptors and waits longest. False if there is nothing.
bool upstream_link::state::end_longest() {
  return streams.size() > udp_open ? end_slowest_stream(exchange_failure::no_socket)
                                   : end_longest_datagram() || end_slowest_stream(exchange_failure::no_socket);
}

bool upstream_link::state::end_longest_datagram() {
  for (size_t left = udp_asked.size(); left > 0; --left) {
    const uint64_t key = udp_asked.front();
    udp_asked.pop_front();
    exchange* const e = find(key);
    if (!e || e->socket.fd.get() < 0)
      continue;
    if (!e->how.spared) {
      attempt_failed(key, *e, exchange_failure::no_socket, no_descriptor(protocol::udp));
      return true;
    }
    udp_asked.push_back(key);
  }
  return false;
}

/// The one that has not answered for longest, idle ones first: a connection that comes an octet at a time is among
/// them.
bool upstream_link::state::end_slowest_stream(exchange_failure why) {
  const auto slowest = std::min_element(streams.begin(), streams.end(), [](auto& a, auto& b) {
    const upstream_stream &s = *a.second, &t = *b.second;
    return std::pair{!s.waiting.empty(), s.heard} < std::pair{!t.waiting.empty(), t.heard};
  });
  if (slowest == streams.end())
    return false;
  const std::string error = why == exchange_failure::no_socket
                              ? no_descriptor(protocol::tcp)
                              : stream_error("read", protocol::tcp, slowest->second->fd(), options.to, "i/o timeout");
  end_stream(slowest->first, why, error, false);
  return true;
}

} // namespace troupe::net
