// SPDX-License-Identifier: Apache-2.0
#include "net/zone/serial.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace troupe::zone {
namespace {

using namespace std::chrono_literals;
using time = serial_number::time;

constexpr uint32_t start = 1'700'000'000;

time at(std::chrono::milliseconds after) {
  return time{std::chrono::seconds{start}} + after;
}

/// Gives out all that is due up to `now`, as a timer would.
void run(serial_number& serial, time now) {
  while (serial.due() && *serial.due() <= now)
    serial.advance(*serial.due());
}

TEST(serial_number, is_the_end_of_the_second_of_the_last_change) {
  struct {
    const char* label;
    std::vector<std::chrono::milliseconds> changes;
    uint32_t expected;
  } const rows[] = {
    {"none", {}, start},
    {"one", {300ms}, start + 1},
    {"many in one second", {300ms, 301ms, 999ms}, start + 1},
    {"at a second's very beginning", {1000ms}, start + 2},
    {"while the last second settles", {900ms, 1100ms}, start + 2},
    {"in three seconds on end", {500ms, 1500ms, 2500ms}, start + 3},
    {"long after", {500ms, 60'500ms}, start + 61},
  };
  for (auto& row : rows) {
    serial_number serial;
    serial.begin(at(0ms));
    for (auto when : row.changes) {
      run(serial, at(when));
      const uint32_t before = serial.value();
      serial.changed(at(when));
      EXPECT_TRUE(serial.due()) << row.label;
      EXPECT_EQ(serial.value(), before) << row.label << ": not at once";
    }
    run(serial, at(100'000ms));
    EXPECT_EQ(serial.value(), row.expected) << row.label;
    EXPECT_FALSE(serial.due()) << row.label;
  }
}

TEST(serial_number, is_given_out_when_its_second_is_over) {
  serial_number serial;
  serial.begin(at(0ms));
  serial.changed(at(300ms));
  EXPECT_EQ(serial.due(), at(1200ms));
  EXPECT_FALSE(serial.advance(at(1199ms)));
  EXPECT_TRUE(serial.advance(at(1200ms)));
  EXPECT_FALSE(serial.advance(at(1201ms)));
}

TEST(serial_number, never_goes_back_and_moves_for_every_change_whatever_the_clock_does) {
  serial_number serial;
  serial.begin(at(0ms));
  serial.changed(at(500ms));
  serial.advance(at(-3'600'000ms)); // set back by an hour, with a change waiting
  ASSERT_TRUE(serial.due());
  EXPECT_LE(*serial.due(), at(-3'600'000ms) + 1s + serial_number::settling);
  run(serial, at(-3'590'000ms));
  EXPECT_EQ(serial.value(), start + 1);
  serial.changed(at(-3'580'000ms));
  run(serial, at(-3'570'000ms));
  EXPECT_EQ(serial.value(), start + 2);
  serial.begin(at(-3'560'000ms));
  EXPECT_EQ(serial.value(), start + 2);
}

/// A successor goes on from what was published; a new process begins above all that an older one can have said.
TEST(serial_number, goes_on_after_restarts) {
  serial_number first{start};
  EXPECT_EQ(first.value(), start);
  first.changed(at(10'500ms));
  run(first, at(20'000ms));
  serial_number next;
  next.begin(at(20'000ms));
  EXPECT_GT(next.value(), first.value());
}

/// Replicas that started at different times, and hear of the same changes within the same seconds, end with the same
/// number; and under each number on the way a secondary of one of them has seen no less than it stands for.
TEST(serial_number, is_the_same_on_every_replica) {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    serial_number one, other;
    one.begin(at(0ms));
    other.begin(at(std::chrono::milliseconds{random() % 30'000}));
    std::vector<std::chrono::milliseconds> changes;
    for (unsigned i = 0; i < 1 + random() % 20; ++i)
      changes.emplace_back(31'000 + random() % 10 * 1000 + random() % 900);
    std::ranges::sort(changes);
    for (auto when : changes) {
      run(one, at(when));
      one.changed(at(when));
      const auto later = when + std::chrono::milliseconds{random() % 99};
      run(other, at(later));
      other.changed(at(later));
    }
    run(one, at(100'000ms));
    run(other, at(100'000ms));
    EXPECT_EQ(one.value(), other.value()) << "round " << round;
  }
}

} // namespace
} // namespace troupe::zone
