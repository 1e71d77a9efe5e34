// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/byte_stream.hpp"
#include "net/descriptor_shares.hpp"
#include "net/loop.hpp"
#include "net/secure_random.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <span>

namespace troupe::net {

/// One TCP connection to an upstream: framing (RFC 1035 section 4.2.2), and which of its IDs are taken. It knows no
/// replies and makes no decisions; its owner arms the waits and calls when the socket is ready. Thread: the loop's.
class upstream_stream {
public:
  /// Queries that wait on one connection at a time (RFC 7766 section 6.2.1.1): some servers answer one after the other.
  static constexpr size_t max_waiting = 64;

  /// What the calls on the socket return: 0, errno, or that the other side has closed.
  static constexpr int end_of_stream = -1;

  /// `octets`: of a socket that is connecting.
  upstream_stream(time_point now, std::unique_ptr<byte_stream> octets, descriptor_place place)
    : born(now), heard(now), octets_(std::move(octets)), place_(std::move(place)) {}

  /// After the socket became writable for the first time: 0, or errno of why there is no connection.
  int finish_connecting() noexcept;

  /// Draws an ID that no waiting query has and books it for `whom`.
  uint16_t admit(uint64_t whom, secure_random& random);

  /// Queues a message with its length in front.
  void enqueue(std::span<const uint8_t> message);
  int flush() noexcept;

  /// Reads what is there, by way of `scratch`; next_message() then gives what is whole, valid until the next read().
  int read(std::span<uint8_t> scratch);
  std::optional<std::span<const uint8_t>> next_message() noexcept;

  bool has_room() const noexcept { return !retired && !(alone && !waiting.empty()) && waiting.size() < max_waiting; }
  bool unsent() const noexcept { return written_ < out_.size(); }
  bool in_handshake() const noexcept { return !connecting && !octets_->is_open(); }
  bool is_ready() const noexcept { return !connecting && octets_->is_open(); }
  bool wants_room() const noexcept { return connecting || (unsent() && octets_->is_open()) || octets_->wants_room(); }
  int fd() const noexcept { return octets_->fd(); }
  byte_stream& octets() noexcept { return *octets_; }

  boost::unordered_flat_map<uint16_t, uint64_t> waiting; ///< ID on the wire → whose query it is
  time_point born;
  time_point heard;              ///< when the last whole message came; `born` before the first
  std::optional<time_point> due; ///< when it is closed for being idle; nothing while queries wait
  bool connecting = true;
  bool retired = false;    ///< takes no more queries: an answer on it is overdue
  bool noted_open = false; ///< its owner has seen it ready
  bool alone = false;      ///< opened for one query that has brought down a connection, perhaps
  bool read_armed = false, write_armed = false;

private:
  std::unique_ptr<byte_stream> octets_;
  descriptor_place place_;
  std::vector<uint8_t> in_, out_;
  size_t taken_ = 0, written_ = 0;
};

} // namespace troupe::net
