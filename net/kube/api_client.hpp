// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/kubeconfig.hpp"
#include "net/kube/objects.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::kube {

/// Times of the client; the defaults are those of reference/reliability.md part 3. Tests set milliseconds.
struct api_timings {
  using ms = std::chrono::milliseconds;

  ms backoff_first{800};         ///< doubles up to backoff_limit; each wait is the value plus up to as much again
  ms backoff_limit{30'000};
  ms backoff_reset{120'000};     ///< healthy for so long: start again from backoff_first
  ms refused_limit{1'000};       ///< the limit while the server refuses connections: at most twice this until the next try
  ms retry_after_limit{60'000};  ///< a longer Retry-After is cut to this
  ms watch_min{300'000};         ///< timeoutSeconds of a watch is random between these
  ms watch_max{600'000};
  ms watch_slack{30'000};        ///< own deadline: timeoutSeconds and this
  ms short_watch{1'000};         ///< a watch that ends before this without an event counts as a failure
  ms idle{150'000};              ///< no octet on a watch for so long: drop it and watch again
  ms list_idle{60'000};          ///< the same for a list, and for the head of any response
  ms connect{10'000};            ///< name look-up, TCP and TLS handshake together
  ms token_refresh{60'000};      ///< the token file is read again
  ms tls_refresh{300'000};       ///< CA and client certificate are read again
  ms relist{1'800'000};          ///< a full list from time to time against lost events; up to a fifth is added
};

struct api_options {
  bool endpoints = true;              ///< false: no EndpointSlices (`noendpoints`)
  std::string labels;                 ///< label selector of Services and EndpointSlices; empty: all
  std::string namespace_labels;       ///< label selector of Namespaces; empty: all
  bool streaming_list = true;         ///< ask for the list as a watch (sendInitialEvents); falls back to a plain list
  size_t page = 500;                  ///< objects in a page of a list
  size_t max_object_octets = 64u << 20; ///< a bigger object or event is skipped and counted
  std::string user_agent = "Troupe";
  api_timings timings;
};

enum class severity : uint8_t { debug, info, warning, error };

/// One finished request, for the metrics rest_client_requests_total and _duration_seconds.
struct request_report {
  int code = 0; ///< HTTP status; 0: no response ("<error>")
  std::string_view method, host, verb; ///< "GET", "HOST:PORT", "LIST" or "WATCH"
  std::chrono::nanoseconds duration{0}; ///< until the head of the response
};

/// All are called on the client's own thread and must not block it; any may be empty except `on_chunk`.
struct api_callbacks {
  std::function<void(chunk&&)> on_chunk;               ///< at most 500 changes; costs one credit of its resource
  std::function<void(resource)> on_synced;             ///< once per resource, after its first list_end
  std::function<void(severity, const std::string&)> on_log;
  std::function<void(const request_report&)> on_request;
};

/// What is known about one resource; a snapshot.
struct api_status {
  bool synced = false;      ///< a list was whole once; never false again
  bool connected = false;   ///< a list or watch is being read now
  std::string last_error;   ///< text of the newest failure; empty: none since the last success
  uint64_t skipped = 0;     ///< objects and events that could not be used
  uint64_t relists = 0;     ///< lists begun, the first included
  uint64_t watches = 0;     ///< watches begun
  std::chrono::steady_clock::time_point last_contact{}; ///< last octet from the server
};

/// Lists and watches Services, EndpointSlices and Namespaces and emits them as chunks, one list_begin … list_end per list
/// and events after it. Never ends by itself: whatever the server does, it tries again with backoff.
///
/// Owns one thread between start() and stop(). Every public function may be called from any thread, except that stop() and
/// the destructor may not be called from a callback. After stop() returned no callback runs.
///
/// Credit: each resource may emit as many chunks as were granted; with none left reading its connection pauses and TCP holds
/// the server back. Nothing is emitted before the first grant().
class api_client {
public:
  api_client(api_server server, api_options options, api_callbacks callbacks);
  ~api_client(); ///< stop()
  api_client(const api_client&) = delete;
  api_client& operator=(const api_client&) = delete;

  void start(); ///< at most once; returns at once
  void stop();  ///< any number of times; closes connections and joins the thread, milliseconds

  void grant(resource which, size_t chunks);
  api_status status(resource which) const;

  /// Lists `which` from scratch, for a consumer that lost its state. The old data may stay in use meanwhile.
  void relist(resource which);

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace troupe::kube
