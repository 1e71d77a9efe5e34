// SPDX-License-Identifier: Apache-2.0
#include "net/piecemeal.hpp"

#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <optional>

using namespace troupe::net;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::microseconds each_takes{5};

std::vector<int> numbers(int most) {
  std::vector<int> out(static_cast<size_t>(most));
  std::iota(out.begin(), out.end(), 1);
  return out;
}

} // namespace

TEST(piecemeal, few_are_done_at_once_and_many_in_several_turns) {
  const struct {
    int count;
    bool at_once;
  } cases[] = {{0, true}, {1, true}, {8, true}, {9, false}, {1000, false}};
  for (auto& c : cases) {
    manual_clock time;
    loop l{0, &time};
    std::vector<int> seen;
    each_piecemeal(&l, numbers(c.count), [&](int n) {
      seen.push_back(n);
      time.advance(each_takes);
    });
    EXPECT_EQ(seen.size(), c.at_once ? static_cast<size_t>(c.count) : 0u);
    size_t most = 0;
    for (size_t before = seen.size(); l.run_turn() || seen.size() != before; before = seen.size())
      most = std::max(most, seen.size() - before);
    EXPECT_EQ(seen, numbers(c.count));
    EXPECT_LE(most, 2 * (loop::max_turn / each_takes + 8)) << "a turn has jobs twice";
  }
}

TEST(piecemeal, others_have_their_turn_between) {
  manual_clock time;
  loop l{0, &time};
  int done = 0, others = 0;
  piecemeal(l, [&] {
    time.advance(1ms);
    return ++done < 100;
  });
  l.at(time.now() + 1ms, [&] { others = done; });
  while (l.run_turn()) {
  }
  EXPECT_EQ(done, 100);
  EXPECT_GT(others, 0);
  EXPECT_LT(others, 100);
}

TEST(piecemeal, without_a_loop_all_is_done_at_once) {
  std::vector<int> seen;
  each_piecemeal(nullptr, numbers(100), [&](int n) { seen.push_back(n); });
  EXPECT_EQ(seen, numbers(100));
}

TEST(piecemeal, a_map_is_destroyed_bit_by_bit_and_with_the_loop) {
  for (const bool loop_ends : {false, true}) {
    const auto held = std::make_shared<int>();
    manual_clock time;
    std::optional<loop> l{std::in_place, 0, &time};
    std::map<int, std::shared_ptr<int>> all;
    for (int i = 0; i < 1000; ++i)
      all.emplace(i, held);
    destroy_piecemeal(&*l, std::move(all));
    EXPECT_EQ(held.use_count(), 1001);
    if (loop_ends)
      l.reset();
    else
      while (l->run_turn()) {
      }
    EXPECT_EQ(held.use_count(), 1);
  }
}
