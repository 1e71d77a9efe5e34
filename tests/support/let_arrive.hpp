// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

namespace troupe::test {

/// Returns when all that this thread has sent over loopback has arrived. Mostly that is at once; while others flood the
/// machine, the kernel delivers later, in the order of sending on one CPU: so the thread stays on its CPU from the
/// first call on, and waits for a datagram of its own.
inline void let_arrive() {
  struct fence {
    fence() : fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
      cpu_set_t here;
      CPU_ZERO(&here);
      CPU_SET(static_cast<size_t>(::sched_getcpu()), &here);
      EXPECT_EQ(::sched_setaffinity(0, sizeof here, &here), 0);
      auto at = *net::socket_address::from_text("127.0.0.1", 0);
      EXPECT_EQ(::bind(fd.get(), &at.raw.generic, at.size()), 0);
      at = net::bound_address(fd.get());
      EXPECT_EQ(::connect(fd.get(), &at.raw.generic, at.size()), 0);
    }
    net::descriptor fd;
  };
  constexpr int give_up_ms = 10'000;
  static thread_local const fence mine;
  char mark = 0;
  EXPECT_EQ(::send(mine.fd.get(), &mark, 1, 0), 1);
  pollfd there{mine.fd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&there, 1, give_up_ms), 1) << "loopback stands still";
  ::recv(mine.fd.get(), &mark, 1, MSG_DONTWAIT);
}

} // namespace troupe::test
