// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/source_report.hpp"
#include "actors/http/metrics_text.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;
using kube::stale_sign;

namespace {

const std::chrono::steady_clock::time_point now{1h};

std::vector<source_state> two_sources() {
  kube::api_status services;
  services.synced = true;
  services.objects = 12;
  services.relists = 3;
  services.watches = 4;
  services.audits = 5;
  services.skipped = 1;
  services.fresh.last_event = now - 2500ms;
  services.fresh.last_list = now - 340s;
  services.fresh.saw(stale_sign::silent);
  services.fresh.saw(stale_sign::version);
  services.last_error = "cannot watch services: \xff";
  return {{"1", "in-cluster", true, {{kube::resource::service, services}, {kube::resource::namespace_object, {}}}},
          {"2", "manifests", false, {}}};
}

} // namespace

TEST(readiness_text, says_what_is_known_of_each_resource_and_how_old_it_is) {
  EXPECT_EQ(readiness_text(two_sources(), now, "ready"),
            "[+]kubernetes 1 (in-cluster): synced\n"
            "[+]kubernetes 1 services: synced, 12 objects, last event 2 s ago, last list 340 s ago, 2 signs of "
            "staleness, 1 skipped, error: cannot watch services: \xEF\xBF\xBD\n"
            "[-]kubernetes 1 namespaces: not synced, 0 objects, no event yet, no list yet, 0 signs of staleness, 0 "
            "skipped, no error\n"
            "[-]kubernetes 2 (manifests): not synced\n"
            "ready\n");
  EXPECT_EQ(readiness_text({}, now, "not ready: Shutting down"), "not ready: Shutting down\n");
}

TEST(source_families, are_as_the_documentation_has_them) {
  const std::string text = metrics_text(source_families(two_sources(), now));
  for (const char* line : {
         "troupe_kubernetes_synced{resource=\"services\",source=\"1\"} 1",
         "troupe_kubernetes_synced{resource=\"namespaces\",source=\"1\"} 0",
         "troupe_kubernetes_event_age_seconds{resource=\"services\",source=\"1\"} 2.5",
         "troupe_kubernetes_list_age_seconds{resource=\"services\",source=\"1\"} 340",
         "troupe_kubernetes_objects{resource=\"services\",source=\"1\"} 12",
         "troupe_kubernetes_stale_total{resource=\"services\",sign=\"silent\",source=\"1\"} 1",
         "troupe_kubernetes_stale_total{resource=\"services\",sign=\"dead\",source=\"1\"} 0",
         "troupe_kubernetes_stale_total{resource=\"services\",sign=\"version\",source=\"1\"} 1",
         "troupe_kubernetes_skipped_total{resource=\"services\",source=\"1\"} 1",
         "troupe_kubernetes_lists_total{resource=\"services\",source=\"1\"} 3",
         "troupe_kubernetes_watches_total{resource=\"services\",source=\"1\"} 4",
         "troupe_kubernetes_audits_total{resource=\"services\",source=\"1\"} 5",
       })
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  EXPECT_EQ(text.find("event_age_seconds{resource=\"namespaces\""), std::string::npos); // there is none yet
  EXPECT_EQ(text.find("source=\"2\""), std::string::npos);
  EXPECT_EQ(metrics_text(source_families({}, now)), "");
}
