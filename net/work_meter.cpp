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
  std::string name;
  const std::type_info* type = nullptr; ///< not null: `name` is to be made of it
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
bool among_longest(const std::string& name, nanoseconds took) {
  static std::mutex mutex;
  static std::map<std::string, std::array<nanoseconds, work_meter::told_of_each>> longest;
  std::lock_guard lock{mutex};
  auto& before = longest[name];
  const auto least = std::min_element(before.begin(), before.end());
  if (took <= *least)
    return false;
  *least = took;
  return true;
}

} // namespace

work_meter::work_meter(std::string_view name) noexcept {
  current.type = nullptr;
  current.name = name;
  began_ = cpu_time();
}

work_meter::work_meter(const std::type_info& type) noexcept {
  current.type = &type;
  began_ = cpu_time();
}

work_meter::~work_meter() {
  const nanoseconds took = cpu_time() - began_;
  const auto report = listens.load(std::memory_order_relaxed);
  if (took <= limit || !report || left_out)
    return;
  const std::string name = current.type ? boost::core::demangle(current.type->name()) : current.name;
  if (among_longest(name, took))
    report(name, took);
}

void work_meter::is(std::string name) {
  current.type = nullptr;
  current.name = std::move(name);
}

void work_meter::leave_out_this_thread() noexcept {
  left_out = true;
}

void work_meter::report_to(listener whom) noexcept {
  listens = whom;
}

} // namespace troupe::net

#endif
