// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/tls_opener.hpp"
#include "tests/net/upstream_fixture.hpp"
#include "tests/support/scripted_api_tls.hpp"

#include <csignal>
#include <openssl/err.h>
#include <openssl/pem.h>

/// The server's side of TLS in the test's own thread: it takes a step whenever the test looks.
namespace troupe::net::test {

struct tls_server_rules {
  int newest = TLS1_3_VERSION, oldest = TLS1_VERSION;
  const char* ciphers = nullptr;  ///< of TLS 1.2
  std::string client_authority{}; ///< PEM; not empty: clients must show a certificate of it
  size_t tickets = 2;             ///< with each handshake
};

class tls_server {
public:
  explicit tls_server(const troupe::test::scripted_identity& identity, const tls_server_rules& rules = {})
    : listening_(must(open_tcp(loopback()))), context_(SSL_CTX_new(TLS_server_method())) {
    BIO* const shown = BIO_new_mem_buf(identity.certificate.data(), static_cast<int>(identity.certificate.size()));
    BIO* const secret = BIO_new_mem_buf(identity.key.data(), static_cast<int>(identity.key.size()));
    X509* const certificate = PEM_read_bio_X509(shown, nullptr, nullptr, nullptr);
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(secret, nullptr, nullptr, nullptr);
    EXPECT_EQ(SSL_CTX_use_certificate(context_, certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context_, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(shown);
    BIO_free(secret);
    ::signal(SIGPIPE, SIG_IGN);              // OpenSSL writes to sockets as to files
    SSL_CTX_set_security_level(context_, 0); // it may be as bad as a test wants it
    SSL_CTX_set_min_proto_version(context_, rules.oldest);
    SSL_CTX_set_max_proto_version(context_, rules.newest);
    SSL_CTX_set_num_tickets(context_, rules.tickets);
    if (rules.ciphers)
      SSL_CTX_set_cipher_list(context_, rules.ciphers);
    if (!rules.client_authority.empty()) {
      BIO* const in = BIO_new_mem_buf(rules.client_authority.data(), static_cast<int>(rules.client_authority.size()));
      X509* const authority = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), authority);
      X509_free(authority);
      BIO_free(in);
      SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    constexpr unsigned char whose[] = "tests";
    SSL_CTX_set_session_id_context(context_, whose, sizeof whose);
  }
  ~tls_server() { SSL_CTX_free(context_); }
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  class peer {
  public:
    peer(descriptor fd, SSL_CTX* context) : fd_(std::move(fd)), ssl_(SSL_new(context)) {
      SSL_set_fd(ssl_, fd_.get());
      SSL_set_accept_state(ssl_);
    }
    ~peer() { SSL_free(ssl_); }
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;

    /// The next query, if it came whole. Does the handshake too.
    std::optional<seen> receive() {
      ERR_clear_error();
      uint8_t buffer[65536];
      const int n = SSL_read(ssl_, buffer, sizeof buffer);
      const int kind = SSL_get_error(ssl_, n);
      over_ |= n <= 0 && kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE;
      in_.insert(in_.end(), buffer, buffer + std::max(n, 0));
      if (in_.size() < 2 || in_.size() - 2 < size_t{in_[0]} * 256 + in_[1])
        return std::nullopt;
      const auto end = in_.begin() + 2 + in_[0] * 256 + in_[1];
      seen got;
      got.packet.assign(in_.begin() + 2, end);
      in_.erase(in_.begin(), end);
      EXPECT_EQ(dns::parse_query(got.packet, got.query), dns::verdict::serve);
      return got;
    }
    void send_raw(const octets& data) { SSL_write(ssl_, data.data(), static_cast<int>(data.size())); }
    void send(const octets& message) { send_raw(dns::test::be16(static_cast<unsigned>(message.size())) + message); }
    void send_beside_tls(const octets& data) { ::send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL); }
    bool over() {
      receive();
      return over_;
    }
    void say_goodbye() { SSL_shutdown(ssl_); }
    SSL* ssl() { return ssl_; }

  private:
    descriptor fd_;
    SSL* ssl_;
    octets in_;
    bool over_ = false;
  };

  socket_address address() const { return bound_address(listening_.get()); }
  std::unique_ptr<peer> accept() {
    descriptor fd{::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    return fd.get() < 0 ? nullptr : std::make_unique<peer>(std::move(fd), context_);
  }

private:
  descriptor listening_;
  SSL_CTX* context_;
};

/// Who believes certificates of `authority`, PEM.
inline std::shared_ptr<tls_client> believing(const std::string& authority,
                                             const troupe::test::scripted_identity& shown = {}) {
  auto made = tls_context::for_clients({shown.certificate, shown.key, authority});
  if (auto* const wrong = std::get_if<std::string>(&made)) {
    ADD_FAILURE() << *wrong;
    return nullptr;
  }
  return std::make_shared<tls_client>(std::get<std::shared_ptr<const tls_context>>(made));
}

inline link_options by_tls(const socket_address& upstream, std::shared_ptr<tls_client> client,
                           const std::string& name = "127.0.0.1") {
  link_options options = sharing_connections(upstream);
  options.opener = tls_connector(std::move(client), name);
  options.streams_only = true;
  options.handshake_timeout = std::chrono::seconds{2};
  return options;
}

} // namespace troupe::net::test
