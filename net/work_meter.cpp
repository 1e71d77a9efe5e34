// SPDX-License-Identifier: Apache-2.0
#include "net/work_meter.hpp"

#ifdef TROUPE_FAULTS

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/core/demangle.hpp>
#include <ctime>
#include <map>
#include <mutex>

namespace troupe::net {

namespace {

using std::chrono::nanoseconds;

/// What the thread is doing.
struct at_hand {
  std::string what;
  const std::type_info* type = nullptr; ///< not null: `what` is to be made of it
};
thread_local at_hand current;
thread_local bool left_out = false;

std::atomic<work_meter::listener> listens{nullptr};

nanoseconds cpu_time() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

/// Notes it where it is one of the longest `told_of_each` of its kind so far.
bool among_longest(const std::string& what, nanoseconds took) {
  static std::mutex mutex;
  static std::map<std::string, std::array<nanoseconds, work_meter::told_of_each>> longest;
  std::lock_guard lock{mutex};
  auto& before = longest[what];
  const auto least = std::min_element(before.begin(), before.end());
  if (took <= *least)
    return false;
  *least = took;
  return true;
}

} // namespace

work_meter::work_meter(std::string_view what) noexcept {
  current.type = nullptr;
  current.what = what;
  began_ = cpu_time();
}

work_meter::work_meter(const std::type_info& what) noexcept {
  current.type = &what;
  began_ = cpu_time();
}

work_meter::~work_meter() {
  const nanoseconds took = cpu_time() - began_;
  const auto report = listens.load(std::memory_order_relaxed);
  if (took <= limit || !report || left_out)
    return;
  const std::string what = current.type ? boost::core::demangle(current.type->name()) : current.what;
  if (among_longest(what, took))
    report(what, took);
}

void work_meter::is(std::string what) {
  current.type = nullptr;
  current.what = std::move(what);
}

void work_meter::leave_out_this_thread() noexcept {
  left_out = true;
}

void work_meter::report_to(listener whom) noexcept {
  listens = whom;
}

} // namespace troupe::net

#endif
