// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/byte_stream.hpp"
#include "net/tls_verify.hpp"

#include <openssl/ssl.h>

namespace troupe::net {

struct ssl_freeing {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
using ssl_ptr = std::unique_ptr<SSL, ssl_freeing>;

/// TLS on one connection, whichever side of it: who opens it has set that, and what is expected of the peer.
/// The handshake runs inside read() and write(), a step per call, and never waits. What a hostile peer can make it hold
/// is bounded: one read of the socket, one record to be written, and what OpenSSL takes for a handshake at most
/// (tls_context); empty records, warnings and new keys without end are an error of OpenSSL's. How long a handshake may
/// take is its owner's affair. A peer that ends the connection without TLS's own word for it has ended it: DNS has
/// lengths of its own, and half a message is none. Owns: the TLS state.
class tls_stream final : public byte_stream {
public:
  /// `whom`: null if nothing is expected, as by a server of its clients.
  tls_stream(loop& home, ssl_ptr ssl, std::unique_ptr<tls_expectation> whom);
  ~tls_stream() override; ///< says goodbye, if that fits into the socket

  ssize_t read(std::span<uint8_t> into) noexcept override;
  bool has_read_ahead() const noexcept override;
  ssize_t write(std::span<const iovec> pieces) noexcept override;
  bool wants_room() const noexcept override;
  bool is_open() const noexcept override { return SSL_is_init_finished(ssl_.get()) == 1; }
  std::string_view failure() const noexcept override { return failure_; }

private:
  ssize_t take_from_socket() noexcept;
  ssize_t give_to_socket() noexcept;
  ssize_t with_last_words(ssize_t failed) noexcept;
  ssize_t outcome(int returned) noexcept;
  void note_failure(int kind) noexcept;

  std::unique_ptr<tls_expectation> whom_;
  ssl_ptr ssl_;               ///< uses `whom_`, so it goes first
  BIO* in_;                   ///< the SSL's: what came and was not looked at
  BIO* out_;                  ///< likewise: what the socket had no room for
  bool socket_ended_ = false; ///< nothing more will come
  std::string failure_;       ///< once this is not empty, nothing is read or written any more
};

} // namespace troupe::net
