// SPDX-License-Identifier: Apache-2.0
#include "actors/http/metrics_text.hpp"
#include "actors/http/proxy_metrics.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

/// Two actors of one upstream count together, and the names of old say the same as the new ones.
TEST(proxy_metrics, counts_under_new_names_and_old) {
  proxy_metrics all;
  upstream_metrics first{all, "10.0.0.1:53"}, second{all, "10.0.0.1:53"}, other{all, "10.0.0.2:53"};
  first.request(0, 1ms);
  first.request(3, 3ms);
  second.request(0, 1ms);
  other.request(4000, 1ms);
  first.connection(dns::protocol::udp, false);
  second.connection(dns::protocol::tcp, true);
  first.probe_failed();
  first.asked_without_edns(true);
  second.asked_without_edns(true);
  second.asked_without_edns(false);
  other.asked_without_edns(false);
  all.none_healthy();
  const auto text = metrics_text(all.collect());
  for (
    const std::string line : {
      R"(coredns_proxy_request_duration_seconds_count{proxy_name="forward",rcode="NOERROR",to="10.0.0.1:53"} 2)",
      R"(coredns_proxy_request_duration_seconds_bucket{proxy_name="forward",rcode="NXDOMAIN",to="10.0.0.1:53",le="0.002"} 0)",
      R"(coredns_proxy_request_duration_seconds_bucket{proxy_name="forward",rcode="NXDOMAIN",to="10.0.0.1:53",le="0.004"} 1)",
      R"(coredns_proxy_request_duration_seconds_count{proxy_name="forward",rcode="4000",to="10.0.0.2:53"} 1)",
      R"(coredns_proxy_conn_cache_misses_total{proto="udp",proxy_name="forward",to="10.0.0.1:53"} 1)",
      R"(coredns_proxy_conn_cache_hits_total{proto="tcp",proxy_name="forward",to="10.0.0.1:53"} 1)",
      R"(coredns_proxy_healthcheck_failures_total{proxy_name="forward",to="10.0.0.1:53"} 1)",
      R"(coredns_forward_healthcheck_broken_total 1)",
      R"(coredns_forward_max_concurrent_rejects_total 0)",
      R"(coredns_forward_requests_total{to="10.0.0.1:53"} 3)",
      R"(coredns_forward_requests_total{to="10.0.0.2:53"} 1)",
      R"(coredns_forward_responses_total{rcode="NOERROR",to="10.0.0.1:53"} 2)",
      R"(coredns_forward_responses_total{rcode="NXDOMAIN",to="10.0.0.1:53"} 1)",
      R"(coredns_forward_request_duration_seconds_sum{rcode="NXDOMAIN",to="10.0.0.1:53"} 0.003)",
      R"(coredns_forward_healthcheck_failures_total{to="10.0.0.1:53"} 1)",
      R"(troupe_forward_without_edns{to="10.0.0.1:53"} 0)",
    })
    EXPECT_NE(("\n" + text).find("\n" + line + "\n"), std::string::npos) << line << "\nis not in\n" << text;
}

TEST(proxy_metrics, says_tls_as_coredns_does) {
  proxy_metrics all;
  upstream_metrics secure{all, "10.0.0.1:853", true};
  secure.connection(dns::protocol::tcp, false);
  EXPECT_NE(
    metrics_text(all.collect()).find(R"(misses_total{proto="tcp-tls",proxy_name="forward",to="10.0.0.1:853"} 1)"),
    std::string::npos);
}

TEST(proxy_metrics, shows_no_series_without_a_count) {
  proxy_metrics all;
  upstream_metrics idle{all, "10.0.0.1:53"};
  idle.asked_without_edns(false);
  EXPECT_EQ(metrics_text(all.collect()).find("10.0.0.1"), std::string::npos);
}
