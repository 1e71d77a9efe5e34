// SPDX-License-Identifier: Apache-2.0
#include "net/tls_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <openssl/err.h>
#include <sys/socket.h>

namespace troupe::net {

namespace {

/// At once from the socket, and at once to be written: a record of full size (RFC 8446 section 5.2), and its frame.
constexpr size_t most_from_socket = 17 * 1024;
constexpr size_t record_octets = 16 * 1024;

/// That may wait for room in the socket: a record and a handshake's messages are less. A peer that goes on asking for
/// another handshake, which is refused each time, and does not read has more.
constexpr size_t most_unsent = 64 * 1024;

ssize_t negative_errno() noexcept {
  return errno == EINTR ? -EAGAIN : -errno;
}

/// What the peer said, in Go's words where those are others.
std::string alert_text(int alert) {
  switch (alert) {
  case SSL_AD_UNKNOWN_CA:
    return "unknown certificate authority";
  case SSL_AD_CERTIFICATE_EXPIRED:
    return "expired certificate";
  case SSL_AD_CERTIFICATE_REVOKED:
    return "revoked certificate";
  case SSL_AD_CERTIFICATE_UNKNOWN:
    return "unknown certificate";
  case SSL_AD_PROTOCOL_VERSION:
    return "protocol version not supported";
  case SSL_AD_INSUFFICIENT_SECURITY:
    return "insufficient security level";
  case SSL_AD_DECODE_ERROR:
    return "error decoding message";
  case SSL_AD_DECRYPT_ERROR:
    return "error decrypting message";
  case SSL_AD_CERTIFICATE_REQUIRED: // which OpenSSL has no text for
    return "certificate required";
  default:
    std::string text = SSL_alert_desc_string_long(alert);
    if (text == "unknown")
      return "alert(" + std::to_string(alert) + ")";
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return text;
  }
}

std::string error_text(unsigned long code, bool open) {
  const int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    if (reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256)
      return "remote error: tls: " + alert_text(reason - SSL_AD_REASON_OFFSET);
    if (!open && (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
                  reason == SSL_R_PACKET_LENGTH_TOO_LONG || reason == SSL_R_RECORD_LENGTH_MISMATCH))
      return "tls: first record does not look like a TLS handshake";
    if (reason == SSL_R_UNSUPPORTED_PROTOCOL)
      return "tls: server selected unsupported protocol version";
  }
  const char* const text = ERR_reason_error_string(code);
  return std::string{"tls: "} + (text ? text : "protocol error");
}

} // namespace

tls_stream::tls_stream(loop& home, ssl_ptr ssl, std::unique_ptr<tls_expectation> whom)
  : byte_stream(home), whom_(std::move(whom)), ssl_(std::move(ssl)), in_(BIO_new(BIO_s_mem())),
    out_(BIO_new(BIO_s_mem())) {
  SSL_set_bio(ssl_.get(), in_, out_);
}

/// Without the word OpenSSL would take the session for a broken one, and no other connection could go on with it.
tls_stream::~tls_stream() {
  if (!failure_.empty() || !is_open())
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  give_to_socket();
  ERR_clear_error();
}

bool tls_stream::has_read_ahead() const noexcept {
  return failure_.empty() && is_open() && (SSL_pending(ssl_.get()) > 0 || BIO_ctrl_pending(in_) > 0);
}

bool tls_stream::wants_room() const noexcept {
  return failure_.empty() && BIO_ctrl_pending(out_) > 0;
}

/// 1: something came; 0: nothing more will; or errno with its sign changed.
ssize_t tls_stream::take_from_socket() noexcept {
  uint8_t room[most_from_socket];
  const ssize_t n = socket_ended_ ? 0 : ::recv(fd(), room, sizeof room, 0);
  if (n < 0)
    return negative_errno();
  if (n == 0)
    socket_ended_ = true;
  else if (BIO_write(in_, room, static_cast<int>(n)) != n)
    return -ENOMEM;
  return n > 0;
}

