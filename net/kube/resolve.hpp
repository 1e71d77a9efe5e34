// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::kube {

/// The addresses of `host`, handed to `done` on `io`'s thread (never from within the call); with none, `error` says
/// why. An address needs no look-up. For a name a thread of its own asks the system, because that may block for many
/// seconds and stop() must not wait for it: it keeps `io` alive until it is done.
void resolve(std::shared_ptr<boost::asio::io_context> io, const std::string& host, uint16_t port,
             std::function<void(std::vector<boost::asio::ip::tcp::endpoint>, std::string error)> done);

} // namespace troupe::kube
