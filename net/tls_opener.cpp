// SPDX-License-Identifier: Apache-2.0
#include "net/tls_opener.hpp"

#include "net/tls_stream.hpp"

#include <deque>
#include <openssl/err.h>

namespace troupe::net {

namespace {

/// Kept of one peer: servers give two with each handshake, and each is good for one more (RFC 8446 appendix C.4).
constexpr size_t max_sessions = 8;

/// Whether the certificate that was believed at its beginning is still in its time.
bool is_in_time(const SSL_SESSION* session) noexcept {
  const X509* const peer = SSL_SESSION_get0_peer(const_cast<SSL_SESSION*>(session));
  return peer && X509_cmp_current_time(X509_get0_notAfter(peer)) > 0;
}

} // namespace

struct session_freeing {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using session_ptr = std::unique_ptr<SSL_SESSION, session_freeing>;

class tls_sessions {
public:
  /// Those of another context are forgotten: it may trust other authorities.
  void use(const std::shared_ptr<const tls_context>& context) {
    if (context_ != context)
      all_.clear();
    context_ = context;
  }
  bool are_from(const SSL_CTX* context) const noexcept { return context_ && context_->native() == context; }
  void keep(session_ptr fresh) {
    if (all_.size() == max_sessions)
      all_.pop_front();
    all_.push_back(std::move(fresh));
  }
  /// Null if there is none. Those of TLS 1.3 are used once.
  session_ptr take() {
    while (!all_.empty()) {
      session_ptr last = std::move(all_.back());
      all_.pop_back();
      if (!SSL_SESSION_is_resumable(last.get()) || !is_in_time(last.get()))
        continue;
      if (SSL_SESSION_get_protocol_version(last.get()) < TLS1_3_VERSION && SSL_SESSION_up_ref(last.get()) == 1)
        keep(session_ptr{last.get()});
      return last;
    }
    return nullptr;
  }

private:
  std::shared_ptr<const tls_context> context_;
  std::deque<session_ptr> all_; ///< the newest last
};

namespace {

/// A reference is handed over; 1: it was taken.
int on_new_session(SSL* ssl, SSL_SESSION* session) {
  const auto* const whom = expectation_of(ssl);
  if (!whom || !whom->sessions || !whom->sessions->are_from(SSL_get_SSL_CTX(ssl)))
    return 0;
  whom->sessions->keep(session_ptr{session});
  return 1;
}

/// Goes where the opener's copies go; the streams keep the sessions alive too.
struct connecting_expectation {
  std::shared_ptr<tls_client> client;
  std::shared_ptr<tls_sessions> sessions;
  std::string name;

  std::unique_ptr<byte_stream> operator()(loop& home, descriptor fd) const {
    const auto context = client->context();
    if (!context)
      return nullptr;
    sessions->use(context);
    ERR_clear_error();
    ssl_ptr ssl{SSL_new(context->native())}; // shares the context
    auto whom = std::make_unique<tls_expectation>();
    whom->name = name;
    whom->sessions = sessions;
    if (!ssl || !expect_peer(ssl.get(), *whom)) {
      ERR_clear_error();
      return nullptr;
    }
    if (const session_ptr known = sessions->take())
      SSL_set_session(ssl.get(), known.get());
    SSL_set_connect_state(ssl.get());
    return watched(std::make_unique<tls_stream>(home, std::move(ssl), std::move(whom)), std::move(fd));
  }
};

} // namespace

stream_opener tls_connector(std::shared_ptr<tls_client> client, std::string name) {
  if (name.size() > 1 && name.back() == '.')
    name.pop_back(); // neither certificates nor the handshake have it (RFC 6066 section 3)
  return connecting_expectation{std::move(client), std::make_shared<tls_sessions>(), std::move(name)};
}

void keep_sessions(SSL_CTX* context) noexcept {
  SSL_CTX_sess_set_new_cb(context, on_new_session);
}

} // namespace troupe::net
