// SPDX-License-Identifier: Apache-2.0
#include "net/work_meter.hpp"

#ifdef TROUPE_FAULTS // other builds measure nothing

#include "net/loop.hpp"

#include <ctime>
#include <gtest/gtest.h>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> reported;

std::chrono::nanoseconds cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

void work_for(std::chrono::nanoseconds long_enough) {
  for (const auto end = cpu_time() + long_enough; cpu_time() < end;) {
  }
}

class WorkMeterTest : public ::testing::Test {
public:
  WorkMeterTest() {
    reported.clear();
    work_meter::report_to([](const std::string& what, std::chrono::nanoseconds took) {
      EXPECT_GT(took, work_meter::limit);
      reported.push_back(what);
    });
  }
  ~WorkMeterTest() override { work_meter::report_to(nullptr); }

  manual_clock time;
  loop home{0, &time};
};

TEST_F(WorkMeterTest, NamesTheTimerThatHeldItsLoopForLong) {
  home.at(time.now(), [] { work_for(work_meter::limit + 1ms); });
  home.at(time.now(), [] {});
  home.run_turn();
  ASSERT_EQ(reported.size(), 1u);
  EXPECT_NE(reported[0].find("NamesTheTimerThatHeldItsLoopForLong"), std::string::npos) << reported[0];
}

TEST_F(WorkMeterTest, AJobIsNamedByWhatItTurnedOutToBe) {
  static constexpr task::verbs verbs{[](void*, loop&) {
                                       work_meter::is("digging");
                                       work_for(work_meter::limit + 1ms);
                                     },
                                     [](void*) noexcept {}};
  home.post(lane::queries, {&verbs, nullptr});
  home.run_turn();
  EXPECT_EQ(reported, std::vector<std::string>{"digging"});
}

TEST_F(WorkMeterTest, EachKindIsReportedWhenItIsAmongItsLongest) {
  const auto take = [](auto longer) {
    const work_meter meter{"counted"};
    work_for(work_meter::limit + longer);
  };
  for (size_t i = 0; i < work_meter::told_of_each; ++i)
    take(20ms);
  take(1ms); // no longer than so many before it
  take(60ms);
  EXPECT_EQ(reported.size(), work_meter::told_of_each + 1);
}

} // namespace
} // namespace troupe::net

#endif
