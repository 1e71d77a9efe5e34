// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/http/server_metrics.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace troupe {

/// Asks the server's own /health once a second, as CoreDNS does: how long the answer takes tells how overloaded the
/// process is (`coredns_health_request_duration_seconds`, `_failures_total`). Owns one thread; the destructor ends it,
/// within the time-out of the request under way.
class health_probe {
public:
  static constexpr std::chrono::seconds period{1};
  static constexpr std::chrono::seconds timeout{3};

  /// `host`: empty for a server on all addresses.
  health_probe(std::string host, uint16_t port, server_metrics& counts);
  ~health_probe();

private:
  void run();
  bool ask() const;

  std::string host_;
  uint16_t port_;
  server_metrics& counts_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace troupe
