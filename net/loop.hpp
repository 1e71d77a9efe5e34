// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/clock.hpp"
#include "net/inbox.hpp"
#include "net/timers.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
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
  /// Bounds of each part of a turn: what other threads sent, timers, jobs (twice), and the sockets between turns. A
  /// part that is over its time ends with the piece of work at hand; what is left of it has the next turn.
  static constexpr size_t max_jobs_per_turn = 64;
  static constexpr std::chrono::microseconds max_turn{100};

  using timer_id = timers::number;

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
  void post(lane where, task job);
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

  /// Runs `what` once at `when` or soon after; a timer that one armed runs in a later turn. cancel() of one that has
  /// fired does nothing.
  timer_id at(time_point when, timers::action callback);
  void cancel(timer_id id) { timers_.cancel(id); }

  void add_hook(turn_hook& hook) { hooks_.push_back(&hook); }
  void remove_hook(turn_hook& hook);

  /// One turn: inbox, due timers, then jobs up to the bounds above. True if something is left to do at once.
  bool run_turn();
  /// Turns and sockets until stop(); then everything that is queued by then.
  void run();
  void stop() noexcept;

  /// Pieces of work that ended since the start: jobs, timers, what sockets and other threads brought, ends of turns.
  /// Any thread; for the watchdog.
  uint64_t work_done() const noexcept { return work_done_.load(std::memory_order_relaxed); }

private:
  struct waker;

  bool at_home() const noexcept { return current() == this; }
  void wake() noexcept;
  void drain_inbox();
  void fire_timers();
  void run_jobs();
  void run_node(inbox_node& node);
  void fire(const timers::action& timer);
  void run_job(const task& job);
  void run_hooks(bool last);
  bool poll_one();
  bool next_job(task& job);
  void one_done() noexcept { work_done_.store(work_done() + 1, std::memory_order_relaxed); }
  bool idle() const noexcept {
    return lanes_[0].empty() && lanes_[1].empty() && !arrived_ && inbox_.empty() && timers_.next() > now_;
  }
  void poll();
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
  inbox_node* arrived_ = nullptr; ///< taken out of the inbox, oldest first, and not run yet
  timers timers_;
  std::vector<turn_hook*> hooks_;
  std::atomic<uint64_t> work_done_{0};
  std::atomic<bool> stopping_{false};
};

} // namespace troupe::net
