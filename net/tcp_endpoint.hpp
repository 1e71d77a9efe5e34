// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/endpoint.hpp"
#include "net/socket.hpp"

#include <unordered_map>

namespace troupe::net {

/// One listening TCP socket on one loop and its connections: two-octet length framing, pipelined queries answered as
/// they come home, in any order (RFC 1035 section 4.2.2, RFC 7766 sections 6.2.1 and 7). Thread: the home loop.
class tcp_endpoint final : public endpoint {
public:
  struct stream_limits {
    size_t connections = 20'000;            ///< per endpoint; beyond it the oldest idle one is closed
    size_t in_flight = 64;                  ///< queries of one connection; reading stops until some are answered
    size_t unsent_octets = 256 * 1024;      ///< answers the client does not read; reading stops
    std::chrono::seconds idle{10};          ///< without a query (CoreDNS's default)
    std::chrono::seconds message{5};        ///< from the first octet of a query to its last
    std::chrono::seconds write{5};          ///< without the client taking an octet
    size_t streamed = 8;                    ///< answers of many messages that are under way at once; the others wait
    size_t streamed_ahead = 64 * 1024;      ///< octets that wait for the client before the next message is made
    std::chrono::seconds streamed_for{300}; ///< from the first message of such an answer to its last
  };

  tcp_endpoint(loop& home, descriptor listening, limits bounds, stream_limits streams);
  ~tcp_endpoint() override;

  void drain() override;
  size_t connections() const noexcept { return streams_.size(); }

private:
  class stream;
  class streamer;
  struct acceptor;

  void transmit(batch& home, size_t index) override;
  void flush() override;
  bool nothing_to_send() const noexcept override;
  void resume_reading() override;

  void service(stream& s);
  void service_all();
  void accept_some();
  void accept_later();
  void close_stream(uint32_t id);
  void sweep();
  void make_room();

  stream_limits bounds_;
  std::unique_ptr<acceptor> acceptor_;
  std::unordered_map<uint32_t, std::unique_ptr<stream>> streams_;
  std::vector<uint32_t> dirty_; ///< connections with something to write or more to read at the end of the turn
  bool stalled_ = false;        ///< connections wait for the endpoint to read again
  uint32_t next_id_ = 1;
  loop::timer_id sweeper_ = 0;
  std::unique_ptr<streamer> streamer_; ///< of answers with many messages (slot::rest)
};

} // namespace troupe::net
