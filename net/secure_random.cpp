// SPDX-License-Identifier: Apache-2.0
#include "net/secure_random.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sys/random.h>

namespace troupe::net {

uint16_t secure_random::next() noexcept {
  while (left_ == 0) {
    // Up to 256 octets come whole or not at all.
    if (::getrandom(numbers_.data(), sizeof numbers_, 0) == static_cast<ssize_t>(sizeof numbers_)) {
      left_ = numbers_.size();
    } else if (errno != EINTR) {
      // Foreseeable IDs and ports would let anybody put answers into the cache.
      std::fputs("[FATAL] getrandom(2) gives no random numbers; queries to upstreams need them\n", stderr);
      std::abort();
    }
  }
  return numbers_[--left_];
}

uint32_t secure_random::below(uint32_t bound) noexcept {
  const uint32_t whole = 65536 / bound * bound; // beyond it small numbers would come more often
  uint32_t number = next();
  while (number >= whole)
    number = next();
  return number % bound;
}

} // namespace troupe::net
