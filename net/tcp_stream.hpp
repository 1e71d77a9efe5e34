// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/tcp_endpoint.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace troupe::net {

/// One client connection of a tcp_endpoint: its buffers and what it waits for. Buffers exist only while they hold
/// something, so that ten thousand idle connections cost little. Thread: the home loop.
class tcp_endpoint::stream {
public:
  stream(tcp_endpoint& owner, uint32_t id, descriptor fd, const peer& from);

  uint32_t id() const noexcept { return id_; }
  const peer& from() const noexcept { return from_; }

  /// Reads what is there and hands whole queries to the endpoint; false if the connection is over.
  bool read();
  /// Adds a response behind its length.
  void enqueue(std::span<const uint8_t> response);
  /// Writes as much as the client takes; false if the connection is over.
  bool write();
  /// Waits for what can make progress: octets to read, room to write.
  void wait();

  size_t unsent() const noexcept { return out_.size() - written_; }
  void answered() noexcept { --in_flight_; }
  bool idle() const noexcept { return in_flight_ == 0 && out_.empty(); }
  bool overdue(time_point now) const noexcept;
  time_point last_heard() const noexcept { return last_heard_; }
  void stop_reading() noexcept { end_of_input_ = true; }
  /// Nothing more will come and all is answered and written.
  bool finished() const noexcept { return end_of_input_ && idle(); }

private:
  bool may_read() const noexcept;
  bool take_messages();
  void deliver(std::span<const std::span<const uint8_t>> messages);

  tcp_endpoint& owner_;
  uint32_t id_;
  peer from_;
  boost::asio::posix::stream_descriptor socket_;
  std::vector<uint8_t> in_;  ///< octets of queries that are not whole yet
  std::vector<uint8_t> out_; ///< responses not written yet
  size_t written_ = 0;       ///< octets of out_ that are
  size_t in_flight_ = 0;
  bool end_of_input_ = false, read_armed_ = false, write_armed_ = false;
  time_point last_heard_, message_began_, last_progress_;
};

} // namespace troupe::net
