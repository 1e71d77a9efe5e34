// SPDX-License-Identifier: Apache-2.0
#include "net/zone/keeper.hpp"

#include "tests/net/zone/small_world.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;

namespace {

const service_records* find(const keeper& k, std::string_view label) {
  const service_records_ptr* found = k.current()->find(octets_of(label));
  return found ? found->get() : nullptr;
}

} // namespace

TEST(zone_keeper, the_serial_moves_for_all_that_answers_show) {
  const auto web = [](std::vector<std::string> ips, uint16_t port) {
    return upsert(cluster_ip("n", "web", std::move(ips), {{"http", "tcp", port}}));
  };
  const auto peers = [](kube::endpoint e) { return upsert(slice("n", "web", "web-1", {std::move(e)})); };
  struct {
    const char* what;
    kube::change change;
    bool alters, table;
  } steps[] = {
    {"a service comes", web({"10.0.0.1"}, 80), true, true},
    {"the same again", web({"10.0.0.1"}, 80), false, false},
    {"another cluster IP", web({"10.0.0.2"}, 80), true, true},
    {"another port", web({"10.0.0.2"}, 81), true, true},
    {"a slice comes", peers(endpoint({"10.1.0.1"}, "h", "p1")), true, true},
    {"the same slice again", peers(endpoint({"10.1.0.1"}, "h", "p1")), false, false},
    {"another pod name", peers(endpoint({"10.1.0.1"}, "h", "p2")), true, true},
    {"another hostname", peers(endpoint({"10.1.0.1"}, "g", "p2")), true, true},
    {"another address", peers(endpoint({"10.1.0.2"}, "g", "p2")), true, true},
    {"a slice goes", removal(slice("n", "", "web-1", {})), true, true},
    {"it goes again", removal(slice("n", "", "web-1", {})), false, false},
    {"a service goes", removal(headless("n", "web")), true, true},
    {"another namespace's", upsert(headless("m", "web")), false, false},
    {"a name that is no label", upsert(headless("n", std::string(64, 'x'))), false, false},
    {"a slice of no service", upsert(slice("n", "", "x", {endpoint({"10.1.0.1"})})), false, false},
  };
  keeper k{"n"};
  for (auto& s : steps) {
    k.apply(s.change);
    EXPECT_EQ(k.dirty(), s.table) << s.what;
    const keeper::built made = k.build();
    EXPECT_EQ(made.alters_dns, s.alters) << s.what;
    EXPECT_EQ(made.table != nullptr, s.table) << s.what;
  }
  EXPECT_TRUE(k.current()->empty());
}

TEST(zone_keeper, a_list_takes_away_only_at_its_end) {
  keeper k{"n"};
  for (const char* name : {"one", "two"})
    k.apply(upsert(headless("n", name)));
  k.apply(upsert(slice("n", "one", "one-1", {endpoint({"10.1.0.1"})})));
  k.build();
  k.list_begin(kube::resource::service);
  k.apply(upsert(headless("n", "two")));
  k.apply(upsert(headless("n", "three")));
  k.build();
  EXPECT_TRUE(find(k, "one")->service());
  k.list_end(kube::resource::service);
  const keeper::built made = k.build();
  EXPECT_FALSE(find(k, "one")->service()) << "only its slice is left";
  EXPECT_TRUE(find(k, "two") && find(k, "three"));
  EXPECT_TRUE(made.reverse.empty()) << "the slice still names its address";
  k.list_end(kube::resource::endpoint_slice); // without a begin: nothing
  EXPECT_EQ(k.slices(), 1u);
  k.list_begin(kube::resource::endpoint_slice);
  k.list_end(kube::resource::endpoint_slice);
  EXPECT_EQ(k.build().reverse.size(), 1u);
  EXPECT_FALSE(find(k, "one"));
}

TEST(zone_keeper, starts_again_from_its_table) {
  keeper first{"n"};
  first.apply(upsert(headless("n", "peers")));
  first.apply(upsert(slice("n", "peers", "peers-1", {endpoint({"10.1.0.1"}), endpoint({"10.1.0.2"})})));
  first.build();
  keeper second{"n", first.current(), {}};
  EXPECT_FALSE(second.dirty());
  EXPECT_EQ(second.slices(), 1u);
  second.list_begin(kube::resource::endpoint_slice);
  second.apply(upsert(slice("n", "peers", "peers-1", {endpoint({"10.1.0.1"}), endpoint({"10.1.0.3"})})));
  second.list_end(kube::resource::endpoint_slice);
  const keeper::built made = second.build();
  ASSERT_EQ(made.reverse.size(), 2u);
  EXPECT_FALSE(made.reverse[0].added);
  EXPECT_EQ(made.reverse[0].row.address, ip("10.1.0.2"));
  EXPECT_TRUE(made.reverse[1].added);
  EXPECT_EQ(made.reverse[1].row.address, ip("10.1.0.3"));
}

TEST(zone_keeper, pod_names_can_be_left_out) {
  for (bool keep : {true, false}) {
    keeper k{"n", nullptr, {.pod_names = keep}};
    k.apply(upsert(headless("n", "peers")));
    k.apply(upsert(slice("n", "peers", "peers-1", {endpoint({"10.1.0.1"}, "", "pod-1")})));
    k.build();
    EXPECT_EQ(find(k, "peers")->find_endpoints("pod-1", true).size(), keep ? 1u : 0u);
    EXPECT_EQ(find(k, "peers")->find_endpoints("10-1-0-1", true).size(), keep ? 0u : 1u);
    EXPECT_EQ(find(k, "peers")->find_endpoints("10-1-0-1", false).size(), 1u);
  }
}

TEST(zone_keeper, unchanged_services_are_shared) {
  keeper k{"n"};
  for (int i = 0; i < 500; ++i)
    k.apply(upsert(headless("n", "s" + std::to_string(i))));
  const table_ptr before = k.build().table;
  k.apply(upsert(cluster_ip("n", "s7", {"10.0.0.1"}, {})));
  const table_ptr after = k.build().table;
  int others = 0;
  before->for_each([&](const service_records_ptr& r) { others += *after->find(octets_of(r->label())) != r; });
  EXPECT_EQ(others, 1);
}
