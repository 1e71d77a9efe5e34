// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/byte_stream.hpp"
#include "net/endpoint.hpp"
#include "net/socket.hpp"
#include "net/tcp_clients.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <unordered_map>

namespace troupe::net {

/// One listening TCP socket on one loop and its connections: two-octet length framing, pipelined queries answered as
/// they come home, in any order (RFC 1035 section 4.2.2, RFC 7766 sections 6.2.1 and 7). Thread: the home loop.
class tcp_endpoint final : public endpoint {
public:
  struct stream_limits {
    size_t questions = SIZE_MAX;            ///< of one connection; then it ends
    size_t in_flight = 64;                  ///< queries of one connection; reading stops until some are answered
    size_t unsent_octets = 256 * 1024;      ///< answers to come and not read by the client; reading stops
    size_t streamed = 8;                    ///< answers of many messages that are under way at once; the others wait
    size_t streamed_waiting = 64;           ///< those others; beyond it they fail
    size_t streamed_ahead = 64 * 1024;      ///< octets that wait for the client before the next message is made
    std::chrono::seconds streamed_for{300}; ///< from the first message of such an answer to its last
    std::chrono::seconds streamed_while_others_wait{30};
  };

  /// `clients`: those of all TCP endpoints on this loop. `opener`: what becomes of a connection.
  tcp_endpoint(loop& home, descriptor listening, limits bounds, stream_limits streams,
               std::shared_ptr<tcp_clients> clients, stream_opener opener = open_plain_stream);
  ~tcp_endpoint() override;

  void limit_questions(size_t of_a_connection) override { bounds_.questions = of_a_connection; }
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
  void let_read(stream& s, size_t questions);
  void accept_some(size_t most);
  void enter(descriptor fd, peer from);
  void accept_later();
  void close_stream(uint32_t id);
  void sweep();

  stream_limits bounds_;
  std::shared_ptr<tcp_clients> clients_;
  stream_opener opener_;
  boost::intrusive_ptr<acceptor> acceptor_;
  std::unordered_map<uint32_t, std::unique_ptr<stream>> streams_;
  std::vector<uint32_t> dirty_;   ///< connections with something to write or more to read at the end of the turn
  std::vector<uint32_t> stalled_; ///< those that wait for the endpoint to read again
  uint32_t next_id_ = 1;
  loop::timer_id sweeper_ = 0, pause_ = 0;
  std::unique_ptr<streamer> streamer_; ///< of answers with many messages (slot::rest)
};

} // namespace troupe::net
