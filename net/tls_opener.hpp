// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/byte_stream.hpp"
#include "net/tls_context.hpp"

#include <mutex>

namespace troupe::net {

/// What the connections of one client are made with; may be changed for those that are still to come. Thread: any.
class tls_client {
public:
  explicit tls_client(std::shared_ptr<const tls_context> with) : context_(std::move(with)) {}

  std::shared_ptr<const tls_context> context() const {
    std::lock_guard lock{mutex_};
    return context_;
  }
  void change(std::shared_ptr<const tls_context> to) {
    std::lock_guard lock{mutex_};
    context_ = std::move(to);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const tls_context> context_;
};

/// Opens TLS connections to one peer, which has to show a certificate for `name`: a host name, with or without a dot
/// behind it, or an address. Sessions that the peer gives are kept, a few, and the next connections go on with them: a
/// handshake without certificates, as long as the client's context is the same and the certificate in its time. Copies
/// share them. Thread: one loop's at a time; the client may be anybody's.
stream_opener tls_connector(std::shared_ptr<tls_client> client, std::string name);

/// Connections of the context hand their sessions to their tls_expectation.
void keep_sessions(SSL_CTX* context) noexcept;

} // namespace troupe::net
