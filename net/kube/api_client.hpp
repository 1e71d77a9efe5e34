// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/api_options.hpp"
#include "net/kube/freshness.hpp"
#include "net/kube/kubeconfig.hpp"
#include "net/kube/objects.hpp"
#include "net/kube/severity.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::kube {

/// One finished request, for the metrics rest_client_*.
struct request_report {
  int code = 0;                          ///< HTTP status; 0: no response ("<error>")
  std::string_view method, host, verb;   ///< "GET", "HOST:PORT", "LIST" or "WATCH"
  std::chrono::nanoseconds duration{0};  ///< until the head of the response
  std::chrono::nanoseconds held_back{0}; ///< by the limits, before it was sent
};

/// All are called on the client's own thread and must not block it; any may be empty except `on_chunk`.
struct api_callbacks {
  std::function<void(chunk&&)> on_chunk;   ///< at most 100 changes; costs one credit of its resource
  std::function<void(resource)> on_synced; ///< once per resource, after its first list_end
  std::function<void(severity, const std::string&)> on_log;
  std::function<void(const request_report&)> on_request;
};

/// What is known about one resource; a snapshot.
struct api_status {
  bool synced = false;    ///< a list was whole once; never false again
  bool connected = false; ///< a list or watch is being read now
  std::string last_error; ///< text of the newest failure; empty: none since the last success
  uint64_t skipped = 0;   ///< objects and events that could not be used
  uint64_t relists = 0;   ///< lists begun, the first included
  uint64_t watches = 0;   ///< watches begun
  uint64_t audits = 0;    ///< short lists between watches
  uint64_t objects = 0;   ///< that the server has told of and not taken back, used or not
  freshness fresh;
  std::chrono::steady_clock::time_point last_contact{}; ///< last octet from the server
};

/// Lists and watches Services, Namespaces and what else the options say, and emits them as chunks, one list_begin …
/// list_end per list and events after it. Never ends by itself: whatever the server does, it tries again with backoff.
///
/// Owns one thread between start() and stop(). Every public function may be called from any thread, except that stop()
/// and the destructor may not be called from a callback. After stop() returned no callback runs.
///
/// Credit: each resource may emit as many chunks as were granted; with none left reading its connection pauses and TCP
/// holds the server back. Nothing is emitted before the first grant().
class api_client {
public:
  api_client(api_server server, api_options options, api_callbacks callbacks);
  ~api_client(); ///< stop()
  api_client(const api_client&) = delete;
  api_client& operator=(const api_client&) = delete;

  void start(); ///< at most once; returns at once
  void stop();  ///< any number of times; closes connections and joins the thread, milliseconds

  void grant(resource resource, size_t chunks);
  api_status status(resource resource) const;
  std::vector<std::pair<resource, api_status>> statuses() const; ///< of all that it reads
  const std::string& origin() const;                             ///< of the server, for messages

  /// Lists `resource` from scratch, for a consumer that lost its state. The old data may stay in use meanwhile.
  void relist(resource resource);

  /// From now on that server is asked, from the beginning: everything is listed again. If it is the same as before,
  /// only certificates and token are read again.
  void turn_to(api_server server);

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace troupe::kube
