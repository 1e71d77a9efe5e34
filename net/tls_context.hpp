// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <variant>

namespace troupe::net {

/// What one side of TLS shows and believes, as PEM texts. Certificate (its chain behind it) and key: both or neither.
struct tls_material {
  std::string certificate, key;
  std::string authority; ///< certificates that are trusted, of whatever kind; empty: those of the system
  bool operator==(const tls_material&) const = default;
};

/// Certificates and rules that many connections share. Immutable; any thread.
class tls_context {
public:
  /// For who connects: TLS 1.2 and newer, the peer is verified (net/tls_verify). Reads the system's certificates, some
  /// 10 ms, at its first need of them. A text in Go's words if the material is no good.
  static std::variant<std::shared_ptr<const tls_context>, std::string> for_clients(const tls_material& material);

  SSL_CTX* native() const noexcept { return context_.get(); }

private:
  struct freeing {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };

  explicit tls_context(SSL_CTX* context) : context_(context) {}

  std::unique_ptr<SSL_CTX, freeing> context_;
};

} // namespace troupe::net
