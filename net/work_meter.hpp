// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Test builds (TROUPE_FAULTS) measure every piece of work that a loop does, in CPU time of its thread, so that what
/// else the machine does counts for nothing: none may hold the loop for longer than work_meter::limit. Other builds
/// measure nothing, and no code is left of it.
#ifdef TROUPE_FAULTS

#include <chrono>
#include <string>
#include <string_view>
#include <typeinfo>

namespace troupe::net {

/// Lives as long as the piece of work. Thread: any, one at a time on each.
class work_meter {
public:
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static constexpr std::chrono::milliseconds limit{20};
#else
  static constexpr std::chrono::milliseconds limit{1};
#endif

  explicit work_meter(std::string_view name) noexcept;
  explicit work_meter(const std::type_info& type) noexcept; ///< a hook, or what a timer calls
  ~work_meter();
  work_meter(const work_meter&) = delete;
  work_meter& operator=(const work_meter&) = delete;

  /// What the work at hand turned out to be. Does nothing where none is measured.
  static void is(std::string name);

  /// Nobody waits for what this thread does: it is not measured.
  static void leave_out_this_thread() noexcept;

  /// Told of each piece that is one of the longest so far of its kind, on the thread that did it; null: nobody.
  /// tests/faults/server.py (TOLD) judges no more than so many.
  static constexpr size_t told_of_each = 64;
  using listener = void (*)(const std::string& name, std::chrono::nanoseconds took);
  static void report_to(listener whom) noexcept;

private:
  std::chrono::nanoseconds began_;
};

} // namespace troupe::net

#else

namespace troupe::net {

struct work_meter {
  template <class T>
  explicit work_meter(const T&) noexcept {}
  ~work_meter() {} // not trivial: nobody calls it an unused variable
};

} // namespace troupe::net

#endif
