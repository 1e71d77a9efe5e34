// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

namespace troupe::bench {

/// CPU time of a whole process, in seconds.
struct cpu_time {
  double user = 0;   ///< from stat: in ticks of 10 ms, split by sampling
  double system = 0; ///< likewise
  double exact = 0;  ///< sum over the living threads, from schedstat in nanoseconds; not split
};

/// Zero throughout if there is no such process.
cpu_time read_cpu(pid_t process);

} // namespace troupe::bench
