// SPDX-License-Identifier: Apache-2.0
// Preloaded into the server: its clocks are those of the kernel and what clocks.py wrote into the shared file. Whatever
// waits until a moment is woken every 100 ms of the kernel's time to look at the shifted clock; the kernel would wait
// for a moment that only the kernel's own clock reaches.

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

constexpr int64_t second = 1'000'000'000, longest_wait = 100'000'000; // nanoseconds

/// What clocks.py writes, in nanoseconds.
struct shifts {
  int64_t monotonic, real;
};

const shifts* mapped() {
  static const shifts none{};
  const char* path = std::getenv("TROUPE_CLOCKS");
  const int fd = path ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0)
    return &none;
  void* at = ::mmap(nullptr, sizeof(shifts), PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return at == MAP_FAILED ? &none : static_cast<const shifts*>(at);
}

int64_t shift_of(clockid_t clock) {
  static const shifts* now = mapped();
  switch (clock) {
  case CLOCK_REALTIME:
  case CLOCK_REALTIME_COARSE:
    return __atomic_load_n(&now->real, __ATOMIC_RELAXED);
  case CLOCK_MONOTONIC:
  case CLOCK_MONOTONIC_COARSE:
  case CLOCK_MONOTONIC_RAW:
  case CLOCK_BOOTTIME:
    return __atomic_load_n(&now->monotonic, __ATOMIC_RELAXED);
  default:
    return 0; // CPU time
  }
}

int64_t count(const timespec& t) {
  return t.tv_sec * second + t.tv_nsec;
}

timespec spec(int64_t nanoseconds) {
  return {nanoseconds / second, nanoseconds % second};
}

// The kernel's clock, by the call itself: nothing has to be looked up while the sanitizer starts.
int64_t kernel_now(clockid_t clock) {
  timespec t{};
  ::syscall(SYS_clock_gettime, clock, &t);
  return count(t);
}

int64_t now_of(clockid_t clock) {
  return kernel_now(clock) + shift_of(clock);
}

template <class F>
F* real(const char* name, const char* version) {
  return reinterpret_cast<F*>(::dlvsym(RTLD_NEXT, name, version));
}

/// Until `deadline` of the shifted clock, at most for longest_wait of the kernel's; a spurious wake-up if that came
/// first.
template <class Wait>
int wait_in_slices(clockid_t clock, const timespec& deadline, Wait wait) {
  const int64_t left = count(deadline) - now_of(clock);
  if (left <= longest_wait)
    return wait(spec(kernel_now(clock) + std::max<int64_t>(left, 0)));
  const int status = wait(spec(kernel_now(clock) + longest_wait));
  return status == ETIMEDOUT ? 0 : status;
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const long status = ::syscall(SYS_clock_gettime, clock, out);
  if (status == 0 && shift_of(clock) != 0)
    *out = spec(count(*out) + shift_of(clock));
  return static_cast<int>(status);
}

int gettimeofday(timeval* out, void*) noexcept {
  const int64_t now = now_of(CLOCK_REALTIME);
  *out = {now / second, now % second / 1000};
  return 0;
}

time_t time(time_t* out) noexcept {
  const time_t now = now_of(CLOCK_REALTIME) / second;
  if (out)
    *out = now;
  return now;
}

int pthread_cond_clockwait(pthread_cond_t* what, pthread_mutex_t* lock, clockid_t clock, const timespec* until) {
  static const auto next = real<decltype(pthread_cond_clockwait)>("pthread_cond_clockwait", "GLIBC_2.34");
  return wait_in_slices(clock, *until, [&](timespec t) { return next(what, lock, clock, &t); });
}

int pthread_cond_timedwait(pthread_cond_t* what, pthread_mutex_t* lock, const timespec* until) {
  static const auto next = real<decltype(pthread_cond_timedwait)>("pthread_cond_timedwait", "GLIBC_2.3.2");
  // Which clock the condition has cannot be asked; a machine that runs for 30 years would be taken wrongly.
  const clockid_t clock = until->tv_sec > 1'000'000'000 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
  return wait_in_slices(clock, *until, [&](timespec t) { return next(what, lock, &t); });
}

int timerfd_settime(int fd, int flags, const itimerspec* to, itimerspec* before) noexcept {
  itimerspec sooner = *to;
  // Asio looks at its timers and sets this again whenever it fires.
  if (!(flags & TFD_TIMER_ABSTIME) && count(to->it_value) > longest_wait)
    sooner.it_value = spec(longest_wait);
  return static_cast<int>(::syscall(SYS_timerfd_settime, fd, flags, &sooner, before));
}

} // extern "C"
