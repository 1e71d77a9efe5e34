// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/api_options.hpp"
#include "net/kube/kubeconfig.hpp"
#include "net/kube/reflector.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
} // namespace boost::asio

/// One HTTP/1.1 connection (RFC 9112) to the API server, plain or TLS, with one request at a time.
namespace troupe::kube {

/// What comes back for a request, on the thread of the io_context.
class connection_events {
public:
  virtual ~connection_events() = default;
  virtual void on_head(int status, std::chrono::milliseconds retry_after, std::string_view content_type) = 0;
  virtual bool on_body(std::string_view piece) = 0; ///< false: read no more until resume()
  /// The last call. `error` is null after a whole response; `reusable`: the connection may take another request.
  virtual void on_end(const exchange_error* error, bool reusable) = 0;
};

class connection {
public:
  struct request {
    std::string target, accept, token, user_agent;
    std::chrono::milliseconds idle{}, deadline{}; ///< deadline 0: none
  };

  virtual ~connection() = default;

  /// Connects first if need be. `events` must live until on_end or close().
  virtual void get(request wanted, connection_events& events) = 0;
  virtual void resume() = 0;
  virtual void close() = 0; ///< no further call; the object is of no more use
};

/// `tls` is null for a plain connection. The connection keeps itself alive while it has work; `io` must outlive the
/// work.
std::shared_ptr<connection> make_connection(std::shared_ptr<boost::asio::io_context> io, const api_server& server,
                                            std::shared_ptr<boost::asio::ssl::context> tls, const api_timings& timings);

} // namespace troupe::kube
