// SPDX-License-Identifier: Apache-2.0
// Preloaded into a server under test: makes calls of one function fail as if the machine had nothing left. What fails
// and when stands in a file that the test writes while the server runs ($TROUPE_INJECTOR), mapped by both.
//
// The C library's own calls do not come by here: a thread's stack is mapped inside of pthread_create, which is one of
// the functions, and a name is looked up inside of getaddrinfo, which is another.
#include "tests/exhaustion/injector.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <new>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

using namespace troupe::exhaustion;

namespace {

order* mapped() {
  const char* path = std::getenv(injector_variable);
  const int fd = path ? static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC)) : -1;
  if (fd < 0)
    return nullptr;
  const long at = ::syscall(SYS_mmap, nullptr, sizeof(order), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::syscall(SYS_close, fd);
  return at > 0 ? reinterpret_cast<order*>(at) : nullptr;
}

/// True if this call is to fail. Counts it in any case.
bool fails(function which) {
  static std::atomic<order*> found{nullptr};
  order* now = found.load(std::memory_order_acquire);
  if (!now) {
    found = now = mapped(); // again and again: AddressSanitizer's first calls come before there is an environment
    if (!now)
      return false;
  }
  const auto i = static_cast<uint32_t>(which);
  now->calls[i].fetch_add(1, std::memory_order_relaxed);
  if (now->wanted.load(std::memory_order_acquire) != i)
    return false;
  const int64_t left = now->left.fetch_sub(1, std::memory_order_relaxed);
  if (left > 1 || left <= 1 - now->times)
    return false;
  now->failed.fetch_add(1, std::memory_order_relaxed);
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int no(int error) {
  errno = error;
  return -1;
}

} // namespace

// One function of the C library: its type, name, what it is counted as, and what it says when it fails.
#define TROUPE_FAILS(result, name, parameters, arguments, counted, failure)                                            \
  extern "C" result name parameters {                                                                                  \
    if (fails(function::counted))                                                                                      \
      return failure;                                                                                                  \
    static auto* const real = next<result parameters>(#name);                                                          \
    return real arguments;                                                                                             \
  }

TROUPE_FAILS(int, pthread_create,
             (pthread_t * thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument),
             (thread, attributes, run, argument), thread, EAGAIN)
TROUPE_FAILS(int, socket, (int family, int type, int protocol), (family, type, protocol), socket, no(EMFILE))
TROUPE_FAILS(int, accept, (int fd, sockaddr* from, socklen_t* size), (fd, from, size), accept, no(EMFILE))
TROUPE_FAILS(int, accept4, (int fd, sockaddr* from, socklen_t* size, int flags), (fd, from, size, flags), accept,
             no(EMFILE))
TROUPE_FAILS(int, bind, (int fd, const sockaddr* at, socklen_t size), (fd, at, size), bind, no(EADDRINUSE))
TROUPE_FAILS(int, listen, (int fd, int backlog), (fd, backlog), listen, no(EADDRINUSE))
TROUPE_FAILS(int, connect, (int fd, const sockaddr* to, socklen_t size), (fd, to, size), connect, no(EADDRNOTAVAIL))
TROUPE_FAILS(int, epoll_create, (int size), (size), epoll_create, no(EMFILE))
TROUPE_FAILS(int, epoll_create1, (int flags), (flags), epoll_create, no(EMFILE))
TROUPE_FAILS(int, eventfd, (unsigned value, int flags), (value, flags), eventfd, no(EMFILE))
TROUPE_FAILS(int, timerfd_create, (clockid_t clock, int flags), (clock, flags), timerfd_create, no(EMFILE))
TROUPE_FAILS(int, timerfd_settime, (int fd, int flags, const itimerspec* at, itimerspec* old), (fd, flags, at, old),
             timerfd_settime, no(ENOMEM))
TROUPE_FAILS(int, recvmmsg, (int fd, mmsghdr* messages, unsigned count, int flags, timespec* wait),
             (fd, messages, count, flags, wait), receive, no(ENOMEM))
TROUPE_FAILS(ssize_t, recvmsg, (int fd, msghdr* message, int flags), (fd, message, flags), receive, no(ENOMEM))
TROUPE_FAILS(int, sendmmsg, (int fd, mmsghdr* messages, unsigned count, int flags), (fd, messages, count, flags), send,
             no(ENOBUFS))
TROUPE_FAILS(ssize_t, sendmsg, (int fd, const msghdr* message, int flags), (fd, message, flags), send, no(ENOBUFS))
TROUPE_FAILS(void*, mmap, (void* at, size_t size, int protection, int flags, int fd, off_t offset),
             (at, size, protection, flags, fd, offset), mmap, (errno = ENOMEM, MAP_FAILED))
TROUPE_FAILS(int, getaddrinfo, (const char* host, const char* port, const addrinfo* hints, addrinfo** found),
             (host, port, hints, found), getaddrinfo, EAI_MEMORY)
TROUPE_FAILS(FILE*, fopen, (const char* path, const char* mode), (path, mode), open, (errno = EMFILE, nullptr))
TROUPE_FAILS(FILE*, fopen64, (const char* path, const char* mode), (path, mode), open, (errno = EMFILE, nullptr))
TROUPE_FAILS(DIR*, opendir, (const char* path), (path), open, (errno = EMFILE, nullptr))

/// Only what is added takes a watch, of which there are so many (epoll(7), max_user_watches).
extern "C" int epoll_ctl(int epoll, int what, int fd, epoll_event* event) {
  if (what == EPOLL_CTL_ADD && fails(function::epoll_ctl))
    return no(ENOSPC);
  static auto* const real = next<int(int, int, int, epoll_event*)>("epoll_ctl");
  return real(epoll, what, fd, event);
}

// Only where a file is made is there a mode to hand on; which one, if it is not, is of no interest to the kernel.
#define TROUPE_OPEN_FAILS(name, parameters, last, arguments)                                                           \
  extern "C" int name parameters {                                                                                     \
    va_list more;                                                                                                      \
    va_start(more, last);                                                                                              \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;                                      \
    va_end(more);                                                                                                      \
    if (fails(function::open))                                                                                         \
      return no(EMFILE);                                                                                               \
    static auto* const real = next<int parameters>(#name);                                                             \
    return real arguments;                                                                                             \
  }

TROUPE_OPEN_FAILS(open, (const char* path, int flags, ...), flags, (path, flags, mode))
TROUPE_OPEN_FAILS(open64, (const char* path, int flags, ...), flags, (path, flags, mode))
TROUPE_OPEN_FAILS(openat, (int folder, const char* path, int flags, ...), flags, (folder, path, flags, mode))
TROUPE_OPEN_FAILS(openat64, (int folder, const char* path, int flags, ...), flags, (folder, path, flags, mode))

void* operator new(size_t octets) {
  if (fails(function::memory))
    throw std::bad_alloc{};
  static auto* const real = next<void*(size_t)>("_Znwm");
  return real(octets);
}
