// SPDX-License-Identifier: Apache-2.0
#include "actors/http/metrics_text.hpp"
#include "actors/http/process_families.hpp"
#include "actors/http/query_families.hpp"
#include "actors/http/server_metrics.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

void expect_lines(const std::string& text, std::initializer_list<std::string> lines) {
  for (auto& line : lines)
    EXPECT_NE(("\n" + text).find("\n" + line + "\n"), std::string::npos) << line << "\nis not in\n" << text;
}

} // namespace

TEST(metrics_text, queries_look_like_those_of_coredns) {
  net::query_metrics metrics{2};
  auto kubernetes = net::plugin_index("kubernetes");
  for (size_t loop : {0u, 1u})
    metrics.counters({"dns://:53", "cluster.local.", ""}, loop)
      .add({.dnssec_ok = true,
            .plugin = kubernetes,
            .qtype = 1,
            .request_octets = 60,
            .response_octets = 410,
            .duration_ns = 250'000});
  metrics.counters({"dns://:53", "dropped", ""}, 0)
    .add({.protocol = dns::protocol::tcp, .v6 = true, .qtype = 77, .rcode = 5});
  const auto text = metrics_text(query_families(metrics));
  const std::string zone = R"(server="dns://:53",view="",zone="cluster.local.")";
  expect_lines(
    text,
    {
      "# TYPE coredns_dns_requests_total counter",
      R"(coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",view="",zone="cluster.local."} 2)",
      R"(coredns_dns_requests_total{family="2",proto="tcp",server="dns://:53",type="other",view="",zone="dropped"} 1)",
      "# TYPE coredns_dns_request_duration_seconds histogram",
      "coredns_dns_request_duration_seconds_bucket{" + zone + R"(,le="0.00025"} 2)",
      "coredns_dns_request_duration_seconds_bucket{" + zone + R"(,le="8.192"} 2)",
      "coredns_dns_request_duration_seconds_bucket{" + zone + R"(,le="+Inf"} 2)",
      "coredns_dns_request_duration_seconds_count{" + zone + "} 2",
      "coredns_dns_request_duration_seconds_sum{" + zone + "} 0.0005",
      R"(coredns_dns_request_size_bytes_bucket{proto="udp",)" + zone + R"(,le="0"} 0)",
      R"(coredns_dns_request_size_bytes_bucket{proto="udp",)" + zone + R"(,le="100"} 2)",
      R"(coredns_dns_response_size_bytes_bucket{proto="udp",)" + zone + R"(,le="400"} 0)",
      R"(coredns_dns_response_size_bytes_bucket{proto="udp",)" + zone + R"(,le="511"} 2)",
      R"(coredns_dns_response_size_bytes_bucket{proto="udp",)" + zone + R"(,le="64000"} 2)",
      R"(coredns_dns_response_size_bytes_sum{proto="udp",)" + zone + "} 820",
      "coredns_dns_do_requests_total{" + zone + "} 2",
      R"(coredns_dns_responses_total{plugin="kubernetes",rcode="NOERROR",)" + zone + "} 2",
      R"(coredns_dns_responses_total{plugin="",rcode="REFUSED",server="dns://:53",view="",zone="dropped"} 1)",
    });
  EXPECT_EQ(text.find(R"(coredns_dns_do_requests_total{server="dns://:53",view="",zone="dropped"})"),
            std::string::npos);
}

TEST(metrics_text, says_nothing_of_what_was_never_counted) {
  net::query_metrics metrics{1};
  metrics.counters({"dns://:53", ".", ""}, 0);
  EXPECT_EQ(metrics_text(query_families(metrics)), "");
}

TEST(metrics_text, escapes_label_values) {
  net::query_metrics metrics{1};
  metrics.counters({"dns://:53", "a\"b\\c\nd\xff", ""}, 0).add({.dnssec_ok = true});
  const auto text = metrics_text(query_families(metrics));
  EXPECT_NE(text.find("zone=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\"} 1"), std::string::npos) << text;
}

TEST(metrics_text, the_rest_under_the_names_of_coredns) {
  server_metrics metrics{"abc", "g++ 12"};
  metrics.plugins_enabled({{{"dns://:53", "gone.", ""}, "kubernetes"}});
  metrics.plugins_enabled({{{"dns://:53", ".", ""}, "kubernetes"}});
  metrics.panic();
  metrics.health_probe(1ms, false);
  metrics.health_probe(1ms, true);
  metrics.dns_programming("cluster_ip", 3ms);
  metrics.api({.host = "10.96.0.1:443", .method = "GET", .code = 200, .took = 20ms});
  metrics.api({.host = "10.96.0.1:443", .method = "GET"});
  expect_lines(
    metrics_text(metrics.collect()),
    {
      R"(coredns_build_info{goversion="g++ 12",revision="abc",version="1.14.7"} 1)",
      R"(coredns_plugin_enabled{name="kubernetes",server="dns://:53",view="",zone="."} 1)",
      "coredns_panics_total 1",
      "coredns_health_request_failures_total 1",
      "coredns_health_request_duration_seconds_count 2",
      R"(coredns_health_request_duration_seconds_bucket{le="0.0025"} 2)",
      R"(coredns_kubernetes_dns_programming_duration_seconds_bucket{service_kind="cluster_ip",le="0.004"} 1)",
      R"(coredns_kubernetes_rest_client_rate_limiter_duration_seconds_count{host="10.96.0.1:443",verb="GET"} 2)",
      R"(coredns_kubernetes_rest_client_requests_total{code="200",host="10.96.0.1:443",method="GET"} 1)",
      R"(coredns_kubernetes_rest_client_requests_total{code="<error>",host="10.96.0.1:443",method="GET"} 1)",
      R"(coredns_kubernetes_rest_client_request_duration_seconds_bucket{host="10.96.0.1:443",verb="GET",le="0.025"} 2)",
    });
}

TEST(metrics_text, actors_are_summed_by_kind) {
  actor_info a{"zone/a/0", "zone-server", "zone/a", 0, "running", 9, 7, 1'500'000'000, 2, 3, 0, std::nullopt};
  actor_info b{"zone/b/0", "zone-server", "zone/b", 0, "restarting", 1, 1, 500'000'000, 0, 8, 4, "boom"};
  expect_lines(metrics_text(actor_families({a, b})),
               {
                 R"(caf_system_running_actors{name="zone-server"} 1)",
                 "caf_system_processed_messages_total 10",
                 "# TYPE caf_actor_processing_time_seconds summary",
                 R"(caf_actor_processing_time_seconds_count{name="zone-server"} 10)",
                 R"(caf_actor_processing_time_seconds_sum{name="zone-server"} 2)",
                 R"(caf_actor_mailbox_size{name="zone-server"} 2)",
                 R"(troupe_actor_mailbox_peak{name="zone-server"} 8)",
                 R"(troupe_actor_queries_total{name="zone-server"} 8)",
                 R"(troupe_actor_restarts_total{name="zone-server"} 4)",
               });
}

TEST(metrics_text, the_process_is_in_it) {
  const auto text = metrics_text(process_families());
  for (auto* name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
        "process_virtual_memory_max_bytes", "process_open_fds", "process_max_fds", "process_start_time_seconds",
        "process_network_receive_bytes_total", "process_network_transmit_bytes_total"})
    EXPECT_NE(text.find(std::string{"\n"} + name + " "), std::string::npos) << name;
}

TEST(metrics_text, a_page_joins_its_sources_in_order_of_names) {
  prometheus::ClientMetric one;
  one.gauge.value = 1;
  auto page =
    metrics_page({[&] {
                    return std::vector<prometheus::MetricFamily>{{"b", "", prometheus::MetricType::Gauge, {one}}};
                  },
                  [&] {
                    return std::vector<prometheus::MetricFamily>{{"a", "", prometheus::MetricType::Gauge, {one}}};
                  }});
  const auto answer = page();
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_LT(answer.body.find("\na 1\n"), answer.body.find("\nb 1\n"));
}
