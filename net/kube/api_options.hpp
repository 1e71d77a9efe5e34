// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/kube/objects.hpp"
#include "net/kube/request_pace.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe::kube {

/// Times of the client; the defaults are those of reference/reliability.md part 3. Tests set milliseconds.
struct api_timings {
  using ms = std::chrono::milliseconds;

  ms backoff_first{800}; ///< doubles up to backoff_limit; each wait is the value plus up to as much again
  ms backoff_limit{30'000};
  ms backoff_reset{120'000}; ///< healthy for so long: start again from backoff_first
  ms refused_limit{1'000};   ///< the limit while the server refuses connections: at most twice this until the next try
  ms refused_window{
    30'000}; ///< how long after a refused or broken connection that limit holds for other failures as well
  ms retry_after_limit{60'000}; ///< a longer Retry-After is cut to this
  ms watch_min{300'000};        ///< timeoutSeconds of a watch is random between these
  ms watch_max{600'000};
  ms watch_slack{30'000};    ///< own deadline: timeoutSeconds and this
  ms short_watch{1'000};     ///< a watch that ends before this without an event counts as a failure
  ms idle{150'000};          ///< no octet on a watch for so long: drop it and watch again
  ms list_idle{60'000};      ///< the same for a list, and for the head of any response
  ms list_deadline{600'000}; ///< a page of a list that has not come to its end by then is given up
  ms connect{10'000};        ///< name look-up, TCP and TLS handshake together
  ms token_refresh{60'000};  ///< the token file is read again
  ms tls_refresh{300'000};   ///< CA and client certificate are read again
  ms relist{1'800'000};      ///< a full list from time to time against lost events; up to a fifth is added
  ms remind{60'000};         ///< a failure that lasts is logged again after so long
  ms audit{240'000};         ///< a list of one object between two watches, if the last look was so long ago
};

struct api_options {
  kept keep{.endpoints = true};        ///< what nobody keeps is not asked for, or not read
  std::string labels;                  ///< label selector of Services, EndpointSlices and Pods; empty: all
  std::string namespace_labels;        ///< label selector of Namespaces; empty: all
  bool streaming_list = true;          ///< ask for the list as a watch (sendInitialEvents); falls back to a plain list
  bool protobuf = true;                ///< ask for Kubernetes' protobuf encoding; falls back to JSON
  size_t page = 500;                   ///< objects in a page of a list
  size_t max_object_octets = 4u << 20; ///< a bigger object or event is skipped and counted; etcd keeps 1.5 MB of one
  size_t max_objects = 500'000;        ///< of a resource; a server that tells of more is not believed
  uint64_t max_list_octets = 4ull << 30; ///< of one list, over all its pages; 150,000 Pods in JSON are some 3 GB
  std::string user_agent = "Troupe";
  request_limits limits; ///< of all requests together
  api_timings timings;
};

} // namespace troupe::kube
