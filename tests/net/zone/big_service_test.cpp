// SPDX-License-Identifier: Apache-2.0
#include "net/zone/service_records.hpp"
#include "tests/net/zone/small_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace troupe;
using namespace troupe::zone;
using namespace troupe::zone::test;

namespace {

using addresses = std::set<kube::address>;

/// A headless service of many slices, and what they say: what its answers must be.
class big_service {
public:
  big_service(size_t endpoints, size_t per_slice) {
    world_.synced();
    world_.add_namespace("n");
    world_.apply(upsert(headless("n", "big")));
    for (size_t i = 0; i < endpoints; ++i)
      slices_.resize(i / per_slice + 1), slices_.back().push_back(fresh());
    for (size_t s = 0; s < slices_.size(); ++s)
      write(s);
    world_.build();
  }

  size_t slices() const { return slices_.size(); }

  /// What a rolling update does to one slice: some endpoints go, others come; or one moves here from another slice, and
  /// stands in both for a while.
  void change(size_t s, std::mt19937& random) {
    auto& here = slices_[s];
    const size_t other = random() % slices_.size();
    switch (random() % 4) {
    case 0:
      for (size_t n = 0; n < 10 && !here.empty(); ++n)
        here[random() % here.size()] = fresh();
      break;
    case 1:
      if (!slices_[other].empty() && other != s)
        here.push_back(slices_[other][random() % slices_[other].size()]);
      break;
    case 2:
      if (!here.empty())
        here.erase(here.begin() + static_cast<std::ptrdiff_t>(random() % here.size()));
      break;
    default:
      here.clear();
    }
    write(s);
  }

  void compare() {
    world_.build();
    const addresses wanted = all();
    const table_ptr now = world_.keeper_of("n").current();
    const service_records_ptr* found = now->find(octets_of("big"));
    ASSERT_TRUE(found);
    addresses said;
    for (const ipv4& a : (*found)->v4()) {
      kube::address address;
      std::copy(a.begin(), a.end(), address.octets.begin());
      EXPECT_TRUE(said.insert(address).second) << "twice: " << address.to_text();
    }
    EXPECT_EQ(said, wanted);
    EXPECT_EQ(world_.reverse().size(), wanted.size());
    for (uint32_t n = 0; n < next_; n += 97) {
      label_buffer buffer;
      const kube::address a = numbered(n);
      const bool known = wanted.contains(a);
      EXPECT_EQ(!(*found)->find_endpoints(dashed(a, buffer), false).empty(), known) << a.to_text();
      bool has_row = false;
      world_.reverse().visit(a, [&](const reverse_view&) { return !(has_row = true); });
      EXPECT_EQ(has_row, known) << a.to_text();
    }
  }

private:
  static kube::address numbered(uint32_t n) {
    kube::address a;
    a.octets = {10, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8), static_cast<uint8_t>(n)};
    return a;
  }
  kube::address fresh() { return numbered(next_++); }

  void write(size_t s) {
    kube::endpoint_slice made = slice("n", "big", "big-" + std::to_string(s), {}, {{"http", "tcp", 80}});
    for (const kube::address& a : slices_[s]) {
      kube::endpoint e;
      e.addresses.push_back(a);
      made.endpoints.push_back(std::move(e));
    }
    world_.apply(upsert(made));
  }

  addresses all() const {
    addresses out;
    for (auto& s : slices_)
      out.insert(s.begin(), s.end());
    return out;
  }

  small_world world_;
  std::vector<std::vector<kube::address>> slices_;
  uint32_t next_ = 0;
};

} // namespace

// CoreDNS issue 6518: while a big service rolls, its answer is what its slices say at some moment, each address once.
TEST(zone_big_service, answers_what_its_slices_say_at_every_moment_of_a_rolling_update) {
  for (size_t endpoints : {20u, 1'000u, 5'000u, 10'000u}) {
    big_service service{endpoints, 100};
    std::mt19937 random{static_cast<unsigned>(endpoints)};
    service.compare();
    for (int round = 0; round < 25 && !testing::Test::HasFailure(); ++round) {
      for (size_t n = random() % 4; n-- > 0;)
        service.change(random() % service.slices(), random);
      service.compare();
    }
  }
}

// A change of one slice is made into the difference it makes: rows of the others stay where they are.
TEST(zone_big_service, tells_only_the_addresses_that_a_change_is_about) {
  keeper k{"n"};
  k.apply(upsert(headless("n", "big")));
  k.apply(upsert(slice("n", "big", "a", {endpoint({"10.0.0.1"}), endpoint({"10.0.0.2"})})));
  k.apply(upsert(slice("n", "big", "b", {endpoint({"10.0.0.2"}), endpoint({"10.0.0.3"})})));
  EXPECT_EQ(k.build().reverse.size(), 3u);
  struct {
    const char* what;
    std::vector<kube::endpoint> of_a;
    std::vector<std::string> rows;
  } steps[] = {
    {"what b says too stays", {endpoint({"10.0.0.1"})}, {}},
    {"and comes back without a word", {endpoint({"10.0.0.1"}), endpoint({"10.0.0.2"})}, {}},
    {"its own goes", {endpoint({"10.0.0.2"})}, {"-10.0.0.1"}},
    {"a new one comes", {endpoint({"10.0.0.2"}), endpoint({"10.0.0.9"})}, {"+10.0.0.9"}},
    {"under another host name it is another row", {endpoint({"10.0.0.3"}, "h")}, {"-10.0.0.9", "+10.0.0.3"}},
    {"nothing is left", {}, {"-10.0.0.3"}},
  };
  for (auto& step : steps) {
    k.apply(upsert(slice("n", "big", "a", step.of_a)));
    std::vector<std::string> rows;
    for (const reverse_change& c : k.build().reverse)
      rows.push_back((c.added ? "+" : "-") + c.row.address.to_text());
    EXPECT_EQ(rows, step.rows) << step.what;
  }
}
