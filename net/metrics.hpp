// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/dns/protocol.hpp"
#include "net/metric_labels.hpp"
#include "net/per_loop.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What is counted per answered query. Every loop counts for itself, in plain stores; readers add the loops up.
namespace troupe::net {

/// A number with one writer and any number of readers. A relaxed load and store: no locked instruction, and a reader
/// may be a moment late but never sees a torn value.
class counter {
public:
  void add(uint64_t n) noexcept { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<uint64_t> value_{0};
};

/// What one answered query counts as.
struct answered_query {
  dns::protocol protocol = dns::protocol::udp;
  bool v6 = false;
  bool dnssec_ok = false;
  uint8_t plugin = 0; ///< plugin_index of who wrote the answer
  uint16_t qtype = 0;
  uint16_t rcode = 0; ///< extended bits included
  uint32_t request_octets = 0;
  uint32_t response_octets = 0; ///< before it is cut, without OPT, no name compressed: as CoreDNS counts
  uint64_t duration_ns = 0;
};

/// Counters of one server, zone and view on one loop. `add` is the loop's alone, about 10 ns, no allocation; `read` is
/// for any thread.
class query_counters {
public:
  void add(const answered_query& q) noexcept {
    requests_[index_of(q.protocol)][q.v6][type_slot(q.qtype)].add(1);
    duration_buckets_[duration_bucket(q.duration_ns)].add(1);
    duration_sum_ns_.add(q.duration_ns);
    request_sizes_[index_of(q.protocol)].add(q.request_octets);
    response_sizes_[index_of(q.protocol)].add(q.response_octets);
    if (q.dnssec_ok)
      dnssec_ok_.add(1);
    responses_[q.rcode < rcode_slots ? q.rcode : rcode_slots - 1][q.plugin < plugin_names.size() ? q.plugin : 0].add(1);
  }

  /// Adds what was counted so far to `sum`.
  void read(struct query_totals& sum) const noexcept;

private:
  struct sizes {
    std::array<counter, size_bounds.size() + 1> buckets;
    counter sum;
    void add(uint32_t octets) noexcept {
      buckets[size_bucket(octets)].add(1);
      sum.add(octets);
    }
  };

  std::array<std::array<std::array<counter, type_slots>, 2>, dns::protocols.size()> requests_;
  std::array<counter, duration_buckets + 1> duration_buckets_;
  counter duration_sum_ns_;
  std::array<sizes, dns::protocols.size()> request_sizes_;
  std::array<sizes, dns::protocols.size()> response_sizes_;
  counter dnssec_ok_;
  std::array<std::array<counter, plugin_names.size()>, rcode_slots> responses_;
};

/// Sums over loops, laid out like query_counters, by index_of the protocol; 0 is IPv4, 1 is IPv6. The last bucket of a
/// histogram holds what lies above the highest bound; buckets are not cumulative.
struct query_totals {
  struct sizes {
    std::array<uint64_t, size_bounds.size() + 1> buckets{};
    uint64_t sum = 0;
  };

  metric_labels labels;
  std::array<std::array<std::array<uint64_t, type_slots>, 2>, dns::protocols.size()> requests{};
  std::array<uint64_t, duration_buckets + 1> durations{};
  uint64_t duration_sum_ns = 0;
  std::array<sizes, dns::protocols.size()> request_sizes;
  std::array<sizes, dns::protocols.size()> response_sizes;
  uint64_t dnssec_ok = 0;
  std::array<std::array<uint64_t, plugin_names.size()>, rcode_slots> responses{};
};

/// All query counters of the process. They live as long as this does, so that counts only grow, over reloads too.
class query_metrics {
public:
  explicit query_metrics(size_t loops) : counts_(loops) {}

  query_counters& counters(const metric_labels& labels, size_t loop) { return counts_.of(labels, loop); }

  /// What all loops counted, in the order in which the labels were first asked for. Thread: any.
  std::vector<query_totals> totals() const;

private:
  per_loop<metric_labels, query_counters> counts_;
};

} // namespace troupe::net
