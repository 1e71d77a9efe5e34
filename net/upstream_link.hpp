// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/byte_stream.hpp"
#include "net/descriptor_shares.hpp"
#include "net/dns/kept_reply.hpp"
#include "net/loop.hpp"
#include "net/slot.hpp"
#include "net/socket.hpp"
#include "net/upstream_edns.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe::net {

/// How one upstream is talked to.
struct link_options {
  socket_address to;
  std::optional<socket_address> from;                             ///< source address; port 0
  std::chrono::nanoseconds read_timeout{std::chrono::seconds{2}}; ///< for one attempt
  std::chrono::nanoseconds expire{std::chrono::seconds{10}};      ///< of an idle TCP connection
  std::chrono::nanoseconds max_age{0};                            ///< of any TCP connection; 0: none
  unsigned max_idle_connections = 0;                              ///< 0: no bound but the link's own
  unsigned side_by_side = 64;               ///< connections for one query each, until queries share them
  descriptor_shares* shares = nullptr;      ///< null: those of the process
  std::shared_ptr<upstream_edns> edns;      ///< what is known of it; null: the link's own
  stream_opener opener = open_plain_stream; ///< what becomes of a TCP connection
  bool streams_only = false;                ///< TLS: no question goes by UDP, whatever is wished
  /// For connecting and a handshake together, behind which an attempt's time begins anew; 0: there is no handshake.
  std::chrono::nanoseconds handshake_timeout{0};
};

enum class exchange_failure : uint8_t {
  none,
  timed_out,
  refused,   ///< the upstream, or who is on the way, says that nobody is there
  closed,    ///< TCP connections ended before the answer came
  malformed, ///< nothing but replies that cannot be read
  handshake, ///< there is no TLS with it: another protocol, a certificate that is not believed
  no_socket, ///< of our own making: descriptors, ports, memory, or too much in flight
  link_gone
};

/// What came of one exchange.
struct exchange_result {
  dns::kept_reply_ptr reply; ///< null: see `failure`
  exchange_failure failure = exchange_failure::none;
  std::string error; ///< in CoreDNS's (Go's) words: `read udp 127.0.0.1:4321->127.0.0.1:53: i/o timeout`
  std::chrono::nanoseconds took{0};
  bool reused_connection = false; ///< TCP, already there when asked; for coredns_proxy_conn_cache_hits_total
  protocol used = protocol::udp;
};

/// When a reply by UDP that came truncated is asked for again by TCP.
enum class refetch : uint8_t {
  never,
  if_empty, ///< it came without any record of the type that was asked for
  always
};

struct exchange_wish {
  protocol over = protocol::udp;
  refetch truncated = refetch::always;
  time_point deadline; ///< of all attempts
  bool spared = false; ///< is not ended to make room for others: a probe
};

/// The sockets to one upstream on one loop. A UDP query has a socket of its own, connected, on a port and with an ID
/// from the system's generator; TCP connections are kept and pipelined with fresh IDs. A reply counts only if it came
/// on that socket with that ID and that question; what does not is dropped and waiting goes on (RFC 5452 section 9.1),
/// but ICMP's refusal ends an attempt. A query may take several attempts, each with `read_timeout`:
///   * an error that may be about EDNS: once more without it; silence, if it is not known to speak EDNS: likewise, when
///     half of the attempt's time is over, and the first answer counts (RFC 6891 sections 6.2.2 and 7; upstream_edns);
///   * a question that came back in other capital letters by UDP: once more in small ones;
///   * TC by UDP: by TCP, if wished;
///   * a TCP connection that ends before it has answered: on a new one of the query's own, twice (within the attempt's
///   time).
/// A handshake (TLS) has a time of its own, and what waits for it begins its attempt's time when it is over. One that
/// fails ends the attempt; one that is cut off counts as a connection that ended.
/// If a later attempt fails, what an earlier one brought is given. Thread: the loop's.
///
/// Some upstreams answer what comes on one connection in its order, and a slow name then holds up all behind it. So a
/// query has a connection to itself until the upstream has answered out of order (RFC 7766 section 6.2.1.1), there are
/// `side_by_side` of them, or one more would be at the cost of others.
///
/// A link never holds more descriptors than are left of the share for all others: one upstream that is silent takes
/// half of them, two take a third each. For one more, what waits longest is ended (`no_socket`): answers come soon or
/// not at all, so under a flood those of a living upstream are not among them.
class upstream_link {
public:
  static constexpr size_t max_in_flight = 10'000; ///< beyond it what waits longest is ended
  static constexpr size_t max_connections = 256;  ///< beyond it the one that has not answered for longest is

  upstream_link(loop& home, const link_options& options); ///< `home` must outlive it
  ~upstream_link(); ///< ends what is in flight with `link_gone`, calling back from inside

  using done = std::function<void(exchange_result&&)>;
  /// `then` is called exactly once, from the loop, never from inside ask(). It may ask again and end the link.
  void ask(const dns::query& what, const exchange_wish& how, done then);

  size_t in_flight() const noexcept;

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace troupe::net
