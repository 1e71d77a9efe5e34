// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

/// Whether a peer's certificate is believed, by Go's rules, and why not in Go's words, since those are what people know
/// from CoreDNS's log.
namespace troupe::net {

/// For whom a connection takes its peer, and what came of looking at the certificate. As long as the connection.
struct tls_expectation {
  std::string name;    ///< a host name, or an address in text
  std::string verdict; ///< after a handshake that failed over the certificate: `tls: failed to verify certificate: …`
  std::shared_ptr<class tls_sessions> sessions; ///< where what the peer gives to go on with is kept; null: nowhere
};

/// Null: the connection expects nobody.
tls_expectation* expectation_of(const SSL* ssl) noexcept;

/// All connections of the context verify their peers: there is a chain to a certificate that is trusted, each in its
/// time, good for a server; and the certificate is for the expected name. Names count only as DNS names or addresses
/// among its alternative names, not as its common name; a wildcard stands for the whole of the first label (RFC 9525
/// section 6.3).
void verify_peers(SSL_CTX* context) noexcept;

/// What `ssl` is to expect; also names it in the handshake, unless it is an address (RFC 6066 section 3). `whom` must
/// outlive the connection. False if the name cannot be one.
bool expect_peer(SSL* ssl, tls_expectation& whom) noexcept;

} // namespace troupe::net