/// 0: all is given, or errno with its sign changed.
ssize_t tls_stream::give_to_socket() noexcept {
  char* octets = nullptr;
  while (const long size = BIO_get_mem_data(out_, &octets)) {
    const ssize_t n = ::send(fd(), octets, static_cast<size_t>(size), MSG_NOSIGNAL);
    if (n < 0)
      return negative_errno();
    char taken[record_octets]; // a BIO has no other way to forget
    for (size_t left = static_cast<size_t>(n); left > 0;) {
      const int part = BIO_read(out_, taken, static_cast<int>(std::min(left, sizeof taken)));
      if (part <= 0)
        return -EIO;
      left -= static_cast<size_t>(part);
    }
  }
  return 0;
}

ssize_t tls_stream::read(std::span<uint8_t> into) noexcept {
  if (!failure_.empty())
    return -EPROTO;
  if (!has_read_ahead())
    if (const ssize_t came = take_from_socket(); came < 0)
      return came;
  ERR_clear_error();
  const bool was_open = is_open();
  const int n = SSL_read(ssl_.get(), into.data(), static_cast<int>(std::min<size_t>(into.size(), INT32_MAX)));
  const ssize_t result = outcome(n);
  const ssize_t given = give_to_socket(); // the next step of a handshake, or an alert that says why there is none
  if (result == -EAGAIN && given < 0 && given != -EAGAIN)
    return given;
  if (BIO_ctrl_pending(out_) > most_unsent) {
    failure_ = "tls: the peer does not read what it asks for";
    return -EPROTO;
  }
  if (result != -EAGAIN || !socket_ended_)
    return result;
  if (!was_open)
    failure_ = "EOF";
  return was_open ? 0 : -EPROTO;
}

ssize_t tls_stream::write(std::span<const iovec> pieces) noexcept {
  if (!failure_.empty())
    return -EPROTO;
  ERR_clear_error();
  if (!is_open())
    if (const ssize_t result = outcome(SSL_do_handshake(ssl_.get())); result < 0 && result != -EAGAIN) {
      give_to_socket();
      return result;
    }
  if (const ssize_t given = give_to_socket(); given < 0)
    return with_last_words(given);
  if (pieces.empty())
    return 0;
  if (!is_open())
    return -EAGAIN;
  uint8_t record[record_octets];
  size_t size = 0;
  for (const iovec& piece : pieces) {
    const size_t part = std::min(piece.iov_len, sizeof record - size);
    if (part != 0)
      std::memcpy(record + size, piece.iov_base, part);
    size += part;
  }
  if (size == 0)
    return 0;
  const int n = SSL_write(ssl_.get(), record, static_cast<int>(size));
  if (n <= 0)
    return outcome(n);
  const ssize_t given = give_to_socket();
  return given < 0 && given != -EAGAIN ? with_last_words(given) : n;
}

/// Who ends a connection may have said why, and that is still to be read: in TLS 1.3 a server looks at a client's
/// certificate when the client takes the handshake for done.
ssize_t tls_stream::with_last_words(ssize_t failed) noexcept {
  if ((failed != -EPIPE && failed != -ECONNRESET) || take_from_socket() <= 0)
    return failed;
  ERR_clear_error();
  uint8_t any;
  outcome(SSL_peek(ssl_.get(), &any, sizeof any));
  return failure_.empty() ? failed : -EPROTO;
}

/// What OpenSSL returned, in this class's terms.
ssize_t tls_stream::outcome(int returned) noexcept {
  if (returned > 0)
    return returned;
  const int kind = SSL_get_error(ssl_.get(), returned);
  switch (kind) {
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE:
    return -EAGAIN;
  case SSL_ERROR_ZERO_RETURN:
    return 0;
  default:
    note_failure(kind);
    return -EPROTO;
  }
}

void tls_stream::note_failure(int kind) noexcept {
  if (whom_ && !whom_->verdict.empty())
    failure_ = whom_->verdict;
  else
    failure_ = kind == SSL_ERROR_SSL ? error_text(ERR_peek_error(), is_open()) : "tls: broken connection";
  ERR_clear_error();
}

} // namespace troupe::net
