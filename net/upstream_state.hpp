// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/upstream_link.hpp"
#include "net/upstream_stream.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

namespace troupe::net {

/// What an upstream_link is made of. Sockets and timers come in through functions that first bring all of this in order
/// and only then, in deliver(), call those who asked: they may ask again or end the link.
struct upstream_link::state : std::enable_shared_from_this<state> {
  /// A socket and its place in the share.
  struct counted_socket {
    descriptor fd;
    descriptor_place place;
  };

  /// One query on its way; its attempts follow each other.
  struct exchange {
    dns::query asked;
    exchange_wish how;
    done then;
    time_point began, due;
    time_point ends; ///< of the attempt; `due` is earlier if it is asked without OPT in between
    bool with_opt = true;
    bool gave_up_opt = false;       ///< after something that may have been on account of it
    bool asked_both = false;        ///< UDP: with and without OPT on the same socket; two replies may come
    bool unreadable = false;        ///< a reply came that could not be read
    bool reused_connection = false; ///< of the TCP attempt
    unsigned reconnects = 0;
    dns::kept_reply_ptr fallback; ///< given if the attempt under way fails
    protocol over = protocol::udp;
    uint16_t id = 0;       ///< on the wire
    counted_socket socket; ///< UDP
    uint64_t stream = 0;   ///< TCP: key in `streams`; 0: none, or it waits to be asked again
    uint64_t turn = 0;     ///< TCP: greater than those of all that were asked before
    time_point sent;       ///< TCP: when it was given to that stream
  };

  state(loop& l, const link_options& o)
    : home(l), options(o), shares(o.shares ? *o.shares : descriptor_shares::of_process()),
      edns(o.edns ? o.edns : std::make_shared<upstream_edns>()), udp_sockets(l.io()) {}

  // upstream_link.cpp: what all attempts have in common
  void ask(const dns::query& what, const exchange_wish& how, done then);
  void begin_attempt(uint64_t key, exchange& e);
  void set_end(uint64_t key, exchange& e, std::chrono::nanoseconds from_now, bool may_leave_opt);
  void attempt_failed(uint64_t key, exchange& e, exchange_failure why, std::string error);
  void finish(uint64_t key, exchange& e, dns::kept_reply_ptr reply, exchange_failure why = exchange_failure::none,
              std::string error = {});
  void timed_out(uint64_t key, exchange& e);
  void deliver();
  void close();
  void arm_timer();
  void on_timer();
  exchange* find(uint64_t key);

  // upstream_retry.cpp: what is asked once more
  void answered(uint64_t key, exchange& e, dns::kept_reply_ptr reply);
  void ask_anew(uint64_t key, exchange& e);
  void ask_in_small_letters(uint64_t key, exchange& e);
  bool edns_in_doubt(const exchange& e) const noexcept;
  void give_up_opt(exchange& e) noexcept;
  void ask_without_opt(uint64_t key, exchange& e);
  void learn(const exchange& e, const dns::kept_reply& reply) noexcept;

  // upstream_room.cpp: who makes room for one more
  descriptor_place take_place();
  bool make_room();
  bool end_longest();
  bool end_longest_datagram();
  bool end_slowest_stream(exchange_failure why);
  std::string no_descriptor(protocol over) const;
  size_t held() const noexcept { return udp_open + streams.size(); }
  size_t left_of_share() const noexcept;

  // upstream_udp.cpp
  counted_socket release(exchange& e) noexcept;
  void ask_by_udp(uint64_t key, exchange& e);
  bool send_datagram(uint64_t key, exchange& e, int fd);
  bool watch(int fd, uint64_t key);
  void wait_for_datagrams();
  void on_datagrams();
  void read_datagrams(uint64_t key, exchange& e);

  // upstream_tcp.cpp
  void ask_by_tcp(uint64_t key, exchange& e, bool alone);
  uint64_t choose_stream() const;
  bool may_open_another() const noexcept;
  bool overtakes(const upstream_stream& s, const exchange& e) const;
  uint64_t open_stream(exchange_failure& why, std::string& error);
  void opened(upstream_stream& s);
  void wait_for_stream(uint64_t key, upstream_stream& s);
  void on_stream(uint64_t key);
  bool take_messages(uint64_t key, upstream_stream& s);
  void check_stream(uint64_t key, upstream_stream& s, int found, const char* verb);
  void end_stream(uint64_t key, exchange_failure why, const std::string& error, bool try_again);
  void ask_again();
  void became_idle(uint64_t key, upstream_stream& s);
  void leave_stream(exchange& e);

  struct completion {
    done then;
    exchange_result result;
  };

  loop& home;
  const link_options options;
  descriptor_shares& shares;
  const std::shared_ptr<upstream_edns> edns;
  secure_random random;
  uint64_t next_key = 1; ///< of exchanges and streams alike; never used twice, so that late handlers find nothing
  std::unordered_map<uint64_t, exchange> exchanges;
  /// An epoll set of the link's own, which the loop watches as one: a socket that lives for one datagram costs one call
  /// to join it and none to leave, instead of the four that Asio makes for each.
  boost::asio::posix::stream_descriptor udp_sockets;
  size_t udp_open = 0;            ///< sockets
  std::deque<uint64_t> udp_asked; ///< exchanges, oldest attempt first; also some that have ended
  std::map<uint64_t, std::unique_ptr<upstream_stream>> streams; ///< oldest first: the newest are those that idle out
  size_t idle_streams = 0;
  bool out_of_order = false; ///< the upstream answers so, as far as is known: queries share connections
  uint64_t next_turn = 1;
  std::deque<uint64_t> to_ask_again;             ///< exchanges whose stream ended; some are asked again in each turn
  std::set<std::pair<time_point, uint64_t>> due; ///< deadlines of exchanges and of idle streams
  loop::timer_id timer = 0;
  time_point timer_at;
  std::vector<completion> finished;
  std::unique_ptr<uint8_t[]> buffer = std::make_unique_for_overwrite<uint8_t[]>(dns::max_message_octets);
  bool closed = false;
};

/// What a system call's errno means for an exchange.
exchange_failure failure_of(int code) noexcept;

/// Descriptors or the kernel's memory have run out: fewer sockets help.
bool is_exhaustion(int code) noexcept;

} // namespace troupe::net
