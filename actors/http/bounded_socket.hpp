// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/http_server.hpp"

#include <Poco/Net/ServerSocket.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <set>

namespace troupe {

/// The connections of one server that are open, so that stopping it can end them all. Thread: any.
class open_connections {
public:
  void add(int descriptor);
  /// Before the descriptor is closed: afterwards its number may be someone else's.
  void remove(int descriptor) noexcept;
  /// Shuts down all of them: whoever waits on one wakes up with an end of file or an error.
  void end_all() noexcept;

private:
  std::mutex mutex_;
  std::set<int> descriptors_;
};

/// A listening socket for `fd`, already bound and listening, which it owns from then on. What it accepts obeys
/// `limits`: Poco's own time-outs are per read, so that a client sending an octet now and then would hold a thread for
/// hours.
Poco::Net::ServerSocket bounded_server_socket(int fd, const http_limits& limits,
                                              std::shared_ptr<open_connections> connections);

} // namespace troupe
