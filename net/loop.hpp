// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/clock.hpp"
#include "net/inbox.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::net {

/// Work for a loop: an object and what to do with it (for CAF: an actor that has mail).
struct task {
  struct verbs {
    void (*run)(void* object, loop&);
    void (*discard)(void* object) noexcept; ///< the loop ends without running it
  };
  const verbs* does = nullptr;
  void* object = nullptr;
};

/// Which of a loop's two queues: neither starves the other.
enum class lane : uint8_t { queries, control };

/// Called at the end of each turn on the loop's thread; endpoints collect and send here.
class turn_hook {
public:
  virtual ~turn_hook() = default;
  /// `last` is false the first time in a turn: what it queues still runs in this turn.
  virtual void end_of_turn(bool last) = 0;
};

/// One event loop: sockets, timers and jobs of one thread (design part 2). Knows no CAF.
/// Threads: post and stop from anywhere, everything else from the home thread, which is the one inside run(), or the
/// one that calls run_turn() by hand.
class loop {
public:
  static constexpr size_t max_jobs_per_turn = 64;
  static constexpr std::chrono::microseconds max_turn{100};

  using timer_id = uint64_t;

  /// `time` must outlive the loop; null: the steady clock.
  explicit loop(size_t index, const clock* time = nullptr);
  ~loop(); ///< discards what is still queued
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  size_t index() const noexcept { return index_; }
  boost::asio::io_context& io() noexcept { return *io_; }

  /// For the one who schedules on this loop: something of its own, found again from inside a task. Not owned.
  void* scheduler = nullptr;

  /// The loop whose thread this is, or null.
  static loop* current() noexcept;

  /// Any thread. From the home thread the task goes to the lane's end, from others through the inbox (one allocation).
  void post(lane where, task what);
  /// Any thread; never allocates, never throws.
  void post(inbox_node& node) noexcept;

  /// Time at the start of this turn, or of the socket handlers before it.
  time_point now() const noexcept {
    if (now_is_old_) {
      now_is_old_ = false;
      now_ = clock_->now();
    }
    return now_;
  }
  /// The same in nanoseconds, but read again after every job: when the job that runs now was begun.
  time_point job_began() const noexcept { return job_began_; }
  void job_ended(time_point at) noexcept { job_began_ = at; }
  time_point read_clock() const noexcept { return clock_->now(); }

  /// Runs `what` once at `when` or soon after. cancel() of a timer that has fired does nothing.
  timer_id at(time_point when, std::function<void()> what);
  void cancel(timer_id id);

  void add_hook(turn_hook& hook) { hooks_.push_back(&hook); }
  void remove_hook(turn_hook& hook);

  /// One turn: inbox, due timers, then jobs up to the bounds above. True if jobs are left.
  bool run_turn();
  /// Turns and sockets until stop(); then everything that is queued by then.
  void run();
  void stop() noexcept;

  /// Turns since start, and whether work waits: what the watchdog reads from its own thread.
  uint64_t turns() const noexcept { return turns_.load(std::memory_order_relaxed); }

private:
  struct timer {
    time_point when;
    timer_id id;
    bool operator>(const timer& other) const noexcept { return when != other.when ? when > other.when : id > other.id; }
  };
  struct waker;

  bool at_home() const noexcept { return current() == this; }
  void wake() noexcept;
  void drain_inbox();
  void fire_timers();
  void run_jobs();
  bool next_job(task& job);
  bool idle() const noexcept { return lanes_[0].empty() && lanes_[1].empty() && inbox_.empty(); }
  void sleep();

  size_t index_;
  const clock* clock_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<waker> waker_; ///< wakes the io_context for the earliest timer
  mutable time_point now_;
  mutable bool now_is_old_ = false; ///< the loop has slept since
  time_point job_began_;
  std::deque<task> lanes_[2];
  unsigned taken_from_queries_ = 0;
  inbox inbox_;
  std::vector<timer> timers_; ///< a heap, earliest first
  std::vector<std::pair<timer_id, std::function<void()>>> timer_actions_;
  timer_id next_timer_ = 1;
  std::vector<turn_hook*> hooks_;
  std::atomic<uint64_t> turns_{0};
  std::atomic<bool> stopping_{false};
};

} // namespace troupe::net
