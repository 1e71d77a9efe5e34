// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/byte_stream.hpp"
#include "net/descriptor_shares.hpp"
#include "net/tcp_endpoint.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

namespace troupe::net {

/// The listening socket. What waits for a socket holds it, and learns from it whether the endpoint is still there: a
/// handler that was queued before the endpoint went runs afterwards.
struct tcp_endpoint::acceptor : boost::intrusive_ref_counter<acceptor, boost::thread_unsafe_counter> {
  acceptor(tcp_endpoint& of, descriptor fd) : owner(&of), socket(of.home_loop().io(), fd.release()) {}
  tcp_endpoint* owner; ///< null: gone
  boost::asio::posix::stream_descriptor socket;
  bool armed = false;
};

/// One client connection of a tcp_endpoint: its buffers and what it waits for. Buffers exist only while they hold
/// something, so that ten thousand idle connections cost little. Thread: the home loop.
class tcp_endpoint::stream final : public tcp_clients::connection {
public:
  stream(tcp_endpoint& owner, uint32_t id, std::unique_ptr<byte_stream> octets, descriptor_place place,
         const peer& from);

  uint32_t id() const noexcept { return id_; }
  const peer& from() const noexcept { return from_; }

  void end() override { owner_.close_stream(id_); }
  void take_turn(size_t questions) override { owner_.let_read(*this, questions); }

  /// There is room for a question, and one may be there.
  bool may_read() const noexcept { return room() != 0 && (!end_of_input_ || has_whole_message()); }
  /// The same, and no socket is waited for before.
  bool wants_turn() const noexcept { return may_read() && (!read_armed_ || has_input()); }
  /// Reads what is there and hands up to so many whole queries to the endpoint; false if the connection is over.
  bool read(size_t questions);
  /// Adds a response behind its length.
  void enqueue(std::span<const uint8_t> response);
  /// Writes as much as the client takes; false if the connection is over.
  bool write();
  /// Says where it stands, and waits for what can make progress: octets to read, room to write.
  void wait();

  size_t unsent() const noexcept { return unsent_; }
  void answered() noexcept { --in_flight_; }
  bool idle() const noexcept { return in_flight_ == 0 && out_.empty() && !has_whole_message(); }
  void stop_reading() noexcept { end_of_input_ = true; }
  /// Nothing more will come and all is answered and written.
  bool finished() const noexcept { return end_of_input_ && idle(); }

  bool dirty = false;   ///< on the endpoint's list
  bool stalled = false; ///< likewise

private:
  size_t room() const noexcept;
  bool has_whole_message() const noexcept;
  bool has_input() const noexcept { return has_whole_message() || octets_->has_read_ahead(); }
  bool take_messages(size_t room);
  void deliver(std::span<const std::span<const uint8_t>> messages);
  void forget_written(size_t octets);
  void note();

  tcp_endpoint& owner_;
  uint32_t id_;
  peer from_;
  descriptor_place place_;
  std::unique_ptr<byte_stream> octets_;
  std::vector<uint8_t> in_;               ///< octets of queries that were not handed on yet
  std::vector<std::vector<uint8_t>> out_; ///< responses not written yet
  size_t written_ = 0;                    ///< octets of the first of them that are
  size_t unsent_ = 0, taken_ = 0; ///< octets: of out_ to be written; taken since the client's pace was looked at
  size_t expected_;               ///< octets that the next answer may have
  size_t in_flight_ = 0;
  size_t asked_ = 0; ///< questions that were handed on
  bool end_of_input_ = false, read_armed_ = false, write_armed_ = false;
  bool did_part_ = false; ///< the client has, since note()
};

} // namespace troupe::net
