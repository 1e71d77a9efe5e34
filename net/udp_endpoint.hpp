// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/endpoint.hpp"
#include "net/socket.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace troupe::net {

/// One UDP socket on one loop: recvmmsg into batches, sendmmsg from them, 64 datagrams a system call. Malformed packets
/// are answered here and cost no slot. Thread: the home loop.
class udp_endpoint final : public endpoint {
public:
  static constexpr size_t datagrams_per_call = batch::max_slots;
  /// A query is far smaller; what is longer was cut by the kernel and is answered FORMERR.
  static constexpr size_t max_query_octets = 4096;
  /// Answers that wait for room in the socket's buffer; beyond it they are lost as if on the wire, and counted.
  static constexpr size_t max_unsent = 4096;
  /// The same in octets.
  static constexpr size_t max_unsent_octets = size_t{4} << 20;

  /// Takes the socket of open_udp; construct on any thread before the loop runs, or on the loop.
  udp_endpoint(loop& home, descriptor socket, limits bounds);
  ~udp_endpoint() override;

  void drain() override;

private:
  struct io; // system call structures and the armed wait; what waits holds it and learns from it that we are gone
  struct unsent {
    batch* home;
    size_t index;
  };

  void transmit(batch& home, size_t index) override;
  void flush() override;
  bool nothing_to_send() const noexcept override;
  void resume_reading() override;

  void on_readable();
  void take_datagram(batch& into, size_t index);
  void done_with(const unsent& answer);
  void forget_first(size_t n);
  void prepare(size_t position, const unsent& answer);
  size_t send_some(size_t first);

  bool with_control_; ///< on a wildcard address: which address was asked must be learned and said
  boost::intrusive_ptr<io> io_;
};

} // namespace troupe::net
