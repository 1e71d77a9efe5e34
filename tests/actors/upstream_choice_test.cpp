// SPDX-License-Identifier: Apache-2.0
#include "actors/forwarding/upstream.hpp"
#include "actors/forwarding/upstream_choice.hpp"

#include <gtest/gtest.h>

#include <set>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using net::exchange_failure;

/// Who has answered soonest of late comes first, unknown ones before; one question of 32 begins with anybody.
TEST(upstream_choice, begins_with_the_fastest) {
  upstream_list all;
  for (int i = 0; i < 3; ++i)
    all.push_back(std::make_shared<upstream_state>());
  const auto answered = [&](size_t whom, std::chrono::nanoseconds took, int times = 1) {
    net::exchange_result result;
    result.reply = std::make_shared<dns::kept_reply>();
    result.took = took;
    while (times-- > 0)
      note_pace(*all[whom], result);
  };
  const auto failed = [&](size_t whom, exchange_failure why) {
    net::exchange_result result;
    result.failure = why;
    result.took = 2s;
    note_pace(*all[whom], result);
  };
  const struct {
    const char* after;
    std::function<void()> act;
    std::vector<uint8_t> order;
  } table[] = {
    {"two are known", [&] { answered(0, 20ms), answered(1, 5ms); }, {2, 1, 0}},
    {"all are", [&] { answered(2, 10ms); }, {1, 2, 0}},
    {"one slow answer, which is not enough", [&] { answered(1, 30ms); }, {1, 2, 0}},
    {"some more", [&] { answered(1, 30ms, 2); }, {2, 1, 0}},
    {"a failure, which is", [&] { failed(2, exchange_failure::timed_out); }, {1, 0, 2}},
    {"our own want, which says nothing", [&] { failed(1, exchange_failure::no_socket); }, {1, 0, 2}},
    {"one good answer", [&] { answered(2, 1ms); }, {1, 0, 2}},
    {"many", [&] { answered(2, 1ms, 64); }, {2, 1, 0}},
  };
  for (auto& row : table) {
    row.act();
    upstream_rotation rotation{config::upstream_policy::fastest};
    size_t as_expected = 0;
    for (int i = 0; i < 64; ++i) {
      auto order = rotation.order(3);
      rotation.sort_by_pace(all, order);
      as_expected += order == row.order;
      EXPECT_EQ(std::set<uint8_t>(order.begin(), order.end()).size(), 3u);
    }
    EXPECT_GE(as_expected, 62u) << "after " << row.after;
  }
}

} // namespace
} // namespace troupe
