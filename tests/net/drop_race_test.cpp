// SPDX-License-Identifier: Apache-2.0
#include "tests/support/looped.hpp"

#include <condition_variable>
#include <gtest/gtest.h>
#include <mutex>
#include <random>
#include <thread>

using namespace troupe;
using namespace troupe::net;

namespace {

/// Hands slices to worker threads that sometimes lose them, as actors do that are killed: the handle dies there, on a
/// thread that is not the loop's. What a worker keeps goes back to the loop to be answered.
class lossy_sink : public sink {
public:
  lossy_sink(test::hand_endpoint& endpoint, loop& home) : endpoint_(endpoint), home_(home) {
    for (int i = 0; i < 3; ++i)
      workers_.emplace_back([this, i] { work(static_cast<unsigned>(i)); });
  }
  ~lossy_sink() override { stop(); }

  plan_ptr current_plan() override { return {}; }
  void on_finished(slice_handle&& done) override { endpoint_.send(done.take()); }
  void on_queries(slice_handle&& fresh) override {
    std::lock_guard lock{mutex_};
    queue_.push_back(std::move(fresh));
    ready_.notify_one();
  }
  void stop() {
    {
      std::lock_guard lock{mutex_};
      stopping_ = true;
      queue_.clear(); // a mailbox that goes with its actor
    }
    ready_.notify_all();
    for (auto& w : workers_)
      if (w.joinable())
        w.join();
  }
  size_t lost() const { return lost_; }

private:
  struct answer_job {
    slice_handle handle;
    static constexpr task::verbs verbs{[](void* self, loop&) {
                                         std::unique_ptr<answer_job> job{static_cast<answer_job*>(self)};
                                         test::keeping_sink::answer(job->handle.take());
                                       },
                                       [](void* self) noexcept { delete static_cast<answer_job*>(self); }};
  };

  void work(unsigned seed) {
    std::mt19937 random{seed};
    for (;;) {
      slice_handle mine;
      {
        std::unique_lock lock{mutex_};
        ready_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
        if (stopping_)
          return;
        mine = std::move(queue_.front());
        queue_.pop_front();
      }
      slice_handle copy = mine; // messages are copied
      switch (random() % 4) {
      case 0: // killed with the message in its mailbox
        ++lost_;
        break;
      case 1: { // killed with the slots in its hands
        slice taken = copy.take();
        ++lost_;
        break;
      }
      default:
        home_.post(lane::queries, {&answer_job::verbs, new answer_job{std::move(copy)}});
      }
    }
  }

  test::hand_endpoint& endpoint_;
  loop& home_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<slice_handle> queue_;
  bool stopping_ = false;
  std::atomic<size_t> lost_{0};
  std::vector<std::thread> workers_;
};

constexpr size_t batches = 2'000;
constexpr size_t per_batch = 5;

} // namespace

TEST(drops, over_a_thousand_kills_every_slot_is_answered_and_none_twice) {
  loop home{0};
  test::hand_endpoint endpoint{home};
  lossy_sink sink{endpoint, home};
  endpoint.attach(&sink);
  uint16_t id = 0;
  for (size_t n = 0; n < batches; ++n) {
    std::vector<uint16_t> ids;
    for (size_t i = 0; i < per_batch; ++i)
      ids.push_back(id++);
    endpoint.receive(ids);
    home.run_turn();
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (endpoint.in_flight() != 0 && std::chrono::steady_clock::now() < end)
    home.run_turn();
  EXPECT_EQ(endpoint.in_flight(), 0u);
  EXPECT_GE(sink.lost(), 1'000u);
  EXPECT_EQ(endpoint.answers.size(), batches * per_batch);
  for (auto& [which, got] : endpoint.answers)
    ASSERT_EQ(got.size(), 1u) << "query " << which;
  endpoint.attach(nullptr);
}

TEST(drops, at_the_end_of_the_loop_are_let_go) {
  for (int round = 0; round < 50; ++round) {
    loop home{0};
    auto endpoint = std::make_unique<test::hand_endpoint>(home);
    auto sink = std::make_unique<lossy_sink>(*endpoint, home);
    endpoint->attach(sink.get());
    for (uint16_t id = 0; id < 20; ++id)
      endpoint->receive({id});
    home.run_turn();
    sink->stop(); // handles die on several threads while the loop turns for the last time
    endpoint->drain();
    for (int turns = 0; turns < 10'000 && endpoint->in_flight() != 0; ++turns)
      home.run_turn();
    EXPECT_EQ(endpoint->in_flight(), 0u);
    endpoint->attach(nullptr);
  }
}
