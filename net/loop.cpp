// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

thread_local loop* current_loop = nullptr;

const clock steady;

/// Queries that may run in a row while control work waits.
constexpr unsigned queries_per_control = 8;

/// The clock is read once for so many jobs to see whether the turn is over.
constexpr size_t jobs_per_clock_check = 8;

/// A task on its way from another thread.
struct posted_task : inbox_node {
  posted_task(lane w, task t) : inbox_node(how), where(w), what(t) {}

  static void run(inbox_node* node, loop& home) {
    std::unique_ptr<posted_task> self{static_cast<posted_task*>(node)};
    home.post(self->where, self->what);
  }
  static void discard(inbox_node* node) noexcept {
    std::unique_ptr<posted_task> self{static_cast<posted_task*>(node)};
    self->what.does->discard(self->what.object);
  }
  static constexpr verbs how{run, discard};

  lane where;
  task what;
};

} // namespace

struct loop::waker {
  explicit waker(asio::io_context& io) : timer(io), guard(asio::make_work_guard(io)) {}
  asio::steady_timer timer;
  time_point armed_for = time_point::max();
  asio::executor_work_guard<asio::io_context::executor_type> guard;
};

loop::loop(size_t index, const clock* time)
  : index_(index), clock_(time ? time : &steady), io_(std::make_unique<asio::io_context>(1)),
    waker_(std::make_unique<waker>(*io_)), now_(clock_->now()), job_began_(now_) {}

loop::~loop() {
  for (inbox_node* node = inbox_.take_all(); node != nullptr;) {
    inbox_node* next = node->next;
    node->does->discard(node);
    node = next;
  }
  for (auto& lane : lanes_)
    for (auto& job : lane)
      job.does->discard(job.object);
}

loop* loop::current() noexcept {
  return current_loop;
}

void loop::post(lane where, task what) {
  if (at_home())
    lanes_[static_cast<size_t>(where)].push_back(what);
  else
    post(*new posted_task(where, what));
}

void loop::post(inbox_node& node) noexcept {
  if (inbox_.push(&node) && !at_home())
    wake();
}

void loop::wake() noexcept {
  asio::post(*io_, [] {});
}

loop::timer_id loop::at(time_point when, std::function<void()> what) {
  timers_.push_back({when, next_timer_});
  std::push_heap(timers_.begin(), timers_.end(), std::greater<>{});
  timer_actions_.emplace_back(next_timer_, std::move(what));
  return next_timer_++;
}

void loop::cancel(timer_id id) {
  // The heap entry stays and fires into nothing; ids only grow, so the list of actions is sorted by them.
  auto found = std::lower_bound(timer_actions_.begin(), timer_actions_.end(), id,
                                [](auto& entry, timer_id wanted) { return entry.first < wanted; });
  if (found != timer_actions_.end() && found->first == id)
    timer_actions_.erase(found);
}

void loop::remove_hook(turn_hook& hook) {
  std::erase(hooks_, &hook);
}

void loop::drain_inbox() {
  for (inbox_node* node = inbox_.take_all(); node != nullptr;) {
    inbox_node* next = node->next;
    node->does->run(node, *this);
    node = next;
  }
}

void loop::fire_timers() {
  while (!timers_.empty() && timers_.front().when <= now_) {
    timer_id id = timers_.front().id;
    std::pop_heap(timers_.begin(), timers_.end(), std::greater<>{});
    timers_.pop_back();
    auto found = std::lower_bound(timer_actions_.begin(), timer_actions_.end(), id,
                                  [](auto& entry, timer_id wanted) { return entry.first < wanted; });
    if (found == timer_actions_.end() || found->first != id)
      continue;
    auto action = std::move(found->second);
    timer_actions_.erase(found);
    action();
  }
}

bool loop::next_job(task& job) {
  auto& queries = lanes_[static_cast<size_t>(lane::queries)];
  auto& control = lanes_[static_cast<size_t>(lane::control)];
  bool take_control = !control.empty() && (queries.empty() || taken_from_queries_ >= queries_per_control);
  auto& chosen = take_control ? control : queries;
  if (chosen.empty())
    return false;
  taken_from_queries_ = take_control ? 0 : taken_from_queries_ + 1;
  job = chosen.front();
  chosen.pop_front();
  return true;
}

void loop::run_jobs() {
  const time_point end = now_ + max_turn;
  task job;
  for (size_t n = 0; n < max_jobs_per_turn && next_job(job); ++n) {
    job.does->run(job.object, *this);
    if (n % jobs_per_clock_check == jobs_per_clock_check - 1 && clock_->now() >= end)
      break;
  }
}

bool loop::run_turn() {
  loop* before = std::exchange(current_loop, this);
  now_ = job_began_ = clock_->now();
  now_is_old_ = false;
  drain_inbox();
  fire_timers();
  for (bool last : {false, true}) {
    run_jobs();
    for (size_t i = 0; i < hooks_.size(); ++i) // a hook may add or remove hooks
      hooks_[i]->end_of_turn(last);
  }
  turns_.store(turns_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  current_loop = before;
  return !idle();
}

void loop::sleep() {
  const time_point next = timers_.empty() ? time_point::max() : timers_.front().when;
  if (next != waker_->armed_for) {
    waker_->armed_for = next;
    waker_->timer.expires_at(next);
    if (next != time_point::max())
      waker_->timer.async_wait([](const boost::system::error_code&) {});
  }
  io_->run_one();
}

void loop::run() {
  current_loop = this;
  while (!stopping_.load(std::memory_order_acquire)) {
    const bool more = run_turn();
    now_is_old_ = true;
    if (more)
      io_->poll();
    else
      sleep();
  }
  while (run_turn()) {
  }
  current_loop = nullptr;
}

void loop::stop() noexcept {
  stopping_.store(true, std::memory_order_release);
  wake();
}

} // namespace troupe::net
