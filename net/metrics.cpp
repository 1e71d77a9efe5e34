// SPDX-License-Identifier: Apache-2.0
#include "net/metrics.hpp"

namespace troupe::net {

namespace {

template <size_t N>
void accumulate(const std::array<counter, N>& from, std::array<uint64_t, N>& to) noexcept {
  for (size_t i = 0; i < N; ++i)
    to[i] += from[i].read();
}

} // namespace

void query_counters::read(query_totals& sum) const noexcept {
  for (const auto protocol : dns::protocols) {
    const size_t by = index_of(protocol);
    for (size_t v6 = 0; v6 < 2; ++v6)
      accumulate(requests_[by][v6], sum.requests[by][v6]);
    accumulate(request_sizes_[by].buckets, sum.request_sizes[by].buckets);
    accumulate(response_sizes_[by].buckets, sum.response_sizes[by].buckets);
    sum.request_sizes[by].sum += request_sizes_[by].sum.read();
    sum.response_sizes[by].sum += response_sizes_[by].sum.read();
  }
  accumulate(duration_buckets_, sum.durations);
  sum.duration_sum_ns += duration_sum_ns_.read();
  sum.dnssec_ok += dnssec_ok_.read();
  for (size_t rcode = 0; rcode < rcode_slots; ++rcode)
    accumulate(responses_[rcode], sum.responses[rcode]);
}

std::vector<query_totals> query_metrics::totals() const {
  std::vector<query_totals> result;
  counts_.read([&](const metric_labels& labels) { result.emplace_back().labels = labels; },
               [&](const query_counters& loop) { loop.read(result.back()); });
  return result;
}

} // namespace troupe::net
