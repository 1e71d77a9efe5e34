// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include "net/work_meter.hpp"

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

/// What other threads send is mostly put in a lane, which costs less than reading the clock: it is read once for so
/// many.
constexpr size_t nodes_per_clock_check = 8;

/// With timers that are so late the process was paused, and sockets get more time to say what came meanwhile.
constexpr std::chrono::seconds long_pause{1};
constexpr std::chrono::milliseconds catching_up{50};

/// A task on its way from another thread.
struct posted_task : inbox_node {
  posted_task(lane w, task t) : inbox_node(own_verbs), where(w), job(t) {}

  static void run(inbox_node* node, loop& home) {
    std::unique_ptr<posted_task> self{static_cast<posted_task*>(node)};
    home.post(self->where, self->job);
  }
  static void discard(inbox_node* node) noexcept {
    std::unique_ptr<posted_task> self{static_cast<posted_task*>(node)};
    self->job.does->discard(self->job.object);
  }
  static constexpr verbs own_verbs{run, discard};

  lane where;
  task job;
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
  for (inbox_node* list : {arrived_, inbox_.take_all()})
    while (list != nullptr) {
      inbox_node* node = std::exchange(list, list->next);
      node->does->discard(node);
    }
  for (auto& lane : lanes_)
    for (auto& job : lane)
      job.does->discard(job.object);
}

loop* loop::current() noexcept {
  return current_loop;
}

void loop::post(lane where, task job) {
  if (at_home())
    lanes_[static_cast<size_t>(where)].push_back(job);
  else
    post(*new posted_task(where, job));
}

void loop::post(inbox_node& node) noexcept {
  if (inbox_.push(&node) && !at_home())
    wake();
}

void loop::wake() noexcept {
  asio::post(*io_, [] {});
}

/// Nothing is armed for the past: of what is due, a turn's new timers are the last.
loop::timer_id loop::at(time_point when, timers::action callback) {
  return timers_.arm(std::max(when, now_), std::move(callback));
}

void loop::remove_hook(turn_hook& hook) {
  std::erase(hooks_, &hook);
}

void loop::run_node(inbox_node& node) {
  const work_meter meter{"what another thread sent"};
  node.does->run(&node, *this);
  one_done();
}

void loop::fire(const timers::action& timer) {
  const work_meter meter{timer.target_type()};
  timer();
  one_done();
}

void loop::run_job(const task& job) {
  const work_meter meter{"a job"};
  job.does->run(job.object, *this);
  one_done();
}

/// A hook may add or remove hooks.
void loop::run_hooks(bool last) {
  for (size_t i = 0; i < hooks_.size(); ++i) {
    turn_hook& hook = *hooks_[i];
    const work_meter meter{typeid(hook)};
    hook.end_of_turn(last);
  }
  one_done();
}

/// One handler that is ready, if there is one.
bool loop::poll_one() {
  const work_meter meter{"a socket"};
  if (io_->poll_one() == 0)
    return false;
  one_done();
  return true;
}

void loop::drain_inbox() {
  if (!arrived_)
    arrived_ = inbox_.take_all();
  if (!arrived_)
    return;
  const time_point end = now_ + max_turn;
  for (size_t n = 1; arrived_; ++n) {
    inbox_node* node = std::exchange(arrived_, arrived_->next);
    run_node(*node);
    if (n % nodes_per_clock_check == 0 && clock_->now() >= end)
      break;
  }
  job_began_ = clock_->now();
}

/// What is due as the pass begins: a timer that one of them arms at once has the next turn, or who arms one after the
/// other would hold the loop.
void loop::fire_timers() {
  const timer_id newest = timers_.last();
  const time_point end = job_began_ + max_turn;
  while (job_began_ < end) {
    const auto action = timers_.take(now_, newest);
    if (!action)
      break;
    fire(action);
    job_began_ = clock_->now();
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

/// One job at least, so that nothing before it starves it.
void loop::run_jobs() {
  const time_point end = job_began_ + max_turn;
  task job;
  for (size_t n = 0; n < max_jobs_per_turn && next_job(job); ++n) {
    const time_point began = job_began_;
    run_job(job);
    if (job_began_ == began) // it has not said when it ended
      job_began_ = clock_->now();
    if (job_began_ >= end)
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
    run_hooks(last);
  }
  current_loop = before;
  return !idle();
}

/// Sockets that are ready, for a while: handlers may make others ready without end. Comes before timers that are due:
/// what is there is not timed out, and after a pause of the process (a debugger, a freezer) all of it may be.
void loop::poll() {
  const time_point began = clock_->now();
  const bool paused = timers_.next() < began - long_pause;
  const time_point end = began + (paused ? catching_up : max_turn);
  while (poll_one() && clock_->now() < end) {
  }
}

void loop::sleep() {
  const time_point next = timers_.next();
  if (next != waker_->armed_for) {
    waker_->armed_for = next;
    waker_->timer.expires_at(next);
    if (next != time_point::max())
      waker_->timer.async_wait([this](const boost::system::error_code& failed) {
        if (!failed)
          waker_->armed_for = time_point::max();
      });
  }
  const work_meter meter{"a socket"};
  io_->run_one();
  one_done();
}

void loop::run() {
  current_loop = this;
  while (!stopping_.load(std::memory_order_acquire)) {
    const bool more = run_turn();
    now_is_old_ = true;
    if (!more)
      sleep();
    if (more || timers_.next() <= clock_->now())
      poll();
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
