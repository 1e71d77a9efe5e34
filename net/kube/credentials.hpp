// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/kubeconfig.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace boost::asio::ssl {
class context;
}

/// What the client shows to the API server and what it believes of it; files are read again because they are renewed.
namespace troupe::kube {

/// The bearer token. One thread; small blocking reads.
class token_source {
public:
  explicit token_source(const api_server& server) : file_(server.token_file), token_(server.token) {}

  /// Reads the file again; true if the token changed. A file that is missing, empty, cut or no token leaves the old
  /// one.
  bool refresh();

  const std::string& token() const { return token_; }

private:
  std::string file_, token_;
};

/// True if `next` may take the place of `old`: printable, not empty, and with as many dots (a cut JWT has fewer).
bool is_token(std::string_view next, std::string_view old);

/// The three PEM texts as they are now.
struct tls_material {
  std::string authority, certificate, key;
  bool operator==(const tls_material&) const = default;
};

/// Reads what is in files; a problem names the file.
std::variant<tls_material, problem> read_tls_material(const api_server& server);

/// TLS 1.2 and newer, peer verified unless the configuration says otherwise.
std::variant<std::shared_ptr<boost::asio::ssl::context>, problem> make_tls_context(const api_server& server,
                                                                                   const tls_material& material);

/// The file's content; nothing if it cannot be read or has more than `max_octets`.
std::variant<std::string, problem> read_file(const std::string& path, size_t max_octets);

} // namespace troupe::kube
