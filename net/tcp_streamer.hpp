// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/tcp_endpoint.hpp"

#include <deque>

namespace troupe::net {

/// Draws the answers of many messages that a tcp_endpoint has under way: a step a turn in all, of the next one in turn
/// whose client has taken most of what it was sent. A few are begun at a time, one of each connection and not all of
/// one client; the others wait and hold nothing but their slot. A slot comes home when its last message is written, or
/// its connection is gone. Thread: the home loop.
class tcp_endpoint::streamer {
public:
  explicit streamer(tcp_endpoint& owner) : owner_(owner) {}
  ~streamer();

  void add(uint32_t stream, batch& home, size_t index);
  /// The connection is gone: what it was to get comes home as failed.
  void closed(uint32_t stream);
  /// A client has taken something: it may be its turn.
  void go_on();
  /// Connections whose answer takes too long.
  std::vector<uint32_t> overdue(time_point now) const;
  bool idle() const noexcept { return running_.empty() && waiting_.empty(); }

private:
  struct answer {
    uint32_t stream;
    batch* home;
    size_t index;
    time_point began{};
    size_t messages = 0, uncompressed = 0;
    slot& of() const noexcept { return (*home)[index]; }
    client_key whose() const noexcept { return key_of(of().from); }
  };

  void step();
  void begin_waiting();
  bool runs(uint32_t stream) const noexcept;
  bool may_begin(const answer& a) const noexcept;
  bool others_wait(const answer& a) const noexcept;
  stream* with_room(const answer& a) const;
  void draw(answer& a, stream& to);
  void failed(answer& a, const char* why);
  void come_home(const answer& a, dns::rcode code);
  void come_home_failed(const answer& a, const char* why);
  void come_home_unfinished(const answer& a);
  void remove(const answer& a);

  tcp_endpoint& owner_;
  std::vector<answer> running_;
  std::deque<answer> waiting_;
  client_shares running_for_, waiting_for_; ///< of the places in both
  size_t turn_ = 0;                         ///< index into running_: whose turn is next
  loop::timer_id timer_ = 0;
  std::unique_ptr<uint8_t[]> buffer_; ///< only while something runs
};

} // namespace troupe::net
